"""What was found out about a card's code, and how the card shows it.

Only what is true on every machine is shipped: whether code passed, and what is wrong with it.
Why something could not be run here is nobody else's concern, and says nothing on a card.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from builder.deck import hanging
from builder.model import Asset, Block, Card, Course, Note, Problem, Said, Snippet, Status, Verdict
from builder.patterns import late
from builder.words import Words

_PROMPT = late(r"\s*>>>")
_CODE = late(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Mark:
    """The verdicts on a card's snippets, in their order; none where nothing was checked.

    `said` are the errors in its sentences.
    """

    verdicts: tuple[Verdict, ...] = ()
    said: tuple[Said, ...] = ()

    @property
    def is_verified(self) -> bool:
        """Whether there is code, and all of it passed, and no sentence is wrong."""
        passed = all(v.status is Status.PASSED for v in self.verdicts)
        return bool(self.verdicts) and passed and not self.said

    @property
    def is_broken(self) -> bool:
        """Whether some of the code is wrong, or something that a sentence names."""
        return self.has_broken_code or bool(self.said)

    @property
    def has_broken_code(self) -> bool:
        """Whether some of the code is wrong."""
        return any(verdict.status is Status.FAILED for verdict in self.verdicts)

    @property
    def has_faults(self) -> bool:
        """Whether there is something that a reader should know of, on purpose or not."""
        return any(fault for verdict in self.verdicts for fault in _faults(verdict))


def mark(course: Course, note: Note, card: Card) -> Mark:
    """Return what was found out about the code of a card, and about what its text names."""
    if not course.verified:
        return Mark()
    found = (course.verdict(snippet.span) for snippet in card.snippets)
    said = (it for it in course.said(note) if _is_error(it.problem) and _holds(card, it.problem))
    return Mark(tuple(verdict for verdict in found if verdict), tuple(said))


def _holds(card: Card, problem: Problem) -> bool:
    line = problem.span.line
    return any(it.line <= line <= it.end_line for it in (card.span, card.answer))


def verdict_line(found: Mark, say: Words) -> str:
    """Return the one line below the answer; empty where there is nothing to say."""
    if found.is_verified:
        return f'<span class="ok">✓ {say("card-verified")}</span>'
    if not found.is_broken:
        return ""
    if not found.has_broken_code:
        return _misnamed(found, say)
    errors = [(v, fault) for v in found.verdicts for fault in _faults(v) if _is_error(fault)]
    said = [say("card-broken")]
    if errors:
        said.append(_place(found, *errors[0], say))
    count = len(errors) + len(found.said)
    if count > 1:
        said.append(say("card-more", n=count - 1))
    return f'<span class="bad">✗ {" · ".join(filter(None, said))}</span>'


def _misnamed(found: Mark, say: Words) -> str:
    """Say what is wrong in the text alone."""
    first, *more = found.said
    wrong = _message(first.problem.message, say)
    if first.instead:
        instead = say("write", name=f"<code>{escape(first.instead, quote=False)}</code>")
    else:
        instead = _message(first.problem.help, say)
    said = [say("card-misnamed"), wrong, instead, say("card-more", n=len(more)) if more else ""]
    return f'<span class="bad">✗ {" · ".join(filter(None, said))}</span>'


def _place(found: Mark, verdict: Verdict, fault: Problem, say: Words) -> str:
    """Say where a fault is, as one who sees the card counts: its snippets, and their lines."""
    if verdict.snippet.kind == "setup":
        return _message(fault.message, say)
    if verdict.snippet.kind == "claim":
        return f"{say('card-claim')} · {_message(fault.message, say)}"
    shown = [v.snippet.span for v in found.verdicts if v.snippet.kind == "code"]
    number = shown.index(verdict.snippet.span) + 1
    parts = [say("card-snippet", n=number)] if len(shown) > 1 else []
    if line := _line(verdict, fault):
        parts.append(say("card-line", n=line))
    return " · ".join(parts)


def code_block(
    block: Block,
    snippet: Snippet | None,
    verdict: Verdict | None,
    say: Words,
    coloured: Callable[[str, str], str],
) -> str:
    """Return a code block, and below it what is wrong with it.

    `coloured` makes HTML of code and its language.
    """
    text = block.text.rstrip("\n")
    html = coloured(text, _language(block, snippet)).rstrip("\n")
    faults = [(_line(verdict, fault), fault) for fault in _faults(verdict)] if verdict else []
    broken = frozenset(line for line, fault in faults if _is_error(fault))
    is_failed = verdict is not None and verdict.status is Status.FAILED
    kind = "code" + " broken" * is_failed + " noted" * bool(faults)
    notes = "".join(dict.fromkeys(_note(line, fault, say) for line, fault in faults))
    below = f'<div class="faults">{notes}</div>\n' if notes else ""
    return f'<pre class="{kind}"><code>{hanging.lines(html, text, broken)}</code></pre>\n{below}'


#: Of what was printed a card shows no more lines, and no more characters.
_MOST_LINES, _MOST = 40, 4000


def printed(text: str, say: Words) -> str:
    """Return what code printed, as HTML."""
    lines = text.strip("\n").split("\n")
    shown = "\n".join(line.rstrip() for line in lines[:_MOST_LINES])[:_MOST]
    if not shown.strip():
        return f'<p class="nothing">{say("card-nothing")}</p>\n'
    more = "\n…" if len(lines) > _MOST_LINES or len(shown) == _MOST else ""
    shown += more
    code = hanging.lines(escape(shown, quote=False), shown)
    return f'<pre class="printed"><code>{code}</code></pre>\n'


def drawn(verdict: Verdict | None) -> tuple[Asset, ...]:
    """Return the figures that a card shows: those of code that passed."""
    return verdict.shown_figures if verdict and verdict.status is Status.PASSED else ()


def _note(line: int, fault: Problem, say: Words) -> str:
    place = f"<b>{say('card-line', n=line)}</b> " if line else ""
    advice = f'<div class="help">{_message(fault.help, say)}</div>' if fault.help else ""
    return f'<div class="{fault.severity}">{place}{_message(fault.message, say)}{advice}</div>'


def _message(text: str, say: Words) -> str:
    """Return a message as HTML: what stands in back-ticks is code."""
    return _CODE.sub(r"<code>\1</code>", escape(say.message(text), quote=False))


def _faults(verdict: Verdict) -> Iterator[Problem]:
    """Yield what a reader should know of; of code that was not judged, nothing."""
    if verdict.status in (Status.FAILED, Status.PASSED):
        yield from verdict.announced
        yield from (problem for problem in verdict.problems if problem.severity != "note")


def _is_error(fault: Problem) -> bool:
    return fault.severity == "error"


def _line(verdict: Verdict, fault: Problem) -> int:
    """Return the line of a fault, counted in its snippet; 0 where it stands elsewhere."""
    place = verdict.snippet.span
    is_inside = fault.span.path == place.path and place.line <= fault.span.line <= place.end_line
    return fault.span.line - place.line + 1 if is_inside else 0


def _language(block: Block, snippet: Snippet | None) -> str:
    """Return what a block is highlighted as; code that is examined is Python, named so or not."""
    if snippet is None:
        from builder.markdown import language

        return language(block.info)
    return "pycon" if _PROMPT.match(snippet.code) else "python"
