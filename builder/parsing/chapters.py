"""Lines that divide a note without headings: `一、Trees`, and `（一）Heaps` below them.

They are to it what headings are to others: questions, or context for what is asked below them. The
note begins with the first, the numbers run on, and most have something below. Its title may be a
heading, if it is the only one and asks nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from builder.parsing.choice import is_question
from builder.parsing.document import IN_TEXT, Mark, Region
from builder.parsing.foreword import is_foreword
from builder.parsing.numbering import value
from builder.patterns import late

_LINE = late(
    r"(?P<bold>\*\*)?(?:(?P<number>[一二三四五六七八九十]{1,3})[、.．]"
    r"|[（(](?P<inner>[一二三四五六七八九十]{1,3})[)）][、.]?)[ \t\u3000]*(?P<text>[^*]{1,60})"
    r"(?(bold)\*\*)[ \t]*$"
)
#: Fewer are points of a text.
_FEWEST = 3
_FEWEST_NAMES = 2
#: In letters: what names a chapter is no longer.
_SHORT = 24
#: A sentence names nothing.
_ENDS = late(r"[。；;，,]$")


def below(title: Mark, region: Region) -> tuple[Mark, ...]:
    """Return the only heading of a note with the lines below it, if these divide the note."""
    body = region.part(title.end_line + 1, region.last)
    if is_question(title) or not region.is_blank(region.first, title.line - 1):
        return (title,)
    found = body.marks(find)
    return (replace(title, level=1, asks=False), *found) if found else (title,)


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each such line, if there are several and the note begins with one."""
    lines = [one for one in region.matching(_LINE) if not _ENDS.search(one[1]["text"])]
    outer = [(line, match) for line, match in lines if match["number"]]
    numbers = [value(match["number"]) for _, match in outer]
    are_names = all(match["bold"] or _stands_alone(region, line) for line, match in outer)
    few = _FEWEST_NAMES if are_names else _FEWEST
    if len(outer) < few or numbers != list(range(1, len(outer) + 1)):
        return
    if not _begin(region, outer[0][0]) or not _are_full(region, outer):
        return
    for line, match in lines:
        text = region.source.line(line).strip().strip("*")
        level = IN_TEXT - 2 if match["number"] else IN_TEXT - 1
        yield Mark(line, line, level, text, own=True)


def _stands_alone(region: Region, line: int) -> bool:
    """Tell whether a short line is a paragraph by itself."""
    around = "" if line == region.first else region.source.line(line - 1)
    around += region.source.line(line + 1)
    return not around.strip() and len(region.source.line(line)) < _SHORT


def _begin(region: Region, first: int) -> bool:
    """Tell whether a note begins with such a line, but for its name and what it says of itself."""
    if region.said(region.first, first - 1) <= 1:
        return True
    return is_foreword(region.part(region.first, first - 1).blocks)


def _are_full(region: Region, lines: list[tuple[int, re.Match[str]]]) -> bool:
    """Tell whether something stands below two in three."""
    ends = [*(line for line, _ in lines[1:]), region.last + 1]
    firsts = (line for line, _ in lines)
    empty = sum(region.is_blank(a + 1, b - 1) for a, b in zip(firsts, ends, strict=True))
    return empty * 3 <= len(lines)
