"""What the author has allowed, and which of the findings that leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from verify.model import Finding
from verify.places import first_line
from verify.plan import Plan


def settle(
    plan: Plan, findings: Sequence[Finding], static: Callable[[], list[Finding]]
) -> list[Finding]:
    """Findings without what the author allows; an `allow` that allows nothing is a warning."""
    if "raises" in dict(plan.job.options):
        findings = _without_expected(plan, findings, static)
    kept = [f for f in findings if f.code not in plan.wishes.allow]
    idle = [code for code in plan.wishes.allow if code not in {f.code for f in findings}]
    for code in idle:
        place = replace(first_line(plan), code="unused-allow", severity="warning")
        kept.append(replace(place, message=f"`allow={code}` allows nothing", help="remove it"))
    return kept


def _without_expected(
    plan: Plan, findings: Sequence[Finding], static: Callable[[], list[Finding]]
) -> Sequence[Finding]:
    """Where an error is wished for, what the checks foresaw is part of it."""
    wanted = plan.wishes.raises or ""
    syntactic = [f for f in findings if f in plan.reading.findings]
    if syntactic and (not wanted or wanted in ("SyntaxError", "IndentationError", "TabError")):
        findings = [f for f in findings if f not in syntactic]
    if plan.runs:
        checked = set(static())
        findings = [f for f in findings if f not in checked]
    return findings
