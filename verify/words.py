"""An error of the run in words for its author."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from verify.advice import advice
from verify.lacks import Raised

#: So many keys are shown.
_KEYS = 8
#: The longest message, in characters.
_LONGEST = 300
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Words:
    """The code of a finding, what is wrong, and what to do."""

    code: str
    message: str
    help: str


def in_words(facts: dict[str, Any], error: Raised) -> Words:
    """What an error says."""
    if _is_memory(error):
        return Words(
            "memory-limit", "it needs more memory than is allowed", "let it work on less data"
        )
    if error.is_a("SystemExit"):
        status = facts.get("status")
        return Words("exit", f"it ends with status {status!r}", "let the code run to its end")
    text = "; ".join(filter(None, [text_of(error), *error.asserted]))
    message = f"`{error.type}`: {text}" if text else f"it raises `{error.type}`"
    return Words("runtime-error", message, _advice(facts, error))


def _is_memory(error: Raised) -> bool:
    return error.is_a("MemoryError") or bool(
        re.search(r"can't allocate memory|Cannot allocate memory|not enough memory", error.text)
    )


def text_of(error: Raised) -> str:
    """The first paragraph of the message; the rest tells of C++."""
    text = error.text.split("\nException raised from")[0].strip()
    text = " ".join(_COLOURS.sub("", text).split())
    return cut(text, _LONGEST).rstrip(".")


def cut(text: str, longest: int) -> str:
    """Return text, or as much of it as fits, with dots in place of the rest."""
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _is_of_loss(error: Raised) -> bool:
    """Whether a loss could not bring its two arguments to one shape: only losses try, inside."""
    fits = "must match the size of tensor" in error.text and "broadcast" not in error.source
    return fits and error.inner.endswith("functional")


def _advice(facts: dict[str, Any], error: Raised) -> str:
    near = facts.get("near") or []
    if near:
        return "did you mean " + " or ".join(f"`{name}`" for name in near) + "?"
    if facts.get("keys") is not None:
        return _keys(facts["keys"])
    if error.is_a("AssertionError") and error.own:
        return "what is asserted here is not true"
    if _is_of_loss(error):
        return (
            "give the loss an input and a target of one shape; for class numbers there is "
            "`nn.CrossEntropyLoss`"
        )
    known = advice(f"{error.type}: {error.text}")
    if known:
        return known
    return "the statement marked here raises this when it is run"


def _keys(keys: list[str]) -> str:
    """What there is in place of a key; of many keys the first eight."""
    if not keys:
        return "there are no keys in it"
    more = ", ..." if len(keys) > _KEYS else ""
    return "there are the keys " + ", ".join(f"`{key}`" for key in keys[:_KEYS]) + more
