"""Practice: what each part of a note's page asks, and the page that leads through all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from builder import links
from builder.links import Anchor
from builder.markdown import Renderer, escape, highlight, language
from builder.model import Artifact, Block, Card, Kind, Note, Section
from builder.patterns import late
from builder.plain import plain
from builder.site.bare import bare
from builder.site.notes import Body, Part
from builder.site.shared import Site, Title
from builder.site.sides import is_asked, prints, sides
from builder.site.snippets import Snippets

PATH = "practice.html"
#: How cards look that are asked, and what they are asked on.
LOOK: Final = ("desk.css", "practice.css")

#: What stands on the page a second time has no place of its own.
_PLACE = late(r'(<[a-z][^<>]*?) id="[^"]*"')
#: What a heading ends in that asks by itself.
_ASKS = late(r"[?？]$")
#: Kinds of cards whose heading is the question, and all below it the answer.
_PLAIN = (Kind.BASIC, Kind.REVERSED)


@dataclass(frozen=True, slots=True)
class Known:
    """What a card is known by in the browser; `tags` is JSON, empty where it has none."""

    id: str
    tags: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A card that is not simply a heading and what stands below it.

    `question`, `front` and `answer` are HTML: what opens, what stands below it until then, and
    what stands there from then on. `above` is that of the heading of a card without its own, and
    `at` the anchor of such a card.
    """

    known: Known
    at: str
    above: str
    question: str
    front: str
    answer: str


@dataclass(frozen=True, slots=True)
class Asks:
    """What is practised of a part: the part itself, if it is `known`, and `others`."""

    anchor: str
    known: Known | None
    others: tuple[Asked, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """What they are known by, in the order of the page, which has them all in one place."""
        found = (self.known, *(other.known for other in self.others))
        return tuple(it.id for it in found if it)


@dataclass(frozen=True, slots=True)
class Chapter:
    """The cards of a note in the overview; `cards` is JSON: their ids, and the tags of each."""

    name: str
    path: str
    title: Title
    n: int
    cards: str


def overview(site: Site, chapters: Sequence[Chapter]) -> Artifact:
    """Return the page that leads through the whole course, or one tag of it."""
    return site.page(PATH, PATH, chapters=chapters)


def look(site: Site) -> Artifact:
    """Return the stylesheet of the overview: a page that lists, with a desk."""
    return Artifact("assets/chapters.css", _css(site, ("lists.css", "desk.css")).encode())


def script(site: Site) -> Artifact:
    """Return the script of both, with the words that it shows, and how they look."""
    more = {name: site.say(f"practice-{name}") for name in ("show", "place", "undo")}
    words = {"practice": site.say("practice"), **more, **site.say.table("practising")}
    given = f"const practice = {_json({'words': words, 'look': _css(site, LOOK)})};\n"
    scripts = (bare(name, site.templates[name]) for name in ("fsrs.js", "practice.js"))
    return Artifact("assets/practice.js", (given + "".join(scripts)).encode())


def _css(site: Site, names: Iterable[str]) -> str:
    return "".join(bare(name, site.templates[name]) for name in names)


def chapter(site: Site, note: Note) -> Chapter | None:
    """Return the cards of a note as the overview has them, if it has any."""
    if not is_asked(site, note):
        return None
    cards = [
        (_id(site, card, f"{place}/{n}" if n else place, side), card.tags)
        for section, place in _places(site, note)
        for n, card in enumerate(section.cards, section.card is None)
        for side in sides(site, card)
    ]
    name = links.page(note).removesuffix(".html")
    return Chapter(name, links.practice(note), site.title_of(note), len(cards), _json(cards))


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


class Asking:
    """Turns the cards of one note after another into questions and answers."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._note: Note | None = None

    @cached_property
    def _renderer(self) -> Renderer:
        label = self._site.say("formula")
        return Renderer(
            code=_code,
            math=lambda tex, display: self._site.formulas.html(tex, display, label),
            url=self._target,
        )

    def _target(self, name: str, url: str) -> str | None:
        assert self._note
        return self._site.target(self._note, name, url)

    def of(self, body: Body) -> tuple[Asks, ...]:
        """Return what the parts of a note ask, in their order."""
        self._note = body.note
        inside = iter(self._site.places.lasting(body.note).inside)
        return tuple(
            self._asks(body, section, place, part, inside)
            for (section, place), part in zip(
                _places(self._site, body.note), body.parts, strict=True
            )
        )

    def _asks(
        self, body: Body, section: Section, place: str, part: Part, inside: Iterator[Anchor]
    ) -> Asks:
        known, others = None, []
        for n, card in enumerate(section.cards, section.card is None):
            at = "" if card is section.card else next(inside).name
            for side in sides(self._site, card):
                found = _id(self._site, card, f"{place}/{n}" if n else place, side)
                named = Known(found, _json(card.tags) if card.tags else "")
                if card is section.card and card.kind in _PLAIN and not side:
                    known = named
                    continue
                above = "" if card is section.card else self._above(section, card)
                asked = self._asked(body, card, part, side, is_heading=card is section.card)
                texts = (_PLACE.sub(r"\1", html) for html in asked)
                others.append(Asked(named, at, above, *texts))
        return Asks(place.rpartition("#")[2], known, tuple(others))

    def _above(self, section: Section, card: Card) -> str:
        """Return the heading above a card without its own, with its formulas drawn."""
        above = card.context[-1] if card.context else ""
        is_given = above and plain(section.title) == above
        return self._site.title(section.title).html if is_given else escape(above)

    def _asked(
        self, body: Body, card: Card, part: Part, side: int, *, is_heading: bool
    ) -> tuple[str, str, str]:
        """Return what is asked, what stands below it, and the answer."""
        title = part.heading.unlinked if part.heading and is_heading else ""
        match card.kind:
            case Kind.CLOZE:
                whole = part.html if is_heading else self._renderer.blocks(card.blocks)
                asks = title or escape(self._site.say("practice-gap"))
                return asks, self._renderer.with_gap(card.blocks, side), whole
            case Kind.OUTPUT:
                return self._printed(body, card)
            case Kind.REVERSED if side:
                return escape(self._site.say("card-reverse")), part.html, f"<p>{title}</p>"
            case Kind.BASIC | Kind.REVERSED:
                return self._renderer.inline(card.question), "", self._renderer.blocks(card.blocks)

    def _printed(self, body: Body, card: Card) -> tuple[str, str, str]:
        """The front shows the code as it is: what became of it would be half of the answer."""
        title = self._renderer.inline(card.question)
        said = (prints(self._site, card) or "").strip("\n")
        nothing = f"<p>{escape(self._site.say('card-nothing'))}</p>"
        shown = f'<div class="printed"><pre tabindex="0">{escape(said)}</pre></div>'
        block = card.blocks[0]
        return (
            title if _ASKS.search(title) else escape(self._site.say("card-prints")),
            _code(block),
            (shown if said else nothing) + Snippets(self._site, body.note).html(block),
        )


def _code(block: Block) -> str:
    """Return code without what became of it."""
    code = highlight(block.text.rstrip("\n") + "\n", language(block.info)).rstrip("\n")
    return f'<div class="snippet"><pre class="code" tabindex="0"><code>{code}</code></pre></div>\n'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
