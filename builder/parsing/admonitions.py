"""Boxes that ask: `??? question "What is it?"` of MkDocs, `> [!question]` of Obsidian."""

from __future__ import annotations

import re
from collections.abc import Iterator

from builder.parsing.document import IN_TEXT, Mark, Region

_FOLD = re.compile(r"^\?\?\?\+?[ \t]+(?P<kind>[\w-]+)[^\"]*(?:\"(?P<text>[^\"]+)\")?[ \t]*$")
_CALLOUT = re.compile(r"^>[ \t]*\[!(?P<kind>\w+)\][+-]?[ \t]*(?P<text>.*)$")
_ASKING = frozenset({"question", "faq", "help"})


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each box that asks something."""
    for line in range(region.first, region.last + 1):
        text = region.source.line(line)
        if (match := _FOLD.match(text)) and match["text"] and match["kind"].lower() in _ASKING:
            yield from _box(region, line, match["text"], r"(?: {4}|\t)", 4)
        elif (match := _CALLOUT.match(text)) and match["kind"].lower() in _ASKING:
            yield from _box(region, line, match["text"], r">[ \t]?", 2)


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
