"""Indented lines as questions, with the answer below that is not: questions that were pasted.

Nearly all indented lines of a text must ask, and stand by themselves, outside lists.
"""

from __future__ import annotations

from collections.abc import Iterator

from builder.parsing.document import IN_TEXT, Mark, Region, only_with
from builder.patterns import late

_LINE = late(r"(?: {4}|\t)[ \t]*\S")
_ASKED = late(r"(?: {4}|\t)[ \t]*(?P<text>[^\s#>*+|-].*[?？])[ \t]*$")
#: Fewer are something that a text asks.
_FEWEST = 3


@only_with("    ", "\t")
def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each indented line that asks; what stands below it answers."""
    found = region.matching(_ASKED)
    if len(found) < _FEWEST or len(found) * 4 < len(region.matching(_LINE)) * 3:
        return
    indented = {
        line
        for block in region.blocks
        if block.kind == "code" and not block.fenced
        for line in range(block.span.line, block.span.end_line + 1)
    }
    marks = [Mark(n, n, IN_TEXT, it["text"], own=True) for n, it in found if n in indented]
    full = sum(not region.is_blank(m.end_line + 1, end) for m, end in region.extents(marks))
    if len(marks) == len(found) and full * 2 > len(marks):
        yield from marks
