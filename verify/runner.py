"""Runs jobs: notes of which nothing changed are known; a schedule gives the rest to workers."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from types import TracebackType
from typing import Any

from verify.cache import Cache, key_of
from verify.environment import interpreter
from verify.model import Environment, InterpreterError, Job, Known, Options, Verdict
from verify.names import answer_of, look_up
from verify.pool import COMPILER, VISION, Worker
from verify.unchanged import Unchanged

Facts = dict[str, Any]

#: What `require` runs nothing without, and the layers that each make it.
NEEDED = (("network", ({"network"}, {"tcp", "system calls"})), ("files", ({"files"},)))


def run(
    jobs: Iterable[Job],
    options: Options | None = None,
    on_verdict: Callable[[Verdict], None] | None = None,
    only: Collection[str] | None = None,
) -> Iterator[Verdict]:
    """The verdicts on all jobs, in their order; `on_verdict` hears of each as it becomes known.

    With `only`, the verdicts on the jobs of these keys; the others are there to be built on.
    """
    with Runner(options) as runner:
        yield from runner.run(jobs, on_verdict, only)


class Runner:
    """Keeps its workers from one run to the next; a context manager that ends them."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self._rich: Worker | None = None
        self._lean: Worker | None = None
        self.layers: tuple[str, ...] = ("off",) if self.options.sandbox == "off" else ()

    @property
    def environment(self) -> Environment:
        """What jobs run on, learned without importing anything."""
        found = interpreter(self.options.python).environment(self.options.preload)
        return replace(found, sandbox=self.layers or self._remembered())

    def _remembered(self) -> tuple[str, ...]:
        """The layers that held when a worker was last started."""
        return Cache(self.options.cache).layers(self._machine())

    def _machine(self) -> str:
        path = interpreter(self.options.python).path
        return key_of("layers", path, platform.release(), os.getuid())

    def run(
        self,
        jobs: Iterable[Job],
        on_verdict: Callable[[Verdict], None] | None = None,
        only: Collection[str] | None = None,
    ) -> Iterator[Verdict]:
        """The verdicts on all jobs, or only on those of some keys, in their order."""
        jobs = list(jobs)
        wanted = [n for n, job in enumerate(jobs) if only is None or job.key in only]
        self._insist()
        if wanted:
            self.warm()
        unchanged = Unchanged(jobs, self.options, wanted)
        asked = set(wanted)
        known = {n: v for n, v in unchanged.known.items() if n in asked}
        if on_verdict is not None:
            for verdict in known.values():
                on_verdict(verdict)
        places = unchanged.open
        if not places:
            yield from (known[index] for index in wanted)
            return
        from verify.schedule import Schedule

        schedule = Schedule(self, [jobs[n] for n in places], on_verdict)
        rest = schedule.verdicts({n for n, place in enumerate(places) if place in asked})
        try:
            for index in wanted:
                yield known[index] if index in known else next(rest)
            schedule.cache.keep_seconds(schedule.took)
            unchanged.keep({**known, **{places[n]: v for n, v in schedule.lasting()}})
        except BaseException:
            self.close()
            raise

    def look_up(self, names: Iterable[str]) -> dict[str, Known]:
        """What is known of dotted names of API, such as `torch.nn.MSELoss`."""
        return look_up(names, self.options, interpreter(self.options.python), self._ask)

    def _ask(self, given: Facts) -> Facts | None:
        """Have a worker do one task by itself; none of those that die of it is asked twice."""
        worker = self.lean()
        worker.send(given)
        answer = answer_of(worker)
        self.note_layers(worker)
        if answer is None:
            self.bury(worker)
            if not worker.ready:
                raise InterpreterError(f"no worker starts with `{worker.interpreter.path}`")
        return answer

    def warm(self) -> None:
        """Let a worker import while code is still being read, where it will surely be needed."""
        if Cache(self.options.cache).is_empty:
            self.lean()

    def _insist(self) -> None:
        """Where the last worker had too few layers for `require`, see whether it still is so."""
        if self.options.sandbox == "require" and _lacking(self._remembered()):
            worker = self.lean()
            while worker.layers is None and worker.receive() is not None:
                pass
            self.note_layers(worker)

    def close(self) -> None:
        """End the workers."""
        Cache(self.options.cache).prune(time.time())
        workers, self._rich, self._lean = (self._rich, self._lean), None, None
        for worker in workers:
            if worker is not None:
                worker.close()

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def rich(self) -> Worker:
        """The worker that has imported torch's compiler too, which takes as long as torch."""
        if self._rich is None:
            self._rich = self._start(self.extras())
        return self._rich

    def is_rich(self, worker: Worker) -> bool:
        """Whether it is the worker that has more imported than a script would have."""
        return worker is self._rich

    def extras(self) -> tuple[str, ...]:
        """What that worker imports: packages that are there, and take long."""
        has_vision = interpreter(self.options.python).package(VISION)
        return (COMPILER, VISION) if has_vision else (COMPILER,)

    def lean(self) -> Worker:
        """The worker that has imported no more than a script would have."""
        if self._lean is None:
            self._lean = self._start(())
        return self._lean

    def working(self) -> list[Worker]:
        """The workers that owe answers."""
        return [w for w in (self._rich, self._lean) if w is not None and w.working]

    def bury(self, worker: Worker) -> None:
        """Forget a worker that died."""
        if worker is self._rich:
            self._rich = None
        if worker is self._lean:
            self._lean = None
        worker.close()

    def _start(self, extras: tuple[str, ...]) -> Worker:
        options = self.options
        return Worker(interpreter(options.python), options.preload, extras, options.sandbox)

    def note_layers(self, worker: Worker) -> None:
        """Learn which layers of the sandbox hold; raises InterpreterError where too few do."""
        if worker.layers is None or worker.layers == self.layers:
            return
        self.layers = worker.layers
        Cache(self.options.cache).keep_layers(self._machine(), self.layers)
        lacking = _lacking(self.layers)
        if self.options.sandbox == "require" and lacking:
            raise InterpreterError(
                f"this machine cannot shut code off from {' and '.join(lacking)}, and "
                "`--sandbox=require` runs nothing without that; see docs/security.md"
            )


def _lacking(layers: Collection[str]) -> list[str]:
    """What `require` needs and layers that are known do not make."""
    if not layers:
        return []
    return [name for name, ways in NEEDED if not any(way <= {*layers} for way in ways)]
