"""Which jobs are other than they were: by their own text, or by what they are run behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from verify.model import Job, Options
from verify.plan import Plan, plans


def changed(
    before: Sequence[Job],
    now: Sequence[Job],
    options: Options | None = None,
    files: Collection[str] = (),
) -> frozenset[str]:
    """The keys of those jobs of `now` whose verdict may differ from what it was `before`.

    Where code stands does not matter, what it is linked to does: so a job changes with the code
    whose names it uses, and when that goes away. `files` are names of other files that changed;
    code that mentions one of them has changed too.
    """
    options = options or Options()
    known = Counter(_trace(plan, every) for every in [plans(before, options)] for plan in every)
    found = set()
    every = plans(now, options)
    for plan in every:
        trace = _trace(plan, every)
        known[trace] -= 1
        if known[trace] < 0 or any(name in code for name in files for code, *_ in trace[1:]):
            found.add(plan.job.key)
    return frozenset(found)


def _trace(plan: Plan, every: Sequence[Plan]) -> tuple[tuple[str, ...], ...]:
    """All text that a verdict depends on: names that nobody gives, then the chain of code."""
    link = plan.link
    chain = (*(every[index] for index in (*link.after, *link.fuller)), plan)
    lacking = (plan.job.file, *link.missing, "", *link.unsure, "", *sorted(link.prelude))
    return (lacking, *(_text(one) for one in chain))


def _text(plan: Plan) -> tuple[str, ...]:
    job = plan.job
    options = (word for option in job.options for word in option)
    setting = repr(job.setting)
    said = (job.expected or "", str(job.fails), str(job.certain))
    return (job.code, job.kind, *said, setting, *options)
