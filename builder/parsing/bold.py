"""Bold lines as questions: `**1. What is a batch?**`, alone on the line.

They count where a note has no headings that ask something. A bold line is a question if it is
numbered or ends in a question mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from builder.parsing.document import IN_TEXT, Mark, Region
from builder.parsing.numbering import split_number

_LINE = re.compile(
    r"^[ ]{0,3}(?P<outside>\d+[.)、][ \t]*)?(?P<bold>\*\*|__)(?P<text>(?:(?!(?P=bold)).)+)(?P=bold)"
    r"(?P<behind>[ \t]*[?？])?[ \t]*\\?$"
)


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each bold line that asks something."""
    for line, text in region.lines():
        match = _LINE.match(text)
        if not match:
            continue
        asked = (match["outside"] or "") + match["text"].strip() + (match["behind"] or "").strip()
        number, question = split_number(asked)
        if question and (number or question.endswith(("?", "？"))):
            yield Mark(line, line, IN_TEXT, asked, own=True)
