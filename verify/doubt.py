"""Which statements rest on values that nobody really gave: assumed, left out, lost to a break."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from verify.flow import touched_lines
from verify.scope import Names, names_of

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Doubt:
    """For each piece of a chain, the judged one last, the lines of its doubtful statements.

    `names` are the doubtful names at the end.
    """

    spans: tuple[tuple[Span, ...], ...]
    names: frozenset[str]

    def covers(self, line: int | None) -> bool:
        """Whether a line of the judged piece is doubtful; where none is known, whether any is."""
        if line is None:
            return bool(self.names or self.spans[-1])
        return any(first <= line <= last for first, last in self.spans[-1])


def doubt_of(
    chain: Sequence[tuple[str, Names]],
    lacking: Iterable[str],
    prelude: Iterable[str],
    lost: Sequence[Iterable[str]] = (),
) -> Doubt:
    """Spread doubt from the `lacking` names, and those each piece has `lost`, through a chain.

    What the last piece lacks is doubtful whatever an earlier one binds to it.
    """
    lacking = tuple(lacking)
    firm = {name for _, names in chain for name, _ in names.origins} | set(prelude)
    spread, spans = set(lacking), []
    for number, (text, names) in enumerate(chain):
        lasting = set(lacking) if number < len(chain) - 1 else set()
        touched, spread = touched_lines(text, spread | set(names.blank), firm, lasting)
        spans.append(tuple(touched))
        if number < len(lost):
            spread |= set(lost[number])
    return Doubt(tuple(spans), frozenset(spread))


def made_with(text: str, names: Iterable[str], firm: Iterable[str]) -> set[str]:
    """Names, and those that a piece makes of their values, puts these into, or defines with them.

    Other than with doubt, a function is taken to leave its arguments as they are.
    """
    found = set(names)
    for statement in ast.parse(text).body * 2:  # functions may stand above what they use
        own = names_of(ast.unparse(statement))
        if found.intersection((*own.needs, *own.defers, *own.shadows)):
            found |= (own.binds | own.changes) - set(firm)
        elif isinstance(statement, ast.Assign) or _is_definition(statement):
            found -= own.binds
    return found


def names_read(text: str, line: int) -> set[str]:
    """The names that the top-level statement on a line reads."""
    return {
        node.id
        for statement in ast.parse(text).body
        if statement.lineno <= line <= (statement.end_lineno or statement.lineno)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name)
    }


def sources(text: str, line: int) -> set[str]:
    """The names that the values which the statement on a line reads were made of, above it."""
    found = names_read(text, line)
    for statement in reversed(ast.parse(text).body):
        if (statement.end_lineno or statement.lineno) < line:
            bound = values_bound_in([statement])
            found |= names_read(text, statement.lineno) if bound & found else set()
    return found


def values_bound(text: str) -> set[str]:
    """The names that code binds to values; what `def`, `class` and `import` bind is no value."""
    return values_bound_in(ast.parse(text).body)


def values_bound_in(body: Iterable[ast.stmt]) -> set[str]:
    """The same of statements."""
    stores = (n for s in body if not _defines(s) for n in ast.walk(s) if isinstance(n, ast.Name))
    return {node.id for node in stores if isinstance(node.ctx, ast.Store)}


def _defines(statement: ast.stmt) -> bool:
    return _is_definition(statement) or isinstance(statement, ast.Import | ast.ImportFrom)


def _is_definition(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def bound_before(text: str, line: int) -> frozenset[str]:
    """The names that the top-level statements which end above a line bind."""
    body = ast.parse(text).body
    kept = [node for node in body if (node.end_lineno or node.lineno) < line]
    return names_of(ast.unparse(ast.Module(kept, []))).binds
