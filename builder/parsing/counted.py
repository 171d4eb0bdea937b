"""Headings that are counted without a point behind their numbers: `1 Trees`, `1.1树`, `一 树`.

`2 layers or 3` is no such heading: the numbers of a level must run on, and most of it have one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from builder.parsing.document import Mark
from builder.parsing.numbering import value
from builder.patterns import late

_BARE = late(
    r"(?P<number>\d{1,3}|[一二三四五六七八九十]{1,3})[ \t\u3000]+(?=[^\W\d]|[`$*])"
    r"|(?P<above>(?:\d{1,3}\.)+)(?P<last>\d{1,3})(?=[\u3400-\u9fff])"
)
#: Fewer in a note are no numbers.
_FEWEST = 2


def pointed(heads: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """Return headings with a point behind their numbers, where these run on through a level."""
    counted: set[int] = set()
    for level in {head.level for head in heads}:
        of_level = [head for head in heads if head.level == level]
        found = {head.line: match for head in of_level if (match := _BARE.match(head.text))}
        numbers = tuple(map(_value, found.values()))
        if len(found) >= _FEWEST and len(found) * 2 > len(of_level) and _run_on(numbers):
            counted |= found.keys()
    return tuple(_pointed(head) if head.line in counted else head for head in heads)


def _pointed(head: Mark) -> Mark:
    match = _BARE.match(head.text)
    return replace(head, text=f"{match[0].rstrip()}. {head.text[match.end() :]}") if match else head


def _value(match: re.Match[str]) -> int:
    return value(match["number"] or match["last"]) or 0


def _run_on(numbers: Iterable[int]) -> bool:
    """Tell whether each number follows the one before, or begins again."""
    before = 0
    for number in numbers:
        if number not in (before + 1, 0, 1):
            return False
        before = number
    return True
