"""Plain text without headings, where `7. what is asked` on a line of its own is a question.

The numbers must run on through the file. Steps inside an answer, which begin at 1 again or skip,
stay in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from builder.markdown import walk
from builder.model import Source
from builder.parsing.document import Document, Mark

_LINE = re.compile(r"(?P<number>\d{1,4})(?:[.．、](?!\d)|[)）])[ \t\u3000\xa0]*(?P<text>\S.*)$")

#: Fewer lines than this are a list in a text, not a list of questions.
_FEWEST = 3


def find(document: Document) -> Iterator[Mark]:
    """Yield a mark for each numbered line that goes on where the one before left off."""
    found = tuple(_run(document))
    if len(found) >= _FEWEST:
        yield from found


def _run(document: Document) -> Iterator[Mark]:
    """Yield the lines whose numbers run on, and leave out lists that begin at 1 among them."""
    lines = tuple(_numbered_lines(document))
    last = {number: line for line, number in lines}
    expected, step = None, None
    for line, number in lines:
        comes_again = last[number] > line
        if step == number and (number != expected or comes_again):
            step += 1
        elif expected is None or number == expected:
            expected, step = number + 1, None
            yield Mark(line, line, 1, document.source.line(line).strip(), own=True)
        elif number == 1:
            step = 2


def _numbered_lines(document: Document) -> Iterator[tuple[int, int]]:
    source, fenced = document.source, _fenced_lines(document)
    for line in range(document.first, len(source.lines) + 1):
        match = _LINE.match(source.line(line))
        if match and line not in fenced and _stands_alone(source, line):
            yield line, int(match["number"])


def _stands_alone(source: Source, line: int) -> bool:
    """A question has a blank line before it, unless it begins the file, and one behind it."""
    return not source.line(line - 1).strip() and not source.line(line + 1).strip()


def _fenced_lines(document: Document) -> frozenset[int]:
    blocks = (b for b in walk(document.blocks) if b.kind == "code" and b.fenced)
    return frozenset(n for b in blocks for n in range(b.span.line - 1, b.span.end_line + 2))
