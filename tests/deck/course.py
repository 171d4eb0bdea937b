"""Small courses, made from Markdown in which each `##` is a question, and built in turn."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from builder.config import DeckConfig
from builder.deck import Lock, Release, deck
from builder.markdown import parse, walk
from builder.model import (
    Asset,
    Block,
    Card,
    Course,
    Environment,
    Kind,
    Note,
    Problem,
    Section,
    Snippet,
    Source,
    Span,
    Status,
    Verdict,
)

CARD_TEMPLATES = Path(__file__).parents[2] / "templates" / "card"
TEMPLATES = {file.name: file.read_text("utf-8") for file in CARD_TEMPLATES.iterdir()}
DAY_ONE = 1_760_000_000
_PLAIN = DeckConfig()
_ID = re.compile(r"<!-- id: (\S+) -->")


def note(name: str, text: str, *, tags: tuple[str, ...] = (), kind: Kind = Kind.BASIC) -> Note:
    source = Source(f"notes/{name}", text, name)
    blocks = parse(source)
    heads = [at for at, block in enumerate(blocks) if block.kind == "heading"]
    title, sections = "", list[Section]()
    context: tuple[str, ...] = ()
    for at, end in zip(heads, [*heads[1:], len(blocks)], strict=True):
        head, body = blocks[at], blocks[at + 1 : end]
        if head.level == 1:
            title, context = head.text, (head.text,)
        sections.append(_section(source, head, body, () if head.level == 1 else context, kind))
    return Note(source, title, tuple(sections), tags)


def _section(
    source: Source, head: Block, body: tuple[Block, ...], context: tuple[str, ...], kind: Kind
) -> Section:
    snippets = tuple(
        Snippet(block.span, block.text.rstrip("\n"), "python")
        for block in walk(body)
        if block.kind == "code" and block.info.startswith("python")
    )
    card = None
    if head.level > 1:
        answer = source.body(body[0].span.line, body[-1].span.end_line)
        assert answer
        named = _ID.search("\n".join(block.text for block in body))
        card = Card(
            head.span,
            head.text,
            answer,
            body,
            snippets,
            context,
            kind=kind,
            id=named[1] if named else None,
        )
    return Section(
        head.span,
        head.text,
        head.level,
        body,
        snippets=snippets,
        context=context,
        card=card,
    )


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
            **{"templates": TEMPLATES, "now": self.now, **self._options, **options},
        )
        self.lock = release.lock
        return release

    def package(self, given: Course, **options: Any) -> bytes:
        release = self.build(given, **options)
        assert release.package, release.problems
        return release.package.content
