"""What was found, as text for people and as JSON for programs."""

from builder.report.json import cards_json, report_json, verify_json
from builder.report.text import cards_text, problem_text, summary, verify_text

__all__ = [
    "cards_json",
    "cards_text",
    "problem_text",
    "report_json",
    "summary",
    "verify_json",
    "verify_text",
]
