"""Loops that are ended early: training over stand-in data or past the limit, data without end."""

from __future__ import annotations

import ast
import builtins
import time
from typing import Any, Iterator, Optional, Sequence

from .scene import Scene
from .vision import DATA

WORDS = "a training loop ended after two passes"
READING = "a loop over random samples ended early"
PASSES = 2
#: So many batches or samples that are only looked at.
LOOKS = 32
NAME = "__passes__"
#: Calls that make a loop a training loop.
_TRAINS = frozenset({"backward", "step", "minimize"})


def long_loops(scene: Scene) -> None:
    """Give the loops that `watched` has marked someone to ask whether to go on."""

    def passes(iterable: Any, line: int, trains: bool) -> Iterator[Any]:
        if not trains:
            return _looks(scene, iter(iterable), line)
        return _passes(scene, iter(iterable), _size(iterable), line)

    setattr(builtins, NAME, passes)


def watched(tree: ast.Module, padding: Optional[int], reads: bool = False) -> ast.Module:
    """The code with its training loops marked; `padding` is None in code that is not judged.

    Where it `reads` data that may be stood in for, all loops are.
    """
    for statement in tree.body:
        line = 0 if padding is None else statement.lineno - padding
        for node in ast.walk(statement):
            if isinstance(node, ast.For):
                trains = _trains(node.body)
                if trains or reads:
                    node.iter = _marked(node.iter, line, trains)
    return tree


def _trains(body: Sequence[ast.stmt]) -> bool:
    calls = (n.func for s in body for n in ast.walk(s) if isinstance(n, ast.Call))
    return any(isinstance(call, ast.Attribute) and call.attr in _TRAINS for call in calls)


def _marked(iterable: ast.expr, line: int, trains: bool) -> ast.expr:
    more = [ast.Constant(line), ast.Constant(trains)]
    call = ast.Call(ast.Name(NAME, ast.Load()), [iterable, *more], [])
    for node in (call, call.func, *more):
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
            _cut(scene, WORDS, line)
            return


def _looks(scene: Scene, iterator: Iterator[Any], line: int) -> Iterator[Any]:
    """A loop that does not train, up to where it has seen enough of what was made up."""
    for count, item in enumerate(iterator, 1):
        yield item
        if count >= LOOKS and _stands_for_data(scene) and _is_sample(item):
            _cut(scene, READING, line)
            return


def _cut(scene: Scene, words: str, line: int) -> None:
    scene.use(words)
    scene.cut = line if scene.cut is None else min(scene.cut, line)


def _stands_for_data(scene: Scene) -> bool:
    return "loops" not in scene.off and any(used.startswith(DATA) for used in scene.used)


def _is_sample(item: Any) -> bool:
    """Whether a loop is handed pictures and labels, or these with their number."""
    parts = item if isinstance(item, (tuple, list)) else ()
    if len(parts) == 2 and isinstance(parts[0], int):
        return _is_sample(parts[1])
    return len(parts) == 2 and (hasattr(parts[0], "dim") or hasattr(parts[0], "getbands"))


def _is_too_long(scene: Scene, one: float, remaining: Optional[int]) -> bool:
    if "loops" in scene.off:
        return False
    if (
        scene.began is None
        or _stands_for_data(scene)
        or any(_is_data(name) for name in scene.guessed())
    ):
        return True
    return one * (1 if remaining is None else remaining) > scene.left()


def _is_data(name: str) -> bool:
    return "load" in name or "data" in name or name.endswith(("set", "_iter", "_dl"))
