"""Lines with a tag that says they are cards: `What is a view? #flashcard`, `#card` in a list."""

from __future__ import annotations

import re
from collections.abc import Iterator

from builder.model import Kind
from builder.parsing import furniture
from builder.parsing.document import IN_TEXT, Mark, Region, only_with
from builder.parsing.one_line import is_kept
from builder.patterns import late

_ITEM = late(r"(?P<indent>[ \t]*)(?:[-*+]|\d+[.)])[ \t]+")
_ASKED = late(r"[?？]\W{0,3}$")
_CARD = late(r".*?#(?:flash)?card", re.IGNORECASE)


@only_with("#card", "#flashcard")
def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each tagged line: what stands below it, up to a blank line, answers.

    Below an item of a list it is what is indented further. Beside such lines one that asks, with
    nothing below it, is a question without an answer.
    """
    found = tuple(_tagged(region))
    if any(mark.start for mark in found):
        yield from found


def _tagged(region: Region) -> Iterator[Mark]:
    done = 0
    for line, match in region.matching(_CARD):
        if line <= done:
            continue
        text = match.string
        item = _ITEM.match(text)
        question, tags = furniture.without_tags(text[item.end() :] if item else text)
        if (
            not furniture.asks(tags)
            or furniture.is_tags(text)
            or text.lstrip().startswith(("# ", "##"))
        ):
            continue
        width = len(item["indent"].expandtabs(4)) if item else 0
        done = _below(region, line, width) if item else _paragraph(region, line)
        first = line + 1
        while first <= done and is_kept(region.source.line(first)):
            first += 1
        if done >= first:
            yield _mark(line, question, tags, first, done, width + 4 if item else 0)
        elif _ASKED.search(question):
            yield Mark(line, line, IN_TEXT, f"{question} {' '.join(tags)}", own=True, last=line)


def _mark(
    line: int, question: str, tags: tuple[str, ...], first: int, last: int, indent: int
) -> Mark:
    kind = Kind.REVERSED if furniture.is_reversed(tags) else Kind.BASIC
    asked = f"{question} {' '.join(tags)}"
    start = (first, 1)
    return Mark(line, line, IN_TEXT, asked, True, start, last, indent=indent, kind=kind)


def _below(region: Region, line: int, width: int) -> int:
    """Return the last line that belongs to the item of a list."""
    last = line
    for below in range(line + 1, region.last + 1):
        text = region.source.line(below)
        if text.strip():
            indent = text[: len(text) - len(text.lstrip())].expandtabs(4)
            if len(indent) <= width and not text.startswith("\t" * (width // 4 + 1)):
                break
            last = below
    return last


def _is_tagged(text: str) -> bool:
    return bool(_CARD.match(text)) and furniture.asks(furniture.without_tags(text)[1])


def _paragraph(region: Region, line: int) -> int:
    """Return the last line of what stands below a line; a fence goes on to its end."""
    below = line + 1
    while below <= region.last and not region.source.line(below).strip():
        below += 1
    while below <= region.last and (region.source.line(below).strip() or below in region.fenced):
        if below not in region.fenced and _is_tagged(region.source.line(below)):
            break
        below += 1
    return below - 1
