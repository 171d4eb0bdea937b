"""What lies over a page while its note is being written: the problems, and where they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from builder.model import Problem, Severity
from builder.site.shared import Site
from builder.site.snippets import remark

_SHOWN: tuple[Severity, ...] = ("error", "warning")


@dataclass(frozen=True, slots=True)
class Shown:
    """A problem as it is shown; `message` and `help` are HTML."""

    code: str
    severity: Severity
    place: str
    message: str
    help: str


def problems_html(site: Site, found: Iterable[Problem]) -> str:
    """Return the errors and warnings among problems, errors first; empty where there is none."""
    say = site.say
    problems = sorted(
        (problem for problem in found if problem.severity in _SHOWN),
        key=lambda problem: (_SHOWN.index(problem.severity), problem.span),
    )
    shown = tuple(
        Shown(p.code, p.severity, str(p.span), remark(p.message, say), remark(p.help, say))
        for p in problems
    )
    return site.part("live.html", problems=shown) if shown else ""
