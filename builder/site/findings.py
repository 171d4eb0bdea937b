"""The report: what was checked, on what, and every piece of code that is not known to be right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from builder import links
from builder.model import Artifact, Note, Problem, Status, Verdict
from builder.site.evidence import ran_on, shares
from builder.site.said import Slip, slips, totals
from builder.site.shared import Site, Title
from builder.site.snippets import is_listed, remark
from builder.words import Words

PATH = "report.html"
#: What stands in the place of a status for problems of the notes themselves, and in sentences.
NOTES, SAID = "problem", "said"


@dataclass(frozen=True, slots=True)
class Found:
    """A problem as it is listed; `message` and `help` are HTML."""

    code: str
    place: str
    message: str
    help: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Code that failed, or was not judged, and where it is; `reason` is HTML."""

    status: str
    chapter: str
    path: str
    title: Title
    place: str
    reason: str
    problems: tuple[Found, ...]

    @property
    def codes(self) -> str:
        """The kinds of its problems, with a space between two."""
        return " ".join(dict.fromkeys(problem.code for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Row:
    """How much of a chapter has which status, in the order of `Status`."""

    path: str
    title: Title
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list may be narrowed by: values, and the words for them."""

    name: str
    values: tuple[tuple[str, str], ...]


def page(site: Site) -> Artifact:
    """Return the report."""
    course = site.course
    pieces = tuple(piece for note in course.notes for piece in _pieces(site, note))
    said = tuple(_said(slip, site.say) for slip in slips(site))
    others = tuple(_found(problem, site.say) for problem in course.problems)
    rows = tuple(_row(site, note) for note in course.notes)
    return site.page(
        PATH,
        PATH,
        description=site.say("report"),
        statuses=tuple(status.value for status in Status),
        rows=tuple(row for row in rows if row.total),
        totals=tuple(map(sum, zip(*(row.counts for row in rows), strict=True))),
        shares=shares(verdict.status for verdict in course.verdicts),
        ran_on_all=ran_on(course.environment),
        sandbox=tuple(_shut_off(site)),
        pieces=pieces,
        said=said,
        said_totals=tuple(totals(site)),
        filters=tuple(_filters(site, pieces, said, others)),
        others=others,
    )


def _shut_off(site: Site) -> Iterator[str]:
    """Yield what code was shut off from while it ran, in the words of the site."""
    words = site.say.table("shut-off")
    yield from (words.get(name, name) for name in site.course.environment.sandbox)


def _filters(
    site: Site, pieces: tuple[Piece, ...], said: tuple[Piece, ...], others: tuple[Found, ...]
) -> Iterator[Filter]:
    found = dict.fromkeys(piece.status for piece in pieces)
    states = [(status, site.say(f"status-{status}")) for status in found]
    if said:
        states.append((SAID, site.say("in-sentences")))
    if others:
        states.append((NOTES, site.say("notes-themselves")))
    yield Filter("status", tuple(states))
    yield Filter("chapter", tuple((name, name) for name in _chapters(site, pieces + said)))
    listed = [problem for piece in (*pieces, *said) for problem in piece.problems]
    codes = sorted({problem.code for problem in (*listed, *others)})
    yield Filter("code", tuple((code, code) for code in codes))


def _chapters(site: Site, pieces: tuple[Piece, ...]) -> Iterator[str]:
    """Yield the chapters that are listed, in the order of the notes."""
    listed = {piece.chapter for piece in pieces}
    titles = dict.fromkeys(site.title_of(note).text for note in site.course.notes)
    yield from (title for title in titles if title in listed)


def _row(site: Site, note: Note) -> Row:
    verdicts = (site.course.verdict(snippet.span) for snippet in note.snippets)
    counts = Counter(verdict.status for verdict in verdicts if verdict)
    return Row(links.page(note), site.title_of(note), tuple(counts[status] for status in Status))


def _pieces(site: Site, note: Note) -> Iterator[Piece]:
    """Yield what is not known to be right, and what passed with a remark."""
    anchors = site.places.anchors(note)
    for number, snippet in enumerate(note.snippets, 1):
        verdict = site.course.verdict(snippet.span)
        if verdict and is_listed(verdict):
            anchor = f"@code-{number}" if _is_shown(verdict) else anchors[snippet.section]
            yield _piece(site, note, verdict, anchor)


def _is_shown(verdict: Verdict) -> bool:
    """A claim is seen by readers only where it does not hold."""
    return verdict.snippet.kind == "code" or verdict.status is Status.FAILED


def _piece(site: Site, note: Note, verdict: Verdict, anchor: str) -> Piece:
    snippet, say = verdict.snippet, site.say
    return Piece(
        verdict.status.value,
        site.title_of(note).text,
        f"{links.page(note)}#{anchor}",
        site.title_in(note, note.sections[snippet.section]),
        f"{note.source.name}:{snippet.span.line}",
        remark(verdict.reason or "", say),
        tuple(_found(problem, say) for problem in verdict.problems),
    )


def _said(slip: Slip, say: Words) -> Piece:
    problem = slip.problem
    place = f"{problem.span.path}:{problem.span.line}"
    return Piece(SAID, slip.chapter, slip.path, slip.title, place, "", (_found(problem, say),))


def _found(problem: Problem, say: Words) -> Found:
    place = f"{problem.span.path}:{problem.span.line}"
    return Found(problem.code, place, remark(problem.message, say), remark(problem.help, say))
