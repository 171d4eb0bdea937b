"""Which headings ask: all of them, or those that `cards` in the front matter names.

Below a heading that asks, deeper ones that do not are part of its answer; others are context.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from builder.model import Kind
from builder.parsing import furniture
from builder.parsing.document import Mark
from builder.parsing.numbering import asks_by_label, asks_by_number
from builder.patterns import late

#: Signs may stand behind the question mark: brackets, stars, a picture that says how hard it is.
_ASKED = late(r"[?？]\W{0,12}(?:【[^【】]{1,16}】)?$")


def chosen(heads: Iterable[Mark], named: tuple[str, ...]) -> Iterator[Mark]:
    """Yield the headings that divide a note: those that ask, and those that are context."""
    if not named or "headings" in named:
        yield from heads
        return
    answering = 0
    for head in heads:
        if f"h{head.level}" in named or ("questions" in named and is_question(head)):
            answering = head.level
            yield head
        elif not answering or head.level <= answering:
            answering = 0
            yield replace(head, asks=False)


def tagged(heads: tuple[Mark, ...], lines: tuple[Mark, ...]) -> Iterator[Mark]:
    """Yield the headings of a note in which tags say what is a card: no other heading asks."""
    asking = [head for head in heads if is_tagged(head)]
    if not asking and not lines:
        yield from heads
        return
    answering = 0
    for head in heads:
        if head in asking:
            answering = head.level
            kind = Kind.REVERSED if furniture.is_reversed(_tags(head)) else head.kind
            yield replace(head, kind=kind)
        elif not answering or head.level <= answering:
            answering = 0
            yield replace(head, asks=False)


def is_tagged(head: Mark) -> bool:
    """Tell whether a heading says by a tag of its own that it is a card."""
    return furniture.asks(_tags(head))


def names_deck(head: Mark) -> bool:
    """Tell whether a tag behind a heading may as well be that of all cards below it."""
    return any(tag.lower().startswith("#flashcards") for tag in _tags(head))


def _tags(head: Mark) -> tuple[str, ...]:
    return furniture.without_tags(head.text)[1]


def is_question(head: Mark) -> bool:
    """Tell whether a heading says by itself that it asks."""
    return _asks(head.text)


@lru_cache(maxsize=512)
def _asks(text: str) -> bool:
    return bool(_ASKED.search(text)) or asks_by_number(text) or asks_by_label(text)
