"""What can be said of notes before anything runs; each rule is a function, named in `RULES`.

A rule can be switched off by the code of its problems: `[lint] off = ["list-too-long"]` in
proofdeck.toml, or `lint-off: [list-too-long]` in a note's front matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from builder.lint import formulas, links, shape, twins
from builder.model import Course, Note, Problem

#: Tells whether the file that a note's relative link means is there.
Exists = Callable[[Note, str], bool]

#: A rule looks at the whole course.
Rule = Callable[[Course, Exists], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    links.dead,
    links.unsafe,
    links.images,
    links.lost,
    links.wiki,
    formulas.undrawable,
    twins.doubled,
    twins.alike,
    shape.cardless,
    shape.vague,
    shape.long_answers,
    shape.long_lists,
    shape.echoes,
)


#: What outputs have a gap for; bare notes will do.
GAPS: tuple[Rule, ...] = (links.gaps,)


def lint(
    course: Course, exists: Exists, off: Iterable[str] = (), rules: tuple[Rule, ...] = RULES
) -> tuple[Problem, ...]:
    """Return what the rules find, in the order of the notes and their lines.

    `off` are the codes that nobody wants to hear of; each note has some of its own.
    """
    order = {note.source.path: place for place, note in enumerate(course.notes)}
    silent = {note.source.path: {*off, *note.lint_off} for note in course.notes}
    found = (problem for rule in rules for problem in rule(course, exists))
    heard = [p for p in found if p.code not in silent.get(p.span.path, ())]
    return tuple(sorted(heard, key=lambda p: (order.get(p.span.path, -1), p.span)))
