"""Whether a claim holds: an expression that must be true, or statements that must not fail."""

from __future__ import annotations

import ast
from typing import Any, Dict, Optional

from .facts import shown
from .script import Script

_LONGEST = 200


def prove(script: Script, tree: ast.Module, namespace: Dict[str, Any]) -> Optional[str]:
    """Run a claim; None if it holds, else in words what was found instead."""
    body = tree.body
    last = body[-1] if body and isinstance(body[-1], ast.Expr) else None
    exec(script.compile(body[:-1] if last else body), namespace)
    if last is None:
        return None
    if isinstance(last.value, ast.Compare) and len(last.value.ops) == 1:
        return _compared(script, last.value, namespace)
    value = _value(script, last.value, namespace)
    return None if truth(value) else f"it is `{shown(value, _LONGEST)}`"


def _compared(script: Script, node: ast.Compare, namespace: Dict[str, Any]) -> Optional[str]:
    sides = {"left": node.left, "right": node.comparators[0]}
    values = {name: _value(script, side, namespace) for name, side in sides.items()}
    again = ast.Expression(
        ast.Compare(ast.Name("left", ast.Load()), node.ops, [ast.Name("right", ast.Load())])
    )
    code = compile(ast.fix_missing_locations(again), script.path, "eval")
    if truth(eval(code, {}, values)):
        return None
    return "left is `{}`, right is `{}`".format(*(shown(v, _LONGEST) for v in values.values()))


def _value(script: Script, node: ast.expr, namespace: Dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), script.path, "eval"), namespace)


def truth(value: Any) -> bool:
    """Whether a value is true; a tensor or array when all of it is."""
    everything = getattr(value, "all", None)
    return bool(everything() if callable(everything) and hasattr(value, "shape") else value)
