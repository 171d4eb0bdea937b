"""Formulas that cannot be drawn."""

from __future__ import annotations

from collections.abc import Iterator

from builder import tex
from builder.lint.page import Page
from builder.model import Problem


def undrawable(page: Page) -> Iterator[Problem]:
    """Yield formulas whose TeX is not understood."""
    yield from tex.problems(page.note)
