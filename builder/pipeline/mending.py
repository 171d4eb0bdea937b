"""Notes with corrections made, round after round, and written back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from builder import files
from builder.allowing import settled as settled_allowances
from builder.model import Problem
from builder.pipeline.examining import examined, runner
from builder.pipeline.judging import problems
from builder.pipeline.reading import read
from builder.pipeline.settings import Settings

if TYPE_CHECKING:
    from builder.check import Hear
    from builder.fix import Change

#: A correction may uncover another; more often than so they only chase each other.
_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Fixed:
    """What can be corrected: the notes that change, the problems left, the notes kept as they are.

    `kept` are notes whose bytes would not come back the same.
    """

    changes: tuple[Change, ...]
    left: tuple[Problem, ...] = ()
    kept: tuple[str, ...] = ()


def fix(
    where: Settings,
    *,
    unsafe: bool = False,
    progress: Hear = lambda _so_far: None,
    **running: Any,
) -> Fixed:
    """Return the notes with corrections made, until no further one is proposed; writes nothing."""
    from builder import prose
    from builder.fix import begin, correct

    reading, paths, found = read(where), _paths(where), tuple[Problem, ...]()
    begun = {p: begin(s, paths[p].read_bytes()) for p, s in reading.sources.items()}
    changes = {path: change for path, change in begun.items() if change}
    with runner(where, **running) as open_runner:
        for _ in range(_ROUNDS):
            said = {note.source.path: prose.find(note) for note in reading.course.notes}
            course = examined(reading.course, open_runner, progress, said, said)
            found = problems(settled_allowances(course, where.config.verify.allow))
            corrected = {p: correct(change, found, unsafe=unsafe) for p, change in changes.items()}
            if corrected == changes:
                break
            changes = corrected
            reading = read(where, {path: change.source for path, change in changes.items()})
    kept = tuple(path for path, change in begun.items() if not change)
    done = tuple(change for change in changes.values() if change.corrected)
    return Fixed(done, found, kept)


def _paths(where: Settings) -> Mapping[str, Path]:
    found = files.find_notes(where.notes, where.config.exclude, where.out)
    return {files.shown(path): path for path in found}


def rewrite(where: Settings, fixed: Fixed) -> None:
    """Write the notes that change. Raises InputError and MachineError."""
    paths = _paths(where)
    for change in fixed.changes:
        files.rewrite(paths[change.source.path], change.before.bytes, change.after.bytes)
