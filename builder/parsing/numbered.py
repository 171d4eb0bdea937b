"""Plain text without headings, where `7. what is asked` on a line of its own is a question.

The numbers must run on through the file. Steps inside an answer, which begin at 1 again or skip,
stay in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from builder.model import Source
from builder.parsing.document import IN_TEXT, Mark, Region

_LINE = re.compile(r"(?P<number>\d{1,4})(?:[.．、](?!\d)|[)）])[ \t\u3000\xa0]*(?P<text>\S.*)$")

#: Fewer lines than this are a list in a text, not a list of questions.
_FEWEST = 3


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each numbered line that goes on where the one before left off."""
    found = tuple(_run(region))
    if len(found) >= _FEWEST:
        yield from found


def _run(region: Region) -> Iterator[Mark]:
    """Yield the lines whose numbers run on, and leave out lists that begin at 1 among them."""
    lines = tuple(_numbered_lines(region))
    last = {number: line for line, number in lines}
    expected, step = None, None
    for line, number in lines:
        comes_again = last[number] > line
        if step == number and (number != expected or comes_again):
            step += 1
        elif expected is None or number == expected:
            expected, step = number + 1, None
            yield Mark(line, line, IN_TEXT, region.source.line(line).strip(), own=True)
        elif number == 1:
            step = 2


def _numbered_lines(region: Region) -> Iterator[tuple[int, int]]:
    for line, text in region.lines():
        match = _LINE.match(text)
        if match and _stands_alone(region.source, line):
            yield line, int(match["number"])


def _stands_alone(source: Source, line: int) -> bool:
    """A question has a blank line before it, unless it begins the file, and one behind it."""
    return not source.line(line - 1).strip() and not source.line(line + 1).strip()
