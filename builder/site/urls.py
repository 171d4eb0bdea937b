"""What a link or an image of a note becomes on its page: relative, inside the site, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from urllib.parse import quote, unquote

from builder import links
from builder.links import Anchors, Targets
from builder.markdown import escape
from builder.model import Artifact, Asset, Course, Note
from builder.patterns import late

_SCHEME = late(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
#: Pages that are nobody's answer to anything.
_UNLISTED = ("404.html", "search.html", "print.html")
_ELSEWHERE = ("http:", "https:", "mailto:")


def relative(path: str, page: str) -> str:
    """Return the link from a page to a path, both counted from the site's root."""
    return _from(page.rpartition("/")[0], path)


@lru_cache(maxsize=1024)
def _from(folder: str, path: str) -> str:
    """Return the link to a path from any page in a folder, without asking where we are."""
    here, there = folder.split("/") if folder else [], path.split("/")
    same = 0
    while same < min(len(here), len(there) - 1) and here[same] == there[same]:
        same += 1
    return quote("/".join([".."] * (len(here) - same) + there[same:]))


def media(asset: Asset) -> str:
    """Return where a file that a note shows lies on the site."""
    return f"assets/media/{asset.name}"


def sitemap(url: str, pages: Iterable[str]) -> Artifact:
    """Return the list of pages that search engines read, for a site that stands at `url`."""
    listed = "".join(
        f"<url><loc>{escape(url + quote(path))}</loc></url>\n"
        for path in pages
        if not path.endswith(_UNLISTED)
    )
    return Artifact(
        "sitemap.xml",
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{listed}</urlset>\n'.encode(),
    )


@dataclass(frozen=True)
class Places:
    """All places that a link of a note can lead to."""

    course: Course
    before: Mapping[int, tuple[Note, Anchors]] = field(default_factory=dict)

    def again(self, course: Course) -> Places:
        """Return the places of the course after an edit; those of the same notes are known."""
        return Places(course, self._known)

    @cached_property
    def _known(self) -> Mapping[int, tuple[Note, Anchors]]:
        """The anchors of each note, by the note's identity, which lives as long as the note."""
        known, cards = self.before, dict(self.course.anchors)
        return {
            id(note): known[id(note)] if id(note) in known else (note, links.lasting(note, cards))
            for note in self.course.notes
        }

    @cached_property
    def _anchors(self) -> Mapping[str, Anchors]:
        return {note.source.name: anchors for note, anchors in self._known.values()}

    @cached_property
    def _notes(self) -> links.Collection:
        return links.Collection(self.course.notes)

    def anchors(self, note: Note) -> tuple[str, ...]:
        """Return the anchors of a note's sections, in their order."""
        return tuple(anchor.name for anchor in self.lasting(note).sections)

    def lasting(self, note: Note) -> Anchors:
        """Return the anchors of a note's sections and cards, with those that they had before."""
        return self._anchors[note.source.name]

    def _targets(self, note: Note) -> Targets:
        """Return what links into a note mean; where many lead into one, it is found out once."""
        name = note.source.name
        if name not in self._meant:
            self._meant[name] = Targets(note, self.lasting(note))
        return self._meant[name]

    @cached_property
    def _meant(self) -> dict[str, Targets]:
        return {}

    def target(self, note: Note, name: str, url: str) -> str | None:
        """Return what the `href` or `src` of a note becomes on its page; None takes it away."""
        if name == "src":
            return self._file(note, url)
        scheme = _SCHEME.match(url)
        if scheme or url.startswith("//"):
            return _elsewhere(url if scheme else "https:" + url)
        return self._inside(note, url) or self._file(note, url)

    def _file(self, note: Note, url: str) -> str | None:
        asset = self.course.asset(note, url)
        return relative(media(asset), links.page(note)) if asset else None

    def _inside(self, note: Note, url: str) -> str | None:
        """Return the link to a note, or to a heading of one, written as a path to its file."""
        path, _, wanted = unquote(url).partition("#")
        other = self._notes.find(note, path)
        if other is None:
            return None
        anchor = self._targets(other).anchor(wanted)
        page = relative(links.page(other), links.page(note)) if path else ""
        return f"{page}#{quote(anchor)}" if anchor else page or None


def _elsewhere(url: str) -> str | None:
    return url if url.lower().startswith(_ELSEWHERE) else None
