"""The pages of tags: what carries one, chapter by chapter, and all of them on one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from builder import links
from builder.model import Artifact, Note
from builder.site.shared import Site, Way

PATH = "tags.html"


@dataclass(frozen=True, slots=True)
class Group:
    """The cards of one chapter that have a tag."""

    chapter: Way
    cards: tuple[Way, ...]


def pages(site: Site) -> Iterator[Artifact]:
    """Yield the page of each tag, and the one that lists them; nothing where there are none."""
    tags = site.tags.all
    if not tags:
        return
    groups: dict[str, list[Group]] = {name: [] for name in tags}
    for note in site.course.notes:
        for name, cards in _cards(site, note).items():
            groups[name].append(Group(Way(links.page(note), site.title_of(note)), tuple(cards)))
    yield site.page(PATH, PATH, tags=tuple(tags.values()), description=site.say("tags"))
    for name, tag in tags.items():
        description = site.say("tagged", tag=tag.words)
        yield site.page(tag.path, "tag.html", tag=tag, groups=groups[name], description=description)


def _cards(site: Site, note: Note) -> Mapping[str, list[Way]]:
    found: dict[str, list[Way]] = {name: [] for name in note.tags}
    for section, anchor in zip(note.sections, site.places.anchors(note), strict=True):
        if section.card:
            way = Way(f"{links.page(note)}#{anchor}", site.title(section.title))
            for name in dict.fromkeys(section.card.tags):
                found.setdefault(name, []).append(way)
    return found
