"""From what a child reports to a verdict."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from verify.announced import is_syntactic, shown_error
from verify.asides import aside
from verify.assumptions import CANDIDATES
from verify.blame import Blame, packages
from verify.endings import MADE_UP, ended_from_outside
from verify.model import Depth, Finding, Verdict
from verify.outputs import wrong_outputs
from verify.places import answer_finding, first_line, masked, whole_line
from verify.plan import Plan, links_of, needs, skeleton
from verify.settle import settle

Facts = dict[str, Any]


_NONE: Mapping[int, Verdict] = {}
_RAW = "put an `r` before the string, or double the backslash"
#: Where in its own sources torch gave a warning.
_INSIDE = re.compile(r"\s*\(Triggered internally at [^)]*\)\.?")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, whether it depends on limits and so on the moment, and whether the code hung.

    `reach` is the line that a run on guesses broke at, 0 where it did not break on one. `stale`
    says that it is incomplete for a value which code above may change, or has not made, `whole`
    that all code it was run behind ran to its end.
    """

    verdict: Verdict
    fleeting: bool = False
    hung: bool = False
    reach: int = 0
    stale: bool = False
    whole: bool = True


def without_worker(plan: Plan) -> Verdict | None:
    """The verdict of a job that needs no worker."""
    if plan.skip is not None:
        return Verdict(plan.job.key, "skipped", _kind(plan), plan.skip, plan.wishes.findings)
    return None


def behind_hung(plan: Plan) -> Verdict:
    """The verdict of a job that builds on one that never ended."""
    reason = "it builds on code that did not end within its time"
    return Verdict(plan.job.key, "incomplete", _kind(plan), reason, plan.wishes.findings)


def lost(plan: Plan) -> Verdict:
    """The verdict of a job whose worker died twice."""
    message = "the process that ran this died without a word, twice"
    finding = replace(first_line(plan), code="no-verdict", message=message)
    finding = replace(finding, help="run it by hand; if it works there, tell us")
    return Verdict(plan.job.key, "failed", _kind(plan), None, (finding,))


def _kind(plan: Plan) -> Any:
    return plan.reading.kind if plan.job.kind == "code" else plan.job.kind


def judge(
    plan: Plan, every: Sequence[Plan], answer: Facts, known: Mapping[int, Verdict] = _NONE
) -> Judgement:
    """The verdict on a job that a worker has looked at; what is `known` of others may help."""
    case = _Case(plan, every, answer)
    case.blame.told = [known[n].findings if n in known else () for n in plan.link.after]
    findings, reason, fleeting = case.static(), plan.obstacle, False
    if case.is_newer:
        reason = "it needs a newer Python than the one it was tried on"
    elif plan.runs:
        found, reason, fleeting = case.ran(findings)
        findings = [*findings, *found]
    elif case.absent and not plan.wishes.no_run and not plan.reading.reason:
        reason = "; ".join(filter(None, [reason, packages(case.absent)]))
    if plan.job.aside:
        findings, reason = aside(findings, case.static(), reason)
    settled = settle(plan, findings, case.static)
    findings = [*plan.wishes.findings, *settled.kept]
    status = _status(plan, findings, reason)
    verdict = replace(case.verdict(every, status, findings, reason), allowed=tuple(settled.allowed))
    if status == "passed":
        verdict = replace(verdict, announced=case.announced(settled.announced))
    reach = case.reach() if status == "incomplete" else 0
    whole = not any(case.blame.broken)
    stale = status == "incomplete" and (case.blame.on_stale or not whole)
    return Judgement(verdict, fleeting, answer.get("ending") is not None, reach, stale, whole)


def another(plan: Plan, candidate: int, judgement: Judgement) -> bool:
    """Whether another set of guesses is worth a try."""
    return bool(judgement.reach and plan.guesses) and candidate + 1 < CANDIDATES


def _status(plan: Plan, findings: Sequence[Finding], reason: str | None) -> Any:
    if any(f.severity == "error" for f in findings):
        return "failed"
    if plan.wishes.no_run is not None:
        return "skipped"
    return "incomplete" if reason else "passed"


class _Case:
    """One job and the facts about it."""

    def __init__(self, plan: Plan, every: Sequence[Plan], answer: Facts) -> None:
        self.plan = plan
        self.links = links_of(plan, every)
        self.answer = answer
        self.outcome: Facts = answer.get("outcome") or {}
        checked = answer.get("checked") or {}
        self.absent = list(checked.get("absent", {}))
        self.is_newer = bool(checked.get("newer"))
        self.blame = Blame(plan, self.links, answer, self.absent)

    def verdict(
        self, every: Sequence[Plan], status: Any, findings: Sequence[Finding], reason: str | None
    ) -> Verdict:
        """All that there is to say."""
        plan = self.plan
        return Verdict(
            key=plan.job.key,
            status=status,
            kind=_kind(plan),
            reason=reason if status in ("incomplete", "skipped") else None,
            findings=tuple(sorted(findings, key=lambda f: (f.line, f.column))),
            stdout=self._stdout(),
            stand_ins=tuple(self.outcome.get("stand_ins", ())),
            assumed=tuple(self.blame.given),
            guessed=tuple(self.outcome.get("guessed", ())),
            figures=tuple((name, png) for name, png in self.outcome.get("figures", ())),
            after=tuple(every[index].job.key for index in plan.link.after),
            depth=self._depth(),
            seconds=round(self.outcome.get("seconds", 0.0), 4),
        )

    def _depth(self) -> Depth:
        """How far it was examined: run, or only looked at."""
        if self.plan.runs and (self.outcome or self.answer.get("started")):
            return "run"
        return "names" if "checked" in self.answer and not self.is_newer else "neither"

    def _stdout(self) -> str:
        """What it printed; a loop that was cut short prints what nobody meant."""
        cut = self.outcome.get("cut") is not None
        return self._masked(self.answer.get("stdout", "")) if self.plan.runs and not cut else ""

    def _masked(self, text: str) -> str:
        return masked(text, self.answer.get("masked", ()))

    # what is known without running

    def static(self) -> list[Finding]:
        """Findings of the parser and of the checks."""
        reading = self.plan.reading
        found = (answer_finding(row) for row in (self.answer.get("checked") or {}).get("found", ()))
        checked = [reading.in_given_code(f) for f in found if not self._is_announced(f.line)]
        if self.outcome.get("end") == "finished":
            checked = [f for f in checked if not self._was_run(f)]
        if self.plan.job.fails and not self.plan.runs:
            return []
        is_shown = is_syntactic(shown_error(self.plan.job.expected))
        return [*(() if is_shown else reading.findings), *checked]

    def _is_announced(self, line: int) -> bool:
        said = any(first <= line <= last for first, last in self.plan.reading.announced)
        return said or self._is_shown(line)

    def _is_shown(self, line: int) -> bool:
        """Whether the line raised what the output behind the code shows."""
        error = self.outcome.get("error") or {}
        first, _, last, _ = error.get("place") or (0, 0, 0, 0)
        if not first <= line <= last:
            return False
        return self.plan.job.fails or error["type"] == shown_error(self.plan.job.expected)

    def _was_run(self, finding: Finding) -> bool:
        """Whether Python itself got past a finding: it stands in a plain top-level statement."""
        if finding.code == "submodule-not-imported" or finding.severity != "error":
            return False
        if self.blame.doubt.covers(finding.line):
            return False
        for node in ast.parse(self.plan.reading.text).body:
            if node.lineno <= finding.line <= (node.end_lineno or node.lineno):
                return not hasattr(node, "body") and not _has_lazy_parts(node)
        return False

    # what the run showed

    def ran(self, static: Sequence[Finding]) -> tuple[list[Finding], str | None, bool]:
        """Findings of the run, the reason if it is not the author's, whether limits decided."""
        if self.answer.get("ending") or not self.outcome:
            ended = ended_from_outside(self.plan, self.answer)
            if isinstance(ended, str):
                return [], ended, True
            return ([] if self._is_endless_on_purpose(ended) else [ended]), None, True
        told = {f.line for f in static if f.code == "deprecated"}
        warned = dict.fromkeys(self._warnings())
        found = [finding for finding in warned if finding.line not in told]
        errors = self._errors()
        if self.plan.wishes.raises is not None and "raises" in dict(self.plan.job.options):
            return [*found, *self._as_wished(errors)], None, False
        reasons = []
        for error in errors:
            said = self.blame.error(error)
            if isinstance(said, str):
                reasons.append(said)
            elif said and said.code == "memory-limit":
                return self._out_of_memory(found, said)
            elif said and not _says_already(static, said):
                found.append(said)
        found += [*self._claim(), *wrong_outputs(self.plan, self._chain(), self._output())]
        return found, next(iter(reasons), self._left_open(errors)), False

    def _is_endless_on_purpose(self, ended: Finding) -> bool:
        """Whether a limit was met that the note, or a comment, speaks of."""
        said = self.plan.job.fails or self._is_announced(ended.line)
        return said and ended.code in ("time-limit", "output-limit")

    def _chain(self) -> str:
        """All the code that what is shown comes from."""
        return "\n".join(plan.reading.text for plan in (*self.links, self.plan))

    def _output(self) -> Facts:
        """What the run showed, where that is what the code shows when it is run in earnest."""
        certain = self.outcome["end"] == "finished" and self.outcome.get("cut") is None
        certain = certain and not self.blame.is_made_up and not self.plan.link.stale
        certain = certain and not self.plan.job.fails
        if not certain or any(self.outcome.get("broken", ())):
            return {}
        unsure = self.blame.doubt.covers(None) or self.outcome.get("breaks")
        whole = None if unsure else self._stdout()
        return {"shown": self.outcome.get("shown", ()), "stdout": whole}

    def _errors(self) -> list[Facts]:
        """What was raised, in the order of the code: first where a guess broke."""
        ended = [self.outcome["error"]] if self.outcome["end"] == "raised" else []
        return [*self.outcome.get("breaks", ()), *ended, *self.outcome.get("threads", [])]

    def _out_of_memory(
        self, found: list[Finding], said: Finding
    ) -> tuple[list[Finding], str | None, bool]:
        if self.blame.given:
            return found, f"{said.message}, with assumed values", True
        made_up = [w for w in self.outcome.get("stand_ins", ()) if w.startswith(MADE_UP)]
        if made_up:
            return found, f"{said.message}, with {made_up[0]}", True
        return [*found, said], None, True

    def reach(self) -> int:
        """The line that a run on guesses broke at, from 1."""
        places = [error.get("place") for error in self._errors()] if self.outcome else []
        return min((place[0] if place else 1 for place in places), default=0)

    def _left_open(self, errors: Sequence[Facts]) -> str | None:
        """Why a run that went well still does not show that the code is right."""
        if errors:
            return None
        guesses, own = self.plan.guesses, self.plan.names.defers
        # what functions of earlier pieces lack, those went without
        unsure = [name for name in self.plan.link.unsure if name in own and name not in guesses]
        if unsure:
            return needs(unsure)
        blank = [name for name in self.plan.names.blank if name not in guesses]
        used = [name for name in blank if self._is_used(name)]
        if used:
            return skeleton(used[0], [self._chain()])
        return self.blame.rests_on_absent()

    def _is_used(self, name: str) -> bool:
        loads = (n for n in ast.walk(ast.parse(self.plan.reading.text)) if isinstance(n, ast.Name))
        return any(n.id == name and isinstance(n.ctx, ast.Load) for n in loads)

    def _claim(self) -> Iterator[Finding]:
        against = self.outcome.get("against")
        if against:
            text = (
                f"the claim `{self.plan.job.code.strip()}` does not hold: {self._masked(against)}"
            )
            yield replace(
                first_line(self.plan), code="claim-false", message=text,
                help="mend the claim, and the sentence that it stands for",
            )  # fmt: skip

    def _as_wished(self, errors: Sequence[Facts]) -> list[Finding]:
        """What `raises=` asks for and did not get."""
        wanted = (self.plan.wishes.raises or "").strip()
        if any(not wanted or self.blame.raised(error).is_a(wanted) for error in errors):
            return []
        if not errors:
            message = (
                f"it was to raise `{wanted}`, and nothing was raised"
                if wanted
                else "nothing was raised"
            )
            finding = replace(first_line(self.plan), code="no-error", message=message)
            return [replace(finding, help="remove `raises`, or show the mistake it is about")]
        finding = self.blame.finding(errors[0], self.blame.raised(errors[0]))
        message = f"it was to raise `{wanted}`; instead: {finding.message}"
        return [replace(finding, code="other-error", message=message)]

    def announced(self, foreseen: Sequence[Finding]) -> tuple[Finding, ...]:
        """What `raises=` asked for and got: what was foreseen, and what the run said beside it."""
        if not self.plan.runs or "raises" not in dict(self.plan.job.options):
            return tuple(foreseen)
        raised = (self.blame.finding(error, self.blame.raised(error)) for error in self._errors())
        return (*foreseen, *(f for f in raised if not _says_already(foreseen, f)))

    def _warnings(self) -> Iterator[Finding]:
        for warned in self.outcome.get("warnings", ()):
            text = _INSIDE.sub("", self._masked(" ".join(warned["text"].split())))
            if re.search("Deprecat|Future", warned["type"]) or "deprecated" in text.lower():
                escape = text.startswith(("invalid escape", '"\\'))
                advice = _RAW if escape else "use what the message names instead"
                yield replace(
                    whole_line(self.plan, warned["line"]), code="deprecated", severity="warning",
                    message=_lowered(text), help=advice,
                )  # fmt: skip


def _has_lazy_parts(node: ast.AST) -> bool:
    """Parts that running a statement need not run: other branches, lambdas, `and`."""
    lazy = (ast.Lambda, ast.IfExp, ast.BoolOp, ast.GeneratorExp)
    return any(isinstance(n, lazy) for n in ast.walk(node))


def _says_already(static: Sequence[Finding], finding: Finding) -> bool:
    return any(
        f.severity == "error" and f.line <= finding.end_line and finding.line <= f.end_line
        for f in static
    )


def _lowered(text: str) -> str:
    text = text.rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
