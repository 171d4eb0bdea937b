"""Inside the child: sets the scene, runs earlier pieces in silence, then the one that counts."""

from __future__ import annotations

import ast
import atexit
import contextlib
import faulthandler
import io
import json
import os
import random
import signal
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

from .checks import CHECKS
from .claims import prove
from .errors import describe, text_of
from .facts import Found
from .library import Library
from .piece import Run
from .script import Script, groups, new_main

Facts = Dict[str, Any]


class Channel:
    """The pipe to the worker, one JSON object a line; only the child itself may write to it."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.owner = os.getpid()

    def send(self, **facts: Any) -> None:
        """Tell the worker something."""
        if os.getpid() != self.owner:
            return
        data = json.dumps(facts).encode("utf-8") + b"\n"
        while data:
            data = data[os.write(self.descriptor, data) :]


class Stage:
    """One task being carried out: its scripts, its namespace, what was noticed on the side."""

    def __init__(self, task: Facts, code_folder: str, channel: Channel) -> None:
        self.task = task
        self.channel = channel
        self.links = [
            Script(code_folder, f"link{n}.py", link["text"], link["line"])
            for n, link in enumerate(task["links"])
        ]
        self.script = Script(code_folder, task["name"] + ".py", task["text"], task["line"])
        self.in_threads: List[Facts] = []
        self.warned: List[Facts] = []

    @property
    def scripts(self) -> List[Script]:
        """All of them, the one that counts last."""
        return [*self.links, self.script]


def perform(
    task: Facts, code_folder: str, channel: Channel, library: Callable[[bool], Library]
) -> None:
    """Examine and, if the task says so, run one piece of code; everything goes to the channel.

    Before a run nothing may be imported, since that would change what the run finds.
    """
    checked = examine(task, library(not task["run"]))
    channel.send(event="checked", **checked)
    if not task["run"] or checked["newer"]:
        return
    stage = Stage(task, code_folder, channel)
    for script in stage.scripts:
        script.write()
    outcome = play(stage)
    channel.send(event="ended", **outcome)
    channel.send(event="checked", **examine(task, library(True)))


def examine(task: Facts, library: Library) -> Facts:
    """What the checks say, as plain facts."""
    try:
        run = Run(task, library)
    except SyntaxError:  # it parsed in the parent, whose Python is newer
        return {"found": [], "absent": {}, "flattered": False, "newer": True}
    found: List[Found] = [finding for check in CHECKS for finding in check(run)]
    return {"found": found, "absent": run.absent, "flattered": library.flattered, "newer": False}


def play(stage: Stage) -> Facts:
    """Run the earlier pieces, then the one that counts, and say how it ended."""
    namespace = new_main(stage.script)
    prepare(stage)
    _play_prelude(stage.task["prelude"], namespace)
    assumed = _assume(stage.task["assumed"], namespace)
    broken = [_play_link(script, namespace) for script in stage.links]
    _listen()
    stage.channel.send(event="started")
    start = time.monotonic()
    outcome = _play_last(stage, namespace)
    _finish(outcome, stage)
    seconds = time.monotonic() - start
    return {
        **outcome,
        "seconds": seconds,
        "broken": broken,
        "assumed": assumed,
        "threads": stage.in_threads,
        "warnings": stage.warned,
    }


def prepare(stage: Stage) -> None:
    """Seeds, hooks and silence."""
    _seed()
    sys.path.insert(0, str(Path.cwd()))
    sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    atexit._clear()
    threading.excepthook = _thread_hook(stage)
    _watch_exit(stage)


def _seed() -> None:
    """Make random numbers the same in each run.

    `torch.manual_seed` would do as much and cost more than all the rest of the set-up.
    """
    random.seed(0)
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(0)


def trace_to(path: str) -> None:
    """Let a dump of where the code stands go to a file, on crashes and on the worker's signal."""
    file = Path(path).open("wb", buffering=0)  # noqa: SIM115
    faulthandler.enable(file, all_threads=False)
    faulthandler.register(signal.SIGXCPU, file, all_threads=False, chain=True)


def _thread_hook(stage: Stage) -> Callable[[Any], None]:
    def hook(args: Any) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            stage.in_threads.append(describe(args.exc_value, stage.scripts))

    return hook


def _watch_exit(stage: Stage) -> None:
    """Note the place of an `os._exit`, after which nothing more could be said."""
    really, owner = os._exit, os.getpid()

    def leave(status: int) -> None:
        if os.getpid() == owner:
            frame, line = sys._getframe(1), None
            while frame is not None and line is None:
                if frame.f_code.co_filename == stage.script.path:
                    line = frame.f_lineno - stage.script.padding
                frame = frame.f_back  # type: ignore[assignment]
            stage.channel.send(event="left", status=status, line=line)
        really(status)

    os._exit = leave  # type: ignore[assignment]


def _play_prelude(prelude: str, namespace: Facts) -> None:
    """Run the prelude; a line whose package is absent is left out."""
    for statement in ast.parse(prelude).body:
        try:
            exec(compile(ast.Module([statement], []), "<prelude>", "exec"), namespace)
        except ImportError:
            continue


def _assume(assumed: Dict[str, str], namespace: Facts) -> List[str]:
    """Give the names that the configuration supplies their values."""
    given = []
    for name, expression in assumed.items():
        with contextlib.suppress(Exception):  # the code then lacks the name, and says so itself
            namespace[name] = eval(expression, namespace)
            given.append(name)
    return given


def _play_link(script: Script, namespace: Facts) -> Optional[Facts]:
    """Run an earlier piece until it ends or breaks; where and how it broke."""
    try:
        exec(script.compile(script.parse().body), namespace)
    except BaseException as error:
        if isinstance(error, MemoryError):
            raise
        place = script.place(error.__traceback__)
        return {"type": type(error).__name__, "text": text_of(error), "place": place}
    return None


def _listen() -> None:
    """From here on the output counts."""
    out, err = (io.FileIO(number, "wb", closefd=False) for number in (1, 2))
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(out), "utf-8", "replace")
    sys.stderr = io.TextIOWrapper(io.BufferedWriter(err), "utf-8", "replace", write_through=True)


def _play_last(stage: Stage, namespace: Facts) -> Facts:
    warnings.showwarning = _warning_hook(stage)
    warnings.simplefilter("default", DeprecationWarning)
    script = stage.script
    try:
        tree = script.parse()
        if stage.task["claim"]:
            against = prove(script, tree, namespace)
            return {"end": "finished", "against": against, "expected": []}
        expected = [_play_group(stage, tree, *group, namespace) for group in _groups(stage, tree)]
        return {"end": "finished", "expected": [e for e in expected if e]}
    except SystemExit as error:
        if error.code in (None, 0, False):
            return {"end": "finished", "expected": []}
        return {"end": "raised", "error": describe(error, stage.scripts)}
    except BaseException as error:
        return {"end": "raised", "error": describe(error, stage.scripts)}


def _groups(stage: Stage, tree: ast.Module) -> List[Tuple[bool, List[ast.stmt]]]:
    padding = stage.script.padding
    apart = [(first + padding, last + padding) for first, last in stage.task["expected"]]
    return list(groups(tree.body, apart))


def _play_group(
    stage: Stage, tree: ast.Module, apart: bool, body: List[ast.stmt], namespace: Facts
) -> Optional[Facts]:
    """Run some statements; an error that the code itself announces does not end the run."""
    future = [n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    code = stage.script.compile([*(n for n in future if n not in body), *body])
    if not apart:
        exec(code, namespace)
        return None
    try:
        exec(code, namespace)
    except Exception as error:
        return describe(error, stage.scripts)
    return None


def _warning_hook(stage: Stage) -> Callable[..., None]:
    def show(message: Any, category: Any, filename: str, lineno: int, *_: Any) -> None:
        if filename == stage.script.path:
            line = lineno - stage.script.padding
            stage.warned.append({"type": category.__name__, "text": str(message), "line": line})
        sys.stderr.write(f"{category.__name__}: {message}\n")

    return show


def _finish(outcome: Facts, stage: Stage) -> None:
    """What Python does at the end of a script: wait for threads, call what was registered."""
    try:
        if outcome["end"] == "finished":
            for thread in threading.enumerate():
                if thread is not threading.current_thread() and not thread.daemon:
                    thread.join()
        atexit._run_exitfuncs()
    except BaseException as error:
        outcome.setdefault("late", describe(error, stage.scripts))
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
