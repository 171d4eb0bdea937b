"""Runs that were ended from outside, by a limit, a signal or themselves, and whose fault it is."""

from __future__ import annotations

import re
import signal
from dataclasses import replace
from typing import Any

from verify.model import Finding
from verify.places import first_line, whole_line
from verify.plan import Plan

Facts = dict[str, Any]

_TIME_HELP = "let it do less, or give it more time with `timeout=`"
_FLOOD_HELP = "let it print less"
_EXIT_HELP = "let the code run to its end"
_KILLED_HELP = "the operation on this line must not be called like this"
#: What waits for another program to send something.
_WAITS = re.compile(r"\.(?:accept|recv|recvfrom|serve_forever)\(")
#: Stand-ins that may be larger or slower than the real thing, or lead further.
MADE_UP = ("random samples", "made-up content", "an untrained network", "the CPU")
#: What a worker counts itself, by the word it has for it.
_TAKEN = {
    "memory": ("memory-limit", "it takes more memory than is allowed", "let it take less"),
    "crowded": ("process-limit", "it starts processes without end", "let it start fewer"),
}


def ended_from_outside(plan: Plan, answer: Facts) -> Finding | str:
    """The author's finding, or the reason why it is not the author's."""
    ending = answer.get("ending")
    if ending == "late":
        return "it builds on code that did not end within its time"
    if not answer.get("started") and plan.link.after:
        return "it builds on code that does not run to its end"
    found = _found(plan, answer)
    rests = plan.guesses or plan.unknown
    if isinstance(found, Finding) and rests and found.code.endswith("-limit"):
        names = ", ".join(f"`{name}`" for name in rests[:3])
        return f"{found.message}, with values assumed for {names}"
    made_up = [words for words in answer.get("stood", ()) if words.startswith(MADE_UP)]
    if isinstance(found, Finding) and made_up and found.code.endswith("-limit"):
        return f"{found.message}, with {made_up[0]}"
    return found


def _found(plan: Plan, answer: Facts) -> Finding | str:
    ending, line = answer.get("ending"), answer.get("line")
    status = answer.get("status", 0)
    killer = status & 0x7F
    if ending == "flooded":
        return _at(plan, line, "output-limit", "it prints more than is allowed", _FLOOD_HELP)
    if ending in _TAKEN:
        return _at(plan, line, *_TAKEN[ending])
    if ending == "timeout" or killer == signal.SIGXCPU:
        if "torch.compile" in plan.job.code:
            return "`torch.compile` may take longer than the time that is allowed"
        if line and _WAITS.search(plan.reading.text.split("\n")[line - 1]):
            return "it needs the network"
        words = f"it did not end within {answer.get('timeout', 0):g} seconds"
        return _at(plan, line, "time-limit", words, _TIME_HELP)
    left = answer.get("left")
    if left:
        words = f"it leaves Python through `os._exit({left['status']})`"
        return _at(plan, left.get("line"), "exit", words, _EXIT_HELP)
    if killer:
        words = f"it kills the interpreter ({signal.Signals(killer).name})"
        return _at(plan, line, "killed-by-signal", words, _KILLED_HELP)
    words = f"the interpreter ended with status {status >> 8} and said nothing"
    return _at(plan, line, "exit", words, _EXIT_HELP)


def _at(plan: Plan, line: int | None, code: str, message: str, advice: str) -> Finding:
    place = whole_line(plan, line) if line else first_line(plan)
    return replace(place, code=code, message=message, help=advice)
