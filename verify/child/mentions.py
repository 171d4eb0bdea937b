"""What the names of API that prose speaks of lead to, each looked up by its full dotted name."""

from __future__ import annotations

import sys
import types
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Set

from .library import GENERIC, AbsentError, Library, Lookup, NoModuleError, NotYetError
from .near import digits, distance_is_one, is_plural, is_slip, listed, near
from .outdated import DEPRECATED, REMOVED, Change, gone_from_numpy

#: A slip of a shorter name is too easily another word; so is one of a word in small letters.
_SHORTEST_SLIP, _SHORTEST_WORD = 5, 6
#: Where a name may be that stands elsewhere; the first few are what authors mistake it for.
_PLACES = (
    "torch", "torch.Tensor", "torch.nn", "torch.nn.functional", "torch.optim", "torch.utils.data",
    "torch.nn.parallel", "torch.nn.utils", "torch.nn.init", "torch.optim.lr_scheduler",
    "torch.autograd", "torch.utils.data.distributed",
)  # fmt: skip


class Known(NamedTuple):
    """What is known of one name.

    `status` is ok, typo, unknown, deprecated, removed, or unclear where nothing can be said.
    `leads_to` is the dotted name that is really there, `meant` what to write for the part behind
    the `reached` ones that are, or code for the whole. Upper and lower case may be other than in
    the library: people allow themselves that in sentences.
    """

    status: str
    leads_to: Optional[str] = None
    meant: Optional[str] = None
    message: str = ""
    help: str = ""
    reached: int = 0


UNCLEAR = Known("unclear")


def look_up(names: Iterable[str], library: Library) -> Dict[str, Known]:
    """Every name, with what is known of it; nothing that a look-up may do ends the others."""
    found = {}
    for name in names:
        try:
            found[name] = _known(name, library)
        except Exception:  # a lazy attribute may fail in every way there is
            found[name] = UNCLEAR
    return found


def _known(name: str, library: Library) -> Known:
    gone = _removed(name)
    if gone:
        return gone
    parts = name.split(".")
    try:
        top = library.module(parts[0])
        lookup = library.follow(top, parts[1:], _prefixes(parts))
    except (AbsentError, NoModuleError, NotYetError):
        return UNCLEAR
    if lookup.reached < len(parts) - 1:
        return _missing(parts, lookup)
    change = DEPRECATED.get(name)
    if change:
        return _changed(name, "deprecated", "is deprecated since", change)
    return Known("ok", name)


def _prefixes(parts: List[str]) -> Set[str]:
    return {".".join(parts[:end]) for end in range(1, len(parts) + 1)}


def _removed(name: str) -> Optional[Known]:
    parts = name.split(".")
    for end in range(2, len(parts) + 1):
        change = REMOVED.get(".".join(parts[:end]))
        if change:
            return _changed(".".join(parts[:end]), "removed", "was removed in", change)
    return None


def _changed(name: str, status: str, words: str, change: Change) -> Known:
    message = f"`{name}` {words} torch {change.since}"
    there = name if status == "deprecated" else None
    return Known(status, there, change.instead, message, f"write `{change.instead}` instead")


def _missing(parts: List[str], lookup: Lookup) -> Known:
    """A name that was not found: nothing is said unless the place it would be at is certain."""
    reached, owner = lookup.reached + 1, lookup.value
    here, part = ".".join(parts[:reached]), parts[reached]
    expired = _expired_in_numpy(here, part)
    if expired:
        return expired
    if not lookup.missing:
        return Known("ok", here) if _is_value(owner) else UNCLEAR
    if isinstance(owner, type) and part in _of_instances(owner):
        return Known("ok", f"{here}.{part}")
    return _unknown(here, part, owner, is_last=reached == len(parts) - 1)


def _is_value(owner: Any) -> bool:
    return not isinstance(owner, (types.ModuleType, type))


def _unknown(here: str, part: str, owner: Any, is_last: bool) -> Known:
    count = here.count(".") + 1
    names = [name for name in dir(owner) if not name.startswith("_")]
    if isinstance(owner, type):
        names += sorted(_of_instances(owner))
    message = f"`{here}` has no `{part}`"
    if part[:-1] in names and is_plural(part, part[:-1]):
        return Known("unknown", None, part[:-1], message, f"did you mean `{part[:-1]}`?", count)
    cased = [name for name in names if _uncased(name) == _uncased(part)]
    if len(cased) == 1 and is_last:
        return Known("ok", f"{here}.{cased[0]}", cased[0], reached=count)
    meant = _slips(part, names)
    if len(meant) == 1:
        return Known("typo", None, meant[0], message, f"did you mean `{meant[0]}`?", count)
    guesses = near(part, names)
    advice = f"did you mean {listed(guesses)}?" if guesses else _elsewhere(here, part)
    guess = guesses[0] if len(guesses) == 1 else None
    return Known("unknown", None, guess, message, advice, count)


def _uncased(name: str) -> str:
    """A name as people remember it; an underscore at its end says something else."""
    return name.lower().replace("_", "") + "_" * name.endswith("_")


def _slips(part: str, names: List[str]) -> List[str]:
    least = _SHORTEST_WORD if part.isalpha() and part.islower() else _SHORTEST_SLIP
    if len(part) < least or part in GENERIC:
        return []
    found = {name for name in names if is_slip(part, name) and digits(part) == digits(name)}
    near_ones = {name for name in names if distance_is_one(part, name)}
    return sorted(found) if found == near_ones else []


def _elsewhere(here: str, part: str) -> str:
    """Where a name stands that was looked for in the wrong place."""
    torch = sys.modules.get("torch")
    for place in _PLACES if here in _PLACES[:5] and torch is not None else ():
        owner = sys.modules.get(place) or getattr(torch, place.rpartition(".")[2], None)
        if place != here and hasattr(owner, part):
            return f"it stands in `{place}`: write `{place}.{part}`"
    return f"look up what `{here}` offers in the version installed here"


def _of_instances(owner: type) -> Set[str]:
    """Attributes that the objects of a class get: its annotations, and what its methods set."""
    found: Set[str] = set()
    for base in owner.__mro__:
        found.update(getattr(base, "__annotations__", ()))
        for value in list(vars(base).values()):
            code = getattr(value, "__code__", None)
            if code is not None:
                found.update(code.co_names)
    return found


def _expired_in_numpy(here: str, part: str) -> Optional[Known]:
    gone = gone_from_numpy(part) if here == "numpy" else None
    if gone is None:
        return None
    message = f"`numpy.{part}` was removed in numpy {gone.since}"
    return Known("removed", None, gone.instead or None, message, gone.advice)
