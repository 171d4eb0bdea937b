"""What the sides of an assertion were, looked at once more after it broke."""

from __future__ import annotations

import ast
import types
from typing import Iterator, List

from .facts import shown
from .meant import where_it_broke
from .script import Script

#: Longer values, and more of them, tell an author nothing.
_LONGEST, _MOST = 80, 3
#: What may be called again: it changes nothing, and gives the same as before.
_FUNCTIONS = frozenset(
    ["abs", "float", "int", "isinstance", "len", "list", "max", "min", "round", "set", "sorted",
     "str", "sum", "tuple", "type"]
)  # fmt: skip
_METHODS = frozenset(
    ["Size", "all", "allclose", "any", "array", "dim", "equal", "isclose", "item", "max", "mean",
     "min", "nelement", "numel", "size", "sum", "tensor", "tolist"]
)  # fmt: skip
_QUIET = (
    ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Slice, ast.Tuple, ast.List, ast.Load,
    ast.BinOp, ast.operator, ast.UnaryOp, ast.unaryop, ast.keyword, ast.expr_context,
)  # fmt: skip


def asserted(error: BaseException, script: Script) -> List[str]:
    """The parts of the condition that did not hold, each with its value: "`x.ndim` = `2`"."""
    found = where_it_broke(error, script) if type(error) is AssertionError else None
    if found is None:
        return []
    parts = []
    for part in dict.fromkeys(map(ast.unparse, _parts(found[0]))):
        value = _value(part, found[1])
        if value and value != part:
            parts.append(f"`{part}` = `{value}`")
    return parts[:_MOST]


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    """What a condition compares, or asks a question of, as far as it may be looked at again."""
    if isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _parts(value)
    elif isinstance(node, ast.UnaryOp):
        yield from _parts(node.operand)
    elif isinstance(node, ast.Compare):
        yield from filter(_is_quiet, [node.left, *node.comparators])
    elif isinstance(node, ast.Call):
        of = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        yield from (part for part in [*of, *node.args] if _is_quiet(part))
    elif _is_quiet(node):
        yield node


def _is_quiet(node: ast.expr) -> bool:
    """Whether to look at it again changes nothing."""
    return all(_is_quiet_part(part) for part in ast.walk(node))


def _is_quiet_part(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        function = node.func
        if isinstance(function, ast.Attribute):
            return function.attr in _METHODS
        return isinstance(function, ast.Name) and function.id in _FUNCTIONS
    return isinstance(node, _QUIET)


def _value(part: str, frame: types.FrameType) -> str:
    try:
        value = eval(part, frame.f_globals, frame.f_locals)
        return "" if isinstance(value, (types.ModuleType, type)) else shown(value, _LONGEST)
    except BaseException:  # what broke once may break again
        return ""
