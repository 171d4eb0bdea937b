"""What the author has allowed or announced, and which of the findings that leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from verify.model import Finding
from verify.places import first_line
from verify.plan import Plan


@dataclass(frozen=True, slots=True)
class Settled:
    """The findings that count, those that the author said there would be, and those allowed."""

    kept: tuple[Finding, ...]
    announced: tuple[Finding, ...] = ()
    allowed: tuple[Finding, ...] = ()


def settle(plan: Plan, findings: Sequence[Finding], static: Callable[[], list[Finding]]) -> Settled:
    """Findings without what the author allows; an `allow` that allows nothing is a warning."""
    announced: list[Finding] = []
    if "raises" in dict(plan.job.options):
        announced = _expected(plan, findings, static)
        findings = [f for f in findings if f not in announced]
    codes = {*plan.wishes.allow, *plan.job.setting.allow}
    allowed = tuple(f for f in findings if f.code in codes)
    kept = [f for f in findings if f.code not in codes]
    idle = [code for code in plan.wishes.allow if code not in {f.code for f in findings}]
    for code in idle:
        place = replace(first_line(plan), code="unused-allow", severity="warning")
        kept.append(replace(place, message=f"`allow={code}` allows nothing", help="remove it"))
    return Settled(tuple(kept), tuple(announced), allowed)


def _expected(
    plan: Plan, findings: Sequence[Finding], static: Callable[[], list[Finding]]
) -> list[Finding]:
    """Where an error is wished for, what the checks foresaw is part of it."""
    wanted = plan.wishes.raises or ""
    syntactic = [f for f in findings if f in plan.reading.findings]
    expected = set(static()) if plan.runs else set()
    if syntactic and (not wanted or wanted in ("SyntaxError", "IndentationError", "TabError")):
        expected |= set(syntactic)
    return [f for f in findings if f in expected]
