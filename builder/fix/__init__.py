"""Corrections that problems propose, put into the text of a note; every other byte stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from builder.fix.difference import difference
from builder.fix.raw import Raw
from builder.model import Edit, Problem, Source, Span

__all__ = ["Change", "begin", "correct"]


@dataclass(frozen=True, slots=True)
class Change:
    """A note before and after, as it is written; `corrected` are the problems that it had."""

    source: Source
    before: Raw
    after: Raw
    corrected: tuple[Problem, ...] = ()

    @property
    def difference(self) -> str:
        """What is other, in the form that `git apply` takes."""
        return difference(self.source.path, self.before.text, self.after.text)


def begin(source: Source, data: bytes) -> Change | None:
    """Return a note of which nothing is changed yet; None where its bytes cannot be kept.

    What was read as `source` must come back as the same bytes when it is written.
    """
    raw = Raw.of(data, source.text)
    return Change(source, raw, raw) if raw else None


def correct(change: Change, problems: Iterable[Problem], *, unsafe: bool) -> Change:
    """Return the change with every correction made that touches none before it.

    The problems are those of `change.source`. What is left is for the next time, when the note
    has been looked at again.
    """
    proposed = ((p, p.fix) for p in problems if p.fix and p.fix.span.path == change.source.path)
    wanted = [(p, edit) for p, edit in proposed if unsafe or edit.safe]
    chosen = tuple(_apart(sorted(wanted, key=lambda pair: _extent(pair[1].span))))
    after = change.after.with_edits(edit for _, edit in chosen)
    return replace(
        change,
        source=replace(change.source, text=after.normal),
        after=after,
        corrected=change.corrected + tuple(problem for problem, _ in chosen),
    )


def _apart(wanted: Iterable[tuple[Problem, Edit]]) -> Iterator[tuple[Problem, Edit]]:
    """Yield corrections that do not overlap; of those that do, the first."""
    end = (0, 0)
    for problem, edit in wanted:
        start, behind = _extent(edit.span)
        if start >= end:
            yield problem, edit
            # What is only put in somewhere is put in there once.
            end = max(behind, (start[0], start[1] + 1))


def _extent(span: Span) -> tuple[tuple[int, int], tuple[int, int]]:
    return (span.line, span.column), (span.end_line, span.end_column)
