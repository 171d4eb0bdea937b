"""Formulas that cannot be drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from builder import tex
from builder.model import Course, Note, Problem

_Exists = Callable[[Note, str], bool]


def undrawable(course: Course, _exists: _Exists) -> Iterator[Problem]:
    """Yield formulas whose TeX is not understood."""
    for note in course.notes:
        yield from tex.problems(note)
