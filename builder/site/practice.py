"""Practice: the cards of a note on a page where each answer opens, and the way through them all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from builder import links
from builder.markdown import Renderer, escape, highlight, language
from builder.model import Artifact, Block, Card, Kind, Note, Section
from builder.site.notes import Body, Part
from builder.site.shared import Site
from builder.site.sides import is_asked, prints, sides
from builder.site.snippets import Snippets

PATH = "practice.html"

#: A link to another place of the note: the practice page lies beside the note's.
_INSIDE = re.compile(r'(<a [^<>]*href=")(?=#)')
#: What stands on the page a second time has no place of its own.
_PLACE = re.compile(r'(<[a-z][^<>]*?) id="[^"]*"')
#: What a heading ends in that asks by itself.
_ASKS = re.compile(r"[?？]$")


@dataclass(frozen=True, slots=True)
class Asked:
    """A card as it is practised.

    `question`, `front` and `answer` are HTML: what opens, what stands below it until then, and
    what stands there from then on. `tags` is JSON, `above` the heading of a card without its own.
    """

    id: str
    tags: str
    path: str
    above: str
    question: str
    front: str
    answer: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """The cards of a note in the overview; `cards` is JSON: their ids, and the tags of each."""

    name: str
    path: str
    title: str
    n: int
    cards: str


def page(site: Site, body: Body) -> Artifact:
    """Return the page on which the cards of a note are practised."""
    note = body.note
    return site.page(
        links.practice(note),
        "practice-note.html",
        note=note,
        note_path=links.page(note),
        cards=tuple(_Asking(site, body).all()),
        words=_words(site),
    )


def overview(site: Site) -> Artifact:
    """Return the page that leads through the whole course, or one tag of it."""
    chapters = tuple(_chapter(site, note) for note in site.course.notes if is_asked(site, note))
    return site.page(PATH, PATH, chapters=chapters, words=_words(site))


def script(site: Site) -> Artifact:
    """Return the script of both."""
    text = site.templates["fsrs.js"] + site.templates["practice.js"]
    return Artifact("assets/practice.js", text.encode())


def _words(site: Site) -> str:
    return _json(site.say.table("practising"))


def _chapter(site: Site, note: Note) -> Chapter:
    cards = [
        (_id(site, card, f"{place}/{n}" if n else place, side), card.tags)
        for section, place in _places(site, note)
        for n, card in enumerate(section.cards, section.card is None)
        for side in sides(site, card)
    ]
    name = links.page(note).removesuffix(".html")
    return Chapter(name, links.practice(note), note.title, len(cards), _json(cards))


def _places(site: Site, note: Note) -> Iterator[tuple[Section, str]]:
    page = links.page(note)
    for section, anchor in zip(note.sections, site.places.anchors(note), strict=True):
        yield section, f"{page}#{anchor}"


def _id(site: Site, card: Card, place: str, side: int) -> str:
    """Return what a card is known by: as in Anki, or by its place where nothing was shipped.

    Of an Anki note with several cards, each has its number behind it.
    """
    known = site.course.guid(card) or f"{site.course.title}/{place}"
    return f"{known}:{side}" if side else known


class _Asking:
    """Turns the cards of one note into questions and answers."""

    def __init__(self, site: Site, body: Body) -> None:
        self._site, self._note, self._parts = site, body.note, body.parts
        self._home = links.quoted(links.page(body.note).rpartition("/")[2])
        self._snippets = Snippets(site, body.note)
        label = site.say("formula")
        self._renderer = Renderer(
            code=_code,
            math=lambda tex, display: site.formulas.html(tex, display, label),
            url=lambda name, url: site.places.target(body.note, name, url),
        )

    def all(self) -> Iterator[Asked]:
        """Yield all cards in the order of the note."""
        for (section, place), part in zip(
            _places(self._site, self._note), self._parts, strict=True
        ):
            for n, card in enumerate(section.cards, section.card is None):
                known = f"{place}/{n}" if n else place
                for side in sides(self._site, card):
                    asked = self._asked(card, part, side, is_heading=card is section.card)
                    question, front, answer = map(self._placed, asked)
                    above = "" if card is section.card else card.context[-1:]
                    yield Asked(
                        _id(self._site, card, known, side),
                        _json(card.tags),
                        place,
                        above[0] if above else "",
                        question,
                        front,
                        answer,
                    )

    def _placed(self, html: str) -> str:
        return _INSIDE.sub(rf"\g<1>{self._home}", html)

    def _asked(
        self, card: Card, part: Part, side: int, *, is_heading: bool
    ) -> tuple[str, str, str]:
        """Return what is asked, what stands below it, and the answer."""
        title = part.heading.unlinked if part.heading and is_heading else ""
        match card.kind:
            case Kind.CLOZE:
                front = _PLACE.sub(r"\1", self._renderer.with_gap(card.blocks, side))
                whole = part.html if is_heading else self._renderer.blocks(card.blocks)
                asks = title or escape(self._site.say("practice-gap"))
                return asks, front, whole if side == 1 else _PLACE.sub(r"\1", whole)
            case Kind.OUTPUT:
                return self._printed(card)
            case Kind.REVERSED if side:
                front = _PLACE.sub(r"\1", part.html)
                return escape(self._site.say("card-reverse")), front, f"<p>{title}</p>"
            case Kind.BASIC | Kind.REVERSED:
                if is_heading:
                    return title, "", part.html
                return self._renderer.inline(card.question), "", self._renderer.blocks(card.blocks)

    def _printed(self, card: Card) -> tuple[str, str, str]:
        """The front shows the code as it is: what became of it would be half of the answer."""
        title = self._renderer.inline(card.question)
        said = (prints(self._site, card) or "").strip("\n")
        nothing = f"<p>{escape(self._site.say('card-nothing'))}</p>"
        shown = f'<div class="printed"><pre tabindex="0">{escape(said)}</pre></div>'
        block = card.blocks[0]
        return (
            title if _ASKS.search(title) else escape(self._site.say("card-prints")),
            _code(block),
            (shown if said else nothing) + _PLACE.sub(r"\1", self._snippets.html(block)),
        )


def _code(block: Block) -> str:
    """Return code without what became of it."""
    code = highlight(block.text.rstrip("\n") + "\n", language(block.info)).rstrip("\n")
    return f'<div class="snippet"><pre class="code" tabindex="0"><code>{code}</code></pre></div>\n'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
