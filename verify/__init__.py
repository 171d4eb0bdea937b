"""Runs pieces of Python in children of a warm worker and says what happened; knows no notes."""

from importlib import import_module
from typing import TYPE_CHECKING

from verify.cpus import available
from verify.model import (
    Environment,
    Finding,
    Fix,
    InterpreterError,
    Job,
    Known,
    Options,
    Setting,
    Verdict,
)

if TYPE_CHECKING:
    from verify.changes import changed
    from verify.cost import estimate
    from verify.lacks import named
    from verify.runner import Runner, run
    from verify.syntax import looks_like_python

__all__ = [
    "Environment",
    "Finding",
    "Fix",
    "InterpreterError",
    "Job",
    "Known",
    "Options",
    "Runner",
    "Setting",
    "Verdict",
    "available",
    "changed",
    "estimate",
    "looks_like_python",
    "named",
    "run",
]

#: Not needed where nothing is run, or nothing has changed, and so imported by whoever asks for it.
_LATE = {
    "Runner": "runner",
    "changed": "changes",
    "estimate": "cost",
    "looks_like_python": "syntax",
    "named": "lacks",
    "run": "runner",
}


def __getattr__(name: str) -> object:
    if name not in _LATE:
        raise AttributeError(f"module `verify` has no `{name}`")
    return getattr(import_module(f"verify.{_LATE[name]}"), name)
