"""Marks to sections: what stands under each, what stands above it, and whether it is a card."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from builder import markdown
from builder.model import Block, Card, Section, Span
from builder.parsing import snippets
from builder.parsing.document import Document, Mark
from builder.parsing.holding import is_contents, why_held_back
from builder.parsing.numbering import split_number

_ID = re.compile(r"<!--\s*id:\s*(?P<id>\S+)\s*-->")
_COMMENT = re.compile(r"<!--.*?-->")


@dataclass(frozen=True, slots=True)
class _Part:
    """A mark with the marks above it and the lines below it."""

    mark: Mark
    above: tuple[Mark, ...]
    last: int


def sections(
    document: Document,
    marks: tuple[Mark, ...],
    tags: tuple[str, ...],
    is_missing: Callable[[str], bool],
) -> tuple[Section, ...]:
    """Return the sections of a document, in the order of the file."""
    found: list[Section] = []
    for part in _parts(document, marks):
        section = _section(document, part, len(found))
        if section.level or section.blocks:
            found.append(section)
    return tuple(
        _judge(section, behind is not None and behind.level > section.level, tags, is_missing)
        for section, behind in zip(found, [*found[1:], None], strict=True)
    )


def _parts(document: Document, marks: tuple[Mark, ...]) -> Iterator[_Part]:
    start = Mark(document.first, document.first - 1, 0, "")
    above: tuple[Mark, ...] = ()
    for mark, behind in zip((start, *marks), (*marks, None), strict=True):
        above = tuple(other for other in above if other.level < mark.level)
        yield _Part(mark, above, behind.line - 1 if behind else len(document.source.lines))
        if mark.level:
            above = (*above, mark)


def _section(document: Document, part: _Part, index: int) -> Section:
    source, mark = document.source, part.mark
    number, title = split_number(_COMMENT.sub("", mark.text).strip())
    blocks = _blocks(document, mark, part.last)
    return Section(
        span=source.span(mark.line, 1, max(mark.end_line, mark.line)),
        title=title,
        level=mark.level,
        blocks=blocks,
        body=source.body(mark.end_line + 1, part.last),
        snippets=tuple(snippets.find(source, blocks, index)),
        context=tuple(_question(other) for other in part.above),
        number=number,
    )


def _question(mark: Mark) -> str:
    return markdown.plain(split_number(_COMMENT.sub("", mark.text).strip())[1])


def _blocks(document: Document, mark: Mark, last: int) -> tuple[Block, ...]:
    """Return the blocks between a mark and line `last`."""
    if mark.own:
        return markdown.parse(document.source, mark.end_line + 1, last)
    start = bisect_right(document.blocks, mark.end_line, key=_line)
    return document.blocks[start : bisect_right(document.blocks, last, key=_line)]


def _line(block: Block) -> int:
    return block.span.line


def _judge(
    section: Section, has_children: bool, tags: tuple[str, ...], is_missing: Callable[[str], bool]
) -> Section:
    """Make a card of a section, or say why it is none; what only holds others is neither."""
    if is_contents(section.blocks):
        return replace(section, blocks=())
    if not section.level or (has_children and section.body is None):
        return section
    held = why_held_back(section.span, section.title, section.blocks, is_missing)
    if held or section.body is None:
        return replace(section, held_back=held)
    return replace(section, card=_card(section, section.body, tags))


def _card(section: Section, answer: Span, tags: tuple[str, ...]) -> Card:
    return Card(
        span=section.span,
        question=section.title,
        answer=answer,
        blocks=section.blocks,
        snippets=section.snippets,
        context=section.context,
        number=section.number,
        tags=tags,
        id=_explicit_id(section),
    )


def _explicit_id(section: Section) -> str | None:
    """Return what `<!-- id: ... -->` says, below the question or behind it."""
    texts = (block.text for block in section.blocks if block.kind == "html")
    found = (_ID.search(text) for text in texts)
    return next((match["id"] for match in found if match), None)
