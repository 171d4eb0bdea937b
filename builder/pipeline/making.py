"""From a course to its outputs: the deck by its lock, the site, the report, and their files."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from builder import deck, files, report
from builder.deck import Consent, Lock, Release
from builder.files import Output
from builder.model import Artifact, Course, Forecast, Note, Problem, Span
from builder.pipeline import unchanged
from builder.pipeline.judging import gaps, problems
from builder.pipeline.settings import ProblemsError, Settings
from builder.pipeline.unchanged import Site

if TYPE_CHECKING:
    from builder.site import Pages

_NOTHING = Consent()
#: In bytes; a card takes about 500 of them.
_LARGEST_LOCK = 1 << 30


class LockedError(Exception):
    """The lock would have to change, and `--locked` keeps it as it is."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a build came to, before anything of it is written."""

    course: Course
    outputs: tuple[Output, ...]
    release: Release | None = None
    site: Site | None = None


def make(
    where: Settings,
    course: Course,
    names: tuple[str, ...],
    *,
    consent: Consent = _NOTHING,
    templates: Mapping[str, str] | None = None,
    now: int | None = None,
) -> Made:
    """Make the named outputs, `deck` and `site`, and the report of what was verified.

    `templates` are those of the cards, and `now` is the time, where they are not the usual ones.

    Raises ProblemsError where the lock cannot be used, and InputError where a part of a course
    would take the place of the whole.
    """
    if where.is_part:
        raise files.InputError(
            f"these are not the notes of `{where.config.path}`, and would take the place of its "
            "deck and site; say with `--out` where they are to go"
        )
    course = replace(course, problems=course.problems + gaps(where, course))
    release = site = None
    if "deck" in names:
        now = int(time.time()) if now is None else now
        release = _release(where, course, consent, templates or files.templates("card"), now)
    if release:
        course = replace(course, problems=course.problems + release.problems)
    outputs = []
    if release and release.package:
        outputs.append(Output("deck", (release.package,)))
    if "site" in names:
        site = _site(where, remembered(where, course, release))
        outputs.append(site.output)
        course = replace(course, problems=(*course.problems, *site.faults))
    if course.verified:
        text = report.verify_json(course)
        outputs.append(Output("report", (Artifact("report.json", text.encode()),)))
    where.kept.save()
    return Made(course, tuple(outputs), release, site)


def _site(where: Settings, course: Course) -> Site:
    """Return the site of a course, which is not drawn again where it stands already."""
    made_from = unchanged.made_from(where, course)
    if site := unchanged.standing(where, made_from):
        return site
    drawn = pages(where, course)
    output = Output("site", tuple(drawn.all()))
    faults = tuple(fault for note in course.notes for fault in drawn.faults(note.source.path))
    return Site(made_from, output, faults)


def _release(
    where: Settings, course: Course, consent: Consent, templates: Mapping[str, str], now: int
) -> Release:
    config = replace(where.config.deck, name=where.config.deck.name or where.name)
    return deck.deck(
        course,
        config,
        _lock(where, consent),
        templates=templates,
        now=now,
        site_url=where.config.site.url,
        consent=consent,
        kept=where.kept,
    )


def pages(where: Settings, course: Course) -> Pages:
    """Return what makes the pages of a course's site, one by one or all."""
    from builder.site import Pages

    return Pages(course, where.config.site, files.templates("site"), where.kept)


def _lock(where: Settings, consent: Consent = _NOTHING) -> Lock:
    """Return the lock as the last build left it; the first build begins a new one."""
    if not where.lock.is_file():
        if not consent.breaking:
            _refuse_lost(where)
        return Lock(os.urandom(16).hex(), path=files.shown(where.lock))
    source = files.read_source(where.lock, where.lock.name, largest=_LARGEST_LOCK)
    if isinstance(source, Problem):
        is_text = source.code != "undecodable-file"
        raise ProblemsError(None, (source if is_text else deck.lock.unreadable(source),))
    lock, problems = deck.lock.parse(source.text, source.path)
    if problems:
        raise ProblemsError(source, problems)
    return lock


def _refuse_lost(where: Settings) -> None:
    """Raise ProblemsError where a deck was built before, with a lock that is not there now."""
    packages = files.written(where.out, "deck")
    elsewhere = where.out / files.LOCK
    if not packages and not elsewhere.is_file():
        return
    here = files.shown(where.lock)
    was = files.shown(where.out / packages[0] if packages else elsewhere)
    restore = f"restore it: `git checkout -- {here}`"
    move = f"move `{files.shown(elsewhere)}` to `{here}`, and commit it"
    problem = Problem(
        "lock-missing",
        Span(here, 1),
        f"`{was}` was built with a lock that is not here; without it learners would get every card "
        "a second time",
        (move if elsewhere.is_file() else restore) + "; `--breaking` begins a new deck instead",
    )
    raise ProblemsError(None, (problem,))


def guids(where: Settings, course: Course) -> Mapping[Span, str]:
    """Return the guids that cards have by the lock, by their places."""
    return dict(remembered(where, course).guids)


def remembered(where: Settings, course: Course, release: Release | None = None) -> Course:
    """Return the course with what a lock knows of its cards: that of a release, if there is one."""
    if not release and not where.lock.is_file():
        return course
    known = deck.remembered(course, release.lock if release else _lock(where))
    return replace(
        course,
        guids=tuple(known.guids.items()),
        anchors=tuple(known.anchors.items()),
        moved=tuple(known.moved.items()),
    )


def known_lock(where: Settings) -> Lock | None:
    """Return the lock as the last build left it, if there was one. Raises ProblemsError."""
    return _lock(where) if where.lock.is_file() else None


def recalled(course: Course, notes: Collection[Note], known: Lock) -> Course:
    """Return the course with what a lock knows of the cards of some notes, and of no others."""
    found = deck.remembered(course, known, notes)
    return replace(course, guids=tuple(found.guids.items()), anchors=tuple(found.anchors.items()))


def write(where: Settings, made: Made, *, force: bool = False, locked: bool = False) -> None:
    """Write all that was made, the lock before the package that depends on it.

    Before anything is written, raises InputError where a file in the way is not ours, and
    LockedError where the lock would change and must not.
    """
    if locked:
        refuse_changes(where, made)
    release = made.release
    also = ((where.lock, _lock_text(release.lock)),) if release and release.package else ()
    files.write(where.out, made.outputs, also=also, force=force)
    if made.site:
        unchanged.remember(where, made.site)


def refuse_unwritable(where: Settings) -> None:
    """Raise InputError where nothing can or may be written, before any work is done."""
    files.refuse_notes(where.out, where.notes)
    files.refuse_unwritable(where.out)


def write_report(path: Path, text: str) -> None:
    """Write a report where CI asked for it. Raises InputError and MachineError."""
    files.write_file(path, text.encode())


def results(where: Settings, made: Made) -> tuple[str, ...]:
    """Return a line for each output: where it is, and what learners see change."""
    lines = []
    if made.release and made.release.package:
        package = files.shown(where.out / made.release.package.path)
        lines.append(f"{package}: {made.release.forecast}")
        if not where.config.path:
            lock = files.shown(where.lock)
            lines.append(f"{lock} keeps learners' history: with a proofdeck.toml it lies beside it")
    if any(output.name == "site" for output in made.outputs):
        lines.append(files.shown(where.out / "index.html"))
    return tuple(lines)


def forecast_json(where: Settings, made: Made) -> str:
    """Return what learners will see change, for scripts."""
    release = made.release
    package = files.shown(where.out / release.package.path) if release and release.package else ""
    forecast = release.forecast if release else Forecast()
    return report.forecast_json(package, forecast, problems(made.course))


def refusal_json(error: Exception) -> str:
    """Return for scripts why there is nothing that learners will see change."""
    if isinstance(error, ProblemsError):
        return report.forecast_json("", Forecast(), error.problems)
    return report.forecast_json("", Forecast(), (), str(error))


def refuse_changes(where: Settings, made: Made) -> None:
    """Raise LockedError where the lock would change."""
    release = made.release
    if not release or not release.package:
        return
    if not where.lock.is_file() or _lock_text(_lock(where)) != _lock_text(release.lock):
        raise LockedError(
            f"`{files.shown(where.lock)}` is not up to date, and `--locked` keeps it as it is; "
            "run `build deck` where the notes are written, and commit it"
        )


def _lock_text(lock: Lock) -> bytes:
    return deck.lock.dump(lock).encode()
