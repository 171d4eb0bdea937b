"""Where things stand on the site: the page of a note, the anchor of a heading.

The deck links to what the site writes, so both ask here.
"""

from __future__ import annotations

import re
from itertools import chain, count
from urllib.parse import quote

from builder.markdown import plain
from builder.model import Note

_NOT_IN_ANCHOR = re.compile(r"[^\w\- ]")


def page(note: Note) -> str:
    """Return the path of a note's page below the site's root, with `/`."""
    return f"notes/{note.source.name.removesuffix('.md')}.html"


def practice(note: Note) -> str:
    """Return where the cards of a note are practised: beside its page, so that its links hold."""
    return page(note).removesuffix(".html") + ".practice.html"


def quoted(path: str) -> str:
    """Return a path as links write it."""
    return quote(path)


def slug(text: str) -> str:
    """Return the anchor that a heading has on well-known hosts; Chinese stays readable."""
    return _NOT_IN_ANCHOR.sub("", plain(text).lower()).strip().replace(" ", "-")


def anchors(note: Note) -> tuple[str, ...]:
    """Return an anchor for each section of a note; the second of a name gets `-2`."""
    found: dict[str, None] = {}
    for section in note.sections:
        name = slug(section.title) or "section"
        names = chain([name], (f"{name}-{n}" for n in count(2)))
        found[next(candidate for candidate in names if candidate not in found)] = None
    return tuple(found)
