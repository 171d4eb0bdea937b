"""Free names that can only stand for an import, a known module, or one of Python's own names."""

from __future__ import annotations

import ast
import builtins
from typing import Dict, Iterator, List, Set

from ..facts import Found, Patch
from ..near import digits, distance_is_one, is_slip, is_swap
from ..piece import Run

#: What other languages call values that Python has.
_ELSEWHERE: Dict[str, str] = {"true": "True", "false": "False", "null": "None", "none": "None"}
#: Python's own names, but for short ones: `tier` is more than a slip for `iter`.
_OWN = {name for name in dir(builtins) if name.islower() and len(name) > 4} | {
    "True", "False", "None",
}  # fmt: skip


def misspelt_names(run: Run) -> Iterator[Found]:
    """A name nobody defines, one letter away from one that is imported, or of another language.

    Of Python's own names it has two neighbours swapped: `pritn`; `prints` may be anybody's. A
    number that is set and never used, `epoch_count = 3`, is one letter away, be that an s.
    """
    given, unused = _arguments(run), _unused_numbers(run)
    for node in run.nodes():
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in run.free:
            meant = [name for name in _known(run, node.id) if is_slip(node.id, name)]
            meant += [name for name in _OWN if is_swap(node.id, name)]
            meant += [name for name in unused if _is_off_by_one(node.id, name)]
            if node in given and node.id in _ELSEWHERE:
                meant = [_ELSEWHERE[node.id]]
            if len(meant) == 1 and not _is_misspelt_itself(run, meant[0]):
                yield _found(run, node, meant[0])


def _unused_numbers(run: Run) -> Set[str]:
    """Long names that are given a number, once, and never used."""
    names = [node for node in ast.walk(run.tree) if isinstance(node, ast.Name)]
    set_once = [name.id for name in names if not isinstance(name.ctx, ast.Load)]
    read = {name.id for name in names if isinstance(name.ctx, ast.Load)}
    numbers = (
        node.targets[0].id
        for node in run.tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, (int, float))
    )
    return {name for name in numbers if "_" in name and set_once.count(name) == 1} - read


def _is_off_by_one(written: str, meant: str) -> bool:
    is_long = len(written) > 7 and digits(written) == digits(meant)
    return is_long and written.lower() != meant.lower() and distance_is_one(written, meant)


def _is_misspelt_itself(run: Run, name: str) -> bool:
    """Whether it is what the import says that its package does not have."""
    resolved = run.resolve(ast.Name(name, ast.Load())) if name in run.own.origins else None
    return resolved is not None and bool(resolved[2].missing)


def _found(run: Run, node: ast.Name, meant: str) -> Found:
    """Where the package is absent, nobody knows which of the two is right."""
    place, origin = run.text.place(node), run.own.origin(meant)
    unknown = origin is not None and origin.dotted.partition(".")[0] in run.absent
    return Found(
        "misspelt-name",
        place,
        f"nothing defines `{node.id}`",
        f"the import says `{meant}`: write the same in both places"
        if unknown
        else f"write `{meant}`",
        "error",
        None if unknown else Patch(place, meant, True),
    )


def _arguments(run: Run) -> Set[ast.expr]:
    """What calls are given."""
    calls = [node for node in run.nodes() if isinstance(node, ast.Call)]
    return {v for call in calls for v in (*call.args, *(k.value for k in call.keywords))}


def _known(run: Run, written: str) -> List[str]:
    known = {"torch", "numpy"} & run.library.tops if len(written) >= 4 else set()
    if len(written) >= 6:
        known |= set(run.own.origins)
    return sorted(known)
