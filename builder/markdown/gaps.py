"""Deletions as Anki reads them in a field: `{{c1::<b>text</b>::hint}}`.

Anki looks for its signs in the HTML itself. So inside a deletion `}}` and `::` are written as
references, which its reader takes for text and a browser for what they are; and so is what looks
like a deletion and is none. Until a text is whole, signs of private use stand for Anki's.
"""

from __future__ import annotations

from html import escape
from re import Match

from builder.patterns import late

_PIECE = late(
    "\ue003(?P<number>\\d+)\ue004|\ue005(?P<hint>[^\ue006]*)\ue006"
    "|\\}(?=[}\ue005])|:(?=[:\ue005])|\\{(?=\\{c\\d)"
)
_REFERENCE = {"}": "&#125;", ":": "&#58;", "{": "&#123;"}


def opening(number: int) -> str:
    """Return what stands for `{{c1::`."""
    return f"\ue003{number}\ue004"


def closing(hint: str) -> str:
    """Return what stands for `::hint}}`."""
    return f"\ue005{escape(hint)}\ue006"


def for_anki(html: str) -> str:
    """Return a text with Anki's signs in the place of those that stood for them."""
    depth = 0

    def write(match: Match[str]) -> str:
        nonlocal depth
        if match["number"]:
            depth += 1
            return f"{{{{c{match['number']}::"
        if match["hint"] is not None:
            depth = max(depth - 1, 0)
            return f"::{_hidden(match['hint'])}}}}}" if match["hint"] else "}}"
        return _REFERENCE[match[0]] if depth or match[0] == "{" else match[0]

    return _PIECE.sub(write, html)


def _hidden(hint: str) -> str:
    return hint.replace("}", _REFERENCE["}"]).replace(":", _REFERENCE[":"])
