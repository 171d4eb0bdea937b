"""Which line breaks inside a paragraph matter.

Chinese notes put a paragraph on one line, so that a break in it is mostly meant; English ones wrap
their lines at a margin, where it is not. A line is broken on purpose behind a full stop of Chinese,
and, if it ends long before any margin, beside a label such as `W：` and above a full line.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from builder.patterns import late

#: In columns; a line that an editor wrapped is longer than short, and one of text may be full.
_SHORT, _FULL = 44, 66

_TARGET = late(r"\]\([^)]*\)")
_ENDS = ("。", "！", "？", "；", "：")
_LABEL = late(r"\W{0,3}[\w ]{1,16}\s*[：:=]|\[[^\]]*\]$|https?://\S+$")


def keep_breaks(text: str) -> str:
    """Return a paragraph's text with its meant line breaks made hard ones."""
    lines = text.rstrip("\n").split("\n")
    if len(lines) == 1 or _is_one_piece(text):
        return text
    kept = [
        line.rstrip() + "  " if _is_meant(_shown(line), _shown(behind)) else line
        for line, behind in pairwise(lines)
    ]
    return "\n".join([*kept, lines[-1]])


def _is_meant(line: str, behind: str) -> bool:
    if line.endswith(_ENDS):
        return True
    labelled = _LABEL.match(line) or _LABEL.match(behind)
    return _width(line) < _SHORT and bool(labelled or _width(behind) > _FULL)


def _shown(line: str) -> str:
    return _TARGET.sub("]", line).strip()


def _is_one_piece(text: str) -> bool:
    """Code and formulas may go on over a line's end, where no space may be added."""
    return any(text.count(mark) % 2 or f"{mark}\n" in text for mark in ("`", "$$"))


def _width(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)
