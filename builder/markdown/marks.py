"""Pieces of a line that are shown with something around them, at exactly their place.

Signs that nobody writes are put around the piece before the text is rendered, and turned into HTML
behind the sanitiser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from re import Match
from typing import Any

from builder.patterns import late

_OPEN, _OPENED, _CLOSE = "\ue0f0", "\ue0f1", "\ue0f2"
#: A tag, whose attributes may hold signs too, or a piece between signs.
_PIECE = late(
    rf'<(?:[^<>"]|"[^"]*")*>|{_OPEN}(\d+){_OPENED}([^<{_CLOSE}]*){_CLOSE}(</code>)?'
    rf"|{_OPEN}\d+{_OPENED}|{_CLOSE}"
)
_SIGN = late(rf"{_OPEN}\d+{_OPENED}|{_CLOSE}")


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of a source's line: `start` and `end` are its columns in `whole`, from 0.

    `before` and `behind` are the HTML around it, `remark` what follows, outside its back-ticks.
    """

    line: int
    start: int
    end: int
    whole: str
    before: str
    behind: str
    remark: str = ""


def marked(text: str, first: int, marks: Sequence[Mark]) -> str:
    """Put signs into a text that begins on line `first` of its source.

    What cannot be found for certain stays without.
    """
    lines = text.split("\n")
    for number, mark in _last_first(marks, first, first + len(lines) - 1):
        row = mark.line - first
        lines[row] = _in_line(lines[row], number, mark)
    return "\n".join(lines)


def in_table(token: dict[str, Any], first: int, marks: Sequence[Mark]) -> None:
    """Put signs into the cells of a table's token that begins on line `first`."""
    head, *rest = token["children"]
    body = [row for part in rest for row in part["children"]]
    rows = {first + 2 + n: row["children"] for n, row in enumerate(body)}
    rows[first] = head["children"]
    for number, mark in _last_first(marks, first, max(rows)):
        cells = rows.get(mark.line, [])
        line = _in_line("\n".join(str(cell["text"]) for cell in cells), number, mark)
        for cell, text in zip(cells, line.split("\n"), strict=False):
            cell["text"] = text


def _last_first(marks: Sequence[Mark], first: int, last: int) -> Iterable[tuple[int, Mark]]:
    """Yield the marks of some lines from the last to the first: the signs move what is behind."""
    found = [(n, mark) for n, mark in enumerate(marks) if first <= mark.line <= last]
    return sorted(found, key=lambda pair: -pair[1].start)


def _in_line(line: str, number: int, mark: Mark) -> str:
    """Put signs around the piece that has as many like it before it as in the source."""
    piece = mark.whole[mark.start : mark.end]
    there = [m.start() for m in re.finditer(re.escape(piece), mark.whole)]
    here = [m.start() for m in re.finditer(re.escape(piece), _SIGN.sub(_blank, line))]
    if mark.start not in there or len(there) != len(here):
        return line
    at = here[there.index(mark.start)]
    end = at + len(piece)
    return f"{line[:at]}{_OPEN}{number}{_OPENED}{line[at:end]}{_CLOSE}{line[end:]}"


def _blank(match: Match[str]) -> str:
    return "\0" * len(match[0])


def shown(html: str, marks: Sequence[Mark]) -> str:
    """Turn signs into HTML; none stays, wherever they got to."""

    def put(match: Match[str]) -> str:
        if match[1] is None or int(match[1]) >= len(marks):
            return _SIGN.sub("", match[0])
        mark = marks[int(match[1])]
        return mark.before + match[2] + mark.behind + (match[3] or "") + mark.remark

    return _PIECE.sub(put, html) if _CLOSE in html else html


def without(html: str) -> str:
    """Return HTML without signs."""
    return _SIGN.sub("", html) if _CLOSE in html else html
