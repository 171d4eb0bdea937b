"""What was found out about the code, in numbers and names that fit on a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from builder.model import Card, Course, Environment, Status

#: The worse, the sooner it decides about a card.
_WORST_FIRST = (Status.FAILED, Status.INCOMPLETE, Status.SKIPPED, Status.PASSED)


@dataclass(frozen=True, slots=True)
class Share:
    """How many have one status; `start` and `width` are its part of a bar, in per cent."""

    status: str
    n: int
    start: float
    width: float


def shares(statuses: Iterable[Status]) -> tuple[Share, ...]:
    """Count statuses; none is listed that nothing has."""
    counts = Counter(statuses)
    if not counts:
        return ()
    found: list[Share] = []
    start = 0.0
    for status in Status:
        if n := counts[status]:
            width = 100 * n / counts.total()
            found.append(Share(status.value, n, round(start, 2), round(width, 2)))
            start += width
    return tuple(found)


def status(course: Course, card: Card) -> Status | None:
    """Return what is known of a card: the worst of its snippets; None where it has no verdict."""
    verdicts = (course.verdict(snippet.span) for snippet in card.snippets)
    found = {verdict.status for verdict in verdicts if verdict}
    return next((status for status in _WORST_FIRST if status in found), None)


def card_shares(course: Course, cards: Iterable[Card]) -> tuple[Share, ...]:
    """Count the statuses of cards."""
    return shares(found for card in cards if (found := status(course, card)))


def ran_on(environment: Environment) -> tuple[str, ...]:
    """Return what code ran on, the most telling first; without marks of a local build."""
    packages = (f"{name} {version.split('+')[0]}" for name, version in environment.packages)
    python = (f"Python {environment.python}",) if environment.python else ()
    return (*packages, *python)
