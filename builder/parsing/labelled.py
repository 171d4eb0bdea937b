"""Questions without any sign, each with `Answer: ...` below it.

What asks is the paragraph above that line. There must be several, so that one `Answer:` in a text
makes no card.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from builder.parsing import signs
from builder.parsing.document import IN_TEXT, Mark, Region
from builder.parsing.furniture import is_heading, is_nothing
from builder.patterns import late

_ANSWER = late(rf"[ \t]*(?:[-*+>][ \t]+)?{signs.marks(signs.ANSWERS)}", re.IGNORECASE)
#: Fewer are something that a text answers.
_FEWEST = 3
#: In lines: a longer paragraph is no question.
_LONGEST = 8


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each paragraph above an answer, if all answers stand below one."""
    answers = region.matching(_ANSWER)
    if len(answers) < _FEWEST:
        return
    asked = [_asked(region, line) for line, _ in answers]
    if not all(asked):
        return
    marks = [_mark(region, *one) for one in zip(asked, answers, strict=True)]
    yield from (replace(mark, last=end) for mark, end in region.extents(marks))


def _asked(region: Region, answer: int) -> range:
    """Return the lines of the paragraph above an answer."""
    last = answer - 1
    if last >= region.first and is_nothing(region.source.line(last)):
        last -= 1
    first = last
    while first >= region.first and not _ends(region.source.line(first)):
        first -= 1
    return range(first + 1, last + 1) if last - first <= _LONGEST else range(0)


def _ends(line: str) -> bool:
    return is_nothing(line) or is_heading(line) or bool(_ANSWER.match(line))


def _mark(region: Region, asked: range, answer: tuple[int, re.Match[str]]) -> Mark:
    line, match = answer
    text = " ".join(region.source.line(n).strip() for n in asked)
    start = (line, match.end() + 1)
    return Mark(asked[0], asked[-1], IN_TEXT, text, own=True, start=start)
