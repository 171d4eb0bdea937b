"""What a line of prose is, and what no line of prose has."""

from __future__ import annotations

from builder.patterns import late

#: Several Chinese characters in a row, or a handful of plain words: what sentences have.
_CHINESE = late(r"[\u4e00-\u9fff]{4}|[\u4e00-\u9fff][，。；：、]")
_ENGLISH = late(r"(?:\b[A-Za-zÀ-ÿ][a-zà-ÿ'’]*,? ){4,}[A-Za-zÀ-ÿ]+")
_SIGNS = late(r"[{};]\s*$|^\s*(?:[$#>]|//|/\*|<\w)|\w\(.*\)\s*[:;]?\s*(?:#.*)?$|[-=]>|\w = \w")


def is_sentence(line: str) -> bool:
    """Tell whether a line has words as sentences have them."""
    return bool(_CHINESE.search(line) or _ENGLISH.search(line))


def has_signs(line: str) -> bool:
    """Tell whether a line has signs of code, which prose has not."""
    return bool(_SIGNS.search(line))
