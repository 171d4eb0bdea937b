"""A block of code as it stands on a page: coloured, marked, with what happened when it ran."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from builder import links
from builder.markdown import escape, highlight, language
from builder.model import Block, Note, Problem, Severity, Snippet, Span, Status, Verdict
from builder.patterns import late
from builder.pictures import size
from builder.site.copied import typed
from builder.site.evidence import ran_on
from builder.site.shared import Site, Title
from builder.site.urls import media, relative
from builder.words import Words

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
_CODE = late(r"(`+)(.+?)\1")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem as it is shown; `line` counts in the snippet, `message` and `help` are HTML."""

    severity: Severity
    line: int | None
    message: str
    help: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture that code drew: where it lies, and its width and height."""

    href: str
    size: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Before:
    """A snippet that ran before, for names that this one needs.

    `n` counts those under one title, from 1; it is 0 for one that is alone there.
    """

    href: str
    title: Title
    n: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verdict as it is shown; `line`, `help` and `stand_ins` are HTML.

    `line` is the one that opens. Where it tells of an error, `help` is what to do about that one,
    and `troubles` are the others.
    """

    status: str
    line: str
    help: str
    troubles: tuple[Trouble, ...]
    ran_on: tuple[str, ...]
    stand_ins: tuple[str, ...]
    assumed: tuple[str, ...]
    after: tuple[Before, ...]

    @property
    def is_open(self) -> bool:
        """Is there something that a reader must not miss?"""
        return self.status == "failed" or bool(self.help)

    @property
    def opens(self) -> bool:
        """Is there more to tell than the one line?"""
        found = (self.troubles, self.ran_on, self.stand_ins, self.assumed, self.after)
        return bool(self.help) or any(found)


def remark(text: str, say: Words) -> str:
    """Return a message as HTML, in the words of the site; what stands in backticks is code."""
    return _CODE.sub(lambda match: f"<code>{match[2]}</code>", escape(say.message(text)))


class Snippets:
    """Makes the HTML of one note's code blocks."""

    def __init__(self, site: Site, note: Note) -> None:
        self._site = site
        self._note = note
        self._snippets = {snippet.span: snippet for snippet in note.snippets}
        self._numbers = {span: n for n, span in enumerate(self._snippets, 1)}
        self._led_to = frozenset(_led_to(site, note))
        blocks = (section.blocks for section in note.sections)
        self._shown = {span for some in blocks for span in _shown_by_author(some)}

    def html(self, block: Block) -> str:
        """Return a code block with its verdict."""
        snippet = self._snippets.get(block.span)
        if snippet:
            return self._render(snippet, _language(snippet))
        named = language(block.info)
        return self._site.part(
            "snippet.html",
            code=_marked(block.text if named == "output" else _begun(block.text), named, ()),
            typed=typed(block.text),
            output=named == "output",
            anchor="",
            printed="",
            figures=(),
            verdict=None,
        )

    def broken_claims(self, snippets: Iterable[Snippet]) -> str:
        """Return the claims among snippets that do not hold: readers see no others."""
        verdicts = ((claim, self._site.course.verdict(claim.span)) for claim in snippets)
        return "".join(
            self._render(claim, "python")
            for claim, verdict in verdicts
            if claim.kind != "code" and verdict and verdict.status is Status.FAILED
        )

    def _render(self, snippet: Snippet, language: str) -> str:
        verdict = self._site.course.verdict(snippet.span)
        problems = (*verdict.announced, *verdict.problems) if verdict else ()
        troubles = tuple(_trouble(snippet, problem, self._site.say) for problem in problems)
        return self._site.part(
            "snippet.html",
            code=_marked(_begun(snippet.code), language, troubles),
            typed=typed(snippet.code),
            output=False,
            anchor=self._anchor(snippet.span) if snippet.span in self._led_to else "",
            printed=self._printed(verdict) if verdict else "",
            figures=self._figures(verdict) if verdict else (),
            verdict=self._evidence(verdict, troubles) if verdict else None,
        )

    def _printed(self, verdict: Verdict) -> str:
        """What the author shows already is not shown again."""
        if verdict.hides or verdict.kind == "doctest" or verdict.snippet.span in self._shown:
            return ""
        return verdict.stdout.rstrip()

    def _figures(self, verdict: Verdict) -> tuple[Figure, ...]:
        """Return the pictures that the code drew, as the note's page shows them."""
        page = links.page(self._note)
        return tuple(
            Figure(relative(media(it), page), size(it.name, it.content))
            for it in verdict.shown_figures
        )

    def _evidence(self, verdict: Verdict, troubles: tuple[Trouble, ...]) -> Evidence:
        failed = verdict.status is Status.FAILED
        shows = failed or bool(verdict.announced)
        told = next((t for t in troubles if shows and t.severity == "error"), None)
        ran = failed or verdict.status is Status.PASSED
        return Evidence(
            status=verdict.status.value,
            line=self._line(verdict, told),
            help=told.help if told else "",
            troubles=tuple(trouble for trouble in dict.fromkeys(troubles) if trouble != told),
            ran_on=ran_on(self._site.course.environment) if ran else (),
            stand_ins=tuple(remark(it, self._site.say) for it in verdict.stand_ins),
            assumed=verdict.assumed,
            after=tuple(self._before(verdict.after)),
        )

    def _line(self, verdict: Verdict, told: Trouble | None) -> str:
        """Return the one line that says what became of a snippet."""
        say = self._site.say
        match verdict.status:
            case Status.PASSED if told:
                return say("announced", message=told.message)
            case Status.PASSED:
                where = next(iter(ran_on(self._site.course.environment)), "Python")
                return say(f"passed-{verdict.kind}", where=escape(where))
            case Status.FAILED if told and told.line:
                return say("at-line", line=told.line, message=told.message)
            case Status.FAILED:
                return told.message if told else say("failed")
            case Status.INCOMPLETE | Status.SKIPPED:
                because = remark(verdict.reason or say("no-reason"), say)
                return say(verdict.status.value, reason=because)

    def _before(self, after: Iterable[Span]) -> Iterator[Before]:
        """Yield the snippets that ran before; several under one title are told apart."""
        spans = [span for span in after if span in self._snippets]
        sections = Counter(self._snippets[span].section for span in spans)
        seen: Counter[int] = Counter()
        for span in spans:
            at = self._snippets[span].section
            seen[at] += 1
            title = self._site.title_in(self._note, self._note.sections[at])
            n = seen[at] if sections[at] > 1 else 0
            yield Before(f"#{self._anchor(span)}", title, n)

    def _anchor(self, span: Span) -> str:
        return f"@code-{self._numbers[span]}"


def _led_to(site: Site, note: Note) -> Iterator[Span]:
    """Yield the places of code that other code, or the report, has a link to."""
    for snippet in note.snippets:
        if verdict := site.course.verdict(snippet.span):
            yield from verdict.after
            if is_listed(verdict):
                yield snippet.span


def is_listed(verdict: Verdict) -> bool:
    """Tell whether the report lists a piece: it is not known to be right, or has a remark."""
    return verdict.status is not Status.PASSED or bool(verdict.problems)


def _trouble(snippet: Snippet, problem: Problem, say: Words) -> Trouble:
    code = _begun(snippet.code)
    above = snippet.code.count("\n") - code.count("\n")
    line = problem.span.line - snippet.span.line + 1 - above
    inside = problem.span.path == snippet.span.path and 1 <= line <= code.count("\n") + 1
    return Trouble(
        problem.severity,
        line if inside else None,
        remark(problem.message, say),
        remark(problem.help, say),
    )


def _begun(code: str) -> str:
    """Return code from its first line on that says something."""
    blank = len(code) - len(code.lstrip())
    return code[code.rfind("\n", 0, blank) + 1 :]


def _marked(code: str, language: str, troubles: tuple[Trouble, ...]) -> str:
    """Highlight code, and mark the lines that something is wrong with."""
    # Some lexers take a last line without its end for an error.
    html = highlight(code.rstrip("\n") + "\n", language)
    lines = [line + "\n" for line in html.rstrip("\n").split("\n")]
    for number, line in enumerate(lines, 1):
        found = {trouble.severity for trouble in troubles if trouble.line == number}
        if found:
            # The line break stays inside: a mark is a block of its own.
            worst = next(severity for severity in _SEVERITIES if severity in found)
            lines[number - 1] = f'<mark class="{worst}">{line}</mark>'
    return "".join(lines).removesuffix("\n")


def _language(snippet: Snippet) -> str:
    return "pycon" if snippet.code.lstrip().startswith(">>>") else "python"


def _shown_by_author(blocks: tuple[Block, ...]) -> Iterator[Span]:
    """Yield the places of code that has its output right behind it, in the note itself."""
    for code, behind in pairwise(blocks):
        if code.kind == behind.kind == "code" and language(behind.info) == "output":
            yield code.span
    for block in blocks:
        yield from _shown_by_author(block.children)
