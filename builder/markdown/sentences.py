"""What a line of prose is, and what no line of prose has."""

from __future__ import annotations

import re

#: Several Chinese characters in a row, or a handful of plain words: what sentences have.
_CHINESE = re.compile(r"[\u4e00-\u9fff]{4}|[\u4e00-\u9fff][，。；：、]")
_ENGLISH = re.compile(r"(?:\b[A-Za-zÀ-ÿ][a-zà-ÿ'’]*,? ){4,}[A-Za-zÀ-ÿ]+")
_SIGNS = re.compile(
    r"[{};]\s*$|^\s*(?:[$#>]|//|/\*|<\w)|\w\(.*\)\s*[:;]?\s*(?:#.*)?$|[-=]>|\w = \w"
)


def is_sentence(line: str) -> bool:
    """Tell whether a line has words as sentences have them."""
    return bool(_CHINESE.search(line) or _ENGLISH.search(line))


def has_signs(line: str) -> bool:
    """Tell whether a line has signs of code, which prose has not."""
    return bool(_SIGNS.search(line))
