"""What the author of the notes reads at the terminal: what a save brought, and what it mended."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from builder.model import Problem, Source
from builder.report import problem_text

#: A problem wherever it stands now: an edit above it is no news of it.
_Known = frozenset[tuple[str, str]]


class Told:
    """Says what is new, and nothing twice."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._known: dict[str, _Known] = {}

    def know(self, path: str, problems: Iterable[Problem]) -> None:
        """Take what is wrong with a file for known; nothing is said."""
        self._known[path] = frozenset(map(_known, _serious(problems)))

    def tell(self, path: str, problems: Iterable[Problem], source: Source | None = None) -> None:
        """Say what else is wrong with a file, or that nothing is any more."""
        found = _serious(problems)
        before = self._known.get(path, frozenset())
        self.know(path, found)
        for problem in found:
            if _known(problem) not in before:
                self._say(problem_text(problem, source))
        if before and not found:
            self._say(f"{path}: nothing is wrong any more\n")


def _serious(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if problem.severity != "note")


def _known(problem: Problem) -> tuple[str, str]:
    return problem.code, problem.message
