"""Boxes that ask: `??? question "..."` of MkDocs, `> [!question]`, `::: details What is it?`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from builder.parsing.document import IN_TEXT, Mark, Region
from builder.parsing.furniture import is_nothing

_FOLD = re.compile(r"^\?\?\?\+?[ \t]+(?P<kind>[\w-]+)[^\"]*(?:\"(?P<text>[^\"]+)\")?[ \t]*$")
_CALLOUT = re.compile(r"^>[ \t]*\[!(?P<kind>\w+)\][+-]?[ \t]*(?P<text>.*)$")
_CONTAINER = re.compile(r" {0,3}(?P<sign>:{3,})[ \t]*details[ \t]+(?P<text>\S.*)$")
_CLOSED = re.compile(r" {0,3}:{3,}[ \t]*$")
#: So many containers with other signs stand inside one at most.
_DEEPEST = 20
_ASKING = frozenset({"question", "faq", "help"})


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each box that asks something."""
    closings = [n for n, text in region.lines if _CLOSED.match(text)]
    for line, text in region.lines:
        if (match := _FOLD.match(text)) and match["text"] and match["kind"].lower() in _ASKING:
            yield from _box(region, line, match["text"], r"(?: {4}|\t)", 4)
        elif (match := _CALLOUT.match(text)) and match["kind"].lower() in _ASKING:
            yield from _box(region, line, match["text"], r">[ \t]?", 2)
        elif (match := _CONTAINER.match(text)) and not is_nothing(text):
            yield from _container(region, line, match, closings)


def _container(
    region: Region, line: int, match: re.Match[str], closings: list[int]
) -> Iterator[Mark]:
    """Yield a container whose title asks, if it has an end: as many colons as it began with."""
    at = bisect_right(closings, line)
    below = closings[at : at + _DEEPEST]
    close = next((n for n in below if region.source.line(n).strip() == match["sign"]), 0)
    if close:
        start, last = (line + 1, 1), close - 1
        text = match["text"].strip()
        yield Mark(line, line, IN_TEXT, text, own=True, start=start, last=last, closes=close)


def _box(region: Region, line: int, text: str, inside: str, indent: int) -> Iterator[Mark]:
    """Yield the box that begins on `line`: the lines below it that stand inside, or are blank."""
    last = line
    for below in range(line + 1, region.last + 1):
        here = region.source.line(below)
        if re.match(inside, here):
            last = below
        elif here.strip() or inside.startswith(">"):
            break
    if text.strip():
        yield Mark(
            line,
            line,
            IN_TEXT,
            text.strip(),
            own=True,
            start=(line + 1, 1),
            last=last,
            indent=indent,
        )
