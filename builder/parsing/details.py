"""Folded answers: `<details><summary>question</summary>answer</details>`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from builder.parsing.document import IN_TEXT, Mark, Region

_OPEN = re.compile(r"<details\b[^>]*>", re.IGNORECASE)
_SUMMARY = re.compile(r"<summary\b[^>]*>(?P<text>.*?)</summary>", re.IGNORECASE | re.DOTALL)
_CLOSE = re.compile(r"</details\s*>", re.IGNORECASE)
_ANSWER = re.compile(
    r"(?i)(?:(?:查看|点击|展开|显示|参考|show|see|view|click)\W*)*"
    r"(?:the\s+)?(?:answer|solution|hint|spoiler|details|svar|答案|解答|解析|回答|详情|提示|展开|查看)\W*"
)
_TAG = re.compile(r"<[^>]+>")


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each outermost fold that has a question."""
    lines = list(region.lines())
    depth, opened = 0, 0
    for index, (_, text) in enumerate(lines):
        if depth == 0 and _OPEN.search(text):
            opened = index
        depth += len(_OPEN.findall(text)) - len(_CLOSE.findall(text))
        if depth == 0 and _CLOSE.search(text) and (mark := _mark(lines[opened : index + 1])):
            yield mark
        depth = max(depth, 0)


def _mark(lines: list[tuple[int, str]]) -> Mark | None:
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
    closing_alone = not _CLOSE.split(lines[-1][1])[0].strip() and last > ends
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
