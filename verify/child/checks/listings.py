"""Signatures shown in a note, held against the real ones."""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any, Dict, Iterator, List, Optional

from ..facts import Found, Patch, Place
from ..library import AbsentError, NoModuleError, NotYetError
from ..near import is_slip, listed, near
from ..piece import Listing, Run
from .calls import signature_of

_PARAMETER = re.compile(r"^\s*(\w+)\s*(?:\([^)]*\))?\s*(?: [-–—]|[:：])")
#: Where a name without its module is looked for.
_HOMES = ("torch.nn", "torch", "torch.nn.functional", "torch.optim", "torch.utils.data")


def wrong_listings(run: Run) -> Iterator[Found]:
    """Misspelt parameters and other defaults; a parameter that is left out is no mistake."""
    for listing in run.listings:
        function = _found(run, listing.name)
        signature = signature_of(function) if function is not None else None
        if signature is not None:
            real = {p.name: p for p in signature.parameters.values()}
            yield from _head(listing, real)
            yield from _words(listing, real)


def _found(run: Run, name: str) -> Optional[Any]:
    """The class or function that a listing is of, if it is one of the library."""
    module, _, last = name.rpartition(".")
    homes = [module] if module else list(_HOMES)
    for home in homes:
        try:
            value = getattr(run.library.module(home), last, None)
        except (AbsentError, NoModuleError, NotYetError):
            continue
        if callable(value):
            return value
    return None


def _head(listing: Listing, real: Dict[str, inspect.Parameter]) -> Iterator[Found]:
    arguments = _arguments(listing.head)
    if arguments is None:
        return
    every = [*arguments.args, *arguments.kwonlyargs]
    names = {argument.arg for argument in every}
    for argument in every:
        if argument.arg not in real and argument.arg != "self":
            left = [name for name in real if name not in names]
            yield from _misspelt(listing.name, listing.head, listing.line, argument.arg, left)
    defaults = zip(arguments.args[::-1], arguments.defaults[::-1])
    pairs = [*defaults, *zip(arguments.kwonlyargs, arguments.kw_defaults)]
    for argument, default in pairs:
        if default is not None and argument.arg in real:
            yield from _default(listing, argument.arg, default, real[argument.arg].default)


def _arguments(head: str) -> Optional[ast.arguments]:
    """The parameters of a head, which may be a class's with a dotted name."""
    match = re.search(r"\((.*)\)", head, re.DOTALL)
    try:
        tree = ast.parse("def _(" + (match.group(1) if match else "") + "): pass")
    except SyntaxError:
        return None
    function = tree.body[0]
    return function.args if isinstance(function, ast.FunctionDef) else None


def _misspelt(owner: str, text: str, line: int, name: str, left: List[str]) -> Iterator[Found]:
    meant = [candidate for candidate in near(name, left) if is_slip(name, candidate)]
    match = re.search(rf"\b{re.escape(name)}\b", text)
    if len(meant) == 1 and match:
        place = _place(text, line, match.start(), len(name))
        message = f"`{owner}` has no parameter `{name}`"
        advice = f"did you mean {listed(meant)}?"
        yield Found(
            "unknown-argument", place, message, advice, "error", Patch(place, meant[0], True)
        )


def _place(text: str, line: int, start: int, length: int) -> Place:
    row = line + text.count("\n", 0, start)
    column = start - text.rfind("\n", 0, start)
    return Place(row, column, row, column + length)


def _default(listing: Listing, name: str, shown: ast.expr, real: Any) -> Iterator[Found]:
    """Only plain values can be compared, and an enumeration's name may stand for a string."""
    if not isinstance(shown, ast.Constant) or real is inspect.Parameter.empty:
        return
    if not isinstance(real, (int, float, str, bool, type(None))) or shown.value == real:
        return
    if isinstance(shown.value, str) != isinstance(real, str):
        return
    match = re.search(rf"\b{name}\s*=\s*", listing.head)
    if match:
        length = (shown.end_col_offset or 0) - shown.col_offset
        place = _place(listing.head, listing.line, match.end(), length)
        yield Found(
            "wrong-default",
            place,
            f"the default of `{name}` in `{listing.name}` is `{real!r}`",
            f"write `{name}={real!r}`",
            "error",
            Patch(place, repr(real)),
        )


def _words(listing: Listing, real: Dict[str, inspect.Parameter]) -> Iterator[Found]:
    """The list of parameters below the head."""
    named = [m.group(1) for t in listing.words.split("\n") for m in [_PARAMETER.match(t)] if m]
    left = [name for name in real if name not in named]
    for name in named:
        if name not in real and len(name) >= 4:
            yield from _misspelt(listing.name, listing.words, listing.words_line, name, left)
