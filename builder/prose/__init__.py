"""What sentences say of an API: names of it, and code that stands among the words.

Only what is certainly meant for code is taken: in back-ticks, or a dotted name whose first part
everybody knows. Places that another framework is meant in, and sentences that say themselves that
something is wrong or gone, are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from builder.model import Mention, Note, Snippet
from builder.prose import code, names, slips
from builder.prose.roots import Roots
from builder.prose.text import Prose


@dataclass(frozen=True, slots=True)
class Said:
    """What the sentences of one note hold, in the order of the file."""

    asides: tuple[Snippet, ...] = ()
    mentions: tuple[Mention, ...] = ()


def find(note: Note) -> Said:
    """Return the code and the names of API in the prose of a note."""
    prose, roots = Prose.of(note), Roots.of(note.source.text)
    asides = tuple(sorted(code.find(prose, roots), key=lambda aside: aside.span))
    mentions = (*names.find(prose, roots, asides), *slips.find(note))
    return Said(asides, tuple(sorted(mentions, key=lambda mention: mention.span)))
