"""Runs pieces of Python in children of a warm worker and says what happened; knows no notes."""

from verify.changes import changed
from verify.cost import estimate
from verify.environment import InterpreterError
from verify.lacks import named
from verify.model import Environment, Finding, Fix, Job, Known, Options, Setting, Verdict
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
    "changed",
    "estimate",
    "looks_like_python",
    "named",
    "run",
]
