"""The whole program: notes are read, verified, and made into outputs, each step a value.

settings ── read ── Reading ── verify ── Course ──┬── problems, has_errors
                                                  └── make ── Made ── write, results
"""

from builder.pipeline.examining import check_notes, runner, settled, verify
from builder.pipeline.helping import explain, new
from builder.pipeline.judging import has_errors, lint, problems
from builder.pipeline.making import (
    LockedError,
    Made,
    forecast_json,
    guids,
    known_lock,
    make,
    pages,
    recalled,
    refusal_json,
    refuse_changes,
    refuse_unwritable,
    remembered,
    results,
    write,
    write_report,
)
from builder.pipeline.mending import Fixed, fix, rewrite
from builder.pipeline.reading import Reading, read, read_again
from builder.pipeline.settings import ProblemsError, Settings, keeping, settings

__all__ = [
    "Fixed",
    "LockedError",
    "Made",
    "ProblemsError",
    "Reading",
    "Settings",
    "check_notes",
    "explain",
    "fix",
    "forecast_json",
    "guids",
    "has_errors",
    "keeping",
    "known_lock",
    "lint",
    "make",
    "new",
    "pages",
    "problems",
    "read",
    "read_again",
    "recalled",
    "refusal_json",
    "refuse_changes",
    "refuse_unwritable",
    "remembered",
    "results",
    "rewrite",
    "runner",
    "settings",
    "settled",
    "verify",
    "write",
    "write_report",
]
