"""Fences that ask what they print: `{card=output}` behind the language."""

from __future__ import annotations

from collections.abc import Iterator

from builder import markdown
from builder.model import Block, Card, Kind, Section
from builder.parsing.part import Part, leads
from builder.plain import plain


def find(section: Section, _named: tuple[str, ...]) -> Iterator[Part]:
    """Yield a part for each fence of a section that is a card; what it prints is found out later.

    A fence `output` behind it is used up too.
    """
    above = (plain(section.title),) if section.title else ()
    for block, before, behind in _with_neighbours(section.blocks):
        if block.kind != "code" or ("card", "output") not in markdown.attributes(block.info):
            continue
        card = Card(
            span=block.span,
            question=section.title,
            answer=block.span,
            blocks=(block,),
            snippets=tuple(s for s in section.snippets if s.span == block.span),
            context=(*section.context, *above),
            kind=Kind.OUTPUT,
        )
        shows = behind and behind.kind == "code" and markdown.language(behind.info) == "output"
        used = (before if before and leads(before) else None, block, behind if shows else None)
        yield Part(card, tuple(it for it in used if it))


def _with_neighbours(
    blocks: tuple[Block, ...],
) -> Iterator[tuple[Block, Block | None, Block | None]]:
    yield from zip(blocks, (None, *blocks[:-1]), (*blocks[1:], None), strict=False)
