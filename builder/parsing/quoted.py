"""Quotes as questions: `> What is a batch?`, with the answer below the quote.

Nearly all quotes of the text must ask, and be short: among others a quote is what somebody said.
"""

from __future__ import annotations

from collections.abc import Iterator

from builder.model import Block
from builder.parsing.document import IN_TEXT, Mark, Region, only_with
from builder.parsing.numbering import split_number
from builder.patterns import late

_BOLD = late(r"(?P<bold>\*\*|__)(?P<text>(?:(?!(?P=bold)).)+)(?P=bold)[ \t]*(?P<behind>[?？]?)")
_ASKED = late(r"[?？]\W{0,3}$")
#: Fewer are something that a text asks.
_FEWEST = 3
#: In lines: a longer quote is no question.
_LONGEST = 3


@only_with(">")
def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each quote that asks; what stands below it answers."""
    quotes = [block for block in region.blocks if block.kind == "quote"]
    asked = {quote.span.line: _asked(region, quote) for quote in quotes}
    found = [quote for quote in quotes if asked[quote.span.line]]
    if len(found) >= _FEWEST and len(found) * 4 >= len(quotes) * 3:
        for quote in found:
            first, last = quote.span.line, quote.span.end_line
            yield Mark(first, last, IN_TEXT, asked[first], own=True)


def _asked(region: Region, quote: Block) -> str:
    """Return what a quote asks, on one line; nothing where it says something else."""
    first, last = quote.span.line, quote.span.end_line
    if last - first >= _LONGEST or any(block.kind != "paragraph" for block in quote.children):
        return ""
    lines = (region.source.line(line).strip() for line in range(first, last + 1))
    text = " ".join(line.lstrip("> \t") for line in lines).strip()
    if whole := _BOLD.fullmatch(text):
        text = whole["text"].strip() + whole["behind"]
    is_counted = whole is not None and split_number(text)[0] is not None
    return text if is_counted or _ASKED.search(text) else ""
