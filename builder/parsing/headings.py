"""Headings of any level as questions: `# ...` to `######`, and underlined ones."""

from __future__ import annotations

from collections.abc import Iterator

from builder.parsing.document import Mark, Region


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each heading that is not inside something else.

    A comment of code that nobody fenced looks like a heading of the first level, and is none.
    """
    for block in region.blocks:
        line, end = block.span.line, block.span.end_line
        if block.kind == "heading" and not region.is_code(line):
            yield Mark(line, end, block.level, block.text.strip())
