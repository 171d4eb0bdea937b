"""Where things stand on the site: the page of a note, the anchor of a heading.

The deck links to what the site writes, so both ask here; so does who looks for dead links.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain, count, islice
from urllib.parse import quote

from builder.model import Note, Span
from builder.patterns import late
from builder.plain import plain

_NOT_IN_ANCHOR = late(r"[^\w\- ]")
_OWN_ANCHOR = late(r"<[^<>]*\s(?:id|name)\s*=\s*[\"']?([^\s\"'<>]+)", re.IGNORECASE)
#: `## Views {#views}`: the anchor that a heading has elsewhere.
_HEADING_ID = late(r"\{:?[ \t]*#(?P<id>[^\s{}]+)[^{}]*\}[ \t#]*$")
#: Of an anchor that no heading gave, in characters.
_LONGEST = 40
_SUFFIX = late(r"\.(?:md|markdown|txt)$", re.IGNORECASE)


def page(note: Note) -> str:
    """Return the path of a note's page below the site's root, with `/`."""
    return page_of(note.source.name)


def page_of(name: str) -> str:
    """Return the path of the page of a note by its source's name."""
    return f"notes/{name.removesuffix('.md')}.html"


def practice(note: Note) -> str:
    """Return where the cards of a note are practised: on its page, while the address says so."""
    return f"{page(note)}#@practice"


def quoted(path: str) -> str:
    """Return a path as links write it."""
    return quote(path)


@lru_cache(maxsize=4096)
def slug(text: str) -> str:
    """Return the anchor that a heading has on well-known hosts; Chinese stays readable."""
    return _NOT_IN_ANCHOR.sub("", plain(text).lower()).strip().replace(" ", "-")


def anchors(note: Note) -> tuple[str, ...]:
    """Return an anchor for each section of a note; the second of a name gets `-2`."""
    return tuple(anchor.name for anchor in lasting(note, {}).sections)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a section or a card is found: `name` reads like it, and `names` are all it ever had.

    The first of them is for whoever keeps a link: it leads here whatever becomes of the words.
    """

    name: str
    names: tuple[str, ...]

    @property
    def former(self) -> tuple[str, ...]:
        """The names it had, and has no longer."""
        return tuple(name for name in self.names if name != self.name)


@dataclass(frozen=True, slots=True)
class Anchors:
    """The anchors of a note: of each section, and of each card that a part of one makes."""

    sections: tuple[Anchor, ...]
    inside: tuple[Anchor, ...] = ()

    def __iter__(self) -> Iterator[Anchor]:
        return chain(self.sections, self.inside)

    def of_cards(self, note: Note) -> Iterator[Anchor]:
        """Yield the anchor of each card of the note, in their order."""
        inside = iter(self.inside)
        for section, anchor in zip(note.sections, self.sections, strict=True):
            if section.card:
                yield anchor
            yield from islice(inside, len(section.inside))


def lasting(note: Note, known: Mapping[Span, tuple[str, ...]]) -> Anchors:
    """Return the anchors of a note, none of which was ever another card's.

    `known` are those that cards had before, the oldest first, by their places. Headings choose
    before the cards that stand below them.
    """
    inside = [card for section in note.sections for card in section.inside]
    wishes = [
        *((slug(section.title), section.card) for section in note.sections),
        *((slug(card.question)[:_LONGEST].rstrip("-"), card) for card in inside),
    ]
    cards = [known.get(card.span, ()) if card else () for _, card in wishes]
    owners: dict[str, int] = {}
    for at, before in enumerate(cards):
        for each in before:
            owners.setdefault(each, at)
    found: dict[str, Anchor] = {}
    for at, ((wanted, _), before) in enumerate(zip(wishes, cards, strict=True)):
        chosen = next(
            each for each in _names(wanted) if each not in found and owners.get(each, at) == at
        )
        own = (each for each in before if owners[each] == at)
        found[chosen] = Anchor(chosen, tuple(dict.fromkeys((*own, chosen))))
    all_of_them = tuple(found.values())
    return Anchors(all_of_them[: len(note.sections)], all_of_them[len(note.sections) :])


def _names(wanted: str) -> Iterator[str]:
    """Yield the names that something may have, the best first."""
    first = wanted or "section"
    return chain([first], (f"{first}-{n}" for n in count(2)))


def own_anchors(note: Note) -> list[str]:
    """Return the anchors that the author wrote into a note as HTML."""
    return _OWN_ANCHOR.findall(note.source.text)


def heading_ids(note: Note) -> dict[str, int]:
    """Return the anchors that the author wrote behind headings, and the numbers of the sections."""
    lines = (note.source.line(section.span.line) for section in note.sections)
    found = ((_HEADING_ID.search(line), at) for at, line in enumerate(lines))
    return {match["id"]: at for match, at in found if match and note.sections[at].level}


@dataclass(frozen=True)
class Targets:
    """What links into a note mean, where `found` are its anchors: looked up once for all links."""

    note: Note
    found: Anchors

    def anchor(self, wanted: str) -> str | None:
        """Return the anchor that a link means.

        It may say one of ours, the author's own, a heading as it is written or numbered, or a
        block id.
        """
        if not wanted:
            return None
        if wanted in self._named:
            return self._named[wanted]
        if wanted.startswith("^"):
            return _of_block(self.note, self._names, wanted)
        said = slug(wanted)
        written = self._written.get(wanted.lower()) or self._written.get(said)
        return written or self._ours.get(said)

    @cached_property
    def _names(self) -> list[str]:
        return [each.name for each in self.found.sections]

    @cached_property
    def _ours(self) -> dict[str, str]:
        return dict(zip(anchors(self.note), self._names, strict=True))

    @cached_property
    def _named(self) -> dict[str, str]:
        """What is said as it is: our anchors before the author's own, these before his ids."""
        former = (name for each in self.found for name in each.former)
        inside = (each.name for each in self.found.inside)
        own = (*former, *inside, *own_anchors(self.note))
        ids = heading_ids(self.note)
        return (
            {name: self._names[at] for name, at in ids.items()}
            | {name: name for name in own}
            | self._ours
        )

    @cached_property
    def _written(self) -> dict[str, str]:
        lines = (self.note.source.line(it.span.line).lstrip("# ") for it in self.note.sections)
        return {slug(line): name for line, name in zip(lines, self._names, strict=True)}


def _of_block(note: Note, names: list[str], wanted: str) -> str | None:
    """Return the anchor of the section in which a line ends in a block id."""
    ends = (n for n, line in enumerate(note.source.lines, 1) if line.split()[-1:] == [wanted])
    line = next(ends, 0)
    found = [name for s, name in zip(note.sections, names, strict=True) if s.span.line <= line]
    return found[-1] if found else None


@dataclass(frozen=True)
class Collection:
    """The notes of a course, as the links in them call them.

    `known` are the anchors that cards of headings had before, the oldest first, by their places.
    """

    notes: tuple[Note, ...]
    known: Mapping[Span, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def _by_path(self) -> dict[str, Note]:
        return {note.source.name: note for note in self.notes}

    @cached_property
    def _by_stem(self) -> dict[str, list[Note]]:
        """The notes of each base name, those with the shortest path first."""
        found: dict[str, list[Note]] = {}
        for note in sorted(self.notes, key=lambda it: (it.source.name.count("/"), it.source.name)):
            found.setdefault(posixpath.basename(_key(note.source.name)), []).append(note)
        return found

    @cached_property
    def stems(self) -> dict[str, str]:
        """The base names of the notes, by what is compared."""
        names = (_SUFFIX.sub("", posixpath.basename(note.source.name)) for note in self.notes)
        return {_key(name): name for name in names}

    def find(self, note: Note, path: str) -> Note | None:
        """Return the note that a link in another one means.

        It says the path from there, or the last parts of the path from anywhere.
        """
        if not path:
            return note
        exact = posixpath.normpath(posixpath.join(posixpath.dirname(note.source.name), path))
        found = self._by_path.get(exact) or self._by_path.get(exact + ".md")
        if found or path.startswith("."):
            return found
        wanted = "/" + _key(path).lstrip("/")
        near = self._by_stem.get(posixpath.basename(wanted), ())
        return next((it for it in near if f"/{_key(it.source.name)}".endswith(wanted)), None)

    @cached_property
    def _targets(self) -> dict[str, Targets]:
        return {}

    def anchor(self, note: Note, wanted: str) -> str | None:
        """Return the anchor in a note that a link means, by the oldest name that it has."""
        name = note.source.name
        if name not in self._targets:
            self._targets[name] = Targets(note, lasting(note, self.known))
        targets = self._targets[name]
        meant = targets.anchor(wanted)
        return next((each.names[0] for each in targets.found if each.name == meant), meant)


def _key(path: str) -> str:
    """Return a path as it is compared: without its suffix, whatever its capitals and accents."""
    return _SUFFIX.sub("", unicodedata.normalize("NFC", path)).casefold()
