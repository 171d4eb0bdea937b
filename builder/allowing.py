"""Which problems the author allows where, and which allowances allow nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatch

from builder.model import Allowance, Course, Note, Problem


def allowed(note: Note, section: int, line: int) -> frozenset[str]:
    """Return the codes that are allowed on a line of a section."""
    return frozenset(code for one in _holding(note, section, line) for code in one.codes)


def _holding(note: Note, section: int, line: int) -> Iterator[Allowance]:
    for one in note.allowed:
        is_above = one.span.path != note.source.path or one.span.line <= line
        if is_above and one.section in (None, section):
            yield one


def with_configured(note: Note, patterns: Iterable[tuple[str, Allowance]]) -> Note:
    """Return a note with what the configuration allows in it, by its name."""
    found = tuple(one for pattern, one in patterns if fnmatch(note.source.name, pattern))
    return replace(note, allowed=note.allowed + found) if found else note


def settled(
    course: Course, patterns: Iterable[tuple[str, Allowance]], *, is_whole: bool = True
) -> Course:
    """Return a verified course without what is allowed, and with a warning for idle allowances.

    None is known to be idle unless the whole was looked at.
    """
    notes = {note.source.path: note for note in course.notes}
    used, kept = set[tuple[Allowance, str]](), []
    for problem in course.problems:
        note = notes.get(problem.span.path)
        section = _section(note, problem.span.line) if note else 0
        found = _allowing(note, section, problem.span.line, problem) if note else []
        used.update(found)
        kept += [] if found else [problem]
    mentions = []
    for mention in course.mentions:
        note, line, wrong = notes[mention.span.path], mention.span.line, mention.problem
        found = _allowing(note, _section(note, line), line, wrong) if wrong else []
        used.update(found)
        mentions.append(replace(mention, problem=None) if found else mention)
    for verdict in (*course.verdicts, *course.asides):
        snippet = verdict.snippet
        for problem in verdict.allowed:
            note = notes[snippet.span.path]
            used.update(_allowing(note, snippet.section, snippet.span.line, problem))
    is_whole = is_whole and len(course.verdicts) == sum(len(note.snippets) for note in course.notes)
    every = (
        one for one in (*(a for n in course.notes for a in n.allowed), *(a for _, a in patterns))
    )
    idle = tuple(_idle(every, used)) if is_whole else ()
    return replace(course, problems=(*kept, *idle), mentions=tuple(mentions))


def _section(note: Note, line: int) -> int:
    """Return the section that a line stands in: the last that begins there or above."""
    begun = [n for n, section in enumerate(note.sections) if section.span.line <= line]
    return begun[-1] if begun else 0


def _allowing(note: Note, section: int, line: int, problem: Problem) -> list[tuple[Allowance, str]]:
    holding = _holding(note, section, line)
    return [(one, problem.code) for one in holding if problem.code in one.codes]


def _idle(every: Iterable[Allowance], used: set[tuple[Allowance, str]]) -> Iterator[Problem]:
    for one in dict.fromkeys(every):
        for code in one.codes:
            if (one, code) not in used:
                message = f"allowing `{code}` here allows nothing"
                yield Problem("unused-allow", one.span, message, "remove it", "warning")
