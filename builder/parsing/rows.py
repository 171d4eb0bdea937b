"""Tables and definition lists that are a card a row: `<!-- cards -->` stands above them.

The first column asks, unless others say by their names that they do; what counts is a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from builder import markdown
from builder.markdown import Row
from builder.model import Block, Card, Kind, Problem, Section, Snippet, Source
from builder.parsing.part import Part, leads
from builder.patterns import late
from builder.plain import plain

_SAYS = late(r"<!--\s*cards?\s*(?::\s*(?P<how>reversed|both(?: ways)?)\s*)?-->", re.IGNORECASE)
_COUNTS = late(r"#|no\.?|nr\.?|id|序号|编号|题号", re.IGNORECASE)
_ASKS = late(r"q|questions?|front|问题?|题目|提问|spørgsmål|正面", re.IGNORECASE)
_KINDS = {"table": "tables", "def_list": "definitions"}


def find(section: Section, named: tuple[str, ...]) -> Iterator[Part]:
    """Yield a part for each row of a table or list that is to make cards."""
    for number, block in enumerate(section.blocks):
        if block.kind not in _KINDS:
            continue
        above = section.blocks[:number][::-1]
        says = _says(section.blocks[:number])
        if not says and _KINDS[block.kind] not in named:
            continue
        lead = above[1:2] if says else above[:1]
        used = (block, *(above[:1] if says else ()), *(it for it in lead if leads(it)))
        kind = Kind.REVERSED if says and says["how"] else Kind.BASIC
        for card in _cards(section, block):
            yield Part(replace(card, kind=kind), used)


def unanswered(source: Source, section: Section, named: tuple[str, ...]) -> Iterator[Problem]:
    """Yield a problem for each row that asks and answers nothing."""
    for block in _asked(section, named):
        for row in markdown.rows(block):
            asks = _asking(row)
            if row.cells[asks].strip() and not _says_more(row, asks):
                question = plain(row.cells[asks])
                message = f"`{question}` has no answer"
                place = source.span(row.span.line, 1, row.span.end_line)
                yield Problem("no-answer", place, message, "write one into its row", "warning")


def _asked(section: Section, named: tuple[str, ...]) -> Iterator[Block]:
    """Yield the tables and lists that are to make cards."""
    for number, block in enumerate(section.blocks):
        if block.kind in _KINDS and (_says(section.blocks[:number]) or _KINDS[block.kind] in named):
            yield block


def _says(above: tuple[Block, ...]) -> re.Match[str] | None:
    return _SAYS.search(above[-1].text) if above and above[-1].kind == "html" else None


def _cards(section: Section, block: Block) -> Iterator[Card]:
    above = (plain(section.title),) if section.title else ()
    for row in markdown.rows(block):
        asks = _asking(row)
        if not row.cells[asks].strip() or not _says_more(row, asks):
            continue
        yield Card(
            span=row.span,
            question=row.cells[asks],
            answer=row.answer,
            blocks=row.blocks or (_answer(row, asks, block),),
            snippets=_snippets(section, row),
            context=(*section.context, *above),
            number=row.cells[0] if asks and _COUNTS.fullmatch(row.head[0]) else None,
        )


def _asking(row: Row) -> int:
    """Return the column that asks."""
    named = [n for n, name in enumerate(row.head) if _ASKS.fullmatch(name)]
    if named:
        return named[0]
    return int(len(row.head) > 2 and bool(_COUNTS.fullmatch(row.head[0])))


def _answering(row: Row, asks: int) -> tuple[int, ...]:
    counts = bool(row.head and _COUNTS.fullmatch(row.head[0]))
    return tuple(n for n in range(counts, len(row.cells)) if n != asks)


def _says_more(row: Row, asks: int) -> bool:
    return bool(row.blocks) or any(row.cells[n].strip() for n in _answering(row, asks))


def _answer(row: Row, asks: int, block: Block) -> Block:
    """Return what answers: a cell as it is, several with their names above them."""
    columns = _answering(row, asks)
    if len(columns) == 1:
        return markdown.text_block(row.cells[columns[0]], row.answer, block)
    return markdown.table_of(row, columns, block)


def _snippets(section: Section, row: Row) -> tuple[Snippet, ...]:
    place = row.answer
    return tuple(s for s in section.snippets if place.line <= s.span.line <= place.end_line)
