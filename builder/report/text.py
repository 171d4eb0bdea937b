"""Problems and tables for a terminal: the author's own line, a caret, and what to do."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

from builder.model import Course, Mention, Problem, Severity, Source, Span, Status, Verdict
from builder.patterns import late
from builder.plain import plain

#: Colours a piece of text by what it is: a severity, `place`, `quiet` or `caret`.
PAINT = {
    "error": "31;1",
    "warning": "33;1",
    "note": "36;1",
    "place": "1",
    "quiet": "2",
    "passed": "32",
    "failed": "31;1",
    "incomplete": "33",
    "skipped": "2",
}

_CONTROL = late("[\x00-\x1f\x7f-\x9f]")

#: The layers of a sandbox that is whole.
_LAYERS = ("network", "files", "processes", "disk", "privileges", "system calls", "limits")

#: A longer line is shown in part, around the place that matters.
_WIDTH = 96


def painted(text: str, what: str) -> str:
    """Return text in the colour of what it is; who does not want colours takes them out again."""
    return f"\x1b[{PAINT[what]}m{text}\x1b[0m"


def problem_text(problem: Problem, source: Source | None) -> str:
    """Return a problem with the line it stands on, as good compilers print theirs."""
    span = problem.span
    severity: Severity = problem.severity
    mark = painted(" [*]", "quiet") if problem.fix and problem.fix.safe else ""
    head = painted(f"{severity}[{problem.code}]", severity) + ": " + problem.message + mark
    margin = " " * len(str(span.line))
    lines = [head, f"{margin}{painted('-->', 'quiet')} {painted(str(span), 'place')}"]
    if source and source.line(span.line).strip():
        text, start, end = _excerpt(source.line(span.line), span.column, _end(source, problem))
        bar = painted("|", "quiet")
        caret = " " * _width(text[: start - 1]) + "^" * max(_width(text[start - 1 : end - 1]), 1)
        lines += [
            f"{margin} {bar}",
            f"{painted(str(span.line), 'quiet')} {bar} {text}",
            f"{margin} {bar} {painted(caret, severity)}",
        ]
    if problem.help:
        lines.append(f"{margin} {painted('= help:', 'quiet')} {problem.help}")
    return "\n".join(lines) + "\n"


def _end(source: Source, problem: Problem) -> int:
    """Return the column behind the last marked character of the first line."""
    span = problem.span
    end = len(source.line(span.line)) + 1
    return span.end_column if span.end_line == span.line else end


def _excerpt(line: str, column: int, end: int) -> tuple[str, int, int]:
    """Return what is shown of a line, and the columns that the marked part has in it."""
    line = _CONTROL.sub(" ", line)
    start = min(max(column, 1), len(line) + 1)
    end = max(min(end, len(line) + 1), start)
    cut = max(0, start - 1 - _WIDTH // 3) if len(line) > _WIDTH else 0
    left = "…" if cut else ""
    right = "…" if len(line) > cut + _WIDTH else ""
    shift = len(left) - cut
    text = left + line[cut : cut + _WIDTH] + right
    return text, start + shift, min(end + shift, len(text) + 1)


def _width(text: str) -> int:
    """Return the columns that a terminal needs for text; most Chinese characters take two."""
    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def verify_text(
    course: Course, sources: Mapping[str, Source], verbose: bool, *, strict: bool = False
) -> Iterator[str]:
    """Yield what keeps notes from being read, then the problems of all snippets."""
    yield from _unread(course, sources, ("error", "warning") if strict else ("error",))
    for item in _by_place(course):
        problems = item.problems if isinstance(item, Verdict) else filter(None, [item.problem])
        for problem in problems:
            if verbose or (problem.severity != "note" and not problem.known):
                yield problem_text(problem, sources.get(problem.span.path))
        if isinstance(item, Verdict) and verbose:
            yield from _why_not(item)


def _by_place(course: Course) -> list[Verdict | Mention]:
    """Return all that was looked at, note by note, in the order of the lines."""
    order = {note.source.path: index for index, note in enumerate(course.notes)}
    every: list[tuple[Span, Verdict | Mention]] = []
    every += [(verdict.snippet.span, verdict) for verdict in (*course.verdicts, *course.asides)]
    every += [(mention.span, mention) for mention in course.mentions]
    every.sort(key=lambda pair: (order.get(pair[0].path, -1), pair[0].line, pair[0].column))
    return [item for _, item in every]


def _why_not(verdict: Verdict) -> Iterator[str]:
    if verdict.status in (Status.INCOMPLETE, Status.SKIPPED):
        place = painted(str(verdict.snippet.span), "place")
        yield f"{painted(verdict.status.value, verdict.status.value)}: {place} {verdict.reason}"


def _unread(
    course: Course, sources: Mapping[str, Source], severities: tuple[str, ...]
) -> Iterator[str]:
    for problem in course.problems:
        if problem.severity in severities and not problem.known:
            yield problem_text(problem, sources.get(problem.span.path))


def totals(course: Course) -> str:
    """Return how many snippets there are, what became of them, and what prose speaks of."""
    return "\n".join(
        [_verdicts(course), *_depths(course), *_in_sentences(course), *_sandbox(course)]
    )


def _depths(course: Course) -> Iterator[str]:
    """Say how much of it rests on a run."""
    count = Counter(verdict.depth for verdict in course.verdicts)
    if course.verdicts:
        yield (
            f"{count['run']} of them were run, {count['names']} only had their names looked up, "
            f"{count['neither']} neither"
        )


def _sandbox(course: Course) -> Iterator[str]:
    """Say what code was not kept from, where the sandbox was not whole."""
    held = course.environment.sandbox
    lacking = [layer for layer in _LAYERS if layer not in held]
    if held == ("off",):
        yield painted("the sandbox was off", "warning")
    elif course.verdicts and held and lacking:
        words = f"the sandbox held by {', '.join(held)}; this machine gives it no"
        yield painted(f"{words} {', '.join(lacking)} (see docs/security.md)", "warning")


def _in_sentences(course: Course) -> Iterator[str]:
    """Say what was found in sentences, where that is anything."""
    names = Counter[str](mention.status for mention in course.mentions)
    code = Counter(verdict.status for verdict in course.asides)
    said = []
    if course.asides:
        failed, ran = code[Status.FAILED], sum(v.depth == "run" for v in course.asides)
        said.append(f"{_counted(len(course.asides), 'line')} of code ({ran} run, {failed} wrong)")
    if course.mentions:
        kinds = {"typo": "misspelt", **{it: it for it in ("unknown", "removed", "deprecated")}}
        wrong = ", ".join(f"{names[it]} {word}" for it, word in kinds.items() if names[it])
        said.append(f"{_counted(len(course.mentions), 'name')} of API ({wrong or 'all known'})")
    if said:
        yield f"in sentences: {' and '.join(said)}"


def _verdicts(course: Course) -> str:
    count = Counter(verdict.status for verdict in course.verdicts)
    parts = ", ".join(
        painted(f"{count[status]} {status.value}", status.value)
        if count[status]
        else f"0 {status.value}"
        for status in Status
    )
    claims = sum(verdict.kind == "claim" for verdict in course.verdicts)
    setups = sum(verdict.kind == "setup" for verdict in course.verdicts)
    what = _counted(len(course.verdicts) - claims - setups, "snippet")
    what += f", {_counted(setups, 'set-up')}" if setups else ""
    also = f" and {_counted(claims, 'claim')}" if claims else ""
    return f"{what}{also}: {parts}{_known(course)}{_ran_on(course)}"


def _known(course: Course) -> str:
    """Say how many problems a baseline knows."""
    found = (*course.problems, *course.found)
    count = sum(problem.known for problem in found)
    return f", {_counted(count, 'known problem')}" if count else ""


def _ran_on(course: Course) -> str:
    versions = dict(course.environment.packages)
    return f" (torch {versions['torch']})" if "torch" in versions else ""


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def cards_text(
    course: Course, sources: Mapping[str, Source], *, only_wrong: bool = False
) -> Iterator[str]:
    """Yield what the deck would hold, a line each, then what is held back and why."""
    yield from _unread(course, sources, ("error", "warning") if only_wrong else ("error",))
    if only_wrong:
        return
    for note in course.notes:
        yield painted(f"{note.source.path}: {note.title}", "place")
        for card in note.cards:
            number = f"{card.number}. " if card.number else ""
            count = sum(snippet.kind == "code" for snippet in card.snippets)
            snippets = f"  [{_counted(count, 'snippet')}]" if count else ""
            yield f"{card.span.line:>6}  {number}{plain(card.question)}{painted(snippets, 'quiet')}"
        for section in note.sections:
            if held := section.held_back:
                reason = painted(f"held back: {held.message}", "warning")
                yield f"{held.span.line:>6}  {plain(section.title) or '—'}  {reason}"
    yield _cards_total(course)


def summary(course: Course) -> tuple[str, ...]:
    """Return a line on the cards, and one on what became of the snippets."""
    verified = totals(course) if course.verified else painted("nothing was verified", "warning")
    return _cards_total(course), verified


def _cards_total(course: Course) -> str:
    held_back = sum(s.held_back is not None for note in course.notes for s in note.sections)
    notes, cards = _counted(len(course.notes), "note"), _counted(len(course.cards), "card")
    full = sum(bool(note.cards) for note in course.notes)
    notes = f"{full} of {notes}" if 0 < full < len(course.notes) else notes
    return f"{cards} in {notes}, {held_back} held back"


def problems_total(problems: tuple[Problem, ...]) -> str:
    """Return one line: how many problems of each severity."""
    count = Counter(problem.severity for problem in problems)
    return ", ".join(_counted(count[kind], kind) for kind in ("error", "warning"))


def fixable(problems: tuple[Problem, ...]) -> tuple[str, ...]:
    """Return a line that says how many problems need nobody to mend them, if any."""
    fixes = [problem.fix for problem in problems if problem.fix]
    safe = sum(fix.safe for fix in fixes)
    said = f"[*] {safe} can be fixed with `build fix`" if safe else ""
    if more := len(fixes) - safe:
        said += f", {more} more with" if said else f"{more} can be fixed with `build fix"
        said += " `--unsafe`" if safe else " --unsafe`"
    return (said,) if said else ()


def corrections(problems: tuple[Problem, ...]) -> Iterator[str]:
    """Yield a line for each problem that was corrected: where, what, and what stands there now."""
    for problem in problems:
        place, code = painted(str(problem.span), "place"), painted(problem.code, "quiet")
        text = problem.fix.text.strip() if problem.fix else ""
        yield f"{place}: {code}: {problem.message}; " + (f"now `{text}`" if text else "now gone")


def corrections_total(
    corrected: int, notes: int, left: tuple[Problem, ...], *, written: bool
) -> str:
    """Return one line: how many problems in how many notes, and how many more might be."""
    would = "" if written else "would be "
    said = f"{_counted(corrected, 'problem')} {would}corrected in {_counted(notes, 'note')}"
    more = sum(problem.fix is not None for problem in left)
    others = sum(problem.severity == "error" for problem in left)
    said = said if corrected else "nothing to correct"
    said += f", {more} more with `--unsafe`" if more else ""
    return f"{said}; {_counted(others, 'error')} left" if others else said
