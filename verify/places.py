"""Where a finding stands: lines of the code as it was read, moved to the code as it was given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from verify.model import Finding, Fix
from verify.plan import Plan

#: Where Python found a module that lacks a name: of interest on that machine only.
_WHERE = re.compile(r"(?<=\w') \((?:/|[A-Z]:\\)[^()\n]*\.pyi?\)")


def first_line(plan: Plan) -> Finding:
    """An empty finding on the first line that is not blank."""
    lines = plan.job.code.split("\n")
    number = next((n for n, line in enumerate(lines, 1) if line.strip()), 1)
    return Finding("", number, 1, number, len(lines[number - 1]) + 1, "")


def whole_line(plan: Plan, line: int) -> Finding:
    """An empty finding on all of a line but its indent."""
    lines = plan.reading.text.split("\n")
    text = lines[line - 1] if 1 <= line <= len(lines) else ""
    start = len(text) - len(text.lstrip()) + 1
    place = Finding("", line, start, line, max(len(text.rstrip()) + 1, start + 1), "")
    return plan.reading.in_given_code(place)


def place_of(finding: Finding) -> Sequence[int]:
    """The place of a finding as the child writes places."""
    return finding.line, finding.column, finding.end_line, finding.end_column


def placed(code: str, place: Sequence[int], message: str, advice: str) -> Finding:
    """A finding at a place as the child writes it."""
    line, column, end_line, end_column = place
    return Finding(code, line, column, end_line, end_column, message, advice)


def answer_finding(row: Sequence[Any]) -> Finding:
    """A finding as a worker sends it."""
    code, place, message, advice, severity, patch = row
    finding = replace(placed(code, place, message, advice), severity=severity)
    if not patch:
        return finding
    (line, column, end_line, end_column), text, safe = patch
    return replace(finding, fix=Fix(line, column, end_line, end_column, text, safe))


def masked(text: str, folders: Iterable[str]) -> str:
    """Text without addresses and temporary paths, which differ from run to run."""
    for path in folders:
        text = text.replace(f"{path}/home", ".").replace(f"{path}/code", ".").replace(path, ".")
    text = _WHERE.sub("", text)
    return re.sub(r"\b0x[0-9a-fA-F]{6,}", "0x...", text)
