"""The pages of notes: drawn, or taken from an earlier build where nothing in them would change.

What a page tells of its note, of the notes beside it and of the whole is in the name by which it is
kept. Where its links lead depends on any other note: that is asked again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Final

from builder.kept import key_of
from builder.model import Artifact, Note, Problem
from builder.sharing import Shared
from builder.site import practice
from builder.site.notes import Heading, Writer, page
from builder.site.practice import Asking, Chapter
from builder.site.search import Place
from builder.site.shared import Site, Title

#: What draws the page of a note, besides this program and what makes notes.
_DRAWERS: Final = ("jinja2", "math-core", "pillow")


@dataclass(frozen=True, slots=True)
class Drawn:
    """The page of a note, and what the pages of all notes tell of it.

    `html` is what it says, `heading` its title there, `places` what the search finds of it, and
    `practised` its cards. `formulas` are those that were drawn, and whether they stand alone;
    `faults` is what was found wrong.
    """

    page: Artifact
    html: str
    heading: Heading | None
    places: tuple[Place, ...]
    practised: Chapter | None
    formulas: tuple[tuple[str, bool], ...]
    faults: tuple[Problem, ...]


#: What is kept of pages from build to build, besides values of the model.
VALUES: Final = (Drawn, Heading, Place, Chapter, Title)


def every(site: Site) -> Iterator[tuple[Note, Drawn]]:
    """Yield all notes and their pages."""
    drawing, notes = Drawing(site), site.course.notes
    around = (None, *notes, None)

    def drawn(at: int) -> Drawn:
        return drawing.of(notes[at], around[at], around[at + 2])

    with Shared(site.kept, len(notes), drawn) as shared:
        yield from zip(notes, shared, strict=True)


class Drawing:
    """Draws the page of one note after another."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._writer, self._asking = Writer(site), Asking(site)
        site.kept.admit(VALUES)

    def of(self, note: Note, before: Note | None, behind: Note | None) -> Drawn:
        """Return the page of a note that stands between two others."""
        site = self._site
        key = self._key(note, before, behind) if site.kept else b""
        drawn = self._known(note, key)
        if not drawn:
            drawn = self._drawn(site.course.whole(note), before, behind)
            site.kept.put(key, (drawn, tuple(site.asked.items())))
        site.faults[note.source.path] = drawn.faults
        return drawn

    def _drawn(self, note: Note, before: Note | None, behind: Note | None) -> Drawn:
        site = self._site
        site.asked.clear()
        site.formulas.asked.clear()
        body = self._writer.body(note)
        made = page(site, body, self._asking.of(body), before, behind)
        practised = practice.chapter(site, note)
        formulas = tuple(site.formulas.asked)
        return Drawn(made, body.html, body.title, body.places, practised, formulas, body.faults)

    def _known(self, note: Note, key: bytes) -> Drawn | None:
        """Return a page as it was drawn before, if its links still lead to the same places."""
        if not (found := self._site.kept.get(key)):
            return None
        drawn, asked = found
        target = self._site.places.target
        if any(target(note, *said) != led for said, led in asked):
            return None
        assert isinstance(drawn, Drawn)
        self._site.formulas.draw(drawn.formulas)
        return drawn

    def _key(self, note: Note, before: Note | None, behind: Note | None) -> bytes:
        """Return a name for all that a page is made from, but for where its links lead."""
        site = self._site
        course, source = site.course, note.source
        beside = [(it.source.name, site.title_of(it)) if it else None for it in (before, behind)]
        return key_of(
            self._outside,
            (source.path, source.name, source.text),
            [section.held_back for section in note.sections if section.held_back],
            beside,
            [(tag.name, tag.path) for tag in site.tags.of(note)],
            site.places.lasting(note),
            [course.guid(card) for card in note.cards],
            [found.told for it in note.snippets if (found := course.verdict(it.span))],
            course.said(note),
            [(asset.url, asset.name) for asset in course.assets_of(note)],
        )

    @cached_property
    def _outside(self) -> bytes:
        """A name for what all pages depend on."""
        site, course = self._site, self._site.course
        whole = (course.title, course.language, course.verified, course.environment)
        drawers = [version(drawer) for drawer in _DRAWERS]
        return key_of("page", drawers, dict(site.templates), site.config, whole)
