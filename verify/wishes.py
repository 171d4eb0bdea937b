"""What an author can wish for a piece of code: skip it, expect an error, give it more time."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from verify.model import Finding, Job

KNOWN = ("skip", "no-run", "raises", "timeout", "alone", "after", "session", "allow", "hide")


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of one job, read; `raises` is empty where any error will do."""

    skip: str | None = None
    no_run: str | None = None
    raises: str | None = None
    timeout: float | None = None
    alone: bool = False
    after: tuple[str, ...] = ()
    session: str | None = None
    allow: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def wishes(job: Job) -> Wishes:
    """Read a job's options; what cannot be understood becomes a finding on its first line."""
    given = dict(job.options)
    timeout, bad = _seconds(given.get("timeout"))
    unknown = [_unknown(name) for name in given if name not in KNOWN]
    return Wishes(
        skip=given["skip"] or "the author skips it" if "skip" in given else None,
        no_run=given["no-run"] or "the author does not have it run" if "no-run" in given else None,
        raises=given.get("raises"),
        timeout=timeout,
        alone="alone" in given,
        after=tuple(given.get("after", "").replace(",", " ").split()),
        session=given.get("session"),
        allow=tuple(given.get("allow", "").replace(",", " ").split()),
        findings=(*unknown, *bad),
    )


def _seconds(text: str | None) -> tuple[float | None, list[Finding]]:
    if text is None:
        return None, []
    try:
        value = float(text)
        if value > 0:
            return value, []
    except ValueError:
        pass
    message = f"`timeout={text}` is not a number of seconds"
    return None, [_warning("bad-option", message, "write it as `timeout=60`")]


def _unknown(name: str) -> Finding:
    near = difflib.get_close_matches(name, KNOWN, n=1, cutoff=0.6)
    advice = (
        f"did you mean `{near[0]}`?" if near else "known are " + ", ".join(f"`{k}`" for k in KNOWN)
    )
    return _warning("unknown-option", f"there is no option `{name}`", advice)


def _warning(code: str, message: str, advice: str) -> Finding:
    return Finding(code, 1, 1, 1, 1, message, advice, severity="warning")
