"""What is wrong with a course, all of it in one order, and whether that is too much."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from builder import files
from builder.model import Course, Note, Problem, Status
from builder.pipeline.settings import Settings


def lint(where: Settings, course: Course) -> tuple[Problem, ...]:
    """Return what is wrong with the notes before anything runs, what is held back among it."""
    from builder.lint import lint

    off = where.config.lint.off
    silent = {note.source.path: {*off, *note.lint_off} for note in course.notes}
    heard = (
        problem
        for problem in course.problems
        if problem.severity == "error" or problem.code not in silent.get(problem.span.path, off)
    )
    return _in_order(course, (*heard, *lint(course, _exists(where, course), off)))


def gaps(where: Settings, course: Course) -> tuple[Problem, ...]:
    """Return what `lint` says of images that are not there: cards and pages have gaps for them."""
    if not any("![" in note.source.text for note in course.notes):
        return ()
    from builder.lint import GAPS, lint

    return lint(course, _exists(where, course), where.config.lint.off, (), GAPS)


def _exists(where: Settings, course: Course) -> Callable[[Note, str], bool]:
    """Return what tells whether the file is there that a link of a note means."""
    paths = {note.source.path: Path(note.source.path) for note in course.notes}
    media = where.media(paths.values())

    def exists(note: Note, url: str) -> bool:
        here = paths[note.source.path]
        path = files.local_path(here, url)
        if path is None or path.exists():
            return True
        return media[where.place(here)[0]].find(here, url) is not None

    return exists


def problems(course: Course) -> tuple[Problem, ...]:
    """Return everything that is wrong, note by note, in the order of the lines."""
    return _in_order(course, course.problems + course.found)


def _in_order(course: Course, found: tuple[Problem, ...]) -> tuple[Problem, ...]:
    order = {note.source.path: i for i, note in enumerate(course.notes)}
    return tuple(sorted(found, key=lambda p: (order.get(p.span.path, -1), p.span)))


def has_errors(course: Course, *, strict: bool = False) -> bool:
    """Tell whether the notes have to be mended; `strict` counts warnings and incomplete code."""
    bad = ("error", "warning") if strict else ("error",)
    unsure = (v for v in course.verdicts if v.status is Status.INCOMPLETE or v.guessed)
    if strict and any(not verdict.known for verdict in unsure):
        return True
    return any(p.severity in bad and not p.known for p in problems(course))
