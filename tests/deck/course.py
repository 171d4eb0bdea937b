"""Small courses, read from Markdown and built in turn."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from builder.config import DeckConfig, FrontMatter
from builder.deck import Consent, Lock, Release, deck
from builder.files import templates
from builder.model import (
    Asset,
    Course,
    Environment,
    Kind,
    Note,
    Problem,
    Snippet,
    Source,
    Span,
    Status,
    Verdict,
)
from builder.parsing import parse

TEMPLATES = templates("card")
DAY_ONE = 1_760_000_000
_PLAIN = DeckConfig()
_CONSENT = ("breaking", "retire", "accept_renames")


def note(name: str, text: str, *, tags: tuple[str, ...] = (), kind: Kind | None = None) -> Note:
    """Read a note; all its cards are of one kind, if one is given."""
    found, _ = parse(Source(f"notes/{name}", text, name), FrontMatter(), lambda _url: False)
    sections = found.sections
    if kind:
        sections = tuple(
            replace(it, card=replace(it.card, kind=kind)) if it.card else it for it in sections
        )
    return replace(found, sections=sections, tags=tags)


def course(*notes: Note, **more: Any) -> Course:
    return Course("Torch 笔记", notes, **more)


def verified(given: Course, *broken: str) -> Course:
    """Every snippet passed, but for those that hold one of the words: these fail there."""
    verdicts = tuple(_verdict(snippet, broken) for note in given.notes for snippet in note.snippets)
    ran_on = Environment("3.11.7", (("torch", "2.13.0"),))
    return replace(given, verified=True, verdicts=verdicts, environment=ran_on)


def _verdict(snippet: Snippet, broken: tuple[str, ...]) -> Verdict:
    for number, line in enumerate(snippet.code.split("\n")):
        if any(word in line for word in broken):
            place = Span(snippet.span.path, snippet.span.line + number)
            name = re.search(r"[\w.]+", line)
            problem = Problem(
                "unknown-name",
                place,
                f"`{name[0] if name else line}` is not there",
                "write `good` instead",
            )
            return Verdict(snippet, Status.FAILED, problems=(problem,))
    return Verdict(snippet, Status.PASSED, stdout="1\n", seconds=0.5)


def picture(of: Note, url: str, content: bytes) -> Asset:
    return Asset(of.source.path, url, f"{content.hex()[:8]}.png", content)


class Author:
    """Builds a course again and again, and keeps the lock."""

    def __init__(self, project: str = "4f1c", **options: Any) -> None:
        self.lock = Lock(project)
        self.now = DAY_ONE
        self._options = options

    def build(self, given: Course, config: DeckConfig = _PLAIN, **options: Any) -> Release:
        self.now += 86_400
        release = deck(
            given,
            config,
            self.lock,
            consent=Consent(**{name: options.pop(name) for name in _CONSENT if name in options}),
            **{"templates": TEMPLATES, "now": self.now, **self._options, **options},
        )
        self.lock = release.lock
        return release

    def package(self, given: Course, **options: Any) -> bytes:
        release = self.build(given, **options)
        assert release.package, release.problems
        return release.package.content
