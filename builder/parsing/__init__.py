"""Source to note: the cards and snippets in it, and what is wrong with how it is written.

Each way of writing notes is a file of its own here, with a function `find`, and one entry in
`STYLES`. The first style that finds something in a file is the one it is read by.
"""

from __future__ import annotations

from collections.abc import Callable

from builder import markdown
from builder.config import FrontMatter
from builder.model import Note, Problem, Section, Source
from builder.parsing import headings, numbered
from builder.parsing.document import Document, Mark, Style
from builder.parsing.sections import sections

STYLES: tuple[Style, ...] = (headings.find, numbered.find)


def parse(
    source: Source,
    front: FrontMatter = FrontMatter(),
    is_missing: Callable[[str], bool] = lambda _url: False,
) -> tuple[Note, tuple[Problem, ...]]:
    """Return the note that a source says, and every problem in it, in the order of the file.

    `is_missing` tells whether the file of an image, as the note writes it, is not there.
    """
    first = front.end_line + 1
    document = Document(source, markdown.parse(source, first), first)
    found = sections(document, _marks(document), front.tags, is_missing)
    title = front.title or _title(found) or _stem(source)
    note = Note(source, title, found, front.tags, front.deck, front.language)
    return note, tuple(section.held_back for section in found if section.held_back)


def _marks(document: Document) -> tuple[Mark, ...]:
    for find in STYLES:
        if found := tuple(find(document)):
            return found
    return ()


def _title(found: tuple[Section, ...]) -> str:
    """Return the one heading of the first level that asks nothing, if a note has such a one."""
    tops = [section for section in found if section.level == 1]
    return markdown.plain(tops[0].title) if len(tops) == 1 and not tops[0].card else ""


def _stem(source: Source) -> str:
    return source.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
