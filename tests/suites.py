"""What the plain-file cases are run by: a note in, the text that a case shows out."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any

from click import unstyle

from builder import check, markdown, prose
from builder import config as configuration
from builder.allowing import settled
from builder.config import VerifyConfig
from builder.lint import lint as find_faults
from builder.markdown import Renderer
from builder.model import Card, Course, Kind, Note, Problem, Section, Snippet, Source, Span
from builder.parsing import parse as parse_note
from builder.pipeline.settings import codes
from builder.readable import title
from builder.report import problem_text


def parse(given: str) -> str:
    """Return the sections of a note, its cards and snippets, and the problems in it."""
    note, problems = _note(given)
    lines = [f"note: {note.title}"]
    if note.tags:
        lines.append(f"tags: {' '.join(note.tags)}")
    for section in note.sections:
        lines += _section(note, section)
    lines += [str(plain_problem_text(problem, note.source)).rstrip() for problem in problems]
    return "\n".join(lines) + "\n"


def verify(given: str) -> str:
    """Return the verdict on each snippet of a note, and its problems."""
    note, _ = _note(given)
    verdicts, _ = check.check((note,), _runner())
    course = settled(Course("course", (note,), verdicts=verdicts, verified=True), ())
    lines: list[str] = []
    for verdict in verdicts:
        reason = f": {verdict.reason}" if verdict.reason else ""
        after = "".join(f" after {span.line}" for span in verdict.after)
        kind = "" if verdict.kind == "code" else f" ({verdict.kind})"
        where = f"{verdict.snippet.span.line}{kind}{after}"
        lines.append(f"{where} {verdict.status.value}{reason}")
        lines += [plain_problem_text(p, note.source).rstrip() for p in verdict.problems]
        lines += [f"  allowed: {problem.code}" for problem in verdict.allowed]
    lines += [plain_problem_text(p, note.source).rstrip() for p in course.problems]
    return "\n".join(lines) + "\n"


def mentions(given: str) -> str:
    """Return what became of the code and the names of API in the sentences of a note."""
    note, _ = _note(given)
    said, runner = prose.find(note), _runner()
    places = {aside.span for aside in said.asides}
    verdicts, _ = check.check((note,), runner, asides={note.source.path: said.asides})
    found: list[tuple[Span, str, tuple[Problem, ...]]] = []
    for verdict in verdicts:
        span, reason = verdict.snippet.span, f": {verdict.reason}" if verdict.reason else ""
        what = f"`{verdict.snippet.code}`" if span in places else "snippet"
        found.append((span, f"{what} {verdict.status.value}{reason}", verdict.problems))
    for mention in check.look_up(said.mentions, runner):
        leads_to = f" = {mention.resolves_to}" if mention.resolves_to else ""
        meant = f" -> {mention.suggestion}" if mention.suggestion else ""
        text = f"{mention.text} {mention.status}{leads_to}{meant}"
        found.append((mention.span, text, (mention.problem,) if mention.problem else ()))
    lines: list[str] = []
    for span, text, problems in sorted(found, key=lambda row: row[0]):
        lines.append(f"{span.line}:{span.column} {text}")
        lines += [plain_problem_text(problem, note.source).rstrip() for problem in problems]
    return "\n".join(lines or ["nothing"]) + "\n"


def plain_problem_text(problem: Problem, source: Source) -> str:
    """Return a problem as a terminal without colours shows it."""
    return unstyle(problem_text(problem, source))


@cache
def _runner() -> Any:
    """Return one runner for all cases: its worker imports torch once."""
    runner = check.runner(VerifyConfig(timeout=5))
    atexit.register(runner.close)
    return runner


def html(given: str) -> str:
    """Return a text as HTML, the way a card has it; deletions also the way Anki has them."""
    blocks = markdown.parse(Source("note.md", given))
    shown, hidden = (Renderer(anki=anki).blocks(blocks).rstrip() for anki in (False, True))
    return shown + "\n" if shown == hidden else f"{shown}\n\nAnki:\n{hidden}\n"


def readable(given: str) -> str:
    """Return headings, one a line, as text in which formulas are readable."""
    return "".join(f"{title(line)}\n" for line in given.splitlines())


def lint(given: str) -> str:
    """Return what is wrong with a note before anything runs; `lost` files are not there."""
    note, _ = _note(given)
    course = Course("course", (note,))
    found = find_faults(course, lambda _note, url: "lost" not in url)
    return "".join(plain_problem_text(p, note.source) for p in found) or "nothing\n"


def config(given: str) -> str:
    """Return what a configuration says that is no default, and the problems in it."""
    source = Source("proofdeck.toml", given)
    found, problems = configuration.parse(source, ".", ("en", "zh"), codes)
    default = configuration.Config(path="proofdeck.toml")
    lines = [
        f"{field.name} = {value!r}"
        for field in fields(found)
        if (value := getattr(found, field.name)) != getattr(default, field.name)
    ]
    lines += [plain_problem_text(problem, source).rstrip() for problem in problems]
    return "\n".join(lines) + "\n"


def _note(given: str) -> tuple[Note, tuple[Problem, ...]]:
    source = Source("note.md", given)
    front, problems = configuration.parse_front_matter(source, codes)
    note, found = parse_note(source, front, lambda url: "lost" in url)
    return note, problems + found


def _section(note: Note, section: Section) -> Iterator[str]:
    number = f" [{section.number}]" if section.number else ""
    context = f"  < {' < '.join(reversed(section.context))}" if section.context else ""
    if section.card:
        yield from _card(section.card)
    elif section.level:
        kind = "held back" if section.held_back else "heading"
        yield f"{section.span.line} {kind}{number} {section.title}{context}"
    else:
        yield f"{section.blocks[0].span.line if section.blocks else section.span.line} text"
    for card in section.inside:
        yield from (f"  {line}" for line in _card(card))
    yield from (_snippet(snippet) for snippet in section.snippets)
    for block in section.blocks:
        if block.kind == "code" and not any(s.span == block.span for s in section.snippets):
            yield f"  shown {block.span.line}-{block.span.end_line}: {block.text.split(chr(10))[0]}"


_KINDS = {
    Kind.BASIC: "card",
    Kind.REVERSED: "card both ways",
    Kind.CLOZE: "cloze",
    Kind.OUTPUT: "output",
}


def _card(card: Card) -> Iterator[str]:
    number = f" [{card.number}]" if card.number else ""
    context = f"  < {' < '.join(reversed(card.context))}" if card.context else ""
    answer = f"{card.answer.line}-{card.answer.end_line}"
    yield f"{card.span.line} {_KINDS[card.kind]}{number} {card.question}{context}  = {answer}"
    if card.id:
        yield f"  id {card.id}"
    if card.tags:
        yield f"  tags {' '.join(card.tags)}"


def _snippet(snippet: Snippet) -> str:
    options = "".join(f" {key}={value}" if value else f" {key}" for key, value in snippet.options)
    span = f"{snippet.span.line}-{snippet.span.end_line}"
    kind = snippet.kind if snippet.kind != "code" else snippet.language or "unlabelled"
    return f"  {kind}{options} {span}: {snippet.code.strip().splitlines()[0]}"
