"""Cards between `START` and `END`, or `STARTI` and `ENDI`, as Obsidian sends them to Anki.

Below `START` stands the name of a note type; the field `Back:` answers what stands above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from builder.parsing import signs
from builder.parsing.document import IN_TEXT, Mark, Region, only_with
from builder.parsing.furniture import is_nothing
from builder.patterns import late

_FRONT = late(r"(?:front|question|text)[ \t]*:[ \t]*", re.IGNORECASE)
_BACK = late(rf"[ \t]*(?:back|{signs.ANSWERS})[ \t]*:[ \t]*", re.IGNORECASE)
_AFTER = late(r"[ \t]*(?:tags:|<!--\s*ID:|ID:\s*\d)", re.IGNORECASE)
_INLINE = late(
    r"[ \t]*(?:[-*+][ \t]+)?STARTI[ \t]+\[[^\[\]]+\][ \t]+(?P<front>.+?)[ \t]+Back:[ \t]*(?=\S)"
    r"(?=.*\bENDI\b)"
)
_SIGN = late(r"[ \t]*(?:[-*+][ \t]+)?START")
#: In lines: a card is no longer.
_LONGEST = 200


@only_with("start")
def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each card whose second field is called `Back`."""
    for line, sign in region.matching(_SIGN):
        if sign.string.strip() == "START":
            yield from _card(region, line)
        elif match := _INLINE.match(sign.string):
            asked = _FRONT.sub("", match["front"])
            yield Mark(line, line, IN_TEXT, asked, True, (line, match.end() + 1), line)


def _card(region: Region, line: int) -> Iterator[Mark]:
    below = range(line + 1, min(region.last, line + _LONGEST) + 1)
    end = next((n for n in below if region.source.line(n).strip() == "END"), 0)
    inside = range(line + 2, end)
    back = next((n for n in inside if _BACK.match(region.source.line(n))), 0)
    if not back:
        return
    said = [region.source.line(n).strip() for n in range(line + 2, back)]
    question = _FRONT.sub("", " ".join(text for text in said if not is_nothing(text)), count=1)
    last = next(
        (n - 1 for n in inside if n > back and _AFTER.match(region.source.line(n))), end - 1
    )
    match = _BACK.match(region.source.line(back))
    if question and match:
        start = back, match.end() + 1
        yield Mark(line, back - 1, IN_TEXT, question, True, start, last, closes=end)
