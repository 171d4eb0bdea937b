"""What sentences say of an API: names of it, and code that stands among the words.

Only what is certainly meant for code is taken: in back-ticks, or a dotted name whose first part
everybody knows. Places that another framework is meant in, and sentences that say themselves that
something is wrong or gone, are left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TypeVar

from builder.model import Around, Mention, Note, Snippet
from builder.prose import code, names, slips
from builder.prose.roots import Roots
from builder.prose.text import Prose

Piece = TypeVar("Piece", Mention, Snippet)


@dataclass(frozen=True, slots=True)
class Said:
    """What the sentences of one note hold, in the order of the file."""

    asides: tuple[Snippet, ...] = ()
    mentions: tuple[Mention, ...] = ()


def find(note: Note) -> Said:
    """Return the code and the names of API in the prose of a note."""
    prose = Prose.of(note)
    roots = Roots.of(note.source.text, (snippet.code for snippet in note.snippets))
    asides = tuple(sorted(code.find(prose, roots), key=lambda aside: aside.span))
    mentions = tuple(names.find(prose, roots, asides))
    gone = {(prose.sections[it.span.line], it.name) for it in mentions if not it.sure}
    if gone:
        asides = tuple(_with(it, gone, it.section, _called(it, roots)) for it in asides)
        mentions = tuple(_with(it, gone, prose.sections[it.span.line], it.name) for it in mentions)
    mentions = (*mentions, *slips.find(note))
    return Said(asides, tuple(sorted(mentions, key=lambda mention: mention.span)))


def _with(piece: Piece, gone: set[tuple[int, str]], section: int, name: str | None) -> Piece:
    """What a section says of a name in one sentence counts for its others."""
    if (section, name) not in gone:
        return piece
    return replace(piece, around=Around(piece.around.words, is_gone=True))


def _called(aside: Snippet, roots: Roots) -> str | None:
    """Return the name that a piece of code begins with, in full."""
    name = re.match(r"[\w.]+", aside.code)
    return roots.full(name[0]) if name else None
