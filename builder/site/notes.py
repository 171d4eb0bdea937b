"""The page of a note: its sections in order, and the way from here to other pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from re import Match

from builder import links
from builder.links import Anchor
from builder.markdown import Mark, Renderer, Spots, escape, walk
from builder.model import Artifact, Asset, Block, Card, Kind, Note, Problem, Section, Source
from builder.patterns import late
from builder.pictures import size
from builder.plain import plain
from builder.readable import formula, tex_of, title
from builder.site.evidence import card_shares
from builder.site.said import marks
from builder.site.search import APART, Place
from builder.site.shared import Site, Title, Way
from builder.site.sides import is_asked
from builder.site.snippets import Snippets, remark
from builder.tex import placed

#: As much as others show of a page beside its title.
DESCRIPTION = 120
#: Cards that a block makes; of the others, each is a row or a term.
_BLOCKS = (Kind.CLOZE, Kind.OUTPUT)
_LINKED = late(r"</?a\b[^>]*>|<img\b[^>]*>|(?<=\w) id=\"[^\"]*\"(?=[^<>]*>)")
_TABLE = late(r"<table\b")
#: What must not begin a line, behind a formula: a browser would break there.
_BEHIND = late(r"</math>[，。、；：！？）》」』”’]+")
_PICTURE = late(r'<img\b([^<>]*?) src="([^"]*)"([^<>]*)>')
#: An image that stands alone and has a title: its caption.
_TITLED = late(r'<p>(<img\b[^<>]*?) title="([^"]+)"([^<>]*>)</p>')


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the page: `html` as it stands there, `text` as others speak of it.

    `bare` is the HTML without marks of ours, `former` are anchors that it had before it was edited.
    """

    anchor: str
    level: int
    number: str | None
    html: str
    text: str
    bare: str
    former: tuple[str, ...] = ()

    @property
    def unlinked(self) -> str:
        """The heading inside a link, which may hold no other, nor a place that stands twice."""
        return _LINKED.sub("", self.bare)


@dataclass(frozen=True, slots=True)
class Part:
    """A section as it is shown: `html` and what it says without its code.

    `head` is the HTML above it: the heading, and why it is no card. `tex` are its formulas.
    """

    heading: Heading | None
    head: str
    html: str
    text: str
    tex: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """What a note says, as HTML: a page of its own shows it, and the page of all.

    `places` are what the search finds of it, `faults` what was found wrong while it was drawn.
    """

    note: Note
    title: Heading | None
    headings: tuple[Heading, ...]
    parts: tuple[Part, ...]
    description: str
    places: tuple[Place, ...]
    faults: tuple[Problem, ...]

    @property
    def html(self) -> str:
        """All parts, one below the other."""
        return "".join(f"<section>\n{part.head}{part.html}</section>\n" for part in self.parts)


def _shortened(text: str) -> str:
    return text if len(text) <= DESCRIPTION else text[: DESCRIPTION - 1] + "…"


def page(
    site: Site, body: Body, asked: Sequence[object], before: Note | None, behind: Note | None
) -> Artifact:
    """Return the page of a note that stands between two others.

    `asked` is what is practised of each part.
    """
    note = body.note
    return site.page(
        links.page(note),
        "note.html",
        description=body.description,
        note=note,
        title=site.title_of(note),
        body=body,
        asked=asked,
        practice=links.practice(note) if is_asked(site, note) else "",
        folder=folder(note),
        tags=site.tags.of(note),
        shares=card_shares(site.course, note.cards),
        before=before and Way(links.page(before), site.title_of(before)),
        behind=behind and Way(links.page(behind), site.title_of(behind)),
    )


def folder(note: Note) -> Way | None:
    """Return the way to where the index lists the folder of a note, if it lies in one."""
    path = note.source.name.rpartition("/")[0]
    # No heading's anchor has an @.
    anchor = f"@{links.slug(path.replace('/', ' '))}"
    return Way(f"index.html#{anchor}", Title.of(path.replace("/", " / "))) if path else None


def _places(note: Note, parts: tuple[Part, ...]) -> Iterator[Place]:
    """Yield what the search finds: the page itself first, then its sections."""
    if not parts or (parts[0].heading and parts[0].heading.level > 1):
        yield Place("", "", "", note.tags, "", "")
    for section, part in zip(note.sections, parts, strict=True):
        heading = part.heading if part.heading and part.heading.level > 1 else None
        yield Place(
            heading.anchor if heading else "",
            (heading.number or "") if heading else "",
            heading.text if heading else "",
            tuple(dict.fromkeys((*note.tags, *(section.card.tags if section.card else ())))),
            part.text,
            APART.join(("\n".join(_code(section)), *part.tex)),
        )


def _code(section: Section) -> Iterator[str]:
    return (block.text for block in walk(section.blocks) if block.kind == "code")


def _breaking(heading: str) -> str:
    """Return the HTML of a heading whose line may end behind a slash: names are not cut then."""
    return heading if "<" in heading else heading.replace("/", "/<wbr>")


def _held(html: str) -> str:
    """Return HTML in which a formula and the punctuation behind it stay on one line."""
    pieces: list[str] = []
    at = 0
    for behind in _BEHIND.finditer(html):
        start = html.rfind("<math", at, behind.start())
        pieces += html[at:start], '<span class="held">', html[start : behind.end()], "</span>"
        at = behind.end()
    return "".join(pieces) + html[at:]


class Writer:
    """Makes the HTML of one note after another; what is slow to make is made once."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._note = Note(Source("", ""), "", ())
        self._snippets = Snippets(site, self._note)
        self._marks: tuple[Mark, ...] = ()
        self._tex: dict[str, None] = {}
        self._pictures: dict[str, Asset] = {}
        self._shown = False
        self._wide = (
            f'<div class="wide" role="group" tabindex="0" aria-label="{escape(site.say("table"))}">'
        )
        self._renderer = Renderer(
            code=self._code,
            math=self._formula,
            said=formula,
            url=lambda name, url: site.target(self._note, name, url),
        )

    def body(self, note: Note) -> Body:
        """Return what a note says."""
        self._note, self._snippets = note, Snippets(self._site, note)
        self._pictures = {asset.name: asset for asset in self._site.course.assets_of(note)}
        self._shown = False
        formulas = self._site.formulas
        formulas.refused.clear()
        self._marks = tuple(marks(self._site, note))
        parts = tuple(self._parts())
        headings = tuple(part.heading for part in parts if part.heading)
        return Body(
            note,
            headings[0] if headings and headings[0].level == 1 else None,
            tuple(heading for heading in headings if heading.level > 1),
            parts,
            _shortened(" ".join(" ".join(part.text for part in parts).split())),
            tuple(_places(note, parts)),
            tuple(placed(note, formulas.refused)),
        )

    def _code(self, block: Block) -> str:
        return self._snippets.html(block)

    def _formula(self, tex: str, display: bool) -> str:
        self._tex[tex] = None
        return self._site.formulas.html(tex, display, self._site.say("formula"))

    def _parts(self) -> Iterator[Part]:
        """Yield the sections, as they are shown. A heading of level 1 is the page's title."""
        anchors = self._site.places.lasting(self._note)
        inside = iter(anchors.inside)
        top = self._title()
        levels = [s.level for s in self._note.sections if s.level and s is not top]
        shift = 2 - min(levels, default=2)
        for section, anchor in zip(self._note.sections, anchors.sections, strict=True):
            level = 1 if section is top else max(min(section.level + shift, 6), 2)
            self._tex = dict.fromkeys(tex_of(section.title))
            spots = dict(map(self._spot, section.inside, inside))
            html, text = self._body(section, spots)
            heading = self._heading(section, level, anchor) if section.level else None
            yield Part(heading, self._head(section, heading), html, text, tuple(self._tex))

    def _head(self, section: Section, heading: Heading | None) -> str:
        if (not heading or heading.level == 1) and not section.held_back:
            return ""
        held_back = section.held_back and remark(section.held_back.message, self._site.say)
        return self._site.macro("parts.html", "head")(heading, held_back)

    def _title(self) -> Section | None:
        """Return the section whose heading is the title of the note."""
        first = next((section for section in self._note.sections if section.level), None)
        return first if first and plain(first.title) == self._note.title else None

    def _heading(self, section: Section, level: int, anchor: Anchor) -> Heading:
        untitled = self._site.say("untitled")
        bare = self._renderer.inline(section.title)
        marked = self._renderer.inline(section.title, section.span.line, self._marks)
        return Heading(
            anchor.name,
            level,
            section.number,
            _breaking(marked) or untitled,
            title(section.title) or untitled,
            bare or untitled,
            anchor.former,
        )

    def _sized(self, image: Match[str]) -> str:
        """Return a picture with its size, so that nothing moves when it comes late."""
        before, url, behind = image.groups()
        asset = self._pictures.get(url.rpartition("/")[2])
        if not asset:
            return image[0]
        has_own = " width=" in image[0] or " height=" in image[0]
        sides = None if has_own else size(asset.name, asset.content)
        said = f' width="{sides[0]}" height="{sides[1]}"' if sides else ""
        late = ' loading="lazy"' if self._shown else ""
        self._shown = True
        return f'<img{before} src="{url}"{behind}{said}{late}>'

    def _spot(self, card: Card, anchor: Anchor) -> tuple[int, str]:
        """Return the line of a card that has no heading, and the link to it that stands there."""
        link = self._site.macro("parts.html", "spot")(anchor, card.kind in _BLOCKS)
        return card.span.line, link

    def _body(self, section: Section, spots: Spots) -> tuple[str, str]:
        """Return what stands under a heading; what may be too wide scrolls by itself."""
        html, text = self._renderer.blocks_and_text(section.blocks, self._marks, spots)
        html = _held(html)
        if "<img " in html:
            html = _PICTURE.sub(self._sized, html)
        if ' title="' in html:
            html = _TITLED.sub(r"<figure>\1\3<figcaption>\2</figcaption></figure>", html)
        if "<table" in html:
            html = _TABLE.sub(lambda match: self._wide + match[0], html)
            html = html.replace("</table>", "</table></div>")
        return html + self._snippets.broken_claims(section.snippets), text
