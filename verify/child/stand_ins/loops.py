"""Loops that are ended early: training over stand-in data or past the limit, data without end."""

from __future__ import annotations

import ast
import builtins
import functools
import itertools
import sys
import time
from typing import Any, FrozenSet, Iterator, Optional, Sequence, Set

from .scene import Scene
from .vision import DATA

WORDS = "a training loop ended after two passes"
READING = "a loop over random samples ended early"
PASSES = 2
#: So many samples are only looked at.
LOOKS = 32
NAME = "__passes__"
#: Calls that make a loop a training loop.
_TRAINS = frozenset({"backward", "step", "minimize"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
#: What `watched` has marked; each loop has a number of its own.
_NUMBERS = itertools.count()


def long_loops(scene: Scene) -> None:
    """Give the loops that `watched` has marked someone to ask whether to go on."""
    ended: Set[int] = set()

    def passes(iterable: Any, line: int, trains: bool, number: int) -> Iterator[Any]:
        kind = _Training if trains else _Looking
        return kind(scene, line, number, ended).over(iterable)

    setattr(builtins, NAME, passes)
    _load_at_once(scene)


def trainers(trees: Sequence[ast.AST]) -> FrozenSet[str]:
    """The functions and methods that train, themselves or through one another."""
    defined = [n for tree in trees for n in ast.walk(tree) if isinstance(n, _FUNCTIONS)]
    known: FrozenSet[str] = frozenset()
    while True:
        found = {function.name for function in defined if _trains(function.body, known)}
        if found <= known:
            return known
        known |= found


def watched(
    tree: ast.Module, padding: Optional[int], reads: bool, training: FrozenSet[str]
) -> ast.Module:
    """The code with its training loops marked; `padding` is None in code that is not judged.

    Where it `reads` data that may be stood in for, all loops are. `training` are functions that
    train.
    """
    for statement in tree.body:
        line = 0 if padding is None else statement.lineno - padding
        for node in ast.walk(statement):
            if isinstance(node, ast.For):
                trains = _trains(node.body, training) or _counts_epochs(node)
                if trains or reads:
                    node.iter = _marked(node.iter, line, trains)
            elif isinstance(node, ast.comprehension) and reads and not node.is_async:
                node.iter = _marked(node.iter, line, trains=False)
    return tree


def _trains(body: Sequence[ast.stmt], training: FrozenSet[str]) -> bool:
    calls = (n.func for s in body for n in ast.walk(s) if isinstance(n, ast.Call))
    return any(_is_step(call) or _name(call) in training for call in calls)


def _counts_epochs(loop: ast.For) -> bool:
    """`for epoch in range(500):`, whatever the training in it is written as."""
    return isinstance(loop.target, ast.Name) and "epoch" in loop.target.id.lower()


def _is_step(call: ast.expr) -> bool:
    return isinstance(call, ast.Attribute) and call.attr in _TRAINS


def _name(call: ast.expr) -> str:
    """A function's name, or a method's, unless every network has one of that name."""
    if isinstance(call, ast.Attribute):
        return "" if call.attr in ("train", "eval") and _is_module(call.value) else call.attr
    return call.id if isinstance(call, ast.Name) else ""


def _is_module(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in ("model", "net", "network")


def _marked(iterable: ast.expr, line: int, trains: bool) -> ast.expr:
    more = [ast.Constant(line), ast.Constant(trains), ast.Constant(next(_NUMBERS))]
    call = ast.Call(ast.Name(NAME, ast.Load()), [iterable, *more], [])
    for node in (call, call.func, *more):
        ast.copy_location(node, iterable)
    return call


class _Loop:
    """One loop being run. `ended` are the loops that were ended early before, this one or others.

    A loop that comes again, and was ended early the first time, is ended at its first pass: what
    stands behind it is uncertain already.
    """

    words = ""

    def __init__(self, scene: Scene, line: int, number: int, ended: Set[int]) -> None:
        self.scene = scene
        self.line = line
        self.number = number
        self.ended = ended

    def over(self, iterable: Any) -> Iterator[Any]:
        """The items, up to where it is enough."""
        return self._first(iter(iterable), _size(iterable))

    def _first(self, items: Iterator[Any], size: Optional[int]) -> Iterator[Any]:
        for count, item in enumerate(items, 1):
            yield item
            if count == size:
                return
            left = None if size is None else size - count
            if self.number in self.ended or self.is_enough(count, left, _samples(item)):
                self.ended.add(self.number)
                self.scene.use(self.words)
                before = self.scene.cut
                self.scene.cut = self.line if before is None else min(before, self.line)
                return

    def is_enough(self, count: int, left: Optional[int], samples: int) -> bool:
        """Whether to end it behind so many items, the last of which held so many samples."""
        raise NotImplementedError


class _Training(_Loop):
    """A loop that trains, or one around such loops."""

    words = WORDS

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.start = time.monotonic()

    def is_enough(self, count: int, left: Optional[int], _: int) -> bool:
        one = (time.monotonic() - self.start) / count
        return count >= PASSES and _is_too_long(self.scene, one, left)


class _Looking(_Loop):
    """A loop that does not train, up to where it has seen enough of what was made up."""

    words = READING

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.seen = 0

    def is_enough(self, _: int, __: Optional[int], samples: int) -> bool:
        self.seen += samples
        return bool(samples) and self.seen >= LOOKS and _stands_for_data(self.scene)


def _size(iterable: Any) -> Optional[int]:
    try:
        return len(iterable)
    except Exception:
        return None


def _stands_for_data(scene: Scene) -> bool:
    return "loops" not in scene.off and any(used.startswith(DATA) for used in scene.used)


def _samples(item: Any) -> int:
    """How many pictures and labels a loop is handed, perhaps with their number; 0 if none."""
    parts = item if isinstance(item, (tuple, list)) else ()
    if len(parts) == 2 and isinstance(parts[0], int):
        return _samples(parts[1])
    if len(parts) != 2 or not (hasattr(parts[0], "dim") or hasattr(parts[0], "getbands")):
        return 0
    return (_size(parts[1]) or 0) if hasattr(parts[1], "dim") and parts[1].dim() else 1


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


def _load_at_once(scene: Scene) -> None:
    """Let no processes fetch ahead what a loop over stand-in data never comes to."""
    torch: Any = sys.modules.get("torch")
    if torch is None or "torch.utils.data" not in sys.modules:
        return
    data = torch.utils.data
    begin = data.DataLoader.__iter__

    @functools.wraps(begin)
    def begun(self: Any) -> Any:
        workers = self.num_workers
        plain = not (self.timeout or self.worker_init_fn or self.multiprocessing_context)
        if not (workers and plain and _stands_for_data(scene)) or _is_stream(data, self.dataset):
            return begin(self)
        self.num_workers = 0
        try:
            return begin(self)
        finally:
            self.num_workers = workers

    data.DataLoader.__iter__ = begun


def _is_stream(data: Any, dataset: Any) -> bool:
    """Whether a data set shares itself out among the processes that read it."""
    return isinstance(dataset, data.IterableDataset)
