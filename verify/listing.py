"""Signatures as documentation shows them: `class torch.nn.Linear(in_features, ...):`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_HEAD = re.compile(r"\s*(?:async\s+)?(?:def|class|CLASS)\s+([\w.]+)\s*\(")
_CLASS = re.compile(r"(\s*)class\s+([\w.]+)")
_QUOTES = re.compile(r"\s*[rRuU]?('''|\"\"\")")


@dataclass(frozen=True, slots=True)
class Listing:
    """One signature: the name it belongs to, its head from line `line`, and the text below it."""

    name: str
    line: int
    head: str
    words_line: int
    words: str


def listings(lines: list[str], heads: Iterable[tuple[int, int]]) -> tuple[Listing, ...]:
    """The signatures whose heads stand on these lines, first and last."""
    found = []
    for first, last in heads:
        match = _HEAD.match(lines[first - 1])
        if match:
            name = _owner(lines, first) if match.group(1) == "__init__" else match.group(1)
            start, end = _words(lines, last)
            words = "\n".join(lines[start - 1 : end])
            found.append(Listing(name, first, "\n".join(lines[first - 1 : last]), start, words))
    return tuple(found)


def _owner(lines: list[str], line: int) -> str:
    """The class that the method on a line belongs to."""
    indent = len(lines[line - 1]) - len(lines[line - 1].lstrip())
    for text in reversed(lines[: line - 1]):
        match = _CLASS.match(text)
        if match and len(match.group(1)) < indent:
            return match.group(2)
    return ""


def _words(lines: list[str], last: int) -> tuple[int, int]:
    """The lines of the docstring below a head; an empty range where there is none."""
    start = next((n for n in range(last + 1, len(lines) + 1) if lines[n - 1].strip()), last + 1)
    if start <= len(lines) and lines[start - 1].strip() == "pass":
        start += 1
    match = _QUOTES.match(lines[start - 1]) if start <= len(lines) else None
    if match is None:
        return last + 1, last
    for end in range(start + 1, len(lines) + 1):
        if match.group(1) in lines[end - 1]:
            return start, end
    return start, len(lines)
