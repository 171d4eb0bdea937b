"""Headings that count a question and name it, `## Question 4: Views`, above a text that asks.

The one fold or box at the end of that text says of itself that the answer is inside.
"""

from __future__ import annotations

import re
from dataclasses import replace

from builder.parsing import admonitions, answered, details, signs
from builder.parsing.document import Mark, Region
from builder.parsing.numbering import asks_by_number
from builder.patterns import late

_COUNTED = late(
    r"\W*(?:exercise|problem|task|challenge|quiz|opgave|øvelse|练习|习题)\s*#?\d", re.IGNORECASE
)
_ANSWERS = late(rf"(?i)(?:.*\W)?(?:{signs.ANSWERS}|success)(?!\w)")
#: What stays where it is, to be shown and examined: then the heading alone asks.
_SHOWN = ("code", "table", "math", "heading", "html", "admonition")


def find(region: Region, mark: Mark, last: int) -> Mark | None:
    """Return a heading with the text below it that asks, if a fold or a box answers both."""
    if "?" in mark.text or not (asks_by_number(mark.text) or _COUNTED.match(mark.text)):
        return None
    body = region.part(mark.end_line + 1, last)
    boxes = (*details.opened(body), *admonitions.opened(body))
    if len(boxes) != 1 or not _ANSWERS.match(boxes[0].text):
        return None
    box = boxes[0]
    asked = region.part(body.first, box.line - 1)
    if any(block.kind in _SHOWN for block in asked.blocks):
        return None
    text = answered.said(region, asked.first, asked.last)
    if not text or not body.is_blank(box.end(last) + 1, last):
        return None
    return replace(box, line=mark.line, level=mark.level, text=joined(mark, text))


def joined(mark: Mark, question: str) -> str:
    """Return what a heading that counts and the question below it say together."""
    counted = mark.text.rstrip(" .:：、．")
    divider = " " if counted.endswith(("）", ")", "】", "]")) else ": "
    return counted + divider + question
