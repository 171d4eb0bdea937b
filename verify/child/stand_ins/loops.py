"""Training loops that are ended after two passes: over stand-in data, or too long for the limit."""

from __future__ import annotations

import ast
import builtins
import time
from typing import Any, Iterator, Optional, Sequence

from .scene import Scene
from .vision import DATA

WORDS = "a training loop ended after two passes"
PASSES = 2
NAME = "__passes__"
#: Calls that make a loop a training loop.
_TRAINS = frozenset({"backward", "step", "minimize"})


def long_loops(scene: Scene) -> None:
    """Give the loops that `watched` has marked someone to ask whether to go on."""

    def passes(iterable: Any, line: int) -> Iterator[Any]:
        return _passes(scene, iter(iterable), _size(iterable), line)

    setattr(builtins, NAME, passes)


def watched(tree: ast.Module, padding: Optional[int]) -> ast.Module:
    """The code with its training loops marked; `padding` is None in code that is not judged."""
    for statement in tree.body:
        line = 0 if padding is None else statement.lineno - padding
        for node in ast.walk(statement):
            if isinstance(node, ast.For) and _trains(node.body):
                node.iter = _marked(node.iter, line)
    return tree


def _trains(body: Sequence[ast.stmt]) -> bool:
    calls = (n.func for s in body for n in ast.walk(s) if isinstance(n, ast.Call))
    return any(isinstance(call, ast.Attribute) and call.attr in _TRAINS for call in calls)


def _marked(iterable: ast.expr, line: int) -> ast.expr:
    call = ast.Call(ast.Name(NAME, ast.Load()), [iterable, ast.Constant(line)], [])
    for node in (call, call.func, call.args[1]):
        ast.copy_location(node, iterable)
    return call


def _size(iterable: Any) -> Optional[int]:
    try:
        return len(iterable)
    except Exception:
        return None


def _passes(scene: Scene, iterator: Iterator[Any], size: Optional[int], line: int) -> Iterator[Any]:
    start = time.monotonic()
    for count, item in enumerate(iterator, 1):
        yield item
        if count < PASSES or count == size:
            continue
        one = (time.monotonic() - start) / count
        if _is_too_long(scene, one, None if size is None else size - count):
            scene.use(WORDS)
            scene.cut = line if scene.cut is None else min(scene.cut, line)
            return


def _is_too_long(scene: Scene, one: float, remaining: Optional[int]) -> bool:
    if "loops" in scene.off:
        return False
    if scene.began is None or DATA in scene.used or any(_is_data(name) for name in scene.guessed()):
        return True
    return one * (1 if remaining is None else remaining) > scene.left()


def _is_data(name: str) -> bool:
    return "load" in name or "data" in name or name.endswith(("set", "_iter", "_dl"))
