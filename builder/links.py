"""Where things stand on the site: the page of a note, the anchor of a heading.

The deck links to what the site writes, so both ask here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count
from urllib.parse import quote

from builder.markdown import plain
from builder.model import Note, Span

_NOT_IN_ANCHOR = re.compile(r"[^\w\- ]")


def page(note: Note) -> str:
    """Return the path of a note's page below the site's root, with `/`."""
    return f"notes/{note.source.name.removesuffix('.md')}.html"


def practice(note: Note) -> str:
    """Return where the cards of a note are practised: beside its page, so that its links hold."""
    return page(note).removesuffix(".html") + ".practice.html"


def quoted(path: str) -> str:
    """Return a path as links write it."""
    return quote(path)


def slug(text: str) -> str:
    """Return the anchor that a heading has on well-known hosts; Chinese stays readable."""
    return _NOT_IN_ANCHOR.sub("", plain(text).lower()).strip().replace(" ", "-")


def anchors(note: Note) -> tuple[str, ...]:
    """Return an anchor for each section of a note; the second of a name gets `-2`."""
    return tuple(anchor.name for anchor in lasting(note, {}))


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a section is found: `name` reads like its heading, and `names` are all it ever had.

    The first of them is for whoever keeps a link: it leads here whatever becomes of the heading.
    """

    name: str
    names: tuple[str, ...]

    @property
    def former(self) -> tuple[str, ...]:
        """The names it had, and has no longer."""
        return tuple(name for name in self.names if name != self.name)


def lasting(note: Note, known: Mapping[Span, tuple[str, ...]]) -> tuple[Anchor, ...]:
    """Return an anchor for each section of a note, none of which was ever another card's.

    `known` are the anchors that cards of headings had before, the oldest first, by their places.
    """
    cards = [known.get(section.card.span, ()) if section.card else () for section in note.sections]
    owners: dict[str, int] = {}
    for at, before in enumerate(cards):
        for name in before:
            owners.setdefault(name, at)
    found: dict[str, Anchor] = {}
    for at, (section, before) in enumerate(zip(note.sections, cards, strict=True)):
        name = next(
            name
            for name in _names(section.title)
            if name not in found and owners.get(name, at) == at
        )
        own = (each for each in before if owners[each] == at)
        found[name] = Anchor(name, tuple(dict.fromkeys((*own, name))))
    return tuple(found.values())


def _names(title: str) -> Iterator[str]:
    """Yield the names that a heading may have, the best first."""
    name = slug(title) or "section"
    return chain([name], (f"{name}-{n}" for n in count(2)))
