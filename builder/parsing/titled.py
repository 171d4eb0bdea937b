"""Headings that count a question and name it, `## Question 4: Views`, above a text that asks.

The one fold or box at the end of that text says of itself that the answer is inside.
"""

from __future__ import annotations

import re
from dataclasses import replace

from builder.parsing import admonitions, answered, details, signs, snippets
from builder.parsing.document import Mark, Region
from builder.parsing.foreword import is_field
from builder.parsing.numbering import asks_by_label, asks_by_number, split_number
from builder.patterns import late

_COUNTED = late(
    r"\W*(?:exercise|problem|task|challenge|quiz|opgave|øvelse|练习|习题)\s*#?\d", re.IGNORECASE
)
_ANSWERS = late(rf"(?i)(?:.*\W)?(?:{signs.ANSWERS}|success)(?!\w)")
#: What stays where it is, to be shown and examined: then the heading alone asks.
_SHOWN = ("table", "math", "heading", "admonition")
_BOX = late(r"<(?:details|table|img|iframe|video)\b", re.IGNORECASE)
_IMAGE = late(r"!\[[^\[\]]*\]\([^()]*\)|!\[\[[^\[\]]*\]\]")
#: What answers a paragraph below `## Question 4`: choices, of which one is marked perhaps.
_CHOICES = late(r"\s*(?:<[uo]l\b|[*_]{0,3}(?:correct|right|rigtig|korrekt)\b)", re.IGNORECASE)
#: In characters: a longer paragraph is no question.
_LONGEST = 600


def counts(mark: Mark) -> bool:
    """Tell whether a heading counts a question or an exercise, and does not ask it itself."""
    is_counted = any(map(asks_by_number, (mark.text, _bare(mark)))) or _COUNTED.match(mark.text)
    return bool(is_counted) and "?" not in mark.text


def _bare(mark: Mark) -> str:
    """Return `Question 1` of `1. Question 1`."""
    return split_number(mark.text)[1] or mark.text


def asks(region: Region, first: int, last: int) -> bool:
    """Tell whether lines between a heading and its answer are text: no code to be examined.

    Nothing but fields, `**Keywords:** view, stride`, asks nothing.
    """
    is_shown = any(
        block.kind in _SHOWN
        or (block.kind == "code" and snippets.is_python(block))
        or (block.kind == "html" and _BOX.search(block.text))
        for block in region.part(first, last).blocks
    )
    said = filter(None, (region.source.line(line).strip() for line in range(first, last + 1)))
    return not is_shown and not all(is_field(line) and not asks_by_label(line) for line in said)


def find(region: Region, mark: Mark, last: int) -> Mark | None:
    """Return a heading with the text below it that asks, if a fold or a box answers both."""
    if not counts(mark):
        return None
    body = region.part(mark.end_line + 1, last)
    boxes = (*details.opened(body), *admonitions.opened(body))
    if not boxes:
        return _above_choices(region, mark, body)
    if len(boxes) != 1 or not _ANSWERS.match(boxes[0].text):
        return None
    box = boxes[0]
    if not asks(region, body.first, box.line - 1) or not body.is_blank(box.end(last) + 1, last):
        return None
    text = answered.said(region, body.first, box.line - 1)
    return replace(box, line=mark.line, level=mark.level, text=joined(mark, text)) if text else None


def _above_choices(region: Region, mark: Mark, body: Region) -> Mark | None:
    """Return `## Question 4`, or `## 1. Question 1`, with the paragraph above its choices."""
    bare = replace(mark, text=_bare(mark))
    if split_number(bare.text)[1] or not asks_by_number(bare.text):
        return None
    blocks = [block for block in body.blocks if not _IMAGE.fullmatch(block.text.strip())]
    if len(blocks) < 2 or blocks[0].kind != "paragraph" or len(blocks[0].text) > _LONGEST:
        return None
    if blocks[1].kind != "list" and not _CHOICES.match(blocks[1].text):
        return None
    first, last = blocks[0].span.line, blocks[0].span.end_line
    text = answered.said(region, first, last)
    return replace(mark, end_line=last, text=joined(bare, text), own=True) if text else None


def joined(mark: Mark, question: str) -> str:
    """Return what a heading that counts and the question below it say together."""
    counted = mark.text.rstrip(" .:：、．")
    divider = " " if counted.endswith(("）", ")", "】", "]")) else ": "
    return counted + divider + question
