"""What was found, as text for people, and in the forms that programs read."""

from collections.abc import Callable, Mapping

from builder.model import Course
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


def _for_ci(name: str) -> Callable[[Course], str]:
    """Return what writes a form that CI reads; who asks for none does not wait for its import."""

    def write(course: Course) -> str:
        from builder.report import ci

        return {"github": ci.github, "junit": ci.junit, "sarif": ci.sarif}[name](course)

    return write


#: How the verification can be written for programs, by the names that `--format` takes.
FORMATS: Mapping[str, Callable[[Course], str]] = {
    "json": verify_json,
    "github": _for_ci("github"),
    "junit": _for_ci("junit"),
    "sarif": _for_ci("sarif"),
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
