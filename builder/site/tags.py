"""The tags of a course: how often each is used, and where its page lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count

from builder import links
from builder.model import TAG_SEPARATOR, Course, Note


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, where its page lies, and how many cards have it."""

    name: str
    path: str
    cards: int

    @property
    def words(self) -> str:
        """The tag as it is read."""
        return self.name.replace(TAG_SEPARATOR, " / ")


@dataclass(frozen=True)
class Tags:
    """The tags of a course, in the order of their names."""

    course: Course

    @cached_property
    def all(self) -> Mapping[str, Tag]:
        """Every tag by its name."""
        counts: dict[str, int] = {}
        for note in self.course.notes:
            for tag in chain(note.tags, *(card.tags for card in note.cards)):
                counts.setdefault(tag, 0)
            for tag in chain(*(dict.fromkeys(card.tags) for card in note.cards)):
                counts[tag] += 1
        paths: dict[str, None] = {}
        return {name: Tag(name, _free(name, paths), counts[name]) for name in sorted(counts)}

    def of(self, note: Note) -> tuple[Tag, ...]:
        """Return the tags of a note and its cards."""
        names = dict.fromkeys(chain(note.tags, *(card.tags for card in note.cards)))
        return tuple(self.all[name] for name in names)


def _free(name: str, taken: dict[str, None]) -> str:
    """Return a path that no other tag has, on a disk that knows no capitals either."""
    slug = links.slug(name.replace(TAG_SEPARATOR, " ")).replace(" ", "-") or "tag"
    names = chain([slug], (f"{slug}-{n}" for n in count(2)))
    path = next(p for p in (f"tags/{name}.html" for name in names) if p not in taken)
    taken[path] = None
    return path
