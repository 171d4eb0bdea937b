"""The page to print: every chapter on one page, with the links between them kept inside it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from re import Match
from urllib.parse import quote, unquote

from builder import links
from builder.model import Artifact
from builder.site.notes import Body
from builder.site.shared import Site

PATH = "print.html"

#: Code and formulas have no `<` of their own, so this meets tags alone.
_PLACES = re.compile(r'(?<= )(id|href|src)="([^"]*)"(?=[^<>]*>)')
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A note on the page, with its links as they are here."""

    anchor: str
    body: Body
    html: str


def page(site: Site, bodies: Iterable[Body]) -> Artifact:
    """Return the page to print."""
    numbers = {links.page(note): n for n, note in enumerate(site.course.notes, 1)}
    return site.page(
        PATH,
        PATH,
        chapters=tuple(
            Chapter(f"@{n}", body, _moved(body.html, links.page(body.note), numbers))
            for n, body in enumerate(bodies, 1)
        ),
    )


def _moved(html: str, page: str, numbers: Mapping[str, int]) -> str:
    """Return what stood on a page of its own, with its places and links as they are here."""

    def move(match: Match[str]) -> str:
        name, value = match.groups()
        if name == "id":
            return f'id="@{numbers[page]}-{value}"'
        return f'{name}="{_link(value, page, numbers)}"'

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
