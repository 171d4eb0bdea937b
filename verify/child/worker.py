"""The worker: imports the preloaded packages once, forks a child a task, and answers in JSON lines.

The process itself never runs an operation of torch and stays single-threaded, since children that
are forked from a process with OpenMP threads hang.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import json
import os
import re
import select
import selectors
import signal
import socket
import sys
import tempfile
import time
from typing import Any, Dict, FrozenSet, Iterator, List, Optional

from . import crowd, deferred, instances, kernel, limits, run
from .channel import Channel
from .library import Library
from .operators import imported
from .sandbox import Room, Sandbox

Facts = Dict[str, Any]

#: Seconds that a child gets for what is not the code itself: imports of the checks, clean-up.
GRACE = 60.0
#: Seconds between asking a child where it stands and killing it.
LAST_WORDS = 0.2
#: Seconds between two looks at what children report and take.
LOOK = 0.1
#: So many times its limit a child may get more for what it had to wait for a processor.
_MOST_MORE = 5
#: So many tasks ahead make it worth to arrange the memory for cheap forks.
_MANY = 16
#: What is said where a module is missing that something else might have loaded.
_OF_MODULES = re.compile(
    r"module '[\w.]+' has no attribute|submodule-not-imported|cannot import name|No module named"
)
#: Where a child keeps the descriptor of its trace, out of the way of code that closes low ones.
_HIGH = 900


def main(settings: str) -> None:
    """Serve tasks from standard input until it closes."""
    config = json.loads(settings)
    tasks, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(null, descriptor)
    here = os.path.realpath(config["folder"])  # what `PYTHONPATH=.` comes to mean
    sys.path[:] = [entry for entry in sys.path if entry and os.path.realpath(entry) != here]
    os.environ.clear()
    os.environ.update(config["environment"])
    worker = Worker(config, tasks, answers)
    try:
        worker.settle_in()
        with worker.bound():
            worker.preload()
        worker.serve()
    finally:
        worker.clear()


class Child:
    """A child at work, and what it has said so far."""

    def __init__(self, task: Facts, room: Room, now: float) -> None:
        self.task = task
        self.room = room
        self.padding = max(int(task.get("line", 1)) - 1, 0)
        self.pid = -1
        self.channel = Channel()
        self.trace = _nameless_file(room.sandbox.folder)
        self.facts: Facts = {"id": task["id"]}
        self.endings = 0
        self.outputs = {"stdout": bytearray(), "stderr": bytearray()}
        self.pipes: List[int] = []
        self.ending: Optional[str] = None
        self.pressed = False
        self.started = False
        self.deadline = now + GRACE + task["timeout"] * len(task["links"])
        self.given = 0.0

    def listen(self) -> None:
        """Take in what it reported."""
        for facts in self.channel.receive():
            self._note(facts, facts.pop("at", 0.0))

    def _note(self, facts: Facts, at: float) -> None:
        event = facts.pop("event", None)
        if event == "started" and not self.started:
            self.started = True
            self._extend(at + self.task["timeout"])
        elif event == "ended":
            self.endings += 1
            self.facts["outcome"] = facts
            self._extend(at + GRACE)
        elif event == "left":
            self.facts["left"] = facts
        elif event == "stood":
            self.facts.setdefault("stood", []).append(facts["words"])
        elif event == "spared":
            self.facts["spared"] = True
        elif event == "names":
            self.facts["known"] = facts["known"]
        elif event == "checked":
            earlier = self.facts.get("checked", {"found": [], "absent": {}, "flattered": False})
            known = earlier["found"]
            facts["found"] = known + [f for f in facts["found"] if f not in known]
            facts["absent"].update(earlier["absent"])
            facts["flattered"] = facts["flattered"] or earlier["flattered"]
            self.facts["checked"] = facts

    def _extend(self, deadline: float) -> None:
        if self.ending is None:
            self.deadline = deadline

    def gets_more(self) -> bool:
        """Give it the time that it was ready to run and others were; whether there was any."""
        if self.ending is not None or not self.started or "outcome" in self.facts:
            return False
        more = min(crowd.waited(self.pid), self.task["timeout"] * _MOST_MORE) - self.given
        if more < LOOK:
            return False
        self.given += more
        self.deadline += more
        return True

    def told(self) -> Facts:
        """All that is known of it; an end that was told twice, or before another, is none."""
        if self.endings != 1 or "left" in self.facts:
            self.facts.pop("outcome", None)
        return self.facts

    def kill(self) -> None:
        """Kill the child's whole group, and its box."""
        self.room.kill()
        for send in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                send(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Leave nothing of it."""
        self.channel.close()
        os.close(self.trace)
        self.room.close()


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
        self.compact = False
        self.base = 0
        self.next_look = 0.0
        self.sandbox = Sandbox(config["folder"], config["sandbox"])
        self.plain: FrozenSet[str] = frozenset()
        self.rich: FrozenSet[str] = frozenset()

    def settle_in(self) -> None:
        """Find out what holds here, and say it."""
        self.sandbox.look_around()
        self._answer({"sandbox": self.sandbox.layers()})

    @contextlib.contextmanager
    def bound(self) -> Iterator[None]:
        """End at once if the parent dies meanwhile: while it imports, nobody looks at the pipe."""
        if not self.config["bound"]:
            yield
            return
        limits.die_with_parent()
        if _has_hung_up(self.tasks):  # it was dead before that was asked for
            raise SystemExit
        yield
        limits.die_with_parent(False)

    def preload(self) -> None:
        """Import what children shall find imported, and say what could not be."""
        gc.disable()
        unusable = {name: why for name in self.config["preload"] for why in [_import(name)] if why}
        if "numpy" in sys.modules:  # which imports it at its first use; children seed it
            _import("numpy.random")
        _import("encodings.ascii")  # each child reads something in it
        self.plain = frozenset(sys.modules)
        if "torch" in sys.modules:
            for name in self.config["extras"]:
                _import(name)
        own = {name for name in self.config["extras"] if "." not in name}
        self.plain |= {name for name in sys.modules if name.partition(".")[0] in own}
        deferred.put_off()
        self.rich = frozenset(sys.modules)
        instances.remember()
        gc.collect()
        gc.freeze()
        gc.enable()
        self.base = crowd.anonymous()
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

    def _turn(self) -> None:
        for key, _ in self.selector.select(self._wait()):
            if self.selector.get_map().get(key.fd) is key:  # not closed by one that came before
                key.data(key.fd)
        now = time.monotonic()
        if now >= self.next_look:
            self.next_look = now + LOOK
            self._look()
        for child in list(self.children.values()):
            if child.deadline <= now:
                child.listen()
            if child.deadline <= now and not child.gets_more():
                self._overdue(child, now)

    def _wait(self) -> Optional[float]:
        """How long nothing needs to be done unless something happens."""
        deadlines = [child.deadline for child in self.children.values()]
        if not deadlines:
            return None
        return float(max(0.0, min(*deadlines, self.next_look) - time.monotonic()))

    def _look(self) -> None:
        """See what children report, and what they take."""
        for child in self.children.values():
            child.listen()
            if child.ending is None:
                box = child.room.box
                pids = [child.pid] if box is None else [child.pid, box.pid]
                why = crowd.excess(pids, child.task["memory"] + self.base)
                if why and "outcome" not in child.facts:
                    self._overdue(child, time.monotonic(), why)

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
        if task.get("ahead", 0) > _MANY and not self.compact and not self.children:
            kernel.in_huge_pages()
            self.compact = True
        room = self.sandbox.room((task["folder"],) if task.get("folder") else ())
        begun = task.get("begun", 0) + bool(task.get("run"))
        child = Child({**task, "begun": begun}, room, time.monotonic())
        ends = [os.pipe() for _ in range(2)]
        child.pid = os.fork()
        if child.pid == 0:
            self._be_child(child, [write for _, write in ends])
        self.children[child.pid] = child
        for (read, write), name in zip(ends, ("stdout", "stderr")):
            os.close(write)
            os.set_blocking(read, False)
            child.pipes.append(read)
            self.selector.register(read, selectors.EVENT_READ, self._reader(child, name))

    def _be_child(self, child: Child, pipes: List[int]) -> None:
        status, leave, task, folder = 70, os._exit, child.task, child.room.folder
        try:
            signal.set_wakeup_fd(-1)
            limits.own_group()
            os.dup2(pipes[0], 1)
            os.dup2(pipes[1], 2)
            child.channel.own()
            trace = fcntl.fcntl(child.trace, fcntl.F_DUPFD, _HIGH)
            handle = [] if child.room.box is None else [child.room.box.handle]
            limits.close_all_but((0, 1, 2, trace, *handle))
            for other in self.children.values():
                other.channel.close()
            run.trace_to(trace)
            child.room.enter()
            limits.close_all_but((0, 1, 2, trace))
            limits.limit(task["memory"], task["cpu"], apart=child.room.box is not None)
            limits.move_in(folder + "/home", self.config["environment"])
            if task.get("whole"):
                deferred.bring_back()
            run.perform(task, folder + "/code", child.channel, self._library)
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
            if data:
                self._collect(child, name, data)
            else:
                self._forget(child, descriptor)

        return read

    def _collect(self, child: Child, name: str, data: bytes) -> None:
        room = child.task["output"] - len(child.outputs[name])
        child.outputs[name] += data[: max(room, 0)]
        if len(data) > room and child.ending is None:
            child.listen()
            if "outcome" not in child.facts:
                self._overdue(child, time.monotonic(), "flooded")

    def _overdue(self, child: Child, now: float, why: str = "") -> None:
        """Ask the child where it stands, more firmly where it does not say; then kill it."""
        if child.ending is None:
            child.ending = why or ("timeout" if child.started else "late")
        elif not child.pressed and _line(child) is None:
            child.pressed = True
        else:
            child.kill()
            child.deadline = now + GRACE
            return
        for number in (signal.SIGABRT if child.pressed else signal.SIGXCPU, signal.SIGCONT):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, number)
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
        child.listen()
        facts = child.told()
        facts["ending"] = child.ending
        facts["status"] = status
        facts["started"] = child.started
        facts["runs"] = child.task["begun"]
        facts["line"] = _line(child)
        facts["masked"] = [child.room.folder, self.config["folder"]]
        for name, data in child.outputs.items():
            facts[name] = data.decode("utf-8", "replace")
        self._sweep()
        child.close()
        facts = {**facts, **child.task.get("seen", {})}
        if child.task.get("run") and "checked" not in facts:
            self._start({**child.task, "run": False, "seen": facts})
        elif facts.pop("spared", False) and _misses_modules(facts):
            self._start({**child.task, "whole": True})
        else:
            self._answer(facts)

    def _sweep(self) -> None:
        """Kill what outlived its snippet and came to be this process's."""
        if self.sandbox.on:
            keeper = self.sandbox.keeper
            crowd.kill_strangers({*self.children, *([keeper.pid] if keeper else [])})

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

    def clear(self) -> None:
        """Leave no process and no folder."""
        for child in self.children.values():
            child.kill()
        for child in self.children.values():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child.pid, 0)
        self.children.clear()
        self.sandbox.close()
        self._sweep()
        limits.remove(self.config["folder"])


def _leave(*_: Any) -> None:
    raise SystemExit


def _has_hung_up(pipe: int) -> bool:
    """Whether nobody writes to a pipe any more."""
    poll = select.poll()
    poll.register(pipe, 0)
    return any(bool(what & select.POLLHUP) for _, what in poll.poll(0))


def _import(name: str) -> str:
    """Import a module; why it could not be, or nothing."""
    try:
        imported(name)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _misses_modules(facts: Facts) -> bool:
    """Whether something may have gone wrong only because torch's compiler was put off."""
    told = json.dumps([facts.get("outcome"), facts.get("checked")])
    return _OF_MODULES.search(told) is not None


def _nameless_file(folder: str) -> int:
    """The descriptor of a file that nobody else can open."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("trace")
    with tempfile.TemporaryFile(dir=folder) as file:
        return os.dup(file.fileno())


def _line(child: Child) -> Optional[int]:
    """The line of the judged code that the last dump of a dying child names."""
    trace = os.pread(child.trace, 1 << 20, 0).decode("utf-8", "replace")
    name = re.escape(f"{child.room.folder}/code/{child.task['name']}.py")
    for dump in reversed(trace.split("(most recent call first)")):
        match = re.search('File "' + name + r'", line (\d+)', dump)
        if match:
            return int(match.group(1)) - child.padding
    return None
