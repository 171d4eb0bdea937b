"""Pieces of code as real files that run one after another as `__main__`."""

from __future__ import annotations

import ast
import sys
import types
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

from .facts import Place, Text


class Script:
    """One piece of code as a file, padded so that its lines count as they do in the note."""

    def __init__(self, folder: str, name: str, text: str, first_line: int) -> None:
        self.path = str(Path(folder) / name)
        self.text = Text(text)
        self.padding = max(first_line - 1, 0)
        self.tree: Optional[ast.Module] = None
        self.padded = "\n" * self.padding + text + "\n"

    def write(self) -> None:
        """Put the file where inspection, pickling and new processes look for it."""
        with Path(self.path).open("w", encoding="utf-8", newline="\n") as file:
            file.write(self.padded)

    def parse(self) -> ast.Module:
        """The code as a tree in the lines of the file; raises SyntaxError."""
        return ast.parse(self.padded, self.path)

    def compile(self, body: List[ast.stmt]) -> types.CodeType:
        """Some of its statements, ready to run."""
        module = ast.Module(body=body, type_ignores=[])
        return compile(module, self.path, "exec", dont_inherit=True)

    def place(self, traceback: Optional[types.TracebackType]) -> Optional[Place]:
        """The innermost place in this code that a traceback passes through."""
        place = None
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename == self.path:
                place = self._place_in(traceback)
            traceback = traceback.tb_next
        return place

    def outermost(self, traceback: Optional[types.TracebackType]) -> Optional[int]:
        """The line of the outermost frame of this code: where its top level stood."""
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename == self.path:
                return traceback.tb_lineno - self.padding
            traceback = traceback.tb_next
        return None

    def _place_in(self, traceback: types.TracebackType) -> Place:
        code: Any = traceback.tb_frame.f_code
        line = traceback.tb_lineno - self.padding
        if hasattr(code, "co_positions"):
            span: Any = list(code.co_positions())[traceback.tb_lasti // 2]
            if None not in span:
                first, last = span[0] - self.padding, span[1] - self.padding
                left, right = self.text.column(first, span[2]), self.text.column(last, span[3])
                return Place(first, left, last, right)
        return self.text.whole_line(line)


def new_main(script: Script) -> Dict[str, Any]:
    """A fresh `__main__`, as if Python had been started on the file; its namespace."""
    main = types.ModuleType("__main__")
    vars(main).update(__file__=script.path, __builtins__=sys.modules["builtins"], __spec__=None)
    sys.modules["__main__"] = main
    sys.argv[:] = [script.path]
    return vars(main)


def groups(
    body: List[ast.stmt], apart: List[Tuple[int, int]]
) -> Iterator[Tuple[bool, List[ast.stmt]]]:
    """Statements in runs: those within the line ranges `apart` each alone, the others together."""
    together: List[ast.stmt] = []
    for statement in body:
        end = statement.end_lineno or statement.lineno
        if any(statement.lineno <= last and end >= first for first, last in apart):
            if together:
                yield False, together
                together = []
            yield True, [statement]
        else:
            together.append(statement)
    if together:
        yield False, together
