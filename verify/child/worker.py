"""The worker: imports the preloaded packages once, forks a child a task, and answers in JSON lines.

The process itself never runs an operation of torch and stays single-threaded, since children that
are forked from a process with OpenMP threads hang.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import re
import selectors
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, Optional

from . import limits, run
from .library import Library

Facts = Dict[str, Any]

#: Seconds that a child gets for what is not the code itself: imports of the checks, clean-up.
GRACE = 60.0
#: Seconds between asking a child where it stands and killing it.
LAST_WORDS = 0.2


def main(settings: str) -> None:
    """Serve tasks from standard input until it closes."""
    config = json.loads(settings)
    tasks, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(null, descriptor)
    sys.path[:] = [entry for entry in sys.path if entry]
    os.environ.clear()
    os.environ.update(config["environment"])
    worker = Worker(config, tasks, answers)
    worker.preload()
    worker.serve()


class Child:
    """A child at work, and what it has said so far."""

    def __init__(self, task: Facts, pid: int, folder: Path, now: float) -> None:
        self.task = task
        self.pid = pid
        self.folder = folder
        self.facts: Facts = {"id": task["id"]}
        self.outputs = {"stdout": bytearray(), "stderr": bytearray()}
        self.partial = bytearray()
        self.pipes: List[int] = []
        self.ending: Optional[str] = None
        self.started = False
        self.deadline = now + GRACE + task["timeout"] * len(task["links"])

    def hear(self, data: bytes, now: float) -> None:
        """Take in what came over the result pipe."""
        self.partial += data
        *lines, rest = self.partial.split(b"\n")
        self.partial = bytearray(rest)
        for line in lines:
            try:
                self._note(json.loads(line), now)
            except ValueError:
                continue

    def _note(self, facts: Facts, now: float) -> None:
        event = facts.pop("event", None)
        if event == "started":
            self.started = True
            self.deadline = now + self.task["timeout"]
        elif event == "ended":
            self.facts["outcome"] = facts
            self.deadline = now + GRACE
        elif event == "left":
            self.facts["left"] = facts
        elif event == "checked":
            earlier = self.facts.get("checked", {"found": [], "absent": {}, "flattered": False})
            known = earlier["found"]
            facts["found"] = known + [f for f in facts["found"] if f not in known]
            facts["absent"].update(earlier["absent"])
            facts["flattered"] = facts["flattered"] or earlier["flattered"]
            self.facts["checked"] = facts

    def kill(self) -> None:
        """Kill the child's whole group."""
        for send in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                send(self.pid, signal.SIGKILL)


class Worker:
    """Forks children and listens to all of them at once."""

    def __init__(self, config: Facts, tasks: int, answers: int) -> None:
        self.config = config
        self.tasks = tasks
        self.answers = answers
        self.selector = selectors.DefaultSelector()
        self.children: Dict[int, Child] = {}
        self.waiting = bytearray()
        self.open = True
        self.plain: FrozenSet[str] = frozenset()
        self.rich: FrozenSet[str] = frozenset()

    def preload(self) -> None:
        """Import what children shall find imported, and say what could not be."""
        gc.disable()
        unusable = {name: why for name in self.config["preload"] for why in [_import(name)] if why}
        self.plain = frozenset(sys.modules)
        for name in self.config["extras"]:
            if name.partition(".")[0] in sys.modules:
                _import(name)
        self.rich = frozenset(sys.modules)
        gc.collect()
        gc.freeze()
        gc.enable()
        self._answer({"ready": True, "unusable": unusable})

    def serve(self) -> None:
        """Work until the parent closes the pipe, then leave nothing behind."""
        self._wake_on_children()
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _leave)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.selector.register(self.tasks, selectors.EVENT_READ, self._take_tasks)
        try:
            while self.open:
                self._turn()
        except (SystemExit, BrokenPipeError):
            pass
        finally:
            self._clear()

    def _turn(self) -> None:
        deadlines = [child.deadline for child in self.children.values()]
        wait = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
        for key, _ in self.selector.select(wait):
            if self.selector.get_map().get(key.fd) is key:  # not closed by one that came before
                key.data(key.fd)
        now = time.monotonic()
        for child in list(self.children.values()):
            if child.deadline <= now:
                self._overdue(child, now)

    def _wake_on_children(self) -> None:
        """Let the death of a child end the wait of the selector."""
        self.wakened, waker = socket.socketpair()
        self.waker = waker
        self.wakened.setblocking(False)
        waker.setblocking(False)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.selector.register(self.wakened.fileno(), selectors.EVENT_READ, self._reap)

    def _take_tasks(self, descriptor: int) -> None:
        data = os.read(descriptor, 1 << 16)
        if not data:
            self.open = False
            return
        self.waiting += data
        *lines, rest = self.waiting.split(b"\n")
        self.waiting = bytearray(rest)
        for line in lines:
            self._start(json.loads(line))

    def _start(self, task: Facts) -> None:
        folder = Path(self.config["folder"], str(task["id"]))
        for name in ("home", "code"):
            (folder / name).mkdir(parents=True)
        ends = [os.pipe() for _ in range(3)]
        pid = os.fork()
        if pid == 0:
            self._be_child(task, folder, [write for _, write in ends])
        child = Child(task, pid, folder, time.monotonic())
        self.children[pid] = child
        for (read, write), name in zip(ends, ("result", "stdout", "stderr")):
            os.close(write)
            os.set_blocking(read, False)
            child.pipes.append(read)
            self.selector.register(read, selectors.EVENT_READ, self._reader(child, name))

    def _be_child(self, task: Facts, folder: Path, pipes: List[int]) -> None:
        status, leave = 70, os._exit
        try:
            signal.set_wakeup_fd(-1)
            limits.own_group()
            os.dup2(pipes[1], 1)
            os.dup2(pipes[2], 2)
            limits.close_all_but((0, 1, 2, pipes[0]))
            run.trace_to(str(folder / "trace"))
            limits.limit(task["memory"], task["cpu"])
            limits.move_in(str(folder / "home"), self.config["environment"])
            channel = run.Channel(pipes[0])
            run.perform(task, str(folder / "code"), channel, self._library)
            status = 0
        except BaseException as error:
            os.write(2, f"proofdeck: {error!r}\n".encode("utf-8", "replace"))
        finally:
            leave(status)

    def _library(self, importing: bool) -> Library:
        return Library(frozenset(self.config["preload"]), self.plain, self.rich, importing)

    def _reader(self, child: Child, name: str) -> Any:
        def read(descriptor: int) -> None:
            try:
                data = os.read(descriptor, 1 << 16)
            except BlockingIOError:
                return
            if not data:
                self._forget(child, descriptor)
            elif name == "result":
                child.hear(data, time.monotonic())
            else:
                self._collect(child, name, data)

        return read

    def _collect(self, child: Child, name: str, data: bytes) -> None:
        room = child.task["output"] - len(child.outputs[name])
        child.outputs[name] += data[: max(room, 0)]
        if len(data) > room and child.ending is None and "outcome" not in child.facts:
            self._overdue(child, time.monotonic(), "flooded")

    def _overdue(self, child: Child, now: float, why: str = "") -> None:
        """Ask the child where it stands; at the second time, kill it."""
        if child.ending is not None:
            child.kill()
            child.deadline = now + GRACE
            return
        child.ending = why or ("timeout" if child.started else "late")
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGXCPU)
        child.deadline = now + LAST_WORDS

    def _forget(self, child: Child, descriptor: int) -> None:
        self.selector.unregister(descriptor)
        os.close(descriptor)
        child.pipes.remove(descriptor)

    def _reap(self, descriptor: int) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(descriptor, 4096)
        for child in list(self.children.values()):
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid:
                self._end(child, status)

    def _end(self, child: Child, status: int) -> None:
        child.kill()
        for pipe in list(child.pipes):
            self._drain(child, pipe)
        del self.children[child.pid]
        facts = child.facts
        facts["ending"] = child.ending
        facts["status"] = status
        facts["started"] = child.started
        facts["line"] = _line(child)
        facts["masked"] = [str(child.folder), self.config["folder"]]
        for name, data in child.outputs.items():
            facts[name] = data.decode("utf-8", "replace")
        shutil.rmtree(child.folder, ignore_errors=True)
        self._answer(facts)

    def _drain(self, child: Child, pipe: int) -> None:
        """Read what is still in a pipe; a stray grandchild may hold the other end."""
        read = self.selector.get_key(pipe).data
        ready = selectors.DefaultSelector()
        ready.register(pipe, selectors.EVENT_READ)
        while pipe in child.pipes and ready.select(0):
            read(pipe)
        ready.close()
        if pipe in child.pipes:
            self._forget(child, pipe)

    def _answer(self, facts: Facts) -> None:
        data = json.dumps(facts).encode("utf-8") + b"\n"
        while data:
            data = data[os.write(self.answers, data) :]

    def _clear(self) -> None:
        for child in self.children.values():
            child.kill()
        for child in self.children.values():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child.pid, 0)
        shutil.rmtree(self.config["folder"], ignore_errors=True)


def _leave(*_: Any) -> None:
    raise SystemExit


def _import(name: str) -> str:
    """Import a module; why it could not be, or nothing."""
    try:
        importlib.import_module(name)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _line(child: Child) -> Optional[int]:
    """The line of the judged code that the dump of a dying child names."""
    try:
        trace = (child.folder / "trace").read_text("utf-8", "replace")
    except OSError:
        return None
    name = re.escape(str(child.folder / "code" / (child.task["name"] + ".py")))
    match = re.search('File "' + name + r'", line (\d+)', trace)
    return int(match.group(1)) - max(child.task["line"] - 1, 0) if match else None
