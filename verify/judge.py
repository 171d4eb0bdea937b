"""From what a child reports to a verdict: what is the author's mistake, and what is not."""

from __future__ import annotations

import ast
import re
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from verify.flow import touched_lines
from verify.lacks import Raised, reason_for
from verify.model import Finding, Fix, Verdict
from verify.plan import Plan, needs
from verify.scope import names_of
from verify.words import in_words

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, whether it depends on limits and so on the moment, and whether the code hung."""

    verdict: Verdict
    fleeting: bool = False
    hung: bool = False


def without_worker(plan: Plan) -> Verdict | None:
    """The verdict of a job that needs no worker."""
    key, kind = plan.job.key, _kind(plan)
    if plan.skip is not None:
        findings = plan.wishes.findings
        return Verdict(key, "skipped", kind, plan.skip, findings)
    return None


def behind_hung(plan: Plan) -> Verdict:
    """The verdict of a job that builds on one that never ended."""
    reason = "it builds on code that did not end within its time"
    return Verdict(plan.job.key, "incomplete", _kind(plan), reason, plan.wishes.findings)


def lost(plan: Plan) -> Verdict:
    """The verdict of a job whose worker died twice."""
    message = "the process that ran this died without a word, twice"
    finding = replace(_first_line(plan), code="no-verdict", message=message)
    finding = replace(finding, help="run it by hand; if it works there, tell us")
    return Verdict(plan.job.key, "failed", _kind(plan), None, (finding,))


def _kind(plan: Plan) -> Any:
    return "claim" if plan.job.kind == "claim" else plan.reading.kind


def _first_line(plan: Plan) -> Finding:
    lines = plan.job.code.split("\n")
    number = next((n for n, line in enumerate(lines, 1) if line.strip()), 1)
    return Finding("", number, 1, number, len(lines[number - 1]) + 1, "")


def judge(plan: Plan, every: Sequence[Plan], answer: Facts) -> Judgement:
    """The verdict on a job that a worker has looked at."""
    case = _Case(plan, every, answer)
    findings, reason = case.static(), plan.obstacle
    fleeting = hung = False
    if case.is_newer:
        reason = "it needs a newer Python than the one it was tried on"
    elif plan.runs:
        found, why, fleeting = case.ran(findings)
        findings = [*findings, *found]
        reason = why
        hung = answer.get("ending") is not None
    elif case.absent and not plan.wishes.no_run and not plan.reading.reason:
        reason = "; ".join(filter(None, [reason, _packages(case.absent)]))
    findings = [*plan.wishes.findings, *case.settle(findings)]
    status = _status(plan, findings, reason)
    outcome = answer.get("outcome") or {}
    verdict = Verdict(
        key=plan.job.key,
        status=status,
        kind=_kind(plan),
        reason=reason if status in ("incomplete", "skipped") else None,
        findings=tuple(sorted(findings, key=lambda f: (f.line, f.column))),
        stdout=case.masked(answer.get("stdout", "")) if plan.runs else "",
        assumed=tuple(outcome.get("assumed", ())),
        after=tuple(every[index].job.key for index in plan.link.after),
        seconds=round(outcome.get("seconds", 0.0), 4),
    )
    return Judgement(verdict, fleeting, hung)


def _status(plan: Plan, findings: Sequence[Finding], reason: str | None) -> Any:
    if any(f.severity == "error" for f in findings):
        return "failed"
    if plan.wishes.no_run is not None:
        return "skipped"
    return "incomplete" if reason else "passed"


def _packages(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names)
    many = len(names) > 1
    return (
        f"it needs the package{'s' * many} {shown}, which {'are' if many else 'is'} not installed"
    )


class _Case:
    """One job and the facts about it."""

    def __init__(self, plan: Plan, every: Sequence[Plan], answer: Facts) -> None:
        self.plan = plan
        self.links = [every[index] for index in plan.link.after]
        self.answer = answer
        self.outcome: Facts = answer.get("outcome") or {}
        checked = answer.get("checked") or {}
        self.absent = list(checked.get("absent", {}))
        self.is_newer = bool(checked.get("newer"))

    # what is known without running

    def static(self) -> list[Finding]:
        """Findings of the parser and of the checks."""
        reading = self.plan.reading
        found = (answer_finding(row) for row in (self.answer.get("checked") or {}).get("found", ()))
        checked = [reading.in_given_code(f) for f in found if not self._is_announced(f.line)]
        if self.outcome.get("end") == "finished":
            checked = [f for f in checked if not self._was_run(f)]
        return [*reading.findings, *checked]

    def _is_announced(self, line: int) -> bool:
        return any(first <= line <= last for first, last in self.plan.reading.announced)

    def _was_run(self, finding: Finding) -> bool:
        """Whether Python itself got past a finding: it stands in a plain top-level statement."""
        if finding.code == "submodule-not-imported":
            return False
        for node in ast.parse(self.plan.reading.text).body:
            if node.lineno <= finding.line <= (node.end_lineno or node.lineno):
                return not hasattr(node, "body") and not _has_lazy_parts(node)
        return False

    # what the run showed

    def ran(self, static: Sequence[Finding]) -> tuple[list[Finding], str | None, bool]:
        """Findings of the run, the reason if it is not the author's, whether limits decided."""
        if self.answer.get("ending") or not self.outcome:
            found, reason = self._ended_from_outside()
            return found, reason, True
        errors = [self.outcome["error"]] if self.outcome["end"] == "raised" else []
        errors += self.outcome.get("threads", [])
        found = list(self._warnings())
        if self.plan.wishes.raises is not None and "raises" in dict(self.plan.job.options):
            return [*found, *self._as_wished(errors)], None, False
        for error in errors:
            finding, reason = self._error(error)
            if reason:
                return found, reason, False
            if finding and not _says_already(static, finding):
                if finding.code == "memory-limit":
                    return [*found, finding], None, True
                found.append(finding)
        return [*found, *self._claim()], self._left_open(errors), False

    def _left_open(self, errors: Sequence[Facts]) -> str | None:
        """Why a run that went well still does not show that the code is right."""
        if errors:
            return None
        if self.plan.link.unsure:
            return needs(self.plan.link.unsure)
        used = [name for name in self.plan.names.blank if self._is_used(name)]
        if used:
            return f"a skeleton: `{used[0]} = ...` is for the reader to fill in"
        return None

    def _is_used(self, name: str) -> bool:
        loads = (n for n in ast.walk(ast.parse(self.plan.reading.text)) if isinstance(n, ast.Name))
        return any(n.id == name and isinstance(n.ctx, ast.Load) for n in loads)

    def _claim(self) -> Iterator[Finding]:
        against = self.outcome.get("against")
        if against:
            text = f"the claim `{self.plan.job.code.strip()}` does not hold: {self.masked(against)}"
            yield replace(
                _first_line(self.plan), code="claim-false", message=text,
                help="mend the claim, and the sentence that it stands for",
            )  # fmt: skip

    def _error(self, facts: Facts) -> tuple[Finding | None, str | None]:
        """An error of the run: the author's finding, or the reason why it is not."""
        error = self._raised(facts)
        if self._is_expected(facts):
            return None, None
        reason = reason_for(error) or self._from_elsewhere(facts, error)
        if reason:
            return None, reason
        return self._finding(facts, error), None

    def _raised(self, facts: Facts) -> Raised:
        place = facts.get("place")
        lines = self.plan.reading.text.split("\n")
        source = "\n".join(lines[place[0] - 1 : place[2]]) if place else ""
        return Raised(
            facts["type"], tuple(facts["kinds"]), self.masked(facts["text"]), source,
            facts.get("inner", ""), bool(facts.get("own")), facts.get("name"), facts.get("owner"),
        )  # fmt: skip

    def _is_expected(self, facts: Facts) -> bool:
        place = facts.get("place")
        if not place:
            return False
        return self._is_announced(place[0]) or self._is_raised_openly(place[0])

    def _is_raised_openly(self, line: int) -> bool:
        """A `raise` that stands by itself among the statements shows an error; it makes none."""
        body = ast.parse(self.plan.reading.text).body
        return any(isinstance(n, ast.Raise) and n.lineno == line for n in body)

    def _from_elsewhere(self, facts: Facts, error: Raised) -> str | None:
        """Why an error may come from what is missing, and not from the code."""
        if error.is_a("NameError") and not error.is_a("UnboundLocalError"):
            reason = self._missing_name(error.name or "")
            if reason:
                return reason
        if self._is_doubtful(facts):
            broken = self._broken_link()
            blank = [name for plan in (*self.links, self.plan) for name in plan.names.blank]
            if blank:
                return f"a skeleton: `{blank[0]} = ...` is for the reader to fill in"
            return broken or "it depends on a value that was only assumed"
        return None

    def _missing_name(self, name: str) -> str | None:
        if name in self.plan.link.prelude:
            return "it needs a package of the prelude, which is not installed"
        if name in (*self.plan.link.unsure, *self.plan.link.missing):
            return needs([name])
        for plan in (*self.links, self.plan):
            if name in (*plan.names.needs, *plan.names.defers, *plan.names.blank):
                return self._broken_link() or needs([name])
        if self.absent and name in self.plan.names.binds:
            return _packages(self.absent)
        return None

    def _is_doubtful(self, facts: Facts) -> bool:
        """Whether the statement that failed may hold a value nobody really gave."""
        firm = {name for plan in (*self.links, self.plan) for name, _ in plan.names.origins}
        firm |= set(self.plan.link.prelude)
        spread = set(self.outcome.get("assumed", ()))
        for link, broken in zip(self.links, self.outcome.get("broken", ()), strict=False):
            _, spread = touched_lines(link.reading.text, spread | set(link.names.blank), firm)
            spread |= _lost(link, broken)
        own = spread | set(self.plan.names.blank)
        touched, _ = touched_lines(self.plan.reading.text, own, firm)
        place = facts.get("place")
        if place is None:
            return bool(own)
        return any(first <= place[0] <= last for first, last in touched)

    def _broken_link(self) -> str | None:
        for link, broken in zip(self.links, self.outcome.get("broken", ()), strict=False):
            if broken:
                raised = Raised(broken["type"], (broken["type"],), broken["text"], "")
                match = re.search(r"No module named '([\w.]+)'", broken["text"])
                why = _packages([match.group(1).partition(".")[0]]) if match else None
                why = why or reason_for(raised)
                return why or f"it builds on the code at line {link.job.line}, which breaks"
            if link.reading.broken_at is not None:
                return f"it builds on the code at line {link.job.line}, which does not parse"
        return None

    def _finding(self, facts: Facts, error: Raised) -> Finding:
        words = in_words(facts, error)
        row = facts.get("place") or _whole(_first_line(self.plan))
        finding = _placed(words.code, row, words.message, words.help)
        return self.plan.reading.in_given_code(finding)

    def _as_wished(self, errors: Sequence[Facts]) -> list[Finding]:
        """What `raises=` asks for and did not get."""
        wanted = (self.plan.wishes.raises or "").strip()
        matching = [e for e in errors if not wanted or self._raised(e).is_a(wanted)]
        if matching:
            return []
        if not errors:
            message = (
                f"it was to raise `{wanted}`, and nothing was raised"
                if wanted
                else "nothing was raised"
            )
            finding = replace(_first_line(self.plan), code="no-error", message=message)
            return [replace(finding, help="remove `raises`, or show the mistake it is about")]
        finding = self._finding(errors[0], self._raised(errors[0]))
        message = f"it was to raise `{wanted}`; instead: {finding.message}"
        return [replace(finding, code="other-error", message=message)]

    def _warnings(self) -> Iterator[Finding]:
        for warned in self.outcome.get("warnings", ()):
            text = self.masked(" ".join(warned["text"].split()))
            if re.search("Deprecat|Future", warned["type"]) or "deprecated" in text.lower():
                place = self._line(warned["line"])
                yield replace(
                    place, code="deprecated", severity="warning",
                    message=_lowered(text), help="use what the message names instead",
                )  # fmt: skip

    def _line(self, line: int) -> Finding:
        lines = self.plan.reading.text.split("\n")
        text = lines[line - 1] if 1 <= line <= len(lines) else ""
        start = len(text) - len(text.lstrip()) + 1
        place = Finding("", line, start, line, max(len(text.rstrip()) + 1, start + 1), "")
        return self.plan.reading.in_given_code(place)

    # what ended it from outside

    def _ended_from_outside(self) -> tuple[list[Finding], str | None]:
        ending, line = self.answer.get("ending"), self.answer.get("line")
        status = self.answer.get("status", 0)
        killer = status & 0x7F
        if ending == "late" or (not self.answer.get("started") and self.links):
            return [], "it builds on code that did not end within its time"
        if ending == "flooded":
            return [self._at(line, "output-limit", "it prints without end", _FLOOD_HELP)], None
        if ending == "timeout" or killer == signal.SIGXCPU:
            if "torch.compile" in self.plan.job.code:
                return [], "`torch.compile` may take longer than the time that is allowed"
            return [self._at(line, "time-limit", _TIME.format(self._limit()), _TIME_HELP)], None
        left = self.answer.get("left")
        if left:
            words = f"it leaves Python through `os._exit({left['status']})`"
            return [self._at(left.get("line"), "exit", words, _EXIT_HELP)], None
        if killer:
            name = signal.Signals(killer).name
            words = f"it kills the interpreter ({name})"
            return [self._at(line, "killed-by-signal", words, _KILLED_HELP)], None
        words = f"the interpreter ended with status {status >> 8} and said nothing"
        return [self._at(line, "exit", words, _EXIT_HELP)], None

    def _limit(self) -> str:
        return f"{self.answer.get('timeout', 0):g}"

    def _at(self, line: int | None, code: str, message: str, advice: str) -> Finding:
        place = self._line(line) if line else _first_line(self.plan)
        return replace(place, code=code, message=message, help=advice)

    # the last word

    def settle(self, findings: Sequence[Finding]) -> list[Finding]:
        """Findings without what the author allows; an `allow` that allows nothing is a warning."""
        wish = self.plan.wishes
        wanted = wish.raises or ""
        if "raises" in dict(self.plan.job.options):
            syntactic = [f for f in findings if f in self.plan.reading.findings]
            if syntactic and (
                not wanted or wanted in ("SyntaxError", "IndentationError", "TabError")
            ):
                findings = [f for f in findings if f not in syntactic]
            if self.plan.runs:
                checked = set(self.static())
                findings = [f for f in findings if f not in checked]
        kept = [f for f in findings if f.code not in wish.allow]
        idle = [code for code in wish.allow if code not in {f.code for f in findings}]
        for code in idle:
            place = replace(_first_line(self.plan), code="unused-allow", severity="warning")
            message = f"`allow={code}` allows nothing"
            kept.append(replace(place, message=message, help="remove it"))
        return kept

    def masked(self, text: str) -> str:
        """Text without addresses and temporary paths, which differ from run to run."""
        for path in self.answer.get("masked", ()):
            text = text.replace(f"{path}/home", ".").replace(f"{path}/code", ".").replace(path, ".")
        return re.sub(r"\b0x[0-9a-fA-F]{6,}", "0x...", text)


_TIME = "it did not end within {} seconds"
_TIME_HELP = "let it do less, or give it more time with `timeout=`"
_FLOOD_HELP = "let it print less"
_EXIT_HELP = "let the code run to its end"
_KILLED_HELP = "the operation on this line must not be called like this"


def answer_finding(row: Sequence[Any]) -> Finding:
    """A finding as a worker sends it."""
    code, place, message, advice, severity, patch = row
    finding = replace(_placed(code, place, message, advice), severity=severity)
    if not patch:
        return finding
    (line, column, end_line, end_column), text, safe = patch
    return replace(finding, fix=Fix(line, column, end_line, end_column, text, safe))


def _placed(code: str, place: Sequence[int], message: str, advice: str) -> Finding:
    line, column, end_line, end_column = place
    return Finding(code, line, column, end_line, end_column, message, advice)


def _lost(link: Plan, broken: Facts | None) -> set[str]:
    """The names that an earlier piece did not come to bind."""
    ends = [link.reading.broken_at] if link.reading.broken_at is not None else []
    if broken:
        place = broken.get("place")
        ends.append(place[0] if place else 1)
    if not ends:
        return set()
    body = ast.parse(link.reading.text).body
    kept = [node for node in body if (node.end_lineno or node.lineno) < min(ends)]
    bound = names_of(ast.unparse(ast.Module(kept, []))).binds
    return set(link.names.binds - bound)


def _has_lazy_parts(node: ast.AST) -> bool:
    """Parts that running a statement need not run: other branches, lambdas, `and`."""
    lazy = (ast.Lambda, ast.IfExp, ast.BoolOp, ast.GeneratorExp)
    return any(isinstance(n, lazy) for n in ast.walk(node))


def _whole(finding: Finding) -> Sequence[int]:
    return finding.line, finding.column, finding.end_line, finding.end_column


def _says_already(static: Sequence[Finding], finding: Finding) -> bool:
    return any(
        f.severity == "error" and f.line <= finding.end_line and finding.line <= f.end_line
        for f in static
    )


def _lowered(text: str) -> str:
    text = text.rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
