"""What the fields and tags of each card hold: the author's words as HTML that is safe in Anki."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from html import escape, unescape
from itertools import chain
from typing import Final, assert_never
from urllib.parse import quote, unquote

from builder.deck.identity import Identity, anchors, cards_of
from builder.deck.marks import Mark, code_block, drawn, mark, printed, verdict_line
from builder.deck.notetypes import Fields, hash_of, note_type
from builder.kept import Kept, key_of
from builder.links import Anchor, Anchors, Collection, lasting, page
from builder.model import (
    TAG_SEPARATOR,
    Asset,
    Block,
    Card,
    Course,
    Kind,
    Note,
    Problem,
    Snippet,
    Status,
    Verdict,
)
from builder.patterns import late
from builder.plain import plain
from builder.sharing import Shared
from builder.words import Words

VERIFIED: Final = "proofdeck::verified"
BROKEN: Final = "proofdeck::broken"
RETIRED: Final = "proofdeck::retired"

_BETWEEN_HEADINGS = '<span class="sep">›</span>'
_IMAGE = late(r"<(?:img|audio|source)\b(?:\s+[\w-]+(?:=\"[^\"]*\")?)*\s*/?>")
_ATTRIBUTE = late(r"\s([\w-]+)=\"([^\"]*)\"")
#: Anki reads these in any field, and takes what follows for a sound, or for TeX of its own.
_ANKI_MARKUP = late(r"\[(?=sound:|anki:|/?latex\]|/?\$\$?\])")
_ABSOLUTE = late(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
#: Anki plays them by a mark of its own; a note shows them as it shows an image.
_SOUNDS = (".mp3", ".ogg", ".oga", ".wav", ".m4a", ".flac", ".opus")
#: What a heading ends in that asks by itself.
_ASKS = late(r"[?？]$")
_FOLD = late(r"\A<details\b(?! open)")
#: Browsers break a line behind a formula, whatever follows; no line begins with a full stop.
_CLOSED = late(r"\\\((?:[^<>\n\\]|\\[^()]){1,60}\\\)[、。！），：；？》」』”,.;:!?)]+")
_CONTROL = late(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Content:
    """What one Anki note holds, and the files it shows; `unanswered` says why it cannot be one.

    `hash` is of all that is shipped of it. `anchors` are what it is found by on the site, the
    oldest first.
    """

    fields: Fields
    tags: tuple[str, ...]
    hash: str
    media: tuple[Asset, ...]
    mark: Mark
    anchors: tuple[str, ...]
    unanswered: Problem | None = None


def contents(
    course: Course,
    cards: tuple[Identity, ...],
    site_url: str,
    say: Words,
    kept: Kept,
    around: tuple[object, ...],
) -> Generator[Content]:
    """Yield the content of every card, in their order, which is that of the notes.

    Links lead to the site, where it has an address. `kept` knows what earlier builds made of a
    note; `around` is all that this depends on beside the notes.
    """
    known = anchors(cards)
    names = Collection(course.notes, known)
    outside = key_of("cards", *around) if kept else b""
    identities = iter(cards)
    guids = [tuple(next(identities).guid for _ in note.cards) for note in course.notes]

    def written(number: int) -> tuple[Content, ...]:
        note = course.notes[number]
        found = lasting(note, known)
        links = _Links(note, site_url, names)
        key = _key(course, note, guids[number], found, outside) if kept else b""
        before = kept.get(key)
        if before and all(links.url(url) == led for url, led in before[1]):
            return tuple(_with_files(course, note, before[0]))
        colours = _Colours(kept, note)
        writer = _Writer(course, note, links, say, colours)
        made = tuple(_written(course.whole(note), guids[number], found, writer))
        if kept:
            kept.put(key, (tuple(map(_without_files, made)), tuple(links.asked.items())))
            colours.save()
        return made

    with Shared(kept, len(course.notes), written) as shared:
        yield from chain.from_iterable(shared)


def _written(
    note: Note, guids: tuple[str, ...], found: Anchors, writer: _Writer
) -> Iterator[Content]:
    names = zip(guids, found.of_cards(note), strict=True)
    for (card, is_heading), (guid, anchor) in zip(cards_of(note), names, strict=True):
        yield writer.content(card, anchor, guid, is_heading=is_heading)


def _key(
    course: Course, note: Note, guids: tuple[str, ...], found: Anchors, outside: bytes
) -> bytes:
    """Return a name for all that the cards of a note are made from, but for where links lead."""
    source = note.source
    told = _judged(course, note)
    judged = [replace(v, seconds=0, runs=0, cached=False, figures=()) for v in told]
    names = [(file.url, file.name) for file in _files(course, note)]
    text = source.path, source.name, source.text
    return key_of(outside, text, guids, found, judged, course.said(note), names)


def _judged(course: Course, note: Note) -> tuple[Verdict, ...]:
    found = (course.verdict(snippet.span) for snippet in note.snippets) if course.verified else ()
    return tuple(verdict for verdict in found if verdict)


def _files(course: Course, note: Note) -> Iterator[Asset]:
    """Yield what the cards of a note may show: files beside it, and figures of its code."""
    yield from course.assets_of(note)
    for verdict in _judged(course, note):
        yield from verdict.figures


def _without_files(content: Content) -> Content:
    """What is large, or else known, is not kept."""
    media = tuple(replace(file, content=b"") for file in content.media)
    return replace(content, media=media, mark=Mark())


def _with_files(course: Course, note: Note, found: tuple[Content, ...]) -> Iterator[Content]:
    files = {file.name: file for file in _files(course, note)}
    for card, content in zip(note.cards, found, strict=True):
        media = tuple(files[file.name] for file in content.media)
        yield replace(content, media=media, mark=mark(course, note, card))


class _Links:
    """Where the links of a note lead on the site; remembers which were asked for."""

    def __init__(self, note: Note, site_url: str, names: Collection) -> None:
        self._note, self._site_url, self._names = note, site_url, names
        self.asked: dict[str, str | None] = {}

    def address(self, note: Note, anchor: str | None) -> str:
        """Return the address of a place; nothing where there is no site."""
        fragment = f"#{quote(anchor)}" if anchor else ""
        return self._site_url and f"{self._site_url}{quote(page(note))}{fragment}"

    def url(self, url: str) -> str | None:
        """Return where a link to another note leads; None for nowhere."""
        path, _, wanted = unquote(url).partition("#")
        other = self._names.find(self._note, path.partition("?")[0]) if self._site_url else None
        found = self.address(other, self._names.anchor(other, wanted)) if other else None
        self.asked[url] = found
        return found


class _Colours:
    """The code of a note as HTML: most of it stood there before, and to colour it takes longest."""

    def __init__(self, kept: Kept, note: Note) -> None:
        self._kept, self._key = kept, key_of("colours", note.source.path) if kept else b""
        self._before: dict[tuple[str, str], str] = kept.get(self._key) or {}
        self._now: dict[tuple[str, str], str] = {}

    def __call__(self, code: str, language: str) -> str:
        html = self._before.get((code, language)) or _coloured(code, language)
        self._now[code, language] = html
        return html

    def save(self) -> None:
        """Keep the code that stands there now."""
        if self._now != self._before:
            self._kept.put(self._key, self._now)


def _coloured(code: str, language: str) -> str:
    from builder.markdown import highlight

    return highlight(code, language)


class _Writer:
    """Writes the cards of one note."""

    def __init__(
        self, course: Course, note: Note, links: _Links, say: Words, colours: _Colours
    ) -> None:
        self._course, self._note, self._links, self._say = course, note, links, say
        self._colours = colours
        from builder.markdown import Renderer  # which loads much, and is needed where notes changed

        self._snippets = {s.span: s for s in note.snippets if s.kind == "code"}
        self._renderer = Renderer(code=self._code, url=self._url)
        self._gaps = Renderer(code=self._code, url=self._url, anki=True)
        self._titles = {plain(section.title): section.title for section in note.sections}
        self._headings: dict[str, str] = {}
        self._shown: dict[str, Asset] = {}

    def content(self, card: Card, anchor: Anchor, guid: str, *, is_heading: bool) -> Content:
        """Return the content of a card; a heading is asked about, or only stands above."""
        self._shown = {}
        found = mark(self._course, self._note, card)
        fields = self._faces(card, found, is_heading=is_heading)._replace(
            context=_BETWEEN_HEADINGS.join(map(self._heading, card.context)),
            source=self._source(anchor.names[0]),
            verdict=_safe(verdict_line(found, self._say)),
            id=guid,
        )
        unanswered = None
        if card.kind is Kind.OUTPUT and not (fields.output or fields.answer):
            unanswered = _unanswered(card, found)
        tags = _tags(self._note, card, found)
        what = hash_of(note_type(card.kind).key, fields, tags)
        return Content(
            fields, tags, what, tuple(self._shown.values()), found, anchor.names, unanswered
        )

    def _faces(self, card: Card, found: Mark, *, is_heading: bool) -> Fields:
        """Return the fields that a kind of card is asked with and answered by."""
        match card.kind:
            case Kind.BASIC | Kind.REVERSED:
                return Fields(
                    question=self._safe(self._renderer.inline(card.question)),
                    answer=_unfolded(self._safe(self._renderer.blocks(card.blocks))),
                    reverse=self._say("card-reverse") if card.kind is Kind.REVERSED else "",
                )
            case Kind.CLOZE:
                return Fields(question=self._with_gaps(card, is_heading=is_heading))
            case Kind.OUTPUT:
                return self._printed(card, found)
            case _:
                assert_never(card.kind)

    def _with_gaps(self, card: Card, *, is_heading: bool) -> str:
        """Anki shows a field with gaps if the one that is asked for is in it: all is in one."""
        text = self._safe(self._gaps.blocks(card.blocks))
        if not is_heading:
            return text
        title = self._safe(self._gaps.inline(card.question))
        return f'<div class="ask">{title}</div>\n{text}'

    def _printed(self, card: Card, found: Mark) -> Fields:
        """The front shows the code as it is: what is wrong with it would be half of the answer."""
        block, title = card.blocks[0], self._safe(self._renderer.inline(card.question))
        snippet = self._snippets.get(block.span)
        verdict = self._course.verdict(block.span) if self._course.verified else None
        return Fields(
            question=title if _ASKS.search(title) else self._say("card-prints"),
            answer=_safe(self._code(block)) if found.has_faults else "",
            code=_safe(code_block(block, snippet, None, self._say, self._colours)),
            output=_safe(self._output(snippet, verdict)),
        )

    def _output(self, snippet: Snippet | None, verdict: Verdict | None) -> str:
        """Return what code printed, or what its author says where it was not run."""
        if verdict and verdict.status is Status.PASSED:
            figures = "".join(map(self._figure, verdict.figures))
            if verdict.stdout.strip() or not (figures or verdict.announced):
                return printed(verdict.stdout, self._say) + figures
            return figures
        said = snippet.expected if snippet else None
        return (
            ""
            if said is None or (verdict and verdict.status is Status.FAILED)
            else printed(said, self._say)
        )

    def _heading(self, text: str) -> str:
        """Return a heading above a card, known by its plain text; it has formulas alone."""
        if text not in self._headings:
            title = self._titles.get(text, text)
            self._headings[text] = _safe(_text(text) if title == text else _title(title))
        return self._headings[text]

    def _code(self, block: Block) -> str:
        verdict = self._course.verdict(block.span) if self._course.verified else None
        snippet = self._snippets.get(block.span)
        code = code_block(block, snippet, verdict, self._say, self._colours)
        return code + "".join(map(self._figure, drawn(verdict)))

    def _figure(self, figure: Asset) -> str:
        self._shown[figure.name] = figure
        return f'<p class="drawn"><img src="{figure.name}" alt="{self._say("card-figure")}"></p>\n'

    def _source(self, anchor: str) -> str:
        address = self._links.address(self._note, anchor)
        return address and f'<a href="{escape(address)}">{self._say("card-source")}</a>'

    def _url(self, name: str, url: str) -> str | None:
        """Return where an image or a link leads from a card; None for nowhere."""
        if name == "src":
            asset = self._asset(url)
            return asset.name if asset else url
        return url if _ABSOLUTE.match(url) else self._links.url(url)

    def _asset(self, url: str) -> Asset | None:
        """The Markdown library escapes what the author wrote; both may stand in the course."""
        found = (self._course.asset(self._note, name) for name in (url, unquote(url)))
        asset = next((asset for asset in found if asset), None)
        if asset:
            self._shown[asset.name] = asset
        return asset

    def _safe(self, html: str) -> str:
        return _IMAGE.sub(lambda match: self._image(match[0]), _safe(html)).replace("</audio>", "")

    def _image(self, tag: str) -> str:
        """Return an image of ours as it is, and for another a word: a card fetches nothing."""
        said = dict(_ATTRIBUTE.findall(tag))
        url = said.get("src", "")
        if unescape(url) in self._shown:
            return f"[sound:{url}]" if url.endswith(_SOUNDS) else tag
        if not url and not tag.startswith("<img"):  # its source stands inside
            return ""
        text = said.get("alt") or self._say("card-missing")
        if _ABSOLUTE.match(unescape(url)):
            return f'<a class="missing" href="{url}">{text}</a>'
        return f'<span class="missing">{text}</span>'


def _title(heading: str) -> str:
    from builder.readable import title_html

    return title_html(heading, _text, _formula)


def _text(said: str) -> str:
    return escape(said, quote=False)


def _formula(tex: str) -> str:
    return f"\\({_text(tex)}\\)"


def _safe(html: str) -> str:
    """Take out what Anki would not read as text: its own marks, and what divides its fields."""
    clean = _ANKI_MARKUP.sub("&#91;", _CONTROL.sub("", html)).strip()
    return _CLOSED.sub(r'<span class="one">\g<0></span>', clean) if "\\)" in clean else clean


def _unfolded(answer: str) -> str:
    """Who turns a card over has asked for the answer: one that is all in a fold is open."""
    is_all = answer.endswith("</details>") and answer.count("<details") == 1
    return _FOLD.sub("<details open", answer) if is_all else answer


def _unanswered(card: Card, found: Mark) -> Problem:
    reason = next((f": {v.reason}" for v in found.verdicts if v.reason), "")
    return Problem(
        "no-output",
        card.span,
        f"the card asks what this prints, and it was not run{reason}",
        "let it run, or write what it prints into a fence `output` right behind it",
        "warning",
    )


def _tags(note: Note, card: Card, found: Mark) -> tuple[str, ...]:
    """Return a card's tags, each once, whatever its capitals: so Anki sees them."""
    own = [tag(text) for text in (*note.tags, *card.tags)]
    own += [VERIFIED] * found.is_verified + [BROKEN] * found.is_broken
    return tuple(sorted({text.lower(): text for text in reversed(own) if text}.values()))


def tag(text: str) -> str:
    """Return `text` as a tag that Anki takes as it is: no spaces, no empty parts."""
    parts = unicodedata.normalize("NFC", text).split(TAG_SEPARATOR)
    clean = ("_".join(_CONTROL.sub(" ", part).split()) for part in parts)
    return TAG_SEPARATOR.join(part for part in clean if part)
