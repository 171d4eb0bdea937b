"""Runs the statements of one piece of code, going on past those that break on a doubtful value."""

from __future__ import annotations

import ast
import contextlib
import io
import sys
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from .script import Script, groups

Facts = Dict[str, Any]
#: Longer output than this is not compared.
_LONGEST = 4000
Spans = Sequence[Tuple[int, int]]


class Notes(NamedTuple):
    """What was noticed on the way: errors that were announced, doubtful statements that broke.

    `lost` are names that came to have no value through these. `shown` is what statements showed.
    """

    expected: List[Facts]
    breaks: List[Facts]
    lost: Set[str]
    shown: List[Facts]


def go(
    script: Script,
    tree: ast.Module,
    namespace: Facts,
    spans: Tuple[Spans, Spans, Spans],
    describe: Callable[[BaseException], Facts],
) -> Notes:
    """Run a piece; `spans` are where errors are announced, the doubtful ones, those that show.

    Raises what any other statement raises.
    """
    expected, doubt, shows = ([_padded(script, span) for span in some] for some in spans)
    notes = Notes([], [], set(), [])
    future = [n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    parts = [
        (apart, body, script.compile([*(n for n in future if n not in body), *body]))
        for apart, body in groups(tree.body, [*expected, *doubt, *shows])
    ]
    for apart, body, code in parts:  # no built-in name on the plain way: code may take them away
        if apart and reads(body[0]) & notes.lost:
            notes.lost.update(stores(body[0]))
            continue
        if not apart:
            exec(code, namespace)
            continue
        announced, doubtful = within(body[0], expected), within(body[0], doubt)
        try:
            if within(body[0], shows) and isinstance(body[0], ast.Expr):
                shown = show(script, body[0], namespace)
                notes.shown.extend([] if doubtful else [shown])
            else:
                exec(code, namespace)
        except Exception as error:
            if not announced and not doubtful:
                raise
            notes.lost.update(stores(body[0]))
            (notes.expected if announced else notes.breaks).append(describe(error))
    return notes


def show(script: Script, statement: ast.Expr, namespace: Facts) -> Facts:
    """Run an expression; what it printed, and its value as an interpreter would show it."""
    code = compile(ast.Expression(statement.value), script.path, "eval", dont_inherit=True)
    both = Both(sys.stdout)
    with contextlib.redirect_stdout(both):
        value = eval(code, namespace)
    line = (statement.end_lineno or statement.lineno) - script.padding
    return {"line": line, "printed": both.kept[:_LONGEST], "value": _shown(value)}


class Both(io.TextIOBase):
    """Passes text on, and keeps it."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.kept = ""

    def write(self, text: str) -> int:
        """Take some text."""
        self.kept += text if len(self.kept) < _LONGEST else ""
        return int(self.stream.write(text))

    def flush(self) -> None:
        """Pass on what was held back."""
        self.stream.flush()


def _shown(value: Any) -> Optional[str]:
    try:
        return None if value is None else repr(value)[:_LONGEST]
    except Exception:
        return None


def _padded(script: Script, span: Tuple[int, int]) -> Tuple[int, int]:
    return span[0] + script.padding, span[1] + script.padding


def within(statement: ast.stmt, spans: Spans) -> bool:
    """Whether a statement stands in one of the line ranges."""
    end = statement.end_lineno or statement.lineno
    return any(statement.lineno <= last and end >= first for first, last in spans)


def reads(statement: ast.stmt) -> Set[str]:
    """The names that a statement mentions, but for those it only binds anew."""
    names = [n for n in ast.walk(statement) if isinstance(n, ast.Name)]
    return {n.id for n in names if isinstance(n.ctx, ast.Load)}


def stores(statement: ast.stmt) -> Set[str]:
    """The names that a statement binds."""
    names = {
        n.id
        for n in ast.walk(statement)
        if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
    }
    named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return names | {n.name for n in ast.walk(statement) if isinstance(n, named)}


def without_blanks(tree: ast.Module, names: Any) -> ast.Module:
    """The code without `model = ...` for the names that are given another value."""
    body = [ast.copy_location(ast.Pass(), n) if _is_blank(n, names) else n for n in tree.body]
    return ast.Module(body=body, type_ignores=[])


def _is_blank(node: ast.stmt, names: Any) -> bool:
    if not isinstance(node, (ast.Assign, ast.AnnAssign)):
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return (
        isinstance(node.value, ast.Constant)
        and node.value.value is Ellipsis
        and all(isinstance(t, ast.Name) and t.id in names for t in targets)
    )
