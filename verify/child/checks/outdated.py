"""Removed and deprecated API, with what replaced it."""

from __future__ import annotations

import ast
import importlib
from typing import Iterator, Optional, Tuple

from ..bindings import chain, origin_of
from ..facts import Found, Patch, Place
from ..outdated import (
    DEPRECATED,
    GUESSING,
    MOVED,
    PRETRAINED,
    REDUCTIONS,
    REMOVED,
    gone_from_numpy,
)
from ..piece import Run


def outdated_names(run: Run) -> Iterator[Found]:
    """Every dotted name that is rooted in an import, and every import, against the tables.

    What still works, and has no correction, is told of once.
    """
    told = set()
    for found in _all_named(run):
        if found.severity == "error" or found.patch or found.message not in told:
            told.add(found.message)
            yield found


def _all_named(run: Run) -> Iterator[Found]:
    inner = set()
    for node in run.nodes():
        if isinstance(node, ast.Attribute):
            inner.add(id(node.value))
            if id(node) not in inner:
                yield from _named(run, node, _dotted(run, node))
        elif isinstance(node, ast.Name) and id(node) not in inner:
            yield from _named(run, node, _dotted(run, node))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield from _named(run, node, alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield from _named(run, node, f"{node.module}.{alias.name}")


def _dotted(run: Run, node: ast.AST) -> Optional[str]:
    links = chain(node)
    origin = links and links[0].id not in run.patched and origin_of(links[0].id, run.pieces)
    if not links or not origin:
        return None
    return ".".join([origin.dotted, *(part.attr for part in links[1])])


def _named(run: Run, node: ast.AST, dotted: Optional[str]) -> Iterator[Found]:
    parts = (dotted or "").split(".")
    gone = gone_from_numpy(parts[1]) if parts[0] == "numpy" and len(parts) > 1 else None
    if gone:
        message = f"`numpy.{parts[1]}` was removed in numpy {gone.since}"
        yield Found("removed-name", run.text.place(node), message, gone.advice, "error", None)
    moved = MOVED.get(".".join(parts[:2]))
    if moved and not hasattr(importlib.import_module(parts[0]), parts[1]):
        name = ".".join(parts[:2])
        message = f"`{name}` was removed in Python {moved.since}"
        advice = f"use `{moved.instead}` instead"
        yield Found("removed-name", run.text.place(node), message, advice, "error", None)
    for end in range(2, len(parts) + 1):
        name = ".".join(parts[:end])
        if (name not in REMOVED and name not in DEPRECATED) or not _is_here(run, parts[0]):
            continue
        if name in REMOVED:
            change = REMOVED[name]
            yield _found(run, node, "removed-name", "error", name, change.since, change.instead)
        elif name in DEPRECATED and end == len(parts) and id(node) not in run.heard:
            change = DEPRECATED[name]
            yield _found(run, node, "deprecated", "warning", name, change.since, change.instead)


def _is_here(run: Run, package: str) -> bool:
    """Whether a package is installed, and torch also usable."""
    return package in run.library.tops if package == "torch" else run.library.exists(package)


def _found(
    run: Run, node: ast.AST, code: str, severity: str, name: str, since: str, instead: str
) -> Found:
    word = "was removed in" if code == "removed-name" else "is deprecated since"
    message = f"`{name}` {word} {name.partition('.')[0]} {since}"
    place = run.text.place(node)
    patch = _renamed(place, node, name, instead)
    return Found(code, place, message, f"use `{instead}` instead", severity, patch)


def _renamed(place: Place, node: ast.AST, name: str, instead: str) -> Optional[Patch]:
    """Where only the last part of a name has changed, and all else is as it was."""
    old, new = name.rpartition("."), instead.rpartition(".")
    if not isinstance(node, ast.Attribute) or node.attr != old[2] or new[2] != old[2] + "_":
        return None
    start = place.end_column - len(node.attr)
    return Patch(Place(place.end_line, start, place.end_line, place.end_column), new[2])


def pretrained_networks(run: Run) -> Iterator[Found]:
    """`models.resnet18(pretrained=True)`, which torchvision 0.13 has replaced."""
    for node in run.nodes():
        if isinstance(node, ast.Call):
            dotted = _dotted(run, node.func) or ""
            last = dotted.rpartition(".")[2]
            if dotted.startswith("torchvision.models.") and last.startswith(PRETRAINED):
                yield from _pretrained(run, node, dotted)


def _pretrained(run: Run, node: ast.Call, dotted: str) -> Iterator[Found]:
    for keyword in node.keywords:
        value = keyword.value
        if keyword.arg != "pretrained" or not isinstance(value, ast.Constant):
            continue
        instead = 'weights="IMAGENET1K_V1"' if value.value else "weights=None"
        place = _keyword_place(run, keyword)
        yield Found(
            "deprecated",
            place,
            "`pretrained=` is deprecated since torchvision 0.13",
            f"write `{instead}`",
            "warning",
            None if ".quantization." in dotted else Patch(place, instead),
        )


def outdated_arguments(run: Run) -> Iterator[Found]:
    """`size_average=` and `reduce=` of losses, `volatile=`, and layers that guess a dimension."""
    bare = {id(n.value) for n in run.nodes() if isinstance(n, ast.Expr)}
    for node in run.nodes():
        if not isinstance(node, ast.Call):
            continue
        dotted = _dotted(run, node.func) or ""
        if dotted.startswith("torch.nn."):
            yield from _reductions(run, node)
        if dotted in GUESSING and not node.args and not node.keywords and id(node) not in bare:
            name = ast.unparse(node.func)
            message = f"`{name}()` guesses the dimension it works along, which is deprecated"
            advice = f"say which one it is: `{name}(dim=1)`"
            yield Found("deprecated", run.text.place(node), message, advice, "warning", None)
        volatile = [k for k in node.keywords if k.arg == "volatile"]
        if volatile and dotted == "torch.autograd.Variable":
            message = "`volatile=` has no effect since torch 0.4"
            advice = "compute under `torch.no_grad()` instead"
            place = _keyword_place(run, volatile[0])
            yield Found("deprecated", place, message, advice, "warning", None)


def _reductions(run: Run, node: ast.Call) -> Iterator[Found]:
    """Where only one of the two is given, and plainly, `reduction=` says the same."""
    given = [k for k in node.keywords if k.arg in ("size_average", "reduce")]
    for keyword in given:
        value = getattr(keyword.value, "value", None)
        told = REDUCTIONS.get((keyword.arg or "", value)) if isinstance(value, bool) else None
        instead = f'reduction="{told}"' if told else "reduction="
        place = _keyword_place(run, keyword)
        message = f"`{keyword.arg}=` is deprecated since torch 0.4.1"
        alone = told is not None and len(given) == 1
        patch = Patch(place, instead) if alone else None
        yield Found("deprecated", place, message, f"write `{instead}`", "warning", patch)


def _keyword_place(run: Run, keyword: ast.keyword) -> Place:
    """A keyword with its value."""
    start, end = _start(run, keyword), run.text.place(keyword.value)
    return Place(start[0], start[1], end.end_line, end.end_column)


def _start(run: Run, keyword: ast.keyword) -> Tuple[int, int]:
    place = run.text.place(keyword if hasattr(keyword, "lineno") else keyword.value)
    return place.line, place.column
