"""Free names that can only be a slip for a name the same code imports, or for a known module."""

from __future__ import annotations

import ast
from typing import Iterator, List

from ..facts import Found, Patch
from ..near import is_slip
from ..piece import Run


def misspelt_names(run: Run) -> Iterator[Found]:
    """A name nobody defines, one letter away from one that is imported."""
    for node in run.nodes():
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in run.free:
            meant = [name for name in _known(run, node.id) if is_slip(node.id, name)]
            if len(meant) == 1:
                place = run.text.place(node)
                yield Found(
                    "misspelt-name",
                    place,
                    f"nothing defines `{node.id}`",
                    f"write `{meant[0]}`",
                    "error",
                    Patch(place, meant[0], True),
                )


def _known(run: Run, written: str) -> List[str]:
    known = {"torch", "numpy"} & run.library.tops if len(written) >= 4 else set()
    if len(written) >= 6:
        known |= set(run.own.origins)
    return sorted(known)
