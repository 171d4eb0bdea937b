"""The reports as JSON, in the forms that docs/json.md promises to keep."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from builder.model import (
    Card,
    Change,
    Course,
    Edit,
    Forecast,
    Mention,
    Note,
    Problem,
    Section,
    Span,
    Status,
    Verdict,
)
from builder.plain import plain


def cards_json(course: Course, guids: Mapping[Span, str]) -> str:
    """Return what the deck would hold; `guids` are those of the cards, by their places."""
    return _dump(
        {
            "cards": [_card(card, guids) for card in course.cards],
            "held_back": [
                _held_back(section, section.held_back)
                for note in course.notes
                for section in note.sections
                if section.held_back
            ],
            "problems": [_problem(problem) for problem in course.problems],
        }
    )


def verify_json(course: Course) -> str:
    """Return what was found about every snippet."""
    return _dump(_verification(course))


def forecast_json(
    package: str, forecast: Forecast, found: tuple[Problem, ...], error: str | None = None
) -> str:
    """Return what learners will see change; `package` is empty where none can be made.

    `error` says why nothing is built, where that is no problem of a file.
    """
    new, updated, unchanged = forecast.counts
    lists = (
        *("new", "updated", "unchanged", "renamed", "retired"),
        *("tombstones", "reminders", "emptied", "held"),
    )
    return _dump(
        {
            "package": package or None,
            "log": {"new": new, "updated": updated, "unchanged": unchanged},
            **{name: [_change(it) for it in getattr(forecast, name)] for name in lists},
            "restyled": list(forecast.restyled),
            "problems": [_problem(problem) for problem in found],
            "error": error,
        }
    )


def _change(change: Change) -> dict[str, Any]:
    return {
        "guid": change.guid,
        "question": plain(change.question),
        "path": change.span.path if change.span else None,
        "line": change.span.line if change.span else None,
        "before": None if change.before is None else plain(change.before),
    }


def problems_json(problems: tuple[Problem, ...]) -> str:
    """Return what is wrong with the notes themselves."""
    return _dump({"problems": [_problem(problem) for problem in problems]})


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _card(card: Card, guids: Mapping[Span, str]) -> dict[str, Any]:
    return {
        "path": card.span.path,
        "line": card.span.line,
        "number": card.number,
        "kind": card.kind.value,
        "question": plain(card.question),
        "context": list(card.context),
        "answer": {"line": card.answer.line, "end_line": card.answer.end_line},
        "tags": list(card.tags),
        "guid": guids.get(card.span),
        "snippets": sum(snippet.kind == "code" for snippet in card.snippets),
    }


def _held_back(section: Section, held: Problem) -> dict[str, Any]:
    return {
        "path": held.span.path,
        "line": held.span.line,
        "question": plain(section.title),
        "code": held.code,
        "message": held.message,
    }


def _verification(course: Course) -> dict[str, Any]:
    count = Counter(verdict.status for verdict in course.verdicts)
    aside = Counter(verdict.status for verdict in course.asides)
    deep = Counter(verdict.depth for verdict in course.verdicts)
    cards = {note.source.path: _card_lines(note) for note in course.notes}
    environment = course.environment
    return {
        "environment": {
            "python": environment.python,
            "packages": dict(environment.packages),
            "sandbox": list(environment.sandbox),
        },
        "summary": {status.value: count[status] for status in Status},
        "asides": {status.value: aside[status] for status in Status},
        "depth": {depth: deep[depth] for depth in ("run", "names", "neither")},
        "snippets": [_snippet(verdict, cards) for verdict in (*course.verdicts, *course.asides)],
        "mentions": [_mention(mention) for mention in course.mentions],
        "problems": [_problem(problem) for problem in course.problems],
    }


def _card_lines(note: Note) -> tuple[int | None, ...]:
    """Return the line of the card that each section is, None for one that is none."""
    return tuple(section.card.span.line if section.card else None for section in note.sections)


def _snippet(verdict: Verdict, cards: Mapping[str, tuple[int | None, ...]]) -> dict[str, Any]:
    snippet = verdict.snippet
    return {
        "path": snippet.span.path,
        "line": snippet.span.line,
        "end_line": snippet.span.end_line,
        "card_line": cards[snippet.span.path][snippet.section],
        "language": snippet.language or None,
        "fenced": snippet.fenced,
        "kind": verdict.kind,
        "status": verdict.status.value,
        "reason": verdict.reason,
        "depth": verdict.depth,
        "stand_ins": list(verdict.stand_ins),
        "assumed": list(verdict.assumed),
        "stdout": verdict.stdout,
        "seconds": round(verdict.seconds, 3),
        "runs": verdict.runs,
        "cached": verdict.cached,
        "problems": [_problem(problem) for problem in verdict.problems],
        "allowed": [_problem(problem) for problem in verdict.allowed],
        "announced": [_problem(problem) for problem in verdict.announced],
    }


def _mention(mention: Mention) -> dict[str, Any]:
    return {
        "path": mention.span.path,
        "line": mention.span.line,
        "column": mention.span.column,
        "text": mention.text,
        "resolves_to": mention.resolves_to,
        "status": mention.status,
        "suggestion": mention.suggestion,
        "problems": [_problem(mention.problem)] if mention.problem else [],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "severity": problem.severity,
        **_place(problem.span),
        "message": problem.message,
        "help": problem.help,
        "fix": _fix(problem.fix) if problem.fix else None,
        **({"known": True} if problem.known else {}),
    }


def _fix(fix: Edit) -> dict[str, Any]:
    return {**_place(fix.span), "text": fix.text, "safe": fix.safe}


def _place(span: Span) -> dict[str, Any]:
    return {
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
