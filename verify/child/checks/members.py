"""Attributes of objects whose class is certain: `m = nn.Linear(2, 2)`, then `m.in_feature`."""

from __future__ import annotations

import ast
from typing import Dict, Iterator, List, Set

from ..facts import Found, Patch, Place
from ..instances import Instance, Instances
from ..near import is_slip, listed, near
from ..piece import Run

#: What people write for a method of modules that has another name.
_MEANT = {"gpu": "cuda", "parameter": "parameters", "fit": "train"}
#: Names that nobody calls anything but a module or a tensor of torch.
_USUAL = frozenset(["model", "net", "network", "tensor", "x", "inputs", "images", "labels"])


def unknown_members(run: Run) -> Iterator[Found]:
    """Every attribute that is read from a name which holds an object of a class in sight."""
    instances = Instances(run.trees, run.pieces[1:], run.value_of)
    guarded = _asked(run.trees[-1])
    here = _bound(run.near)
    for node in run.nodes():
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            continue
        if not isinstance(node.ctx, ast.Load) or node.attr.startswith("__"):
            continue
        instance = None if node.value.id in guarded else instances.of(node.value.id)
        if instance is None or node.attr in instance.attributes:
            continue
        if node.value.id in here or _is_plain(node, instance):
            yield _unknown(run, node, instance)


def moved_to_gpu(run: Run) -> Iterator[Found]:
    """`model.gpu()` of a model that nobody defines: neither modules nor tensors have that."""
    if any(getattr(node, "name", None) == "gpu" for tree in run.trees for node in ast.walk(tree)):
        return
    for node in run.nodes():
        if not isinstance(node, ast.Call) or node.args or node.keywords:
            continue
        method = node.func
        if not isinstance(method, ast.Attribute) or method.attr != "gpu":
            continue
        owner = method.value
        if isinstance(owner, ast.Name) and owner.id in _USUAL & run.free:
            yield _no_gpu(run, method, owner.id)


def next_of_iterators(run: Run) -> Iterator[Found]:
    """`iter(loader).next()`, or of a name that stands for nothing but such: Python 2 had that."""
    if run.old or any(piece.binds("iter") or piece.binds("next") for piece in run.pieces):
        return
    calls = [n for n in run.nodes() if isinstance(n, ast.Call) and not n.args]
    asked = [(n, n.func) for n in calls if isinstance(n.func, ast.Attribute)]
    asked = [(call, method) for call, method in asked if method.attr == "next"]
    values = _values(run.trees) if asked else {}
    for call, method in asked:
        owner = method.value
        given = values.get(owner.id, []) if isinstance(owner, ast.Name) else [owner]
        if given and all(map(_is_iterator, given)):
            yield _no_next(run, call, method)


def _values(trees: List[ast.Module]) -> Dict[str, List[ast.expr]]:
    """What each name is given; a part of what is given to several is told by their whole."""
    values: Dict[str, List[ast.expr]] = {}
    for assigned in (n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Assign)):
        for target in assigned.targets:
            for name in (n for n in ast.walk(target) if isinstance(n, ast.Name)):
                values.setdefault(name.id, []).append(assigned.value if name is target else target)
    return values


def _is_iterator(value: ast.expr) -> bool:
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(called, ast.Name) and called.id == "iter"


def _no_next(run: Run, call: ast.AST, method: ast.Attribute) -> Found:
    end = run.text.place(method)
    place = Place(end.end_line, end.end_column - len("next"), end.end_line, end.end_column)
    meant = f"next({run.text.between(run.text.place(method.value))})"
    return Found(
        "unknown-name",
        place,
        "iterators have no method `next` since Python 3",
        f"write `{meant}`",
        "error",
        Patch(run.text.place(call), meant),
    )


def _no_gpu(run: Run, method: ast.Attribute, owner: str) -> Found:
    end = run.text.place(method)
    place = Place(end.end_line, end.end_column - len(method.attr), end.end_line, end.end_column)
    return Found(
        "unknown-name",
        run.text.place(method),
        f"neither modules nor tensors have a method `gpu`, whichever `{owner}` is",
        f"did you mean `{owner}.cuda()`, or `{owner}.to(device)`?",
        "error",
        Patch(place, "cuda"),
    )


def _bound(trees: List[ast.Module]) -> Set[str]:
    """Names that the code itself, or other code under its heading, gives a value."""
    names = (n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}


def _is_plain(node: ast.Attribute, instance: Instance) -> bool:
    """Of a value from under another heading only slips are told: another may be meant."""
    meant = instance.module and node.attr in _MEANT
    return meant or any(is_slip(node.attr, name) for name in instance.attributes)


def _asked(tree: ast.Module) -> set:  # type: ignore[type-arg]
    """Names that the code asks for what they have."""
    calls = (n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name))
    asking = (n for n in calls if n.func.id in ("hasattr", "getattr") and n.args)  # type: ignore[attr-defined]
    return {n.args[0].id for n in asking if isinstance(n.args[0], ast.Name)}


def _unknown(run: Run, node: ast.Attribute, instance: Instance) -> Found:
    meant = _MEANT.get(node.attr) if instance.module else None
    guesses = [meant] if meant else near(node.attr, instance.attributes)
    advice = f"did you mean {listed(guesses)}?" if guesses else _offers(instance)
    end = run.text.place(node)
    start = end.end_column - len(node.attr)
    place = Place(end.end_line, start, end.end_line, end.end_column)
    patch = None
    if len(guesses) == 1:
        patch = Patch(place, guesses[0], not meant and is_slip(node.attr, guesses[0]))
    shown = f"`{ast.unparse(node.value)}` is a `{instance.shown}`, which has no `{node.attr}`"
    return Found("unknown-name", run.text.place(node), shown, advice, "error", patch)


def _offers(instance: Instance) -> str:
    return f"define it in `{instance.shown}`, or use what that has"
