"""Headings of any level as questions: `# ...` to `######`, and underlined ones."""

from __future__ import annotations

from collections.abc import Iterator

from builder.model import Block, Source
from builder.parsing.document import Mark, Region, is_comment


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each heading that is not inside something else."""
    for block in region.blocks:
        if block.kind == "heading" and not _is_stray(region.source, block):
            yield Mark(block.span.line, block.span.end_line, block.level, block.text.strip())


def _is_stray(source: Source, block: Block) -> bool:
    one_line = block.span.line == block.span.end_line
    return block.level == 1 and one_line and is_comment(source, block.span.line)
