"""The checks: functions from a `Run` to findings; `CHECKS` is their order."""

from __future__ import annotations

from typing import Callable, Iterator, Tuple

from ..facts import Found
from ..piece import Run
from .attributes import unknown_names
from .calls import wrong_calls
from .imports import unknown_imports
from .listings import wrong_listings
from .slips import misspelt_names

CHECKS: Tuple[Callable[[Run], Iterator[Found]], ...] = (
    unknown_imports,
    misspelt_names,
    unknown_names,
    wrong_calls,
    wrong_listings,
)
