"""Runs jobs: what the cache knows first, then workers, each job exactly once to a verdict."""

from __future__ import annotations

import os
import platform
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any

from verify.cache import Cache, key_of, text_key
from verify.cost import estimate
from verify.cpus import available
from verify.environment import InterpreterError, interpreter
from verify.judge import Judgement, another, behind_hung, judge, lost, without_worker
from verify.model import Environment, Job, Known, Options, Verdict
from verify.names import answer_of, look_up
from verify.plan import Plan, plans, prelude, task
from verify.pool import COMPILER, NEEDS, VISION, Worker, wait_for
from verify.unchanged import Unchanged, mentions_lines

Facts = dict[str, Any]

#: What a second counts against the weights of `estimate`.
_A_SECOND = 1000.0
#: So many jobs that use torch's compiler take longer to import it than a worker of their own does.
_PAYS = 3
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
        course = _Course(self, [jobs[n] for n in places], on_verdict)
        rest = course.verdicts({n for n, place in enumerate(places) if place in asked})
        try:
            for index in wanted:
                yield known[index] if index in known else next(rest)
            course.cache.keep_seconds(course.took)
            unchanged.keep({**known, **{places[n]: v for n, v in course.lasting()}})
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


class _Course:
    """One run: which jobs are settled, which wait, which are out with a worker."""

    def __init__(
        self, runner: Runner, jobs: Sequence[Job], on_verdict: Callable[[Verdict], None] | None
    ) -> None:
        self.runner = runner
        self.options = runner.options
        self.plans = plans(jobs, self.options)
        self.cache = Cache(self.options.cache)
        self.keys = [self._key(plan) for plan in self.plans] if self.options.cache else []
        self.on_verdict = on_verdict
        self.settled: dict[int, Verdict] = {}
        self.fleeting: set[int] = set()
        self.hung: set[int] = set()
        self.tries: dict[int, int] = {}
        self.runs: Counter[int] = Counter()
        self.guesses: dict[int, Judgement] = {}
        self.stillborn = 0
        self.wanted: set[int] = set()
        self.waiting: list[int] = []
        self.compiling: set[int] = set()
        self.sent: dict[int, int] = {}
        self.took: dict[str, float] = {}
        self.limit = self.options.jobs or available()

    def verdicts(self, wanted: set[int]) -> Iterator[Verdict]:
        """Settle what is wanted, handing out verdicts in the order of the jobs."""
        self.wanted = wanted
        left = [n for n in sorted(wanted) if not self._settle_at_once(self.plans[n])]
        self.waiting = self._longest_first(left)
        self.compiling = self._compiling(left)
        for index in sorted(wanted):
            while index not in self.settled:
                self._send()
                if index not in self.settled:
                    self._listen()
            yield self.settled[index]

    def _longest_first(self, places: list[int]) -> list[int]:
        """Order jobs so that what takes long, or what long ones wait for, is begun early."""
        known = self.cache.seconds() if len(places) > self.limit else {}
        ahead: dict[int, float] = {}
        for place in reversed(places):
            code = self.plans[place].job.code
            weight = known.get(text_key(code), 0.0) * _A_SECOND + estimate(code)
            ahead[place] = weight + ahead.get(place, 0.0)
            for earlier in self.plans[place].link.after:
                ahead[earlier] = max(ahead.get(earlier, 0.0), ahead[place])
        return sorted(places, key=lambda place: -ahead[place])

    def _compiling(self, places: list[int]) -> set[int]:
        """The jobs that use what the rich worker imports, if so many do that it pays off."""
        signs = [NEEDS[name] for name in self.runner.extras()]
        found = {
            place
            for place in places
            for index in (place, *self.plans[place].link.after)
            if any(sign.search(self.plans[index].job.code) for sign in signs)
        }
        return found if len(found) >= _PAYS and "torch" in self.options.preload else set()

    def lasting(self) -> Iterator[tuple[int, Verdict]]:
        """The verdicts that hold until something changes, by the places of their jobs."""
        return ((n, v) for n, v in self.settled.items() if n not in self.fleeting)

    def _cached(self, plan: Plan) -> Verdict | None:
        if not self.keys:
            return None
        found = self.cache.get(self.keys[plan.index])
        return found or self.cache.get(self._key(plan, placed=True))

    def _settle_at_once(self, plan: Plan) -> bool:
        verdict = without_worker(plan) or self._cached(plan)
        if verdict:
            after = tuple(self.plans[index].job.key for index in plan.link.after)
            self._settle(plan.index, replace(verdict, key=plan.job.key, after=after))
        return bool(verdict)

    def _settle(self, index: int, verdict: Verdict) -> None:
        self.settled[index] = verdict
        if self.on_verdict is not None:
            self.on_verdict(verdict)

    def _send(self) -> None:
        """Give out what can be begun: no more than there are places, and only behind what ended."""
        for index in list(self.waiting):
            out = sum(len(worker.working) for worker in self.runner.working())
            alone = self.tries.get(index, 0) > 0
            if out >= self.limit or (alone and out):
                return
            plan = self.plans[index]
            if any(n in self.wanted and n not in self.settled for n in plan.link.after):
                continue
            self.waiting.remove(index)
            if self.hung & set(plan.link.after):
                self.hung.add(index)
                self.fleeting.add(index)
                self._settle(index, behind_hung(plan))
                continue
            compiles = index in self.compiling
            self._hand_to(self.runner.rich() if compiles else self.runner.lean(), plan)
            if alone:
                return

    def _hand_to(self, worker: Worker, plan: Plan) -> None:
        number = len(self.sent)
        self.sent[number] = plan.index
        candidate = int(plan.index in self.guesses)
        given = task(number, plan, self.plans, candidate)
        folder = plan.job.folder and os.path.realpath(plan.job.folder)
        worker.send({**given, "folder": folder, "ahead": len(self.waiting)})

    def _listen(self) -> None:
        for worker in wait_for(self.runner.working()):
            answers = worker.receive()
            self.runner.note_layers(worker)
            if answers is None:
                self._retry(worker)
                continue
            for answer in answers:
                self._take(worker, answer)

    def _take(self, worker: Worker, answer: Facts) -> None:
        index = self.sent[answer["id"]]
        plan = self.plans[index]
        self.runs[index] += answer["runs"]
        if worker is self.runner._rich and _is_flattered(answer):
            self._hand_to(self.runner.lean(), plan)
            return
        judgement = judge(plan, self.plans, answer)
        first = self.guesses.get(index)
        if another(plan, int(first is not None), judgement):
            self.guesses[index] = judgement
            self._hand_to(worker, plan)
            return
        if first and 0 < judgement.reach <= first.reach:
            judgement = first
        verdict = replace(judgement.verdict, runs=self.runs[index])
        judgement = replace(judgement, verdict=verdict)
        self._keep(index, judgement)
        if judgement.hung:
            self.hung.add(index)
        self._settle(index, judgement.verdict)
        self._time(index, judgement, answer)

    def _time(self, index: int, judgement: Judgement, answer: Facts) -> None:
        """Note how long it took, for the next time."""
        seconds = answer["timeout"] if judgement.hung else judgement.verdict.seconds
        self.took[text_key(self.plans[index].job.code)] = seconds

    def _keep(self, index: int, judgement: Judgement) -> None:
        if judgement.fleeting:
            self.fleeting.add(index)
        elif self.keys:
            placed = mentions_lines(judgement.verdict)
            key = self._key(self.plans[index], placed) if placed else self.keys[index]
            self.cache.put(key, judgement.verdict)

    def _retry(self, worker: Worker) -> None:
        """A worker died: what it was at is tried once more, each job alone, then given up."""
        lost_tasks = [self.sent[number] for number in worker.working]
        self.runner.bury(worker)
        self.stillborn += not worker.ready
        if self.stillborn > 1:
            raise InterpreterError(f"no worker starts with `{worker.interpreter.path}`")
        for index in lost_tasks:
            self.tries[index] = self.tries.get(index, 0) + 1
            self.runs[index] += self.plans[index].runs and worker.ready
            if self.tries[index] > 1:
                self.fleeting.add(index)
                self._settle(index, replace(lost(self.plans[index]), runs=self.runs[index]))
            else:
                self.waiting.append(index)

    def _key(self, plan: Plan, placed: bool = False) -> str:
        """Everything that a verdict depends on; where code stands only if `placed`."""
        chain = [self.plans[index] for index in plan.link.after]
        python = interpreter(self.options.python)
        packages = {p for link in (*chain, plan) for p in link.names.packages}
        versions = [(name, python.package(name)) for name in sorted(packages)]
        preloaded = [(name, python.package(name)) for name in self.options.preload]
        options = self.options
        limits = [options.timeout, options.memory, options.output]
        return key_of(
            [
                [
                    *(link.job.code, link.job.kind, link.job.line * placed, link.job.options),
                    link.job.aside,
                ]
                for link in (*chain, plan)
            ],
            [
                plan.job.file,
                plan.link.missing,
                plan.link.unsure,
                plan.job.certain,
                plan.job.expected,
                plan.job.fails,
                sorted(plan.link.stale),
                plan.link.foreign,
            ],
            [prelude(plan), plan.options.names, plan.options.off, limits],
            [plan.job.setting.allow],
            [python.path, python.version, versions, preloaded],
            [plan.job.folder, options.sandbox == "off"],
        )


def _lacking(layers: Collection[str]) -> list[str]:
    """What `require` needs and layers that are known do not make."""
    if not layers:
        return []
    return [name for name, ways in NEEDED if not any(way <= {*layers} for way in ways)]


def _is_flattered(answer: Facts) -> bool:
    """Whether a run may have gone well only because the worker had more imported than a script."""
    checked = answer.get("checked") or {}
    return bool(checked.get("flattered")) and "outcome" in answer
