"""What is to be done about each job: how it reads, what it is run behind, why it may not run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cache
from pathlib import PurePath
from typing import Any

from verify.announced import shown_error
from verify.assumptions import is_conventional, usual_imports, values_of
from verify.doubt import Doubt, doubt_of, values_bound
from verify.files import files_of
from verify.link import NO_FILES, Link, Linker, Piece
from verify.model import Job, Options
from verify.regions import OLD
from verify.scope import Names, names_of
from verify.syntax import Reading, looks_like_python, read
from verify.wishes import Wishes, wishes


@dataclass(frozen=True, slots=True)
class Plan:
    """One job, read and linked. `skip` and `obstacle` say why it is skipped, or not run."""

    index: int
    job: Job
    reading: Reading
    wishes: Wishes
    names: Names
    link: Link
    options: Options
    skip: str | None = None
    obstacle: str | None = None

    @property
    def guesses(self) -> tuple[str, ...]:
        """Names that nobody defines and that are given their usual meaning."""
        lacking = (*self.link.missing, *self.link.unsure, *self.names.blank)
        if self.link.foreign:
            return ()
        return tuple(name for name in lacking if is_conventional(name, self.reading.text))

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names that the run will lack."""
        guesses = self.guesses
        return tuple(name for name in self.link.missing if name not in guesses)

    @property
    def runs(self) -> bool:
        """Whether it is to be run, and not only examined."""
        return self.obstacle is None and not any(
            f.severity == "error" for f in self.reading.findings
        )


def fuller(plan: Plan, every: Sequence[Plan]) -> Plan | None:
    """The plan of running a job behind all that may change the values it uses, if all that runs."""
    if not plan.link.fuller or any(every[n].skip or every[n].obstacle for n in plan.link.fuller):
        return None
    used = plan.link.prelude.union(*(every[n].link.prelude for n in plan.link.fuller))
    none: frozenset[str] = frozenset()
    link = replace(plan.link, after=plan.link.fuller, prelude=used, stale=none, reformed=none)
    return replace(plan, link=link)


def plans(jobs: Sequence[Job], options: Options) -> list[Plan]:
    """Read every job and link them."""
    readings = [_read(job) for job in jobs]
    wanted = list(_wishes(jobs))
    names = [names_of(reading.text) for reading in readings]
    every = [_options(job, options, wish) for job, wish in zip(jobs, wanted, strict=True)]
    pieces = [
        _piece(job, r, n, given, _imports(r, n, wish))
        for job, r, n, given, wish in zip(jobs, readings, names, every, wanted, strict=True)
    ]
    linker = Linker(pieces)
    links = [_link(linker, jobs, wanted, index) for index in range(len(jobs))]
    return [
        Plan(
            index,
            job,
            readings[index],
            wanted[index],
            names[index],
            links[index],
            every[index],
            skip=_skip(job, readings[index], wanted[index]),
            obstacle=_obstacle(index, readings, wanted, links),
        )
        for index, job in enumerate(jobs)
    ]


def _wishes(jobs: Sequence[Job]) -> Iterator[Wishes]:
    """What is wished for each job, given the sessions of those before it."""
    sessions: dict[str, None] = {}
    for job in jobs:
        wish = wishes(job, sessions)
        yield wish
        if wish.session:
            sessions[wish.session] = None


def _options(job: Job, options: Options, wish: Wishes) -> Options:
    """The options as they hold for one job."""
    setting = job.setting
    return replace(
        options,
        prelude=options.prelude if setting.prelude is None else setting.prelude,
        names=tuple((dict(options.names) | dict(setting.names)).items()),
        off=tuple(sorted({*options.off, *setting.off, *wish.off})),
    )


def _piece(
    job: Job, reading: Reading, names: Names, options: Options, imports: frozenset[str]
) -> Piece:
    return Piece(
        names,
        job.scopes,
        usable=_is_usable(job, reading),
        files=NO_FILES if "files" in options.off else files_of(reading.text),
        prelude=prelude_names(options),
        given=frozenset(name for name, _ in options.names),
        within=job.setting.within,
        setup=job.kind == "setup",
        tabs=_tabs(job.code),
        imports=imports,
    )


def _imports(reading: Reading, names: Names, wish: Wishes) -> frozenset[str]:
    """What the imports of an excerpt bind, which works though the rest of it cannot be run."""
    is_excerpt = reading.reason or {"self", "cls"} & {*names.needs}
    if not is_excerpt or reading.reason == OLD or wish.skip is not None:
        return frozenset()
    alone = names_of(_only_imports(reading.text))
    return alone.binds & dict(names.origins).keys()


def _only_imports(text: str) -> str:
    """The imports at the top level of code, each on its line."""
    lines = [""] * (text.count("\n") + 1)
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            first = node.lineno - 1
            lines[first] = "; ".join(filter(None, [lines[first], ast.unparse(node)]))
    return "\n".join(lines)


#: `#@tab pytorch, tensorflow` above code that a note has for several frameworks.
_TAB = re.compile(r"^\s*(?:#@|%%)tab[ \t]+([\w, ]+)$", re.MULTILINE)


def _tabs(code: str) -> frozenset[str]:
    match = _TAB.search(code)
    return frozenset(re.findall(r"\w+", match.group(1))) if match else frozenset()


def prelude_names(options: Options) -> dict[str, str]:
    """The names that every job may use, and what they are imported from."""
    return _origins(options.prelude)


@cache
def _origins(lines: tuple[str, ...]) -> dict[str, str]:
    return dict(names_of("\n".join(lines)).origins)


def _read(job: Job) -> Reading:
    return read(job.code, job.expected)


def _is_usable(job: Job, reading: Reading) -> bool:
    """Whether later jobs may build on it."""
    own = job.kind != "claim" and not job.aside
    return reading.python and reading.kind != "signature" and own


def _link(linker: Linker, jobs: Sequence[Job], wanted: Sequence[Wishes], index: int) -> Link:
    wish = wanted[index]
    if wish.alone:
        link = Linker([replace(linker.pieces[index], scopes=())]).link(0)
        return replace(link, after=())
    forced = [
        earlier
        for earlier in range(index)
        if (wish.session is not None and wanted[earlier].session == wish.session)
        or {jobs[earlier].key, wanted[earlier].session} & set(wish.after)
    ]
    return linker.link(index, forced)


def _skip(job: Job, reading: Reading, wish: Wishes) -> str | None:
    if wish.skip is not None:
        return wish.skip
    if not reading.python:
        return reading.reason
    if not job.certain and not looks_like_python(job.code):
        return "not Python"
    return None


def _obstacle(
    index: int, readings: Sequence[Reading], wanted: Sequence[Wishes], links: Sequence[Link]
) -> str | None:
    """Why a job is not run although it may be right."""
    if wanted[index].no_run is not None:
        return wanted[index].no_run
    if readings[index].reason:
        return readings[index].reason
    if readings[index].kind == "signature":
        return "a signature listing, not a program"
    if {"self", "cls"} & set(links[index].missing):
        return needs(links[index].missing)
    for earlier in sorted({*links[index].after} - links[index].bare):
        if wanted[earlier].skip is not None:
            return f"it builds on code that is skipped ({wanted[earlier].skip})"
        if readings[earlier].reason:
            return f"it builds on code that cannot be run ({readings[earlier].reason})"
    return None


def needs(names: Sequence[str]) -> str:
    """The reason of a job that lacks names, in words."""
    own = [name for name in ("self", "cls") if name in names]
    if own:
        return f"an excerpt from a method (`{own[0]}`)"
    return "it needs " + ", ".join(f"`{name}`" for name in names) + ", which nothing defines"


def skeleton(name: str, texts: Sequence[str]) -> str:
    """The reason of a job with a name whose value the reader is to find, in words."""
    is_none = any(re.search(rf"^{name}\b[^=\n]*=\s*None\b", text, re.MULTILINE) for text in texts)
    return f"a skeleton: `{name} = {'None' if is_none else '...'}` is for the reader to fill in"


def links_of(plan: Plan, every: Sequence[Plan]) -> list[Plan]:
    """What a job is run behind, as it is run there: of an excerpt, the imports."""
    return [_bare(every[n]) if n in plan.link.bare else every[n] for n in plan.link.after]


def _bare(plan: Plan) -> Plan:
    text = _only_imports(plan.reading.text)
    reading = replace(plan.reading, text=text, broken_at=None, reason=None)
    return replace(plan, reading=reading, names=names_of(text))


def doubt(plan: Plan, every: Sequence[Plan], given: Sequence[str] = ()) -> Doubt:
    """Which statements of a plan, and of what it is run behind, rest on no certain value."""
    chain = [*links_of(plan, every), plan]
    lacking = (*plan.link.missing, *plan.link.unsure, *given)
    return doubt_of([(p.reading.text, p.names) for p in chain], lacking, plan.link.prelude)


def task(number: int, plan: Plan, every: Sequence[Plan], candidate: int = 0) -> dict[str, Any]:
    """A plan as the plain values that a worker takes; `candidate` is which guess is tried."""
    options = plan.options
    timeout = plan.wishes.timeout or options.timeout
    links = links_of(plan, every)
    given = {name: text for name, text in options.names if name not in plan.names.binds}
    given = {n: t for n, t in given.items() if n in (*plan.names.needs, *plan.names.defers)}
    guesses = {} if plan.link.foreign else _guessed(plan, links, candidate)
    doubtful = doubt(plan, every, tuple(given))
    return {
        "id": number,
        "name": _file_name(plan.job.file),
        "line": plan.job.line,
        "text": plan.reading.text,
        "links": [
            {
                "text": _sound(link.reading),
                "line": link.job.line,
                "doubt": spans,
                "near": is_near(link, plan),
            }
            for link, spans in zip(links, doubtful.spans, strict=False)
        ],
        "listings": [astuple(listing) for listing in plan.reading.listings],
        "prelude": prelude(plan),
        "off": (*options.off, *(["reading"] if _is_to_fail(plan) else [])),
        "free": [*plan.link.missing, *plan.link.unsure],
        "elsewhere": elsewhere(plan, every),
        "old": plan.reading.reason == OLD,
        "usual": {} if plan.link.foreign else usual_imports(plan.link.missing),
        "assumed": given,
        "guesses": guesses,
        "doubt": doubtful.spans[-1],
        "shows": [(e.first, e.last) for e in plan.reading.expected],
        "expected": plan.reading.announced,
        "claim": plan.job.kind == "claim",
        "run": plan.runs,
        "timeout": timeout,
        "cpu": int(timeout * (len(links) + 1) * 4) + 60,
        "memory": options.memory,
        "output": options.output,
    }


def elsewhere(plan: Plan, every: Sequence[Plan]) -> list[str]:
    """The free names of code with a class that have a usual meaning, or are bound further down."""
    free = {*plan.link.missing, *plan.link.unsure}
    if not free or not re.search(r"^\s*class\b", plan.reading.text, re.MULTILINE):
        return []
    scope = plan.job.scopes[:1]
    below = (p.names.binds for p in every[plan.index + 1 :] if p.job.scopes[:1] == scope)
    usual = (name for name in free if is_conventional(name, plan.reading.text))
    return sorted({*usual, *(free & set[str]().union(*below))})


def _is_to_fail(plan: Plan) -> bool:
    """Whether an error is meant, which may be that a file is not there."""
    job, reading = plan.job, plan.reading
    return bool(job.fails or plan.wishes.raises or reading.announced or shown_error(job.expected))


def _guessed(plan: Plan, links: Sequence[Plan], candidate: int) -> dict[str, str]:
    """The names that are given their usual meaning, and the expressions for it."""
    blank = [name for link in links for name in link.names.blank]
    return values_of([*plan.guesses, *blank], candidate, plan.reading.text)


def _file_name(file: str) -> str:
    """A module name that resembles the note's, for tracebacks."""
    stem = re.sub(r"\W+", "_", PurePath(file).stem, flags=re.ASCII).strip("_")
    return stem if stem and not stem[0].isdigit() else f"note_{stem}".rstrip("_")


def _sound(reading: Reading) -> str:
    """A piece up to the first top-level statement that does not parse."""
    if reading.broken_at is None:
        return reading.text
    body = ast.parse(reading.text).body
    sound = [node for node in body if (node.end_lineno or node.lineno) < reading.broken_at]
    last = max((node.end_lineno or node.lineno for node in sound), default=0)
    return "\n".join(reading.text.split("\n")[:last])


def prelude(plan: Plan) -> str:
    """The lines of the prelude that the plan, or what it is run behind, leans on."""
    used, options = set(plan.link.prelude), plan.options
    if options.names:  # these are expressions over the prelude's names
        used |= prelude_names(options).keys()
    return "\n".join(line for line in options.prelude if names_of(line).binds & used)


def is_near(link: Plan, plan: Plan) -> bool:
    """Whether what a job is run behind stands below the same heading."""
    return link.job.scopes[-1:] == plan.job.scopes[-1:]


def borrowed(plan: Plan, links: Sequence[Plan]) -> dict[str, int]:
    """Values that a job takes from under other headings, with the line of the code that binds them.

    Notes use `x` and `model` again and again for something else, so such a value may be meant, and
    may not.
    """
    found: dict[str, int] = {}
    for link in links:
        names = values_bound(link.reading.text)
        if is_near(link, plan):
            found = {name: line for name, line in found.items() if name not in names}
        else:
            found |= dict.fromkeys(sorted(names), link.job.line)
    return found
