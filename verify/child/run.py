"""Inside the child: sets the scene, runs earlier pieces in silence, then the one that counts."""

from __future__ import annotations

import ast
import atexit
import contextlib
import faulthandler
import io
import os
import random
import signal
import sys
import threading
import time
import types
import warnings
from functools import cached_property
from pathlib import Path
from typing import Any, Callable, Dict, FrozenSet, List, Optional, Set, Tuple

from . import deferred
from .channel import Channel
from .checks import CHECKS
from .claims import prove
from .course import go, without_blanks
from .earlier import follow
from .errors import describe, text_of
from .facts import Found
from .figures import figures
from .fitting import Guesses
from .library import Library
from .mentions import look_up
from .piece import Run
from .pristine import Pristine
from .script import Script, new_main
from .stand_ins import STAND_INS
from .stand_ins.loops import trainers, watched
from .stand_ins.scene import Scene

Facts = Dict[str, Any]

#: By another name, since code may take the built-in ones away.
_ANYTHING = BaseException
_TRACED = (
    signal.SIGXCPU, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGTERM,
    signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2,
)  # fmt: skip


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
        self.namespace: Facts = {}
        self.guesses: Optional[Guesses] = None
        self.pristine: Optional[Pristine] = None
        self.streams: Tuple[Any, ...] = ()
        texts = [s.text.text for s in self.scripts]
        self.scene = Scene(texts, task["timeout"], self.guessed, task["off"])
        self.scene.tell = lambda words: channel.send(event="stood", words=words)

    @property
    def scripts(self) -> List[Script]:
        """All of them, the one that counts last."""
        return [*self.links, self.script]

    def told(self, error: BaseException) -> Facts:
        """An error as facts, whatever the code that raised it has done to Python."""
        if self.pristine is not None:
            self.pristine.restore()
        return describe(error, self.scripts)

    def guessed(self) -> List[str]:
        """The names that were given their usual meaning so far."""
        return self.guesses.used if self.guesses else []

    def tree(self, script: Script) -> ast.Module:
        """A piece as it is run: blanks left out, long loops watched."""
        padding = script.padding if script is self.script else None
        reads = any("torchvision" in text for text in self.scene.texts)
        tree = without_blanks(script.parse(), self.task["guesses"])
        return watched(tree, padding, reads, self.training)

    @cached_property
    def training(self) -> FrozenSet[str]:
        """The functions of all pieces that train."""
        return trainers([script.parse() for script in self.scripts])


def perform(
    task: Facts, code_folder: str, channel: Channel, library: Callable[[bool], Library]
) -> None:
    """Run one piece of code, if the task says so, and examine it; everything goes to the channel.

    It is examined behind the run, since looking names up imports, which would change what the run
    finds. A child that does not come to it is followed by one that only examines. A task may be
    names to look up instead.
    """
    if "names" in task:
        channel.send(event="names", known=look_up(task["names"], library(True)))
        return
    if not task["run"] or not _parses(task):
        channel.send(event="checked", **examine(task, library(True)))
        return
    stage = Stage(task, code_folder, channel)
    for script in stage.scripts:
        script.write()
    outcome = play(stage)
    channel.send(event="ended", **outcome)
    channel.send(event="checked", **examine(task, library(True)))
    if deferred.was_spared():
        channel.send(event="spared")


def _parses(task: Facts) -> bool:
    """Whether this Python can read it all; it parsed in the parent, whose Python may be newer."""
    try:
        for text in (task["text"], task["prelude"], *(link["text"] for link in task["links"])):
            ast.parse(text)
    except SyntaxError:
        return False
    return True


def examine(task: Facts, library: Library) -> Facts:
    """What the checks say, as plain facts."""
    try:
        run = Run(task, library)
    except SyntaxError:
        return {"found": [], "absent": {}, "flattered": False, "newer": True}
    found: List[Found] = [finding for check in CHECKS for finding in check(run)]
    gone = {finding.place.line for finding in found if finding.code == "removed-name"}
    found = [f for f in found if not (f.code.startswith("unknown-") and f.place.line in gone)]
    return {"found": found, "absent": run.absent, "flattered": library.flattered, "newer": False}


def play(stage: Stage) -> Facts:
    """Run the earlier pieces, then the one that counts, and say how it ended."""
    stage.namespace = new_main(stage.script)
    prepare(stage)
    _play_prelude(stage.task["prelude"], stage.namespace)
    assumed = _assume(stage.task["assumed"], stage.namespace)
    for put_up in STAND_INS:
        put_up(stage.scene)
    _guess(stage)
    gone: Set[str] = set()
    broken = [
        _play_link(stage, script, link["doubt"], gone)
        for script, link in zip(stage.links, stage.task["links"])
    ]
    stage.streams = _listen()
    stage.pristine = Pristine()
    stage.channel.send(event="started")
    stage.scene.begin()
    start = time.monotonic()
    outcome = _play_last(stage)
    seconds = time.monotonic() - start
    stage.pristine.restore()
    drawn = _drawn(stage)  # at its end matplotlib throws away what it has drawn
    start = time.monotonic()
    _finish(outcome, stage)
    seconds += time.monotonic() - start
    return {
        **outcome,
        "seconds": seconds,
        "broken": broken,
        "assumed": assumed,
        "guessed": stage.guessed(),
        "stand_ins": stage.scene.used,
        "cut": stage.scene.cut,
        "figures": drawn,
        "unimportable": stage.guesses.absent if stage.guesses else {},
        "threads": stage.in_threads,
        "warnings": stage.warned,
    }


def _drawn(stage: Stage) -> List[Tuple[str, str]]:
    """The figures that are open, whatever the code has done to the library that drew them."""
    with contextlib.suppress(Exception):
        return figures() if stage.scene.cut is None else []
    return []


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


def trace_to(file: int) -> None:
    """Let a dump of where the code stands go to a file, on crashes and on signals that end it.

    The worker sends one of these; the others code may send to itself. What it forks leaves none.
    """
    faulthandler.enable(file, all_threads=False)
    for number in _TRACED:
        faulthandler.register(number, file, all_threads=False, chain=True)
    os.register_at_fork(after_in_child=_untraced)


def _untraced() -> None:
    faulthandler.disable()
    for number in _TRACED:
        faulthandler.unregister(number)


def _thread_hook(stage: Stage) -> Callable[[Any], None]:
    def hook(args: Any) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            stage.in_threads.append(stage.told(args.exc_value))

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

    for module in ("os", os.name):  # `posix` holds it, too
        vars(sys.modules[module])["_exit"] = leave


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


def _guess(stage: Stage) -> None:
    """Put what may be assumed behind the built-in names."""
    if stage.task["guesses"] and "torch" in sys.modules:
        stage.guesses = Guesses(stage.namespace, stage.task["guesses"])
        stage.namespace["__builtins__"] = stage.guesses


def _play_link(stage: Stage, script: Script, doubt: Any, gone: Set[str]) -> List[Facts]:
    """Run an earlier piece until it ends or breaks; where and how it broke."""

    def broken(error: BaseException) -> Facts:
        place = script.place(error.__traceback__)
        return {"type": type(error).__name__, "text": text_of(error), "place": place}

    padded = [(first + script.padding, last + script.padding) for first, last in doubt]
    return follow(script, stage.tree(script), stage.namespace, padded, gone, broken)


def _listen() -> Tuple[Any, ...]:
    """From here on the output counts, line by line, lest a child that is killed take it along."""
    out, err = (io.FileIO(number, "wb", closefd=False) for number in (1, 2))
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(out), "utf-8", "replace", line_buffering=True)
    sys.stderr = io.TextIOWrapper(io.BufferedWriter(err), "utf-8", "replace", write_through=True)
    return sys.stdout, sys.stderr


def _play_last(stage: Stage) -> Facts:
    warnings.showwarning = _warning_hook(stage)
    warnings.simplefilter("default", DeprecationWarning)
    script = stage.script
    try:
        if stage.task["claim"]:
            against = prove(script, script.parse(), stage.namespace)
            return {"end": "finished", "against": against, "expected": []}
        spans = (stage.task["expected"], stage.task["doubt"], stage.task["shows"])
        notes = go(script, stage.tree(script), stage.namespace, spans, stage.told)
        return {
            "end": "finished",
            "expected": notes.expected,
            "breaks": notes.breaks,
            "shown": notes.shown,
        }
    except _ANYTHING as error:
        told = stage.told(error)
        if isinstance(error, SystemExit) and error.code in (None, 0, False):
            return {"end": "finished", "expected": []}
        return {"end": "raised", "error": told}


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
        if any("__del__" in text for text in stage.scene.texts):
            _let_go(stage.namespace)
    except BaseException as error:
        outcome.setdefault("late", stage.told(error))
    if stage.pristine is not None:
        stage.pristine.restore()
    for stream in (sys.stdout, sys.stderr, *stage.streams):
        with contextlib.suppress(Exception):
            stream.flush()


def _let_go(namespace: Facts) -> None:
    """Give up the values that the code still holds, as Python does last.

    Modules, classes and functions stay, for those that take leave.
    """
    kept = (type, types.ModuleType, types.FunctionType)
    names = [n for n in namespace if n[:2] != "__" and not isinstance(namespace[n], kept)]
    for name in sorted(names, key=lambda n: not hasattr(type(namespace[n]), "__del__")):
        namespace[name] = None
