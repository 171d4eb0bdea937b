"""Pages in the place of notes that were renamed or moved: they lead on, with the anchor."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from builder import links
from builder.model import Artifact
from builder.patterns import late
from builder.site.shared import Site, Way

#: What no note is called; a lock may have been written by anybody.
_NO_NAME = late(r"[\x00-\x1f]|(?:^|[/\\])\.\.(?:[/\\]|$)")


def pages(site: Site) -> Iterator[Artifact]:
    """Yield a page for each place that cards were in before, where no note is now."""
    notes = {unicodedata.normalize("NFC", it.source.name): it for it in site.course.notes}
    taken = {links.page(note) for note in site.course.notes}
    for file, now in site.course.moved:
        path, note = links.page_of(file), notes.get(now)
        if note and path not in taken and not _NO_NAME.search(file):
            taken.add(path)
            yield site.page(path, "moved.html", to=Way(links.page(note), site.title_of(note)))
