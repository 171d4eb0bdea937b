"""What an author can wish for a piece of code: skip it, expect an error, give it more time."""

from __future__ import annotations

import builtins
import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import get_args

from verify.model import Finding, Job, Severity, StandIn

#: All that may stand behind a fence, though some of it is for others to read.
KNOWN = (
    "skip", "no-run", "raises", "timeout", "alone", "after", "session", "allow", "hide", "card",
    "stand-ins-off",
)  # fmt: skip
#: Those that mean nothing without a value.
_VALUED = frozenset({"timeout", "after", "session", "allow", "card", "stand-ins-off"})
#: How alike a misspelt option is; other tools have options of their own.
_SLIP = 0.75


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
    off: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def wishes(job: Job, sessions: Collection[str] = ()) -> Wishes:
    """Read a job's options; what cannot be understood becomes a finding on its first line.

    `sessions` are those that earlier jobs belong to.
    """
    given = dict(job.options)
    timeout, bad = _seconds(given.get("timeout") or None)
    return Wishes(
        skip=given["skip"] or "the author skips it" if "skip" in given else None,
        no_run=given["no-run"] or "the author does not have it run" if "no-run" in given else None,
        raises=given.get("raises"),
        timeout=timeout,
        alone="alone" in given,
        after=_words(given.get("after", "")),
        session=given.get("session"),
        allow=_words(given.get("allow", "")),
        off=_words(given.get("stand-ins-off", "")),
        findings=(*_unreadable(given), *bad, *_wrong_names(given, sessions)),
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _seconds(text: str | None) -> tuple[float | None, list[Finding]]:
    if text is None:
        return None, []
    try:
        value = float(text)
        if 0 < value < float("inf"):
            return value, []
    except ValueError:
        pass
    message = f"`timeout={text}` is not a number of seconds"
    return None, [_warning("bad-option", message, "write it as `timeout=60`")]


def _unreadable(given: dict[str, str]) -> Iterator[Finding]:
    """What is not known, and what lacks its value."""
    for name, value in given.items():
        if name not in KNOWN:
            yield _unknown(name)
        elif name in _VALUED and not value:
            yield _warning("bad-option", f"`{name}` says nothing", f"write it as `{name}=...`")


def _unknown(name: str) -> Finding:
    """Other tools have options of their own: what is near none of ours is theirs."""
    near = difflib.get_close_matches(name, KNOWN, n=1, cutoff=_SLIP)
    if near:
        return _warning(
            "unknown-option", f"there is no option `{name}`", f"did you mean `{near[0]}`?"
        )
    known = "known are " + ", ".join(f"`{k}`" for k in KNOWN)
    return _warning("unknown-option", f"the option `{name}` is none of ours", known, "note")


def _wrong_names(given: dict[str, str], sessions: Collection[str]) -> Iterator[Finding]:
    """Names of things that there are not: errors, sessions, stand-ins."""
    raises = given.get("raises", "")
    errors = [name for name in dir(builtins) if re.search("Error|Exception|Exit|Warning", name)]
    if raises and raises not in errors and (near := _near(raises, errors)):
        yield _warning("bad-option", f"`raises={raises}` names no error that there is", near)
    for name in _words(given.get("after", "")):
        if name not in sessions:
            near = _near(name, sessions) or "name a session above: `{session=NAME}`"
            yield _warning("bad-option", f"`after={name}`: no code above has that session", near)
    for name in _words(given.get("stand-ins-off", "")):
        if name not in get_args(StandIn):
            near = "known are " + ", ".join(f"`{known}`" for known in get_args(StandIn))
            yield _warning("bad-option", f"`stand-ins-off={name}`: there is no such stand-in", near)


def _near(name: str, names: Collection[str]) -> str:
    near = difflib.get_close_matches(name, list(names), n=1, cutoff=_SLIP)
    return f"did you mean `{near[0]}`?" if near else ""


def _warning(code: str, message: str, advice: str, severity: Severity = "warning") -> Finding:
    return Finding(code, 1, 1, 1, 1, message, advice, severity=severity)
