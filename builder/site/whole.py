"""The page to print: every chapter on one page, with the links between them kept inside it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from re import Match
from urllib.parse import quote, unquote

from builder import links
from builder.model import Artifact, Note
from builder.patterns import late
from builder.site.notes import Heading
from builder.site.shared import Site, Title

PATH = "print.html"

#: Code and formulas have no `<` of their own, so this meets tags alone.
_PLACES = late(r' (id|href|src)="([^"]*)"(?=[^<>]*>)')
#: What only a reader at a screen can use, or one who copies a formula; no link leads to it.
_FOR_SCREENS = late(
    r'<a class="permalink" href[^>]*></a>|<button class="copy"[^>]*>[^<]*</button>\n'
    r"|<annotation\b[^>]*>[^<]*</annotation>"
)
#: Where a chapter's text goes; nobody's text has a comment in it.
_BODY = "<!--@-->"
_SCHEME = late(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A note on the page."""

    anchor: str
    note: Note
    title: Title
    heading: Heading | None


class Chapters:
    """Collects the notes for the page."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._numbers = {links.page(note): n for n, note in enumerate(site.course.notes, 1)}
        self._chapters: list[Chapter] = []
        self._bodies: list[bytes] = []

    def add(self, note: Note, heading: Heading | None, html: str) -> None:
        """Add what a note says, as its own page has it; `heading` is its title there."""
        page = links.page(note)
        printed = _FOR_SCREENS.sub("", html.replace(' loading="lazy"', ""))
        html = _moved(printed, page, self._numbers)
        title = self._site.title_of(note)
        self._chapters.append(Chapter(f"@{self._numbers[page]}", note, title, heading))
        self._bodies.append(html.encode())

    def page(self) -> Artifact:
        """Return the page to print; it is put together as bytes, since it may be huge."""
        frame = self._site.page(PATH, PATH, chapters=tuple(self._chapters), body=_BODY)
        pieces = frame.content.split(_BODY.encode())
        both = zip(pieces, (*self._bodies, b""), strict=True)
        return Artifact(PATH, b"".join(chain.from_iterable(both)))


def _moved(html: str, page: str, numbers: Mapping[str, int]) -> str:
    """Return what stood on a page of its own, with its places and links as they are here."""

    def move(match: Match[str]) -> str:
        name, value = match.groups()
        if name == "id":
            return f' id="@{numbers[page]}-{value}"'
        return f' {name}="{_link(value, page, numbers)}"'

    return _PLACES.sub(move, html)


def _link(url: str, page: str, numbers: Mapping[str, int]) -> str:
    if _SCHEME.match(url):
        return url
    path, _, anchor = url.partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(path)))
    target = target if path else page
    if target not in numbers:
        return quote(target) + (f"#{anchor}" if anchor else "")
    return f"#@{numbers[target]}-{anchor}" if anchor else f"#@{numbers[target]}"
