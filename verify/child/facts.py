"""The plain values that the child reports: what was found, and where."""

from __future__ import annotations

import ast
from typing import NamedTuple, Optional


class Place(NamedTuple):
    """A piece of the code: lines from 1, columns from 1 in characters, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Patch(NamedTuple):
    """A correction: put `text` at `place`."""

    place: Place
    text: str
    safe: bool = False


class Found(NamedTuple):
    """One finding, as it travels to the parent."""

    code: str
    place: Place
    message: str
    help: str = ""
    severity: str = "error"
    patch: Optional[Patch] = None


def shown(value: object, longest: int) -> str:
    """A value in one line, its end cut off where that is longer than so many characters."""
    text = " ".join(repr(value).split())
    return text if len(text) <= longest else text[: longest - 3] + "..."


class Text:
    """Code with the means to turn Python's byte columns into columns of characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")

    def column(self, line: int, offset: int) -> int:
        """The column, from 1, of a byte offset within a line."""
        if not 1 <= line <= len(self.lines):
            return 1
        return len(self.lines[line - 1].encode("utf-8")[:offset].decode("utf-8", "ignore")) + 1

    def place(self, node: ast.AST) -> Place:
        """Where a node stands."""
        line = getattr(node, "lineno", 1)
        end_line = getattr(node, "end_lineno", None) or line
        return Place(
            line,
            self.column(line, getattr(node, "col_offset", 0)),
            end_line,
            self.column(end_line, getattr(node, "end_col_offset", None) or 0),
        )

    def whole_line(self, line: int) -> Place:
        """All of a line but its indent."""
        text = self.lines[line - 1] if 1 <= line <= len(self.lines) else ""
        start = len(text) - len(text.lstrip()) + 1
        return Place(line, start, line, max(len(text.rstrip()) + 1, start + 1))

    def between(self, place: Place) -> str:
        """The code that stands at a place."""
        lines = self.lines[place.line - 1 : place.end_line]
        if not lines:
            return ""
        lines[-1] = lines[-1][: place.end_column - 1]
        lines[0] = lines[0][place.column - 1 :]
        return "\n".join(lines)
