"""Packages built for another torch: declaring the operators they miss makes their Python usable."""

from __future__ import annotations

import importlib
import re
import sys
import types
from typing import Any, List

_MISSING = re.compile(r"operator (\w+)::(\w+) does not exist")
#: More operators than any package says are missing, one at an import.
_MOST = 12
_KEPT: List[Any] = []


def imported(name: str) -> types.ModuleType:
    """Import a module, if need be with operators declared that do nothing.

    Raises what importing it raises.
    """
    for _ in range(_MOST):
        try:
            return importlib.import_module(name)
        except RuntimeError as error:
            match = _MISSING.search(str(error))
            if not match or match.group(1) != name.partition(".")[0]:
                raise
            _declare(match.group(1), match.group(2))
    return importlib.import_module(name)


def _declare(package: str, operator: str) -> None:
    library = sys.modules["torch"].library.Library(package, "FRAGMENT")
    library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _KEPT.append(library)  # what it declares goes when it goes
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]
