"""Choices with boxes: a paragraph asks, `- [ ]` and `- [x]` stand below it, and a quote answers.

The answer goes on to the next question.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from builder.model import Block
from builder.parsing.document import IN_TEXT, Mark, Region, only_with
from builder.patterns import late

_BOX = late(r"[ \t]*[-*+][ \t]+\[(?P<mark>[ xX])\][ \t]*(?P<text>.*)$")
#: One task list with a quote below it may stand in any text.
_FEWEST = 2


@only_with("[x]")
def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each paragraph with choices below it and a quote below these."""
    three = zip(pairwise(region.blocks), region.blocks[2:], strict=False)
    found = tuple(
        mark
        for (asks, choices), answers in three
        if answers.kind == "quote" and (mark := _mark(region, asks, choices, answers))
    )
    if len(found) >= _FEWEST:
        yield from found


def _mark(region: Region, asks: Block, choices: Block, answers: Block) -> Mark | None:
    if asks.kind != "paragraph" or choices.kind != "list":
        return None
    lines = range(choices.span.line, choices.span.end_line + 1)
    boxes = [_BOX.match(text) for line in lines if (text := region.source.line(line)).strip()]
    marks = {box["mark"].lower() for box in boxes if box}
    if not all(boxes) or len(marks) < len(" x"):
        return None
    said = (asks.text.replace("\n", " ").strip(), *(box["text"].strip() for box in boxes if box))
    line, start = asks.span.line, (answers.span.line, 1)
    return Mark(line, choices.span.end_line, IN_TEXT, " ".join(said), own=True, start=start)
