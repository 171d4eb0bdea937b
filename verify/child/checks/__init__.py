"""The checks: functions from a `Run` to findings; `CHECKS` is their order."""

from __future__ import annotations

from typing import Callable, Iterator, Tuple

from ..facts import Found
from ..piece import Run
from .attributes import unknown_names
from .calls import wrong_calls, wrong_keywords_of_methods
from .imports import unknown_imports
from .keys import misspelt_keys
from .listings import wrong_listings
from .members import moved_to_gpu, next_of_iterators, unknown_members
from .methods import names_of_class
from .outdated import outdated_arguments, outdated_names, pretrained_networks
from .slips import misspelt_names
from .tensors import indexed_losses, uncalled_methods

CHECKS: Tuple[Callable[[Run], Iterator[Found]], ...] = (
    unknown_imports,
    outdated_names,
    outdated_arguments,
    misspelt_names,
    names_of_class,
    unknown_names,
    wrong_calls,
    wrong_keywords_of_methods,
    wrong_listings,
    unknown_members,
    moved_to_gpu,
    indexed_losses,
    uncalled_methods,
    next_of_iterators,
    misspelt_keys,
    pretrained_networks,
)
