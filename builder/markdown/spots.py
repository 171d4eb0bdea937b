"""Places in the text where something of ours stands: what makes a card by itself has one.

As with marks, signs that nobody writes hold the place until the text has passed the sanitiser.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from builder.model import Block
from builder.patterns import late

#: What stands at the row, the term or the block that begins on a line, as HTML.
Spots = Mapping[int, str]

_OPEN, _CLOSE = "\ue0f3", "\ue0f4"
_SIGN = late(rf" ?{_OPEN}(\d*){_CLOSE}")
_HEADS = 2


def before(block: Block, spots: Spots) -> Iterator[dict[str, Any]]:
    """Yield what stands before a block: its sign. Terms and rows have theirs inside."""
    if block.span.line in spots and block.kind != "def_list":
        yield {"type": "literal", "raw": _sign(block.span.line)}


def in_rows(children: list[dict[str, Any]], first: int, spots: Spots) -> None:
    """Put signs into the rows of a table whose head is on line `first`."""
    body = children[1]["children"] if len(children) > 1 else ()
    for line, row in enumerate(body, first + _HEADS):
        if line in spots:
            row["children"][0]["text"] += f" {_sign(line)}"


def in_term(text: str, line: int, spots: Spots) -> str:
    """Return the text of a term with its sign."""
    return f"{text} {_sign(line)}" if line in spots else text


def _sign(line: int) -> str:
    return f"{_OPEN}{line}{_CLOSE}"


def filled(html: str, spots: Spots) -> str:
    """Turn signs into HTML; none stays, wherever it got to."""
    if _CLOSE not in html:
        return html
    return _SIGN.sub(lambda sign: spots.get(int(sign[1] or 0), ""), html)


def without(html: str) -> str:
    """Return HTML without signs."""
    return _SIGN.sub("", html) if _CLOSE in html else html
