"""Folded answers: `<details><summary>question</summary>answer</details>`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from builder.model import Problem
from builder.parsing.document import IN_TEXT, Mark, Region

#: The number of a line, and its text.
Line = tuple[int, str]

_OPEN = re.compile(r"<details\b[^>]*>", re.IGNORECASE)
_SUMMARY = re.compile(r"<summary\b[^>]*>(?P<text>.*?)</summary>", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(r"<(?P<close>/)?details\b[^>]*>", re.IGNORECASE)
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]")
_CLOSE = re.compile(r"</details\s*>", re.IGNORECASE)
_ANSWER = re.compile(
    r"(?i)(?:(?:查看|点击|展开|显示|参考|show|see|view|click)\W*)*"
    r"(?:the\s+)?(?:answer|solution|hint|spoiler|details|svar|答案|解答|解析|回答|详情|提示|展开|查看)\W*"
)
_TAG = re.compile(r"<[^>]+>")


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each outermost fold that has a question."""
    for lines, _ in _folds(list(region.lines())):
        if mark := _mark(lines):
            yield mark


def unclosed(region: Region) -> Iterator[Problem]:
    """Yield a problem for each fold without an end, where it was opened."""
    for lines, is_closed in _folds(list(region.lines())):
        if not is_closed:
            message = f"this fold is never closed: it is taken to end on line {lines[-1][0]}"
            place = region.source.span(lines[0][0])
            help_ = "end it with `</details>` below its text"
            yield Problem("unclosed-details", place, message, help_, "warning")


def _folds(lines: list[Line]) -> Iterator[tuple[list[Line], bool]]:
    """Yield the lines of each outermost fold, and whether it has an end.

    One without ends before the next fold, or the next heading.
    """
    ends = _ends(lines)
    start = 0
    while start < len(lines):
        last = ends.get(start, start)
        if last is None:
            last = _last_of_open(lines, start)
        if start in ends:
            yield lines[start : last + 1], ends[start] is not None
        start = last + 1


def _ends(lines: list[Line]) -> dict[int, int | None]:
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


def _last_of_open(lines: list[Line], start: int) -> int:
    behind = enumerate(lines[start + 1 :], start + 1)
    end = next((i for i, (_, text) in behind if _OPEN.search(text) or _HEADING.match(text)), None)
    last = len(lines) - 1 if end is None else end - 1
    while last > start and not lines[last][1].strip():
        last -= 1
    return last


def _mark(lines: list[Line]) -> Mark | None:
    text = "\n".join(line for _, line in lines)
    summary = _SUMMARY.search(text)
    if not summary:
        return None
    question = " ".join(_TAG.sub("", summary["text"]).split())
    if _ANSWER.fullmatch(question):
        return None
    first, last = lines[0][0], lines[-1][0]
    ends = first + text.count("\n", 0, summary.end())
    column = summary.end() - text.rfind("\n", 0, summary.end())
    before, *closed = _CLOSE.split(lines[-1][1])
    closing_alone = bool(closed) and not before.strip() and last > ends
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
