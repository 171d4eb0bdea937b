"""Plain text without headings, where `7. what is asked` on a line of its own is a question.

The numbers must run on through the file. Steps inside an answer, which begin at 1 again or skip,
stay in it. A question stands between blank lines; one with a question mark may have its answer
right below, indented.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from builder.parsing.document import IN_TEXT, Mark, Region

_LINE = re.compile(r"(?P<number>\d{1,4})(?:[.．、](?!\d)|[)）])[ \t\u3000\xa0]*(?P<text>\S.*)?$")
_INDENTED = re.compile(r"(?: {2,8}|\t)(?=\S)")
_ASKS = re.compile(r"[?？][\s)）”\"]*$")

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
            yield _mark(region, line)
        elif number == 1:
            step = 2


def _numbered_lines(region: Region) -> Iterator[tuple[int, int]]:
    for line, text in region.lines:
        match = _LINE.match(text)
        if match and _stands_alone(region, line):
            yield line, int(match["number"])


def _stands_alone(region: Region, line: int) -> bool:
    """A question has a blank line before it, unless it begins the file, and one behind it."""
    if region.source.line(line - 1).strip():
        return False
    is_over = not region.source.line(line + 1).strip()
    return is_over or bool(_indent(region, line) and _ASKS.search(region.source.line(line)))


def _indent(region: Region, line: int) -> int:
    """Return how far the line below a question is indented."""
    match = _INDENTED.match(region.source.line(line + 1)) if line < region.last else None
    return len(match[0].expandtabs(4)) if match else 0


def _mark(region: Region, line: int) -> Mark:
    text = region.source.line(line).strip()
    return Mark(line, line, IN_TEXT, text, own=True, indent=_indent(region, line))
