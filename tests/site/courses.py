"""Small courses made by hand, without the rooms that make them in a build."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from builder.config import SiteConfig
from builder.files import templates
from builder.markdown import parse, walk
from builder.model import (
    Block,
    Card,
    Course,
    Environment,
    Note,
    Problem,
    Section,
    Snippet,
    Source,
    Span,
    Status,
    Verdict,
)
from builder.plain import plain
from builder.site import site

TEMPLATES = templates("site")
RAN_ON = Environment("3.11.7", (("torch", "2.13.0+cpu"), ("numpy", "2.3.4")))


def note(name: str, text: str, title: str = "") -> Note:
    """Return a note in which each heading with a text is a card."""
    source = Source(f"notes/{name}", text, name)
    sections: list[Section] = []
    for heading, blocks in _sections(parse(source)):
        sections.append(_section(heading, blocks, len(sections)))
    tops = [section.title for section in sections if section.level == 1]
    return Note(source, title or (plain(tops[0]) if tops else name), tuple(sections))


def _sections(blocks: tuple[Block, ...]) -> Iterator[tuple[Block | None, tuple[Block, ...]]]:
    heading: Block | None = None
    below: list[Block] = []
    for block in blocks:
        if block.kind == "heading":
            if heading or below:
                yield heading, tuple(below)
            heading, below = block, []
        else:
            below.append(block)
    yield heading, tuple(below)


def _section(heading: Block | None, blocks: tuple[Block, ...], index: int) -> Section:
    snippets = tuple(
        Snippet(block.span, block.text.removesuffix("\n"), "python", section=index)
        for block in walk(blocks)
        if block.kind == "code" and block.info.startswith("python")
    )
    if heading is None:
        return Section(blocks[0].span if blocks else Span("", 1), "", 0, blocks, snippets=snippets)
    number, dot, title = heading.text.partition(". ")
    section = Section(
        span=heading.span,
        title=title if dot else heading.text,
        level=heading.level,
        blocks=blocks,
        snippets=snippets,
        number=number if dot else None,
    )
    card = Card(heading.span, section.title, heading.span, blocks, snippets)
    return replace(section, card=card) if blocks else section


def passed(snippet: Snippet, **fields: object) -> Verdict:
    """Return the verdict of a snippet that ran well."""
    return replace(Verdict(snippet, Status.PASSED), **fields)  # type: ignore[arg-type]


def failed(snippet: Snippet, line: int, message: str, advice: str = "") -> Verdict:
    """Return the verdict of a snippet with an error on one of its lines."""
    span = Span(snippet.span.path, snippet.span.line + line - 1)
    problem = Problem("unknown-name", span, message, advice)
    return Verdict(snippet, Status.FAILED, problems=(problem,))


def course(*notes: Note, **fields: object) -> Course:
    """Return a course of notes, every snippet passed unless `verdicts` says otherwise."""
    verdicts = tuple(passed(snippet) for each in notes for snippet in each.snippets)
    plain_course = Course("课程", notes, verdicts=verdicts, verified=True, environment=RAN_ON)
    return replace(plain_course, **fields)  # type: ignore[arg-type]


def made(from_course: Course, url: str = "") -> dict[str, bytes]:
    """Return the site of a course: paths and what lies there."""
    return {file.path: file.content for file in site(from_course, SiteConfig(url=url), TEMPLATES)}


def write(folder: Path, from_course: Course) -> None:
    """Write the site of a course into a folder."""
    for path, content in made(from_course).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def text(from_course: Course, path: str = "notes/a.html") -> str:
    """Return one page of a course's site."""
    return made(from_course)[path].decode()
