"""Deletions as cards: `{{c1::text}}`, and `==text==` where the front matter says so.

A heading asks for all that is deleted below it. Where the numbers begin again, each paragraph or
list is a card by itself, and the heading is only above it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from builder import markdown
from builder.model import Block, Card, Kind, Problem, Section, Source
from builder.parsing.document import Region
from builder.patterns import late
from builder.plain import plain

_LEADS = (":", "：")
_OPEN = late(r"\{\{c\d{0,3}::")
#: Anki makes no card of these.
_NO_NUMBER = late(r"\{\{c0*::")


def cards(section: Section, blocks: tuple[Block, ...], *, marks: bool) -> tuple[Card, ...]:
    """Return the cards that deletions in blocks make; the card of a heading has its place."""
    groups = tuple(_groups(blocks, marks=marks))
    if not groups:
        return ()
    counted = [set(_numbers(group)) for group in groups]
    runs_on = len(set(chain(*counted))) == sum(map(len, counted))
    if section.level and section.title and section.body and runs_on:
        whole = markdown.marks_as_deletions(section.blocks) if marks else section.blocks
        return (_of_heading(section, whole),)
    return tuple(_of_blocks(section, group) for group in groups)


def _groups(blocks: tuple[Block, ...], *, marks: bool) -> Iterator[tuple[Block, ...]]:
    """Yield the blocks that hold deletions, each with the line that leads to it."""
    for number, block in enumerate(blocks):
        if not markdown.has_deletions(block, marks=marks):
            continue
        before = blocks[number - 1] if number and block.kind != "paragraph" else None
        leads = before and before.kind == "paragraph" and before.text.rstrip().endswith(_LEADS)
        has_own = before and markdown.has_deletions(before, marks=marks)
        group = (before, block) if before and leads and not has_own else (block,)
        yield markdown.marks_as_deletions(group) if marks else group


def _numbers(blocks: tuple[Block, ...]) -> Iterator[int]:
    return chain.from_iterable(map(markdown.deletions, blocks))


def _of_heading(section: Section, blocks: tuple[Block, ...]) -> Card:
    assert section.body
    return Card(
        span=section.span,
        question=section.title,
        answer=section.body,
        blocks=blocks,
        snippets=section.snippets,
        context=section.context,
        number=section.number,
        kind=Kind.CLOZE,
    )


def _of_blocks(section: Section, blocks: tuple[Block, ...]) -> Card:
    first, last = blocks[0].span, blocks[-1].span
    place = replace(first, end_line=last.end_line, end_column=last.end_column)
    above = (plain(section.title),) if section.title else ()
    return Card(
        span=place,
        question=" ".join(" ".join(chain(*map(markdown.texts, blocks))).split()),
        answer=place,
        blocks=blocks,
        snippets=tuple(s for s in section.snippets if place.line <= s.span.line <= place.end_line),
        context=(*section.context, *above),
        kind=Kind.CLOZE,
    )


def broken(region: Region) -> Iterator[Problem]:
    """Yield a problem for each deletion without an end, or without a number that Anki counts."""
    if "{{c" not in region.source.text:
        return
    for line, text in region.lines:
        for match in _NO_NUMBER.finditer(markdown.without_code(text)):
            place = region.source.span(line, match.start() + 1, line, match.end() + 1)
            message = f"`{match[0]}` has no number that Anki counts"
            help_ = "number deletions from 1 on: `{{c1::...}}`"
            yield Problem("deletion-number", place, message, help_, "warning")
    for block in markdown.walk(region.blocks):
        if block.kind in ("paragraph", "heading"):
            yield from (
                _unclosed(region.source, block, at)
                for at in markdown.unclosed_deletions(block.text)[:1]
            )


def _unclosed(source: Source, block: Block, at: int) -> Problem:
    before = block.text[:at].split("\n")
    line = block.span.line + len(before) - 1
    begins = [match.start() for match in _OPEN.finditer(source.line(line))]
    number = len(_OPEN.findall(before[-1]))
    column = begins[number] + 1 if number < len(begins) else 1
    message = "this deletion is never closed, so nothing is hidden"
    place = source.span(line, column)
    return Problem("unclosed-deletion", place, message, "end it with `}}`", "warning")
