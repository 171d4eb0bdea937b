"""Long work on many things in a row, shared with other processes that keep what they make."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, Generic, NoReturn, TypeVar

from builder.kept import Kept

_Made = TypeVar("_Made")

#: Seconds of work that must be left, for processes of their own to pay off.
_LEAST: Final = 0.15
#: So many things nobody knew: one that was changed since says nothing of the others.
_FEW: Final = 2
#: The most portions that things are dealt in; a pipe holds as many, and their numbers.
_PORTIONS: Final = 4096
#: One who meets so many known things, one after another, is not needed.
_IDLE: Final = 8
#: A process makes so many things at most, and a part of all, before another takes its place: what
#: it shares with the caller at first becomes its own, page by page.
_ENOUGH, _PART = 5, 8
_RELIEVED: Final = 1
_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Shared(Generic[_Made]):
    """Things that are made from the first to the last, while other processes begin at the end.

    `work` makes one of them, by its number, and `kept` knows it afterwards. The others are forked
    where it turns out that much is left which nobody knew, and no sooner. Nothing comes back from
    them but what they keep: whatever becomes of one, there is only less done when one comes to it.
    Each makes a part, and ends for a fresh one; all end at once when this is left.
    """

    def __init__(self, kept: Kept, count: int, work: Callable[[int], _Made]) -> None:
        self._kept, self._count, self._work = kept, count, work
        self._may_fork = bool(kept) and hasattr(os, "fork") and threading.active_count() == 1
        self._others: list[int] = []
        self._first, self._enough, self._is_enough = 0, 0, False
        self._made, self._misses, self._spent = kept.made, 0, 0.0
        self._since = time.process_time()
        self._portion, self._mine = 1, 0
        self._tokens = self._numbers = -1

    def __enter__(self) -> Shared[_Made]:
        return self

    def __exit__(self, *_: object) -> None:
        for pid in self._others:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._wait()

    def __iter__(self) -> Iterator[_Made]:
        """Yield what is made of each, in order."""
        for number in range(self._count):
            self._reach(number)
            yield self._work(number)

    def _reach(self, number: int) -> None:
        """Return when none of the others is at a thing, or will be."""
        if self._may_fork and self._pays(number):
            self._may_fork = False
            self._fork(number)
        self._relieve()
        if self._others and number >= self._mine:
            if os.read(self._tokens, 1):
                self._mine += self._portion
            else:
                self._wait()

    def _pays(self, number: int) -> bool:
        """Tell whether what is left is worth it, as far as what is done can tell."""
        now, made = time.process_time(), self._kept.made
        if made > self._made:
            self._misses += 1
            self._spent += now - self._since
        self._since, self._made = now, made
        left = self._count - number
        return self._misses >= _FEW and self._spent * left >= _LEAST * number

    def _fork(self, first: int) -> None:
        """Let others do portions of what is left, as many as there are processors.

        Whoever begins a portion takes a token; there are as many as portions. So the caller's, from
        the front, and those of the others, whose numbers fall, never meet.
        """
        self._kept.let_go()
        others = self._kept.processors() - 1 if self._kept else 0
        left = self._count - first
        if others < 1:
            return
        self._mine, self._portion = first, -(-left // _PORTIONS)
        portions = -(-left // self._portion)
        self._tokens = _pipe(b"\0" * portions)
        self._numbers = _pipe(b"".join(n.to_bytes(2, "big") for n in reversed(range(portions))))
        self._first, self._enough = first, max(_ENOUGH, left // _PART)
        self._begin(min(others, portions - 1))

    def _begin(self, others: int) -> None:
        caller = os.getpid()
        with suppress(OSError), _undisturbed():
            for _ in range(others):
                pid = os.fork()
                if not pid:
                    self._help(caller)
                self._others.append(pid)

    def _relieve(self) -> None:
        """Put others in the places of those that have made enough."""
        done = {pid: _status(pid) for pid in self._others}
        self._others = [pid for pid in self._others if done[pid] is None]
        if relieved := sum(status == _RELIEVED for status in done.values()):
            self._kept.let_go()
            self._begin(relieved)

    def _help(self, caller: int) -> NoReturn:
        """Do portions until there are none or it is enough, and never come back."""
        status = 0
        try:
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            gc.freeze()
            idle = 0
            for number in self._dealt():
                made = self._kept.made
                self._work(number)
                idle = 0 if self._kept.made > made else idle + 1
                if idle == _IDLE or os.getppid() != caller:
                    break
            self._kept.let_go()
            status = _RELIEVED if self._is_enough else 0
        finally:
            os._exit(status)

    def _dealt(self) -> Iterator[int]:
        """Yield the numbers of what one process does, from the last portion on."""
        for _ in range(-(-self._enough // self._portion)):
            if not os.read(self._tokens, 1):
                return
            at = self._first + int.from_bytes(os.read(self._numbers, 2), "big") * self._portion
            yield from range(at, min(at + self._portion, self._count))
        self._is_enough = True

    def _wait(self) -> None:
        """See the others end."""
        while self._others:
            with suppress(ChildProcessError):
                os.waitpid(self._others[-1], 0)
            self._others.pop()
        for pipe in (self._tokens, self._numbers):
            with suppress(OSError):
                os.close(pipe)
        self._tokens = self._numbers = -1


def _status(pid: int) -> int | None:
    """Return how a process has ended; None for one that is at work."""
    with suppress(ChildProcessError):
        ended, status = os.waitpid(pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if ended else None
    return 0


def _pipe(content: bytes) -> int:
    """Return where to read some bytes from, which are there already, and then the end."""
    out, into = os.pipe()
    os.write(into, content)
    os.close(into)
    return out


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Whoever is told to stop between a fork and its first step would do so as the caller."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
