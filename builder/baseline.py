"""Failures that are known and do not count: their file, and what it says of the present ones.

A failure is known by what it is and by the text of the code it points at, not by its line, so
that it stays known when the text around it changes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from builder.model import Course, Mention, Problem, Source, Span, Status, Verdict

_VERSION = 1
#: What stands in a baseline for code that could not be run; it only counts with `--strict`.
INCOMPLETE = "incomplete"
_KEYS = ("path", "code", "text")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One failure: the note, as seen from the baseline, what it is, and the code there."""

    path: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Notes:
    """The texts by their paths, and what a baseline calls a path."""

    sources: Mapping[str, Source]
    name: Callable[[str], str]

    def fault(self, code: str, span: Span) -> Fault:
        """Return what a problem is known by."""
        source = self.sources.get(span.path)
        lines = source.lines[span.line - 1 : span.end_line] if source else ()
        text = " ".join(" ".join(lines).split())
        return Fault(self.name(span.path), code, text[:200])


def mark(
    course: Course, notes: Notes, file: Source, is_judged: Callable[[str], bool]
) -> tuple[Course, tuple[Problem, ...]]:
    """Mark what a baseline knows; the problems are the baseline's own.

    A failure that is gone must leave the file, so it is one of these. `is_judged` tells whether
    that can be told of a note: all of it was looked at, or it is no longer there.
    """
    places, problems = _read(file)
    if problems:
        return course, problems
    left = Counter({fault: len(lines) for fault, lines in places.items()})
    marked = course
    for severity in (
        "error",
        "warning",
    ):  # of two of one kind on a line, the error is the known one
        marked = _marked(marked, notes, left, severity)
    judged = ((f, count) for f, count in left.items() if count > 0 and is_judged(f.path))
    gone = tuple(p for f, count in judged for p in _gone(file, f, places[f][-count:]))
    return replace(marked, problems=marked.problems + gone), ()


def dump(course: Course, notes: Notes, *, strict: bool) -> str:
    """Return a baseline that knows all that is wrong now, and nothing else; one a line."""
    faults = sorted(_faults(course, notes, strict))
    rows = [json.dumps({key: getattr(f, key) for key in _KEYS}, ensure_ascii=False) for f in faults]
    body = ",\n".join(f"  {row}" for row in rows)
    listed = f"[\n{body}\n ]" if rows else "[]"
    return f'{{"version": {_VERSION},\n "known": {listed}}}\n'


def _faults(course: Course, notes: Notes, strict: bool) -> Iterator[Fault]:
    bad = ("error", "warning") if strict else ("error",)
    found = (*course.problems, *course.found)
    yield from (notes.fault(p.code, p.span) for p in found if p.severity in bad)
    if strict:
        yield from (_incomplete(v, notes) for v in course.verdicts if _is_open(v))


def _incomplete(verdict: Verdict, notes: Notes) -> Fault:
    span = verdict.snippet.span
    return notes.fault(INCOMPLETE, Span(span.path, span.line))


def _is_open(verdict: Verdict) -> bool:
    return verdict.status is Status.INCOMPLETE or bool(verdict.guessed)


def _marked(course: Course, notes: Notes, left: Counter[Fault], severity: str) -> Course:
    """Mark what `left` holds, and take it out there; incomplete code goes with the warnings."""
    asides = {aside.snippet.span for aside in course.asides}

    def known(fault: Fault) -> bool:
        left[fault] -= 1
        return left[fault] >= 0

    def problem(it: Problem) -> Problem:
        is_known = it.severity == severity and known(notes.fault(it.code, it.span))
        return replace(it, known=True) if is_known else it

    def verdict(it: Verdict) -> Verdict:
        counts = severity == "warning" and it.snippet.span not in asides
        is_known = counts and _is_open(it) and known(_incomplete(it, notes))
        return replace(it, problems=tuple(map(problem, it.problems)), known=is_known)

    def mention(it: Mention) -> Mention:
        return replace(it, problem=problem(it.problem)) if it.problem else it

    return replace(
        course,
        problems=tuple(map(problem, course.problems)),
        verdicts=tuple(map(verdict, course.verdicts)),
        asides=tuple(map(verdict, course.asides)),
        mentions=tuple(map(mention, course.mentions)),
    )


def _gone(file: Source, fault: Fault, lines: list[int]) -> Iterator[Problem]:
    for line in lines:
        yield Problem(
            "mended-failure",
            file.span(line),
            f"`{fault.path}` no longer has this `{fault.code}`: `{fault.text}`",
            f"well done; take the line out, or write `{file.path}` anew with `--write-baseline`, "
            "so that it cannot come back",
        )


def _read(file: Source) -> tuple[dict[Fault, list[int]], tuple[Problem, ...]]:
    """Return the lines of each known fault, or why the file cannot be used."""
    try:
        said = json.loads(file.text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        return {}, (_unusable(file.span(line), f"this is no JSON: {error}"),)
    rows = said.get("known") if isinstance(said, dict) else None
    if not isinstance(rows, list) or said.get("version") != _VERSION:
        message = f'this is no baseline: `{{"version": {_VERSION}, "known": [...]}}` is one'
        return {}, (_unusable(file.span(1), message),)
    found: dict[Fault, list[int]] = {}
    for row in rows:
        if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in _KEYS):
            return {}, (_unusable(file.span(1), f"`{json.dumps(row)}` names no failure"),)
        fault = Fault(row["path"], row["code"], row["text"])
        found.setdefault(fault, []).append(_line(file, row, len(found.get(fault, ()))))
    return found, ()


def _line(file: Source, row: Mapping[str, str], skip: int) -> int:
    """Return the line that a row of the file stands on, as `dump` writes them."""
    text = json.dumps({key: row[key] for key in _KEYS}, ensure_ascii=False)
    lines = [number for number, line in enumerate(file.lines, 1) if text in line]
    return lines[min(skip, len(lines) - 1)] if lines else 1


def _unusable(span: Span, message: str) -> Problem:
    advice = "write it anew with `--write-baseline`"
    return Problem("unusable-baseline", span, message, advice)
