"""Bold lines that fill a gap in the numbers of headings: `**1.2 Views**` between 1.1 and 1.3.

Each stands alone between blank lines, and they are exactly those that are missing there: a bold
list in an answer begins at 1, or counts as it likes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from builder.parsing.document import Mark, Region
from builder.parsing.numbering import split_number, value
from builder.patterns import late

_LINE = late(r"\*\*(?P<text>[\d一二三四五六七八九十][^*\n]+)\*\*[ \t]*$")
#: More are missing for another reason.
_WIDEST = 10


def filled(region: Region, heads: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """Return headings together with the bold lines that are of their run of numbers."""
    if not region.matching(_LINE):
        return heads
    found = [mark for above, below in pairwise(heads) for mark in _between(region, above, below)]
    return tuple(sorted((*heads, *found), key=lambda mark: mark.line)) if found else heads


def _between(region: Region, above: Mark, below: Mark) -> Iterator[Mark]:
    """Yield the bold lines between two headings that count from one to the other."""
    prefix, last = _count(below.text)
    first = _first(above, below, prefix)
    missing = [(prefix, number) for number in range(first, last)] if first else []
    if not missing or len(missing) > _WIDEST:
        return
    part = region.part(above.end_line + 1, below.line - 1)
    lines = [(line, match["text"].strip()) for line, match in part.matching(_LINE)]
    lines = [(line, text) for line, text in lines if _count(text)[1] and _is_alone(region, line)]
    if [_count(text) for _, text in lines] == missing:
        yield from (Mark(line, line, below.level, text, own=True) for line, text in lines)


def _first(above: Mark, below: Mark, prefix: str) -> int:
    """Return the number that comes first behind a heading, or 0 if it is of another run."""
    if above.level == below.level:
        before, number = _count(above.text)
        return number + 1 if number and before == prefix else 0
    return 1 if prefix and above.level < below.level else 0


def _count(text: str) -> tuple[str, int]:
    """Return the numbers above a text and its own, `1.2` for `1.2.3 Views`, or 0 without any."""
    prefix, _, last = (split_number(text)[0] or "").rpartition(".")
    return prefix, value(last) or 0


def _is_alone(region: Region, line: int) -> bool:
    return not (region.source.line(line - 1) + region.source.line(line + 1)).strip()
