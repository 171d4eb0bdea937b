"""The values that go into this package and come out of it.

Lines and columns of findings are counted from 1 in the code that was given, whatever file it
stands in; `Job.line` only serves what Python itself prints, such as tracebacks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]
Status: TypeAlias = Literal["passed", "failed", "incomplete", "skipped"]
Sandboxing: TypeAlias = Literal["auto", "require", "off"]
Depth: TypeAlias = Literal["run", "names", "neither"]
Kind: TypeAlias = Literal["code", "doctest", "signature", "claim", "setup"]
#: What can be put in place of what a machine lacks.
StandIn: TypeAlias = Literal["device", "data", "weights", "loops", "files"]


class InterpreterError(Exception):
    """The interpreter that was asked for cannot run anything here; the message says why."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for a job besides the options of all: usually the same for a whole note.

    `prelude` takes the place of theirs, `names` are added to theirs. `off` are stand-ins that are
    not put up, `allow` the codes of findings that are not to count. A job is only run behind others
    that share at least `within` circles with it.
    """

    prelude: tuple[str, ...] | None = None
    names: tuple[tuple[str, str], ...] = ()
    off: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    within: int = 1


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of Python to examine.

    `key` is the caller's name for it and comes back in the verdict. `file` and `line` say where
    the code stands, for tracebacks. `scopes` are the circles it stands in, widest first, such as
    a note, a heading, a card: a name that the code lacks is looked for in earlier jobs of the
    narrowest scope they share, then wider. `folder` is one that the code may read. `certain` is
    false for code that nobody marked as Python; it is then examined only where it is clearly
    Python. `options` are the author's. `expected` is the output that stands right behind the code,
    in a block of its own, and `fails` says that by the text around it the code raises an error. A
    `setup` is run before every later job in its narrowest circle. `aside` is code that stands in a
    sentence: nothing builds on it, and only what is proved without a run is held against it.
    """

    key: str
    code: str
    file: str = "snippet.py"
    line: int = 1
    scopes: tuple[str, ...] = ()
    kind: Literal["code", "claim", "setup"] = "code"
    certain: bool = True
    options: tuple[tuple[str, str], ...] = ()
    folder: str | None = None
    expected: str | None = None
    fails: bool = False
    setting: Setting = Setting()
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Fix:
    """A correction: put `text` in the place that the finding covers."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong, in lines and columns of the given code; `end_column` is exclusive."""

    code: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    help: str = ""
    severity: Severity = "error"
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one job.

    `reason` says why it is incomplete or skipped, in words for the reader. `after` are the keys
    of the earlier jobs it was run behind, in order. `assumed` are the names that were given a
    value from outside the code, `guessed` those of them that nobody defined at all. `figures` are
    names and PNG pictures in base64. `announced` is what is wrong on purpose, where the author says
    so with `raises=`, `allowed` what does not count since the author says so. `depth` says whether
    it was run, or only its names looked up, or neither. `seconds` is wall time of the code alone.
    `runs` says how often it was begun: more than once where a worker died, where guesses at names
    did not fit, or where only a module that was left out may have been missing.
    """

    key: str
    status: Status
    kind: Kind = "code"
    reason: str | None = None
    findings: tuple[Finding, ...] = ()
    announced: tuple[Finding, ...] = ()
    allowed: tuple[Finding, ...] = ()
    stdout: str = ""
    stand_ins: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    figures: tuple[tuple[str, str], ...] = ()
    after: tuple[str, ...] = ()
    depth: Depth = "neither"
    seconds: float = 0.0
    runs: int = 0
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the dotted name of an API.

    `unclear` is what nothing can be said of, such as a name from a package that is absent.
    `leads_to` is the name that is really there; `meant` is what to write for the part that is not,
    behind `reached` others that are, or, of what is outdated, instead of it.
    """

    status: Literal["ok", "typo", "unknown", "deprecated", "removed", "unclear"]
    leads_to: str | None = None
    meant: str | None = None
    message: str = ""
    help: str = ""
    reached: int = 0


@dataclass(frozen=True, slots=True)
class Options:
    """How jobs are run: limits a job, what is imported first, and where verdicts are kept.

    `timeout` is in seconds of wall time, `memory` and `output` in bytes. `prelude` is the code
    whose names every job may use; `names` are expressions for names that nobody defines.
    `off` are stand-ins that are not put up. `python` is the interpreter, by default this one.
    `cache` is a folder, None for no cache.
    `sandbox` may be `require`, which refuses to run anything that could reach network or files of
    others, or `off`.
    """

    python: str | None = None
    jobs: int = 0
    timeout: float = 30.0
    memory: int = 2 << 30
    output: int = 1 << 20
    preload: tuple[str, ...] = ("torch", "numpy")
    prelude: tuple[str, ...] = (
        "import torch",
        "from torch import nn, optim",
        "import torch.nn.functional as F",
        "import numpy as np",
    )
    names: tuple[tuple[str, str], ...] = ()
    off: tuple[str, ...] = ()
    cache: str | None = None
    sandbox: Sandboxing = "auto"


@dataclass(frozen=True, slots=True)
class Environment:
    """What the jobs ran on: the interpreter's version, its packages, the sandbox's layers."""

    python: str = ""
    packages: tuple[tuple[str, str], ...] = ()
    sandbox: tuple[str, ...] = field(default=())
