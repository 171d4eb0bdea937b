"""Question and answer divided by a line with nothing but `?`; `??` for a card both ways."""

from __future__ import annotations

from collections.abc import Iterator

from builder.model import Kind
from builder.parsing.document import IN_TEXT, Mark, Region

_KINDS = {"?": Kind.BASIC, "？": Kind.BASIC, "??": Kind.REVERSED, "？？": Kind.REVERSED}


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each dividing line: the paragraph above it asks, the one below answers."""
    for line, text in region.lines:
        kind = _KINDS.get(text.strip())
        if not kind:
            continue
        first, last = line, line
        while first > region.first and region.source.line(first - 1).strip():
            first -= 1
        while last < region.last and region.source.line(last + 1).strip():
            last += 1
        if first < line < last:
            asked = " ".join(region.source.line(n).strip() for n in range(first, line))
            yield Mark(first, line - 1, IN_TEXT, asked, True, (line + 1, 1), last, kind=kind)
