"""Headings of any level as questions: `# ...` to `######`, and underlined ones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from builder.model import Source
from builder.parsing.document import Mark, Region
from builder.parsing.numbering import split_number

#: A question of its own below a heading that only counts: bold, or with a question mark.
_ASKED = re.compile(r"\s*(?:\*\*(?P<bold>(?:(?!\*\*).)+)\*\*|(?P<text>.*\S[?？]))\s*$")


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each heading that is not inside something else.

    A comment of code that nobody fenced looks like a heading of the first level, and is none.
    """
    for block in region.blocks:
        line, end = block.span.line, block.span.end_line
        if block.kind == "heading" and not region.is_code(line):
            mark = Mark(line, end, block.level, block.text.strip())
            yield _asked_below(region.source, mark) or mark


def _asked_below(source: Source, mark: Mark) -> Mark | None:
    """Return `## Question 4` with the question that stands on the first line below it."""
    number, title = split_number(mark.text)
    if title or not number:
        return None
    below = next(
        (n for n in range(mark.end_line + 1, mark.end_line + 4) if source.line(n).strip()), 0
    )
    match = _ASKED.match(source.line(below)) if below else None
    if not match:
        return None
    question = (match["bold"] or match["text"]).strip()
    counted = mark.text.rstrip(" .:：、．")
    divider = " " if counted.endswith(("）", ")", "】", "]")) else ": "
    return Mark(mark.line, below, mark.level, counted + divider + question, own=True)
