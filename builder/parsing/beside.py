"""Questions of a list in what marked pairs leave of a note.

Signs such as `::` and `Q:` go before numbers and stars. Lists of questions with answers that stand
outside of all pairs are none the less meant as such.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from builder.parsing.choice import is_question
from builder.parsing.document import Mark, Region, Style

#: One question is something that a text asks.
_FEWEST = 2


def joined(region: Region, pairs: tuple[Mark, ...], lists: Iterable[Style]) -> tuple[Mark, ...]:
    """Return pairs, and the questions of the first list beside them.

    Below a question of a list a pair is of its own only where it begins a paragraph.
    """
    rest = _without(region, pairs)
    for find in lists:
        found = tuple(mark for mark in rest.marks(find) if mark.asks)
        both = sorted((*pairs, *found), key=lambda mark: mark.line)
        kept = _apart(region, both, frozenset(mark.line for mark in found))
        if _ask(region, kept, found):
            return kept
    return pairs


def _without(region: Region, pairs: tuple[Mark, ...]) -> Region:
    """Return a region in which the lines of pairs are no text."""
    ends = region.extents(pairs)
    gone = {line for mark, end in ends for line in range(mark.line, mark.end(end) + 1)}
    lines = tuple(one for one in region.lines if one[0] not in gone)
    return replace(region, text=replace(region.text, lines=lines))


def _apart(region: Region, marks: list[Mark], lists: frozenset[int]) -> tuple[Mark, ...]:
    """Leave out pairs in the answer of a question of a list, unless they begin a paragraph."""
    kept: list[Mark] = []
    is_below = False
    for mark in marks:
        is_list = mark.line in lists
        text = region.source.line(mark.line)
        begins = region.is_blank(mark.line - 1, mark.line - 1) and not text.startswith((" ", "\t"))
        if is_list or begins or not is_below:
            kept.append(mark)
            is_below = is_list
    return tuple(kept)


def _ask(region: Region, marks: tuple[Mark, ...], found: tuple[Mark, ...]) -> bool:
    """Tell whether several marks of a list ask by themselves, and nearly all are answered."""
    lines = {mark.line for mark in found}
    full = sum(
        bool(mark.start) or not region.is_blank(mark.end_line + 1, mark.end(end))
        for mark, end in region.extents(marks)
        if mark.line in lines
    )
    is_full = full >= _FEWEST and full * 4 >= len(found) * 3
    return is_full and sum(map(is_question, found)) * 4 >= len(found) * 3
