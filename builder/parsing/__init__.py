"""Source to note: the cards and snippets in it, and what is wrong with how it is written.

Each way of writing notes is a file of its own here, with a function `find`, and one entry in a
tuple below. Headings come first. In a note without any, and below a heading whose text is made of
nothing else, the first of the other ways that finds something is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

from builder import markdown
from builder.config import FrontMatter
from builder.model import Note, Problem, Section, Source
from builder.parsing import (
    admonitions,
    allowing,
    bold,
    choice,
    details,
    divided,
    fences,
    headings,
    numbered,
    one_line,
    pairs,
    tagged,
)
from builder.parsing.document import Mark, Region, Style
from builder.parsing.sections import sections

#: Ways that may be met below a heading too: each says both where the question and the answer are.
PAIRS: tuple[Style, ...] = (
    tagged.find,
    details.find,
    admonitions.find,
    pairs.find,
    divided.find,
    one_line.find,
)

#: Ways that a whole note is written in, or no part of it: an answer goes on to the next question.
LISTS: tuple[Style, ...] = (bold.find, numbered.find)


def parse(
    source: Source,
    front: FrontMatter = FrontMatter(),
    is_missing: Callable[[str], bool] = lambda _url: False,
) -> tuple[Note, tuple[Problem, ...]]:
    """Return the note that a source says, and every problem in it, in the order of the file.

    `is_missing` tells whether the file of an image, as the note writes it, is not there.
    """
    region = Region.of(source, front.end_line + 1)
    found = sections(region, tuple(_marks(region, front.cards)), front, is_missing)
    title = front.title or _title(found) or _stem(source)
    note = Note(source, title, found, front.tags, front.deck, front.language, front.lint_off)
    note = replace(note, verifying=front.verify, allowed=tuple(allowing.find(source, found)))
    held_back = (section.held_back for section in found if section.held_back)
    problems = (*held_back, *fences.unclosed(source), *details.unclosed(region))
    return note, tuple(sorted(problems, key=lambda problem: problem.span))


def images(note: Note) -> tuple[str, ...]:
    """Return the addresses of the images and sounds that a note shows, as it writes them."""
    return markdown.images(block for section in note.sections for block in section.blocks)


def _marks(region: Region, named: tuple[str, ...]) -> Iterator[Mark]:
    heads = tuple(choice.chosen(headings.find(region), named))
    if not named:
        heads = tuple(choice.tagged(heads, tuple(tagged.find(region))))
    in_text = not named or "pairs" in named
    if not heads:
        styles = (_pairs, *LISTS) if in_text else ()
        yield from next(filter(None, (tuple(find(region)) for find in styles)), ())
        return
    ends = [after.line - 1 for _, after in pairwise(heads)] + [region.last]
    bodies = [region.part(h.end_line + 1, end) for h, end in zip(heads, ends, strict=True)]
    lists = tuple(find for find in LISTS if _is_written_in(find, bodies))
    styles = (_pairs, *lists) if in_text else ()
    for head, body in zip(heads, bodies, strict=True):
        yield head
        found = (_whole(find, body) if head.asks else tuple(find(body)) for find in styles)
        yield from next(filter(None, found), ())


def _pairs(region: Region) -> Iterator[Mark]:
    """Yield what all ways together find; one that begins inside another is a part of it."""
    found = sorted((mark for find in PAIRS for mark in find(region)), key=lambda mark: mark.line)
    done = 0
    for mark in found:
        if mark.line > done:
            yield mark
            done = mark.end(otherwise=mark.end_line)


def _is_written_in(find: Style, bodies: list[Region]) -> bool:
    """Tell whether the headings of a note ask nothing: below each the list begins at once."""
    full = [body for body in bodies if not body.is_blank(body.first, body.last)]
    return bool(full) and all(_whole(find, body) for body in full)


def _whole(find: Style, body: Region) -> tuple[Mark, ...]:
    """Return the marks of a style if a body is made of them and of nothing else.

    One fold alone below a heading is how authors hide the answer of the heading.
    """
    found = tuple(find(body))
    done = body.first - 1
    for mark in found:
        if not body.is_blank(done + 1, mark.line - 1):
            return ()
        done = mark.end(otherwise=body.last)
    is_answer = len(found) == 1 and found == tuple(details.find(body))
    return () if is_answer or not body.is_blank(done + 1, body.last) else found


def _title(found: tuple[Section, ...]) -> str:
    """Return the one heading of the first level that asks nothing, if a note has such a one."""
    tops = [section for section in found if section.level == 1]
    return markdown.plain(tops[0].title) if len(tops) == 1 and not tops[0].card else ""


def _stem(source: Source) -> str:
    return source.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
