"""Dotted names that the library does not have, or has only after another import."""

from __future__ import annotations

import ast
import difflib
import re
import sys
import types
from typing import Any, Iterable, Iterator, List, Optional, Set

from ..bindings import chain
from ..facts import Found, Patch, Place
from ..library import Lookup
from ..near import is_slip, listed, near, stands_for_others
from ..outdated import instead_of
from ..piece import Run
from .calls import signature_of

#: So many functions of a module are named at most, and so much alike they have to be, of 1.
_MOST, _ALIKE = 5, 0.6


def unknown_names(run: Run) -> Iterator[Found]:
    """Every use of a dotted name is looked up; the same submodule is asked for only once."""
    inner: Set[int] = set()
    told: Set[str] = set()
    for node in run.nodes():
        if not isinstance(node, ast.Attribute):
            continue
        inner.add(id(node.value))
        if id(node) in inner or not isinstance(node.ctx, ast.Load):
            continue
        resolved = run.resolve(node)
        if resolved is None:
            continue
        _, skip, lookup = resolved
        if lookup.missing and lookup.reached >= skip:
            part = _part(node, lookup.reached - skip)
            if not stands_for_others(part.attr, dir(lookup.value)):
                yield _unknown(run, node, lookup, part)
        elif lookup.unloaded and _nothing_else_loads(run):
            yield from _not_imported(run, node, lookup, told)


def _part(node: ast.Attribute, index: int) -> ast.Attribute:
    links = chain(node)
    assert links is not None
    return links[1][index]


def _unknown(run: Run, node: ast.Attribute, lookup: Lookup, part: ast.Attribute) -> Found:
    owner = lookup.value
    name = getattr(owner, "__qualname__", None) or owner.__name__
    if isinstance(owner, type):
        name = f"{owner.__module__}.{name}"
    names = [n for n in dir(owner) if n != getattr(owner, "__name__", None)]
    meant = near(part.attr, names) or _longer(part.attr, dir(owner))
    guesses = meant or _kinds(part.attr, dir(owner))
    advice = f"did you mean {listed(guesses)}?" if guesses else _offers(run, node, owner, name)
    advice = instead_of(f"{name}.{part.attr}", advice)
    if lookup.unloaded:
        advice = (advice + "; " if advice else "") + f"it also needs `import {lookup.unloaded[-1]}`"
    place = run.text.place(part)
    return Found(
        "unknown-name",
        place,
        f"`{name}` has no `{part.attr}`",
        advice or f"look up what `{name}` offers in the version installed here",
        "error",
        _correction(place, part.attr, meant[0] if len(meant) == 1 else None),
    )


def _longer(name: str, names: Iterable[str]) -> List[str]:
    """Names that say the same and more: `ascii_letters` for `letters`."""
    found = [n for n in names if not n.startswith("_") and n.endswith(f"_{name}")]
    return found if len(name) > 4 and len(found) < 4 else []


def _kinds(name: str, names: Iterable[str]) -> List[str]:
    """Names that say which kind of it is meant: `BatchNorm1d`, `BatchNorm2d`, `BatchNorm3d`."""
    ends = [(n, n[len(name) :]) for n in names if n.startswith(name)]
    sized = [n for n, end in ends if re.match(r"\dd$", end)]
    found = sized or [n for n, end in ends if re.match(r"[A-Z_]\w", end)]
    return found if len(name) > 3 and len(found) < 4 else []


def _offers(run: Run, node: ast.Attribute, owner: Any, name: str) -> str:
    """What a module has that the call may have meant: what takes the same keywords comes first.

    Of many functions, none of which takes them, only those are named that are much like it.
    """
    if not isinstance(owner, types.ModuleType):
        return ""
    calls = (n for n in ast.walk(run.tree) if isinstance(n, ast.Call) and n.func is node)
    keywords = {k.arg for call in calls for k in call.keywords if k.arg}
    upper = node.attr[:1].isupper()
    own = [
        value
        for key, value in vars(owner).items()
        if getattr(value, "__module__", None) == name
        and callable(value)
        and not key.startswith("_")
        and key[:1].isupper() == upper
    ]
    if len(own) > _MOST and not (keywords and any(_takes(v, keywords) for v in own)):
        own = [v for v in own if _likeness(v, node.attr) >= _ALIKE]
    own.sort(key=lambda value: (not _takes(value, keywords), -_likeness(value, node.attr)))
    return f"`{name}` has {listed([v.__name__ for v in own[:_MOST]])}" if own else ""


def _takes(function: Any, keywords: Set[str]) -> bool:
    signature = signature_of(function)
    return signature is not None and keywords <= set(signature.parameters)


def _likeness(function: Any, written: str) -> float:
    return difflib.SequenceMatcher(None, function.__name__, written).ratio()


def _correction(place: Place, written: str, meant: Optional[str]) -> Optional[Patch]:
    if meant is None:
        return None
    start = place.end_column - len(written)
    return Patch(
        Place(place.end_line, start, place.end_line, place.end_column),
        meant,
        is_slip(written, meant),
    )


def _nothing_else_loads(run: Run) -> bool:
    """Whether the code imports nothing that might load a submodule on the side."""
    known = run.library.plain | set(getattr(sys, "stdlib_module_names", ()))
    return not run.absent and all(
        name in known or name.partition(".")[0] in known - run.library.tops or not _is_module(name)
        for name in run.loaded
    )


def _is_module(name: str) -> bool:
    parent, _, child = name.rpartition(".")
    value = getattr(sys.modules.get(parent), child, None)
    return value is None or isinstance(value, types.ModuleType)


def _not_imported(run: Run, node: ast.Attribute, lookup: Lookup, told: Set[str]) -> Iterator[Found]:
    module = lookup.unloaded[-1]
    if module in told or not run.library.claims(module):
        return
    told.add(module)
    yield Found(
        "submodule-not-imported",
        run.text.place(node),
        "`{}` is not loaded by `import {}` alone".format(module, module.partition(".")[0]),
        f"add `import {module}`",
        "error",
        _added_import(run, node, module),
    )


def _added_import(run: Run, node: ast.AST, module: str) -> Patch:
    """The line that is missing: behind the last import above, or else before all code."""
    body = run.tree.body
    above = [
        s for s in body if isinstance(s, (ast.Import, ast.ImportFrom)) and s.lineno < _line(node)
    ]
    if above and above[-1].end_lineno == above[-1].lineno:
        line = above[-1].lineno
        end = len(run.text.lines[line - 1]) + 1
        return Patch(Place(line, end, line, end), f"\nimport {module}")
    first = run.text.place(above[-1] if above else body[0])
    return Patch(Place(first.line, first.column, first.line, first.column), f"import {module}\n")


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 0))
