"""When one name is near enough to another to be what was meant."""

from __future__ import annotations

import difflib
import re
from typing import Iterable, List

#: What authors write for any name that may stand there.
_ANY = re.compile(
    r"[A-Za-z]$|[Xx]{2,}(?:[A-Z_]\w*)?$|\w*_?[Xx]{3,}$|(?:[Ss]ome|[Yy]our|[Mm]y)(?:_|[A-Z])"
)


def distance_is_one(a: str, b: str) -> bool:
    """Whether one letter added, lost, changed, or two neighbours swapped, lead from a to b."""
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    rest_a, rest_b = a[start:], b[start:]
    if len(a) == len(b):
        swapped = rest_a[:2] == rest_b[:2][::-1] and rest_a[2:] == rest_b[2:]
        return swapped or rest_a[1:] == rest_b[1:]
    return rest_a[1:] == rest_b if len(a) > len(b) else rest_a == rest_b[1:]


def is_swap(written: str, meant: str) -> bool:
    """Whether nothing but two neighbouring letters change places between the two."""
    return sorted(written) == sorted(meant) and distance_is_one(written, meant)


def is_slip(written: str, meant: str) -> bool:
    """Whether `written` can only be a slip of the finger for `meant`.

    Digits, a plural s and upper or lower case make other names, not misspelt ones. An s behind
    another makes no plural.
    """
    if written.lower() == meant.lower() or re.sub(r"\d", "", written) == re.sub(r"\d", "", meant):
        return False
    if is_plural(written, meant) or is_plural(meant, written):
        return False
    return distance_is_one(written, meant)


def is_plural(many: str, one: str) -> bool:
    """Whether one name is another with a plural s: `layers`, and not `Loss`."""
    return many == one + "s" and not one.endswith("s")


def near(name: str, names: Iterable[str], most: int = 3) -> List[str]:
    """The names that `name` may stand for, nearest first; none rather than a wild guess."""
    known = {n for n in names if n.startswith("_") == name.startswith("_") and n != name}
    same = sorted(n for n in known if n.lower().replace("_", "") == name.lower().replace("_", ""))
    if same:
        return same[:most]
    slips = sorted(n for n in known if distance_is_one(name, n) and digits(n) == digits(name))
    close = difflib.get_close_matches(name, sorted(known), n=most, cutoff=0.84)
    return list(dict.fromkeys(slips + [n for n in close if digits(n) == digits(name)]))[:most]


def stands_for_others(name: str, names: Iterable[str]) -> bool:
    """Whether a name only says where others are to be written: `X`, `xxx`, `MyLoss`, `ConvXd`."""
    if _ANY.match(name):
        return True
    sized = re.sub(r"[XN](?=d$)", "2", name)
    return sized != name and sized in names


def digits(name: str) -> str:
    """The digits of a name: `relu6` is no misspelt `relu5`."""
    return re.sub(r"\D", "", name)


def listed(names: Iterable[str]) -> str:
    """Names in words: `a`, `b` or `c`."""
    quoted = [f"`{n}`" for n in names]
    if len(quoted) < 2:
        return "".join(quoted)
    return ", ".join(quoted[:-1]) + " or " + quoted[-1]
