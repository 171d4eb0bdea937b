"""What a rule looks at: one note with its blocks, and what it may ask of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from posixpath import dirname, join, normpath

from builder import links
from builder.markdown import code_lines, without_code
from builder.model import Course, Note
from builder.patterns import late

#: An address with blanks stands between angle brackets.
LINK = late(
    r"(!?)\[[^\[\]]*\]\(\s*<?((?<=<)[^<>]+(?=>)|[^()\s<>]+(?:\([^()\s]*\)[^()\s]*)?)>?[^()]*\)"
)

#: Tells whether the file that a note's relative link means is there.
Exists = Callable[[Note, str], bool]


@dataclass(frozen=True)
class Known:
    """A course, whose notes may be bare, and what is known of all of them together."""

    course: Course
    exists: Exists

    @cached_property
    def collection(self) -> links.Collection:
        """The notes as `[[links]]` call them."""
        return links.Collection(self.course.notes)

    @cached_property
    def anchors(self) -> dict[str, frozenset[str]]:
        """What links into a note may call, by the names of their files."""
        notes = map(unread, self.course.notes)
        return {normpath(note.source.name): frozenset(_anchors(note)) for note in notes}

    @property
    def pages(self) -> Iterator[Page]:
        """Every note with its blocks; one after another, since all together take much room."""
        return (Page(unread(self.course.whole(note)), self) for note in self.course.notes)


@dataclass(frozen=True)
class Page:
    """A note with its blocks, and the course that it is of."""

    note: Note
    known: Known

    def exists(self, url: str) -> bool:
        """Tell whether the file is there that a relative link means."""
        return self.known.exists(self.note, url)

    @cached_property
    def code(self) -> frozenset[int]:
        """The lines that are code."""
        return code_lines(self.note)

    @cached_property
    def lines(self) -> tuple[tuple[int, str], ...]:
        """The lines that are no code, with their numbers, and without the code in them."""
        lines = enumerate(self.note.source.lines, 1)
        return tuple(
            (number, without_code(line)) for number, line in lines if number not in self.code
        )

    @cached_property
    def links(self) -> tuple[tuple[int, int, bool, str], ...]:
        """Line, column, whether it is an image, and address of every link outside code."""
        return tuple(
            (number, match.start(2) + 1, bool(match[1]), match[2])
            for number, line in self.lines
            if "](" in line
            for match in LINK.finditer(line)
        )


def unread(note: Note) -> Note:
    """Return a note whose source holds no lines beside its text yet, nor ever for anybody else."""
    return replace(note, source=replace(note.source))


def file_of(note: Note, path: str) -> str:
    """Return what the file is called that a relative link leads to; without a path, its own."""
    name = note.source.name
    return normpath(join(dirname(name), path) if path else name)


def _anchors(note: Note) -> Iterator[str]:
    """Yield what links into a note may call: headings with and without numbering, and own ids."""
    yield from (each.name for each in links.lasting(note, {}))
    for section in note.sections:
        if section.level:
            yield links.slug(note.source.line(section.span.line).lstrip("# "))
    yield from (*links.own_anchors(note), *links.heading_ids(note), "", "top")
