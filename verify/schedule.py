"""One run of jobs that must be read: what the cache knows first, then workers, each job once."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from verify.cache import Cache, key_of, text_key
from verify.cost import estimate
from verify.cpus import available
from verify.environment import interpreter
from verify.judge import Judgement, another, behind_hung, judge, lost, without_worker
from verify.model import InterpreterError, Job, Verdict
from verify.plan import Plan, elsewhere, fuller, is_near, plans, prelude, task
from verify.pool import NEEDS, Worker, wait_for
from verify.unchanged import mentions_lines

if TYPE_CHECKING:
    from verify.runner import Runner

Facts = dict[str, Any]

#: What a second counts against the weights of `estimate`.
_A_SECOND = 1000.0
#: So many jobs that use torch's compiler take longer to import it than a worker of their own does.
_PAYS = 3


class Schedule:
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
        self.stale: dict[int, Judgement] = {}
        self.stillborn = 0
        self.wanted: set[int] = set()
        self.waiting: list[int] = []
        self.compiling: set[int] = set()
        self.sent: dict[int, Plan] = {}
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
            is_fuller = len(verdict.after) > len(plan.link.after)
            chain = plan.link.fuller if is_fuller else plan.link.after
            after = tuple(self.plans[index].job.key for index in chain)
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
        self.sent[number] = plan
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
        plan = self.sent[answer["id"]]
        index = plan.index
        self.runs[index] += answer["runs"]
        if self.runner.is_rich(worker) and _is_flattered(answer):
            self._hand_to(self.runner.lean(), plan)
            return
        judgement = judge(plan, self.plans, answer, self.settled)
        behind = self._fuller(plan)
        if judgement.stale and index not in self.stale and behind is not plan:
            self.stale[index] = judgement
            self._hand_to(worker, behind)
            return
        if index in self.stale and not _decides(judgement):
            judgement = self.stale[index]
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

    def _fuller(self, plan: Plan) -> Plan:
        """A plan behind all that may change its values, or as it is where that cannot be run."""
        return plan if self.hung & set(plan.link.fuller) else fuller(plan, self.plans) or plan

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
        lost_tasks = [self.sent[number].index for number in worker.working]
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
        chain = [*(self.plans[index] for index in plan.link.after), plan]
        job, link, options = plan.job, plan.link, self.options
        python = interpreter(options.python)
        packages = {name for each in chain for name in each.names.packages}
        return key_of(
            [_key_of_link(each, plan, placed) for each in chain],
            [_key_of_link(self.plans[n], plan, placed) for n in link.fuller],
            [job.file, link.missing, link.unsure, job.certain, job.expected, job.fails],
            elsewhere(plan, self.plans),
            [sorted(link.stale), sorted(link.reformed), link.foreign],
            [link.after.index(n) for n in sorted(link.bare)],
            [prelude(plan), plan.options.names, plan.options.off],
            [options.timeout, options.memory, options.output],
            [job.setting.allow, [asdict(found) for found in plan.wishes.findings]],
            [python.path, python.version],
            [(name, python.package(name)) for name in sorted(packages)],
            [(name, python.package(name)) for name in options.preload],
            [job.folder, options.sandbox == "off"],
        )


def _key_of_link(link: Plan, plan: Plan, placed: bool) -> list[object]:
    """What a verdict depends on of one job in its chain, the judged one among them."""
    job = link.job
    line = job.line if placed else 0
    return [job.code, job.kind, line, job.options, job.aside, is_near(link, plan)]


def _decides(judgement: Judgement) -> bool:
    """Whether a run behind all code above shows that a job is right, or that it is wrong."""
    decided = judgement.verdict.status in ("passed", "failed")
    return decided and judgement.whole and not judgement.fleeting


def _is_flattered(answer: Facts) -> bool:
    """Whether a run may have gone well only because the worker had more imported than a script."""
    checked = answer.get("checked") or {}
    return bool(checked.get("flattered")) and "outcome" in answer
