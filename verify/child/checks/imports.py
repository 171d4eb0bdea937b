"""Imports of modules and names that an installed package does not have."""

from __future__ import annotations

import ast
import pkgutil
import re
import sys
import types
from typing import Iterator, List, Optional

from ..facts import Found, Patch, Place
from ..library import EDITIONS, GENERIC, AbsentError, NoModuleError, NotYetError
from ..near import is_slip, listed, near
from ..outdated import instead_of
from ..piece import Run

#: Real packages whose names are one letter away from a well-known one.
_REAL = frozenset({"torchx", "pytorch", "numpyro", "touch"})

#: Names by which packages are installed, and no module is called. What else is to be imported from
#: one may be a folder of the author's.
_IMPORTED_AS = {"pytorch": "torch", "scikit_learn": "sklearn"}


def unknown_imports(run: Run) -> Iterator[Found]:
    """`import a.b` and `from a import b`, each name of them."""
    for node in run.nodes():
        if isinstance(node, ast.Import):
            for alias in node.names:
                place = run.text.place(alias) if hasattr(alias, "lineno") else run.text.place(node)
                if alias.name in _IMPORTED_AS and not run.library.exists(alias.name):
                    yield _misnamed(alias.name, _IMPORTED_AS[alias.name], place)
                    continue
                for found in _module(run, alias.name, place, alias.asname):
                    yield _whole(run, node, found) if len(node.names) == 1 else found
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield from _names(run, node, node.module)


def _module(run: Run, name: str, place: Place, alias: Optional[str]) -> Iterator[Found]:
    try:
        run.library.module(name)
    except AbsentError as absent:
        slip = _slip_of(run, absent.name)
        if slip and absent.name == name.partition(".")[0]:
            yield _misspelt_module(absent.name, slip, place)
        else:
            run.absent[absent.name] = absent.why
    except NotYetError:
        run.later = True
    except NoModuleError as error:
        if name.partition(".")[0] not in GENERIC | EDITIONS:
            yield _no_module(error, place, alias)


_INSTEAD = re.compile(r"(?:write|meant is) `((?:import|from) .+)`$")


def _whole(run: Run, node: ast.Import, found: Found) -> Found:
    """Where another statement is advised, that is the correction of this one."""
    match = _INSTEAD.search(found.help)
    return found._replace(patch=Patch(run.text.place(node), match.group(1))) if match else found


def _slip_of(run: Run, top: str) -> Optional[str]:
    if len(top) < 4 or top in _REAL:
        return None
    tops = sorted(run.library.tops)
    known = [t for t in tops if t in ("torch", "numpy") or t in run.own.origins]
    return next((name for name in known if is_slip(top, name)), None)


def _misspelt_module(written: str, meant: str, place: Place) -> Found:
    return Found(
        "misspelt-name",
        place,
        f"there is no module `{written}`",
        f"write `{meant}`",
        "error",
        Patch(_part(place, 0, written), meant, True),
    )


def _misnamed(written: str, meant: str, place: Place) -> Found:
    message = f"there is no module `{written}`"
    return Found("unknown-module", place, message, f"it is called `{meant}` where it is imported")


def _part(place: Place, start: int, name: str) -> Place:
    """The place of a name that begins so many characters behind the beginning of another."""
    column = place.column + start
    return Place(place.line, column, place.line, column + len(name))


def _no_module(error: NoModuleError, place: Place, alias: Optional[str]) -> Found:
    full = error.parent + "." + error.child
    parent = sys.modules[error.parent]
    if hasattr(parent, error.child):
        value = getattr(parent, error.child)
        real = value.__name__ if isinstance(value, types.ModuleType) else ""
        instead = (
            f"import {real} as {alias or error.child}"
            if real
            else f"from {error.parent} import {error.child}"
        )
        advice = f"`{full}` is an attribute, not a module: write `{instead}`"
        if full == "torch.functional.F":
            advice = "what is meant is `import torch.nn.functional as F`"
        return Found("unknown-module", place, f"`{full}` cannot be imported", advice)
    guesses = near(error.child, _submodules(parent))
    advice = f"did you mean {listed(guesses)}?" if guesses else _look_up(error.parent)
    advice = instead_of(full, advice)
    patch = None
    if len(guesses) == 1:
        where = _part(place, len(error.parent) + 1, error.child)
        patch = Patch(where, guesses[0], is_slip(error.child, guesses[0]))
    message = f"there is no module `{full}`"
    return Found("unknown-module", place, message, advice, "error", patch)


def _submodules(package: types.ModuleType) -> List[str]:
    return [info.name for info in pkgutil.iter_modules(getattr(package, "__path__", []))]


def _look_up(module: str) -> str:
    return f"look up what `{module}` offers in the version installed here"


def _names(run: Run, node: ast.ImportFrom, module: str) -> Iterator[Found]:
    before = run.library.module
    try:
        owner = before(module)
    except (AbsentError, NoModuleError, NotYetError):
        yield from _module(run, module, _module_place(run, node), None)
        return
    if type(owner) is not types.ModuleType or not run.library.claims(module):
        return
    for alias in node.names:
        if alias.name != "*" and not alias.name.startswith("_"):
            yield from _name(run, node, owner, alias)


def _module_place(run: Run, node: ast.ImportFrom) -> Place:
    """`from x import y` starts its module name right behind `from `."""
    place = run.text.place(node)
    start = place.column + len("from ")
    return Place(place.line, start, place.line, start + len(node.module or ""))


def _name(
    run: Run, node: ast.ImportFrom, owner: types.ModuleType, alias: ast.alias
) -> Iterator[Found]:
    try:
        lookup = run.library.follow(owner, [alias.name], run.loaded)
    except AbsentError as absent:
        run.absent[absent.name] = absent.why
        return
    except NotYetError:
        run.later = True
        return
    if not lookup.missing:
        return
    place = run.text.place(alias) if hasattr(alias, "lineno") else run.text.place(node)
    guesses = near(alias.name, dir(owner))
    patch = None
    if len(guesses) == 1 and hasattr(alias, "lineno"):
        end = place.column + len(alias.name)
        where = Place(place.line, place.column, place.line, end)
        patch = Patch(where, guesses[0], is_slip(alias.name, guesses[0]))
    advice = f"did you mean {listed(guesses)}?" if guesses else _look_up(owner.__name__)
    yield Found(
        "unknown-name",
        place,
        f"`{owner.__name__}` has no `{alias.name}`",
        instead_of(f"{owner.__name__}.{alias.name}", advice),
        "error",
        patch,
    )
