"""What is wrong with names and code in sentences: underlined where it stands, and listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from builder import links
from builder.markdown import Mark, escape
from builder.model import Note, Problem, Said
from builder.patterns import late
from builder.site.shared import Site, Title
from builder.site.snippets import remark

_TICKS = late(r"`([^`]*)`")


@dataclass(frozen=True, slots=True)
class Slip:
    """A wrong name, or a wrong piece of code, as the report lists it."""

    chapter: str
    path: str
    title: Title
    problem: Problem


def marks(site: Site, note: Note) -> Iterator[Mark]:
    """Yield the places to be underlined, each once, with what to write there."""
    done: set[tuple[int, int]] = set()
    for said in site.course.said(note):
        problem, span = said.problem, said.problem.span
        place = (span.line, span.column)
        if place in done or span.line != span.end_line or span.end_column <= span.column:
            continue
        done.add(place)
        words = ": ".join(site.say.message(it) for it in (problem.message, problem.help) if it)
        title = escape(_TICKS.sub(r"\1", words))
        yield Mark(
            span.line,
            span.column - 1,
            span.end_column - 1,
            note.source.line(span.line),
            f'<u class="wrong" title="{title}">',
            "</u>",
            f' <span class="right">{_right(site, said)}</span>',
        )


def _right(site: Site, said: Said) -> str:
    """Return what to write instead, or what is wrong where that is not known."""
    if said.instead:
        return site.say("write", name=f"<code>{escape(said.instead)}</code>")
    return remark(said.problem.help or said.problem.message, site.say)


def slips(site: Site) -> Iterator[Slip]:
    """Yield what is wrong in the sentences of all notes, in their order."""
    for note in site.course.notes:
        found = site.course.said(note)
        anchors = site.places.anchors(note) if found else ()
        for problem in (said.problem for said in found):
            line = problem.span.line
            begun = [n for n, section in enumerate(note.sections) if section.span.line <= line]
            at = begun[-1] if begun else 0
            title = site.title_in(note, note.sections[at])
            path = f"{links.page(note)}#{anchors[at]}"
            yield Slip(site.title_of(note).text, path, title, problem)


@dataclass(frozen=True, slots=True)
class Total:
    """How many names, or pieces of code, of sentences were looked at, and what became of them."""

    words: str
    n: int


def totals(site: Site) -> Iterator[tuple[str, tuple[Total, ...]]]:
    """Yield a row for names and one for code: its title, and its counts, which add up."""
    course = site.course
    names = Counter(mention.status for mention in course.mentions)
    code = Counter(verdict.status.value for verdict in course.asides)
    for title, found in (("said-names", names), ("said-code", code)):
        if found:
            counts = (Total(site.say(f"said-{key}"), n) for key, n in sorted(found.items()))
            yield title, (Total(site.say("total"), found.total()), *counts)
