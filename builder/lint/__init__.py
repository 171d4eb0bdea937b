"""What can be said of notes before anything runs; each rule is a function, named in `RULES`.

A rule can be switched off by the code of its problems: `[lint] off = ["list-too-long"]` in
proofdeck.toml, or `lint-off: [list-too-long]` in a note's front matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from builder.lint import formulas, links, shape, twins
from builder.lint.page import Exists, Known, Page
from builder.model import Course, Problem

#: A rule looks at one note with its blocks, and may ask what is known of the others.
Rule = Callable[[Page], Iterator[Problem]]

#: A wide rule looks at the whole course, whose notes may be bare.
Wide = Callable[[Known], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    links.dead,
    links.unsafe,
    links.images,
    links.lost,
    links.wiki,
    formulas.undrawable,
    shape.cardless,
    shape.vague,
    shape.long_answers,
    shape.long_lists,
    shape.echoes,
)

WIDE: tuple[Wide, ...] = (twins.doubled, twins.alike)

#: What outputs have a gap for.
GAPS: tuple[Wide, ...] = (links.gaps,)


def lint(
    course: Course,
    exists: Exists,
    off: Iterable[str] = (),
    rules: tuple[Rule, ...] = RULES,
    wide: tuple[Wide, ...] = WIDE,
) -> tuple[Problem, ...]:
    """Return what the rules find, in the order of the notes and their lines.

    `off` are the codes that nobody wants to hear of; each note has some of its own. The notes may
    be bare: they are looked at one by one, and only one has its blocks at a time.
    """
    order = {note.source.path: place for place, note in enumerate(course.notes)}
    silent = {note.source.path: {*off, *note.lint_off} for note in course.notes}
    known = Known(course, exists)
    of_course = (problem for rule in wide for problem in rule(known))
    pages = known.pages if rules else ()
    of_notes = (problem for page in pages for rule in rules for problem in rule(page))
    found = chain(of_course, of_notes)
    heard = [p for p in found if p.code not in silent.get(p.span.path, ())]
    return tuple(sorted(heard, key=lambda p: (order.get(p.span.path, -1), p.span)))
