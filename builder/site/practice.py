"""Practice: the cards of a note on a page where each answer opens, and the way through them all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from builder import links
from builder.model import Artifact, Card, Note
from builder.site.notes import Body
from builder.site.shared import Site

PATH = "practice.html"

#: A link to another place of the note: the practice page lies beside the note's.
_INSIDE = re.compile(r'(<a [^<>]*href=")(?=#)')


@dataclass(frozen=True, slots=True)
class Asked:
    """A card as it is practised; `question` and `answer` are HTML, `tags` is JSON."""

    id: str
    tags: str
    path: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """The cards of a note in the overview; `cards` is JSON: their ids, and the tags of each."""

    name: str
    path: str
    title: str
    n: int
    cards: str


def is_asked(note: Note) -> bool:
    """Has a note a card that can be practised?"""
    return any(section.card for section in note.sections)


def page(site: Site, body: Body) -> Artifact:
    """Return the page on which the cards of a note are practised."""
    note = body.note
    return site.page(
        links.practice(note),
        "practice-note.html",
        note=note,
        note_path=links.page(note),
        cards=tuple(_asked(site, body)),
        words=_words(site),
    )


def overview(site: Site) -> Artifact:
    """Return the page that leads through the whole course, or one tag of it."""
    chapters = tuple(_chapter(site, note) for note in site.course.notes if is_asked(note))
    return site.page(PATH, PATH, chapters=chapters, words=_words(site))


def script(site: Site) -> Artifact:
    """Return the script of both."""
    text = site.templates["fsrs.js"] + site.templates["practice.js"]
    return Artifact("assets/practice.js", text.encode())


def _words(site: Site) -> str:
    return _json(site.say.table("practising"))


def _asked(site: Site, body: Body) -> Iterator[Asked]:
    note, page = body.note, links.page(body.note)
    home = page.rpartition("/")[2]
    for section, part, anchor in zip(
        note.sections, body.parts, site.places.anchors(note), strict=True
    ):
        if section.card and part.heading:
            answer = _INSIDE.sub(rf"\g<1>{links.quoted(home)}", part.html)
            tags = _json(section.card.tags)
            place = f"{page}#{anchor}"
            yield Asked(_id(site, section.card, place), tags, place, part.heading.html, answer)


def _chapter(site: Site, note: Note) -> Chapter:
    page = links.page(note)
    cards = [
        (_id(site, section.card, f"{page}#{anchor}"), section.card.tags)
        for section, anchor in zip(note.sections, site.places.anchors(note), strict=True)
        if section.card
    ]
    return Chapter(
        page.removesuffix(".html"), links.practice(note), note.title, len(cards), _json(cards)
    )


def _id(site: Site, card: Card, place: str) -> str:
    """Return what a card is known by: as in Anki, or by its place where nothing was shipped."""
    return site.course.guid(card) or f"{site.course.title}/{place}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
