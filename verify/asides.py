"""How code in a sentence is judged: sentences speak of errors, and leave out what is plain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from verify.model import Finding

#: What is wrong whatever the sentence around it is about.
_PROOF = frozenset({"unknown-name", "unknown-argument", "removed-name", "deprecated"})


def aside(
    findings: Sequence[Finding], static: Sequence[Finding], reason: str | None
) -> tuple[list[Finding], str | None]:
    """The findings that count against it, and why it is not shown to be right."""
    kept = [_weighed(f) for f in findings if f in static and f.code in _PROOF]
    other = [
        f for f in findings if f.severity == "error" and not (f in static and f.code in _PROOF)
    ]
    gone = next((f for f in other if f.code == "unknown-module"), None)
    if gone:
        reason = f"it stands in a sentence, and {gone.message}"
    if not reason and other:
        reason = f"it stands in a sentence, and run by itself it ends so: {other[0].message}"
    if not reason and any(f.severity == "warning" and f.code == "unknown-name" for f in kept):
        reason = "it names what the library does not have"
    return kept, reason


def _weighed(finding: Finding) -> Finding:
    """A name that is like no other may be one that somebody only thinks of."""
    certain = finding.code != "unknown-name" or finding.fix is not None
    return finding if certain else replace(finding, severity="warning")
