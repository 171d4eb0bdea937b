"""Bold items of a list as questions: `- **What is a batch?**`, with the answer indented below.

They count where a note has no headings that ask something, and where most of its bold items ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from builder.parsing.document import IN_TEXT, Mark, Region

_LINE = re.compile(
    r"^ ?[-*+][ \t]+(?P<bold>\*\*|__)(?P<text>(?:(?!(?P=bold)).)+)(?P=bold)"
    r"(?P<behind>[ \t]*[?？])?[ \t]*$",
    re.MULTILINE,
)
_ASKS = re.compile(
    r"[?？]|什么|如何|怎么|怎样|为何|何为|哪些|吗$|多少|区别|(?:介绍|讲|谈|说|描述|解释|推导)一?[下讲谈说]?"
    r"|^(?:what|why|how|when|which|where|who|explain|describe|name|list|compare"
    r"|hvad|hvorfor|hvordan|hvornår|hvilken|hvilke|forklar|beskriv)\b",
    re.IGNORECASE,
)
#: Fewer are terms in an answer.
_FEWEST = 3
#: What an item is indented by at most.
_WIDTH = 4


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each bold item; what is indented below it answers."""
    if not _asks(region.source.text):
        return
    for line, text in region.lines:
        if match := _LINE.match(text):
            asked = match["text"].strip() + (match["behind"] or "").strip()
            last = _last(region, line)
            yield Mark(line, line, IN_TEXT, asked, own=True, last=last, indent=_WIDTH)


@lru_cache(maxsize=1)
def _asks(text: str) -> bool:
    """Tell whether most bold items of a note ask something, so that all of them do."""
    found = [match["text"] + (match["behind"] or "") for match in _LINE.finditer(text)]
    asking = sum(bool(_ASKS.search(question.strip())) for question in found)
    return asking >= _FEWEST and asking * 2 >= len(found)


def _last(region: Region, line: int) -> int:
    """Return the last line that is indented below an item."""
    last = line
    for below in range(line + 1, region.last + 1):
        text = region.source.line(below)
        if text.strip():
            if not text.startswith((" ", "\t")) or _LINE.match(text):
                break
            last = below
    return last
