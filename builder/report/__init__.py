"""What was found, as text for people, and in the forms that programs read."""

from collections.abc import Callable, Mapping

from builder.model import Course
from builder.report.ci import github, junit, sarif
from builder.report.json import cards_json, forecast_json, problems_json, verify_json
from builder.report.text import (
    cards_text,
    corrections,
    corrections_total,
    fixable,
    problem_text,
    problems_total,
    summary,
    totals,
    verify_text,
)

#: How the verification can be written for programs, by the names that `--format` takes.
FORMATS: Mapping[str, Callable[[Course], str]] = {
    "json": verify_json,
    "github": github,
    "junit": junit,
    "sarif": sarif,
}

__all__ = [
    "FORMATS",
    "cards_json",
    "cards_text",
    "corrections",
    "corrections_total",
    "fixable",
    "forecast_json",
    "problem_text",
    "problems_json",
    "problems_total",
    "summary",
    "totals",
    "verify_json",
    "verify_text",
]
