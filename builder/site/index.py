"""The first page: what the course holds, and how much of it was found to be true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from builder import links
from builder.model import Artifact, Note
from builder.site.evidence import Share, card_shares, shares, status
from builder.site.notes import folder
from builder.site.shared import Site, Title, Way

#: With more cards than this the index lists chapters alone, so that it stays a page to look over.
QUESTIONS = 400
#: With more than this they are folded; a browser's own search unfolds what it finds.
OPEN = 40


@dataclass(frozen=True, slots=True)
class Question:
    """A card on the index; `status` is empty where it has no verdict."""

    path: str
    title: Title
    number: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A note on the index."""

    path: str
    title: Title
    cards: int
    shares: tuple[Share, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Folder:
    """The chapters of one folder; `way` leads to it, and the outermost has none."""

    way: Way | None
    chapters: tuple[Chapter, ...]


def page(site: Site) -> Artifact:
    """Return the first page of the site."""
    return site.page(
        "index.html",
        "index.html",
        description=site.say(
            "course",
            notes=site.say("notes", n=len(site.course.notes)),
            cards=site.say("cards", n=len(site.course.cards)),
        ),
        has_tags=bool(site.tags.all),
        is_open=len(site.course.cards) <= OPEN,
        folders=tuple(_folders(site)),
        shares=shares(verdict.status for verdict in site.course.verdicts),
        slips=sum(len(site.course.said(note)) for note in site.course.notes),
    )


def _folders(site: Site) -> Iterator[Folder]:
    found: dict[Way | None, list[Chapter]] = {}
    listed = len(site.course.cards) <= QUESTIONS
    for note in site.course.notes:
        found.setdefault(folder(note), []).append(_chapter(site, note, listed))
    for way, chapters in found.items():
        yield Folder(way, tuple(chapters))


def _chapter(site: Site, note: Note, listed: bool) -> Chapter:
    return Chapter(
        links.page(note),
        site.title_of(note),
        len(note.cards),
        card_shares(site.course, note.cards),
        tuple(_questions(site, note)) if listed else (),
    )


def _questions(site: Site, note: Note) -> Iterator[Question]:
    for section, anchor in zip(note.sections, site.places.anchors(note), strict=True):
        if card := section.card:
            found = status(site.course, card)
            yield Question(
                f"{links.page(note)}#{anchor}",
                site.title(section.title),
                section.number,
                found.value if found else "",
            )
