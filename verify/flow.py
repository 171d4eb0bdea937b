"""How far a doubtful value spreads: which statements may depend on it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable


def touched_lines(
    text: str, doubtful: Iterable[str], firm: Iterable[str], lasting: Iterable[str] = ()
) -> tuple[list[tuple[int, int]], set[str]]:
    """The lines of top-level statements that a doubtful name may have flowed into; all such names.

    A statement that reads a doubtful name makes whatever it binds, changes or calls a method of
    doubtful too, but for the `firm` ones, imports, unless it patches them. So does a sketch, such
    as `nn.Conv2d(...)`. Nothing ever becomes certain again, to be on the safe side.
    """
    spread, certain = set(doubtful), set(firm)
    touched = []
    body = ast.parse(text).body
    only_named = all(_is_bare_call(statement, certain) for statement in body)
    for statement in body:
        reads = _read(statement)
        if reads & spread or only_named or _is_sketch(statement):
            certain -= _patched(statement)
            spread |= _affected(statement) - certain
            touched.append((_first_line(statement), statement.end_lineno or statement.lineno))
        else:
            spread -= _bound_anew(statement) - set(lasting)
    return touched, spread


def _is_blank(value: ast.expr) -> bool:
    """`...` or `None`, which may be for the reader to fill in."""
    return isinstance(value, ast.Constant) and value.value in (None, ...)


def _read(statement: ast.stmt) -> set[str]:
    """The names whose values it uses, or changes only in part."""
    names = [n for n in ast.walk(statement) if isinstance(n, ast.Name)]
    anew = _bound_anew(statement)
    return {n.id for n in names if isinstance(n.ctx, ast.Load) or n.id not in anew}


def _bound_anew(statement: ast.stmt) -> set[str]:
    """The names that a statement surely gives a new value, whatever they held."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if not isinstance(statement, ast.Assign) or _is_blank(statement.value):
        return set()
    targets = [t for target in statement.targets for t in getattr(target, "elts", [target])]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _is_bare_call(statement: ast.stmt, roots: set[str]) -> bool:
    """`torch.argmax()`: where nothing else stands, that is a function's name, with its sign."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    call = statement.value
    dotted = re.fullmatch(r"(\w+)\.[\w.]+", ast.unparse(call.func))
    return bool(dotted and dotted[1] in roots and not call.args and not call.keywords)


def _is_sketch(statement: ast.stmt) -> bool:
    """Arguments left out on purpose: `nn.Conv2d(...)`, or `nn.Linear()` to name the thing."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        if isinstance(call.func, ast.Attribute) and not call.args and not call.keywords:
            return call.func.attr[:1].isupper()
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
    given = [v for call in calls for v in (*call.args, *(k.value for k in call.keywords))]
    return any(_is_left_out(v) for v in given)


def _is_left_out(value: ast.expr) -> bool:
    """`...` as a value, or among those of a list."""
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        return any(_is_left_out(part) for part in value.elts)
    return isinstance(value, ast.Constant) and value.value is Ellipsis


def _patched(statement: ast.stmt) -> set[str]:
    """Roots of names whose attributes or items a statement sets."""
    parts = (n for n in ast.walk(statement) if isinstance(n, ast.Attribute | ast.Subscript))
    return {name for n in parts if isinstance(n.ctx, ast.Store) for name in _root(n)}


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(d.lineno for d in decorators)])


def _affected(statement: ast.stmt) -> set[str]:
    """Names whose values a statement may change: bound ones, and roots of methods and items."""
    names = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Call):
            names |= _arguments(node)
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            names |= _root(node)
    return names


def _arguments(call: ast.Call) -> set[str]:
    """What a call may change: its arguments and the object whose method it is."""
    parts = [*call.args, *(keyword.value for keyword in call.keywords)]
    if isinstance(call.func, ast.Attribute):
        parts.append(call.func.value)
    return {n.id for part in parts for n in ast.walk(part) if isinstance(n, ast.Name)}


def _root(node: ast.expr) -> set[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()
