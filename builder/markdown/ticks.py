"""What stands between back-ticks on a line or in a paragraph, found in one pass.

A pattern with a back reference tries every length at every place, which takes hours over a
megabyte of back-ticks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from builder.patterns import late

_RUN = late("`+")


def code_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each piece of inline code begins and ends, its back-ticks included."""
    runs = [match.span() for match in _RUN.finditer(text)]
    later: dict[int, int] = {}
    partner: list[int | None] = []
    for start, end in reversed(runs):
        partner.append(later.get(end - start))
        later[end - start] = end
    done = 0
    for (start, _), closing in zip(runs, reversed(partner), strict=True):
        if start >= done and closing:
            yield start, closing
            done = closing


def without_code(text: str) -> str:
    """Return a text with inline code hidden, and every other character where it was."""
    if "`" not in text:
        return text
    pieces, done = [], 0
    for start, end in code_spans(text):
        pieces += [text[done:start], re.sub("[^\n]", "\0", text[start:end])]
        done = end
    return "".join([*pieces, text[done:]])
