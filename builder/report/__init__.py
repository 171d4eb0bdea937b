"""What was found, as text for people and as JSON for programs."""

from builder.report.json import cards_json, problems_json, report_json, verify_json
from builder.report.text import cards_text, problem_text, problems_total, summary, verify_text

__all__ = [
    "cards_json",
    "cards_text",
    "problem_text",
    "problems_json",
    "problems_total",
    "report_json",
    "summary",
    "verify_json",
    "verify_text",
]
