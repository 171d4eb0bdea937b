"""Folded answers: `<details><summary>question</summary>answer</details>`.

Where the summary only says that the answer is inside, the paragraph above the fold asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from builder.model import Problem
from builder.parsing import signs
from builder.parsing.document import IN_TEXT, Mark, Region, only_with
from builder.parsing.furniture import is_heading
from builder.parsing.numbering import asks_by_label
from builder.patterns import late

#: The number of a line, and its text.
Line = tuple[int, str]

_OPEN = late(r"<details\b[^>]*>", re.IGNORECASE)
_OPENS = late(rf".*?{_OPEN.pattern}", re.IGNORECASE)
_SUMMARY = late(r"<summary\b[^>]*>(?P<text>.*?)</summary>", re.IGNORECASE | re.DOTALL)
_TAGS = late(r"<(?P<close>/)?details\b[^>]*>", re.IGNORECASE)
_CLOSE = late(r"</details\s*>", re.IGNORECASE)
_ANSWER = late(rf"(?i)\W*{signs.OPENS}")
_LEAD = late(r"^[ \t]*(?:>[ \t]*|[-*+][ \t]+)?")
_OTHER = late(r"[ \t]*(?:#{1,6}[ \t]|`{3}|~{3}|[|<$]|-{3}|={3})")
#: In lines, with the blank one below it; a longer text above a fold is no question.
_LONGEST = 9
#: So many blank lines may stand above a fold.
_GAP = 3
_TAG = late(r"<[^>]+>")
#: What makes all of an answer bold or begins it on a new line: it says nothing.
_DRESS = late(r"(?:</?(?:br|b|strong|em|i|p|div)\s*/?>|\s)*$", re.IGNORECASE)


@only_with("<details")
def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each outermost fold that has a question."""
    for lines, _ in _folds(region):
        if mark := _mark(lines, region):
            yield mark


def answers(region: Region) -> Iterator[range]:
    """Yield the lines of each fold that says of itself that an answer is inside."""
    for lines, is_closed in _folds(region):
        summary = _SUMMARY.search("\n".join(line for _, line in lines))
        said = " ".join(_TAG.sub("", summary["text"]).split()) if summary else ""
        if is_closed and _ANSWER.fullmatch(said):
            yield range(lines[0][0], lines[-1][0] + 1)


def opened(region: Region) -> Iterator[Mark]:
    """Yield a mark for each outermost fold with an end: what is inside it, and its summary."""
    for lines, is_closed in _folds(region):
        if is_closed and (found := _inside(lines, region)):
            yield found


def unclosed(region: Region) -> Iterator[Problem]:
    """Yield a problem for each fold without an end, where it was opened."""
    for lines, is_closed in _folds(region):
        if not is_closed:
            message = f"this fold is never closed: it is taken to end on line {lines[-1][0]}"
            place = region.source.span(lines[0][0])
            help_ = "end it with `</details>` below its text"
            yield Problem("unclosed-details", place, message, help_, "warning")


def _folds(region: Region) -> Iterator[tuple[Sequence[Line], bool]]:
    """Yield the lines of each outermost fold, and whether it has an end.

    One without ends before the next fold, or the next heading.
    """
    is_here = region.text.holds(("<details",)) and region.matching(_OPENS)
    lines = region.lines if is_here else ()
    ends = _ends(lines)
    start = 0
    while start < len(lines):
        last = ends.get(start, start)
        if last is None:
            last = _last_of_open(lines, start)
        if start in ends:
            yield lines[start : last + 1], ends[start] is not None
        start = last + 1


def _ends(lines: Sequence[Line]) -> dict[int, int | None]:
    """Return, for each line that opens a fold, the one that closes it, None where none does."""
    found: dict[int, int | None] = {}
    opened: list[int] = []
    for index, (_, text) in enumerate(lines):
        if "details" not in text.lower():
            continue
        for tag in _TAGS.finditer(text):
            if not tag["close"]:
                found.setdefault(index, None)
                opened.append(index)
            elif opened:
                found[opened.pop()] = index
    return found


def _last_of_open(lines: Sequence[Line], start: int) -> int:
    behind = range(start + 1, len(lines))
    end = next((i for i in behind if _OPEN.search(lines[i][1]) or is_heading(lines[i][1])), None)
    last = len(lines) - 1 if end is None else end - 1
    while last > start and not lines[last][1].strip():
        last -= 1
    return last


def _mark(lines: Sequence[Line], region: Region) -> Mark | None:
    found = _inside(lines, region)
    if not found or not _ANSWER.fullmatch(found.text):
        return found
    asked = above(region, found.line)
    question = " ".join(_LEAD.sub("", region.source.line(n)).strip() for n in asked)
    return replace(found, line=asked[0], text=question) if question else None


def _inside(lines: Sequence[Line], region: Region) -> Mark | None:
    """Return what is inside a fold, with its summary as the question."""
    text = "\n".join(line for _, line in lines)
    summary = _SUMMARY.search(text)
    if not summary:
        return None
    question = " ".join(_TAG.sub("", summary["text"]).split())
    first, last = lines[0][0], lines[-1][0]
    ends = first + text.count("\n", 0, summary.end())
    column = summary.end() - text.rfind("\n", 0, summary.end())
    behind = region.source.line(ends)
    if last > ends and _DRESS.match(behind, column - 1):
        column = len(behind) + 1
    before, *closed = _CLOSE.split(lines[-1][1])
    closing_alone = bool(closed) and bool(_DRESS.match(before)) and last > ends
    return Mark(
        first,
        ends,
        IN_TEXT,
        question,
        own=True,
        start=(ends, column),
        last=last - 1 if closing_alone else last,
        closes=last,
    )


def above(region: Region, fold: int) -> range:
    """Return the lines of the paragraph right above a fold, if it may be a question."""
    last = fold - 1
    while last >= max(region.first, fold - _GAP) and not region.source.line(last).strip():
        last -= 1
    first = last + 1
    while first > max(region.first, fold - _LONGEST) and region.source.line(first - 1).strip():
        first -= 1
        if asks_by_label(region.source.line(first)):
            break
    lines = [region.source.line(number) for number in range(first, last + 1)]
    if any(_OTHER.match(line) or _CLOSE.search(line) for line in lines):
        return range(fold, fold)
    return range(first, last + 1)
