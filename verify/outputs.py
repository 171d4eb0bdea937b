"""Findings for output that a note shows and the code does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from verify.expected import Expected
from verify.model import Finding
from verify.places import first_line, whole_line
from verify.plan import Plan
from verify.shown import contradicts
from verify.words import cut

Facts = dict[str, Any]

_LONGEST = 80
_HELP = "write what it shows, or mend the code"


def wrong_outputs(plan: Plan, code: str, output: Facts) -> Iterator[Finding]:
    """Each statement against what is said of it, then all that was printed against the block."""
    shown = {facts["line"]: facts for facts in output.get("shown", ())}
    for expected in plan.reading.expected:
        if expected.last in shown:
            yield from _of_statement(plan, code, expected, shown[expected.last])
    below, stdout = plan.job.expected, output.get("stdout")
    is_of_last = any(expected.text == below for expected in plan.reading.expected)
    if below and stdout and not is_of_last and _differs(below, stdout, code):
        yield _finding(replace(first_line(plan)), below, stdout)


def _of_statement(plan: Plan, code: str, expected: Expected, shown: Facts) -> Iterator[Finding]:
    real = shown["printed"].strip() or shown["value"] or ""
    if "cuda" not in expected.text and contradicts(
        expected.text.strip(), real, code, strict=not expected.typed
    ):
        yield _finding(whole_line(plan, expected.first), expected.text, real)


def _differs(said: str, real: str, code: str) -> bool:
    """As a whole, or line by line where there are as many lines."""
    if "cuda" in said:
        return False
    if contradicts(said.strip(), real.strip(), code, strict=True):
        return True
    pairs = list(_lines(said)), list(_lines(real))
    return len(pairs[0]) == len(pairs[1]) and any(
        contradicts(a.strip(), b.strip(), code, strict=True) for a, b in zip(*pairs, strict=True)
    )


def _lines(text: str) -> Iterator[str]:
    """The lines of a text, those of one value as one."""
    begun = ""
    for line in text.strip().splitlines():
        begun = f"{begun}\n{line}" if begun else line
        if sum(begun.count(sign) for sign in "([{") <= sum(begun.count(sign) for sign in ")]}"):
            yield begun
            begun = ""
    yield from [begun] if begun else []


def _finding(place: Finding, said: str, real: str) -> Finding:
    message = f"it shows `{_short(real)}`, and the note says `{_short(said)}`"
    return replace(place, code="wrong-output", message=message, help=_HELP)


def _short(text: str) -> str:
    return cut(" ".join(text.split()), _LONGEST)
