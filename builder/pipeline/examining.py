"""From a course to one with verdicts: on all of its code and names, or on what is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from builder import config as configuration
from builder import encoding, files
from builder.allowing import settled as settled_allowances
from builder.model import Course, Note, Problem, Source, Span
from builder.pipeline.reading import Reading, read
from builder.pipeline.settings import ProblemsError, Settings, user_cache

if TYPE_CHECKING:
    from builder.check import Hear, Runner, Sandboxing
    from builder.history import Revision
    from builder.prose import Said


def verify(
    where: Settings,
    *,
    require: tuple[str, ...] = (),
    shard: tuple[int, int] | None = None,
    changed_since: str | None = None,
    progress: Hear = lambda _so_far: None,
    bare: bool = False,
    **running: Any,
) -> Reading:
    """Read all notes, and find a verdict for each snippet, known already or by running it.

    With `shard` or `changed_since`, for some snippets only; `bare` is for `read`, `running` for
    `runner`. Raises InputError where there is nothing to read, or git cannot tell what changed.
    """
    with runner(where, **running) as opened:
        opened.warm()
        reading = read(where, bare=bare)
        course = _verdicts(where, reading.course, opened, require, shard, changed_since, progress)
    where.kept.save()
    return replace(reading, course=course)


def _verdicts(
    where: Settings,
    course: Course,
    opened: Runner,
    require: tuple[str, ...],
    shard: tuple[int, int] | None,
    changed_since: str | None,
    progress: Hear,
) -> Course:
    from builder import check, prose

    only: frozenset[Span] | None = None
    if changed_since is not None:
        only = _changed(where, course, opened, changed_since)
    if shard is not None:
        only = check.share(course.notes, only, *shard)
    said = {note.source.path: prose.find(course.whole(note)) for note in course.notes}
    spoken = _share_of_prose(where, said, shard, changed_since)
    course = examined(course, opened, progress, said, spoken, only=only, require=require)
    whole = changed_since is None and shard is None
    return settled_allowances(course, where.config.verify.allow, is_whole=whole)


def _share_of_prose(
    where: Settings,
    said: Mapping[str, Said],
    shard: tuple[int, int] | None,
    changed_since: str | None,
) -> Mapping[str, Said]:
    """Return what is looked at of the sentences: those of some notes, where not of all."""
    from builder import history

    paths = list(said)
    if changed_since is not None:
        first = where.notes[0]
        then = history.since(first if first.is_dir() else first.parent, changed_since)
        paths = [path for path in paths if then.differs(Path(path))]
    number, of = shard or (1, 1)
    return {path: said[path] for path in paths[number - 1 :: of]}


def examined(
    course: Course,
    open_runner: Runner,
    progress: Hear,
    said: Mapping[str, Said],
    spoken: Mapping[str, Said],
    *,
    only: frozenset[Span] | None = None,
    require: tuple[str, ...] = (),
) -> Course:
    """Return the course with what is found out about its code and the names in its sentences.

    `said` is what all the sentences hold, `spoken` what is wanted of that.
    """
    from builder import check

    asides = {path: found.asides for path, found in said.items()}
    wanted = frozenset(aside.span for found in spoken.values() for aside in found.asides)
    places = {aside.span for found in asides.values() for aside in found}
    if only is not None or wanted != places:
        every = (snippet.span for note in course.notes for snippet in note.snippets)
        only = wanted | (frozenset(every) if only is None else only)
    verdicts, environment = check.check(
        course.notes, open_runner, progress, only=only, require=require, asides=asides
    )
    mentions = tuple(mention for found in spoken.values() for mention in found.mentions)
    return replace(
        course,
        verdicts=tuple(v for v in verdicts if v.snippet.span not in places),
        asides=tuple(v for v in verdicts if v.snippet.span in places),
        mentions=check.look_up(mentions, open_runner),
        environment=environment,
        verified=True,
    )


def runner(
    where: Settings,
    *,
    timeout: float | None = None,
    jobs: int | None = None,
    interpreter: Path | None = None,
    cache_dir: Path | None = None,
    no_cache: bool = False,
    sandbox: Sandboxing = "auto",
) -> Runner:
    """Return what runs snippets; a context manager, and slow to begin only."""
    from builder import check

    return check.runner(
        where.config.verify,
        timeout=timeout,
        jobs=jobs or 0,
        python=str(interpreter) if interpreter else None,
        cache=None if no_cache else str(cache_dir or user_cache()),
        sandbox=sandbox,
    )


def check_notes(where: Settings, notes: tuple[Note, ...], open_runner: Runner) -> Course:
    """Return some notes with what is found out about them: none depends on another note."""
    from builder import prose

    said = {note.source.path: prose.find(note) for note in notes}
    course = examined(Course(where.name, notes), open_runner, lambda _so_far: None, said, said)
    return settled_allowances(course, where.config.verify.allow)


def _changed(where: Settings, course: Course, runner: Runner, revision: str) -> frozenset[Span]:
    """Return the places of snippets that may come to another verdict than in a revision."""
    from builder import check, history

    first = where.notes[0]
    then = history.since(first if first.is_dir() else first.parent, revision)
    paths = {note.source.path: Path(note.source.path) for note in course.notes}
    if _verifies_otherwise(where, then):
        return frozenset(s.span for note in course.notes for s in note.snippets)
    before = tuple(
        _parsed(note.source, then.before(paths[note.source.path]))
        if then.differs(paths[note.source.path])
        else note
        for note in course.notes
    )
    near = {path.parent for path in paths.values()}
    names = {name for folder in near for name in then.changed_below(folder)}
    notes = {path.name for path in paths.values()}
    return check.changed(before, course.notes, runner, names - notes)


def _parsed(source: Source, data: bytes) -> Note:
    """Return what a note was, given its bytes."""
    from builder.parsing import parse

    old = Source(source.path, encoding.decode(data) or "", source.name)
    return parse(old, configuration.parse_front_matter(old)[0], lambda _url: False)[0]


def _verifies_otherwise(where: Settings, then: Revision) -> bool:
    """Whether the configuration's part about running code was another one."""
    path = Path(where.config.path)
    if not where.config.path or not then.differs(path):
        return False
    text = encoding.decode(then.before(path)) or ""
    before, _ = configuration.parse(Source(path.name, text), ".", files.languages())
    return before.verify != where.config.verify


def settled(
    reading: Reading, course: Course, file: Path | None, *, write: bool, strict: bool, whole: bool
) -> Course:
    """Return the course with what a baseline knows marked; `write` writes the baseline first.

    Raises InputError where it is not there, ProblemsError where it cannot be used.
    """
    if file is None:
        return course
    from builder import baseline

    beside = file.resolve().parent
    notes = baseline.Notes(reading.sources, lambda path: files.seen_from(beside, Path(path)))
    looked_at = {notes.name(note.source.path) for note in course.notes}
    if write:
        files.write_file(file, baseline.dump(course, notes, strict=strict).encode())
    elif not file.is_file():
        raise files.InputError(
            f"no baseline `{files.shown(file)}`; `--write-baseline` writes one of what fails now"
        )
    source = files.read_source(file, file.name)
    if isinstance(source, Problem):
        raise ProblemsError(None, (source,))
    marked, problems = baseline.mark(
        course,
        notes,
        source,
        lambda name: whole and (name in looked_at or not (beside / name).is_file()),
    )
    if problems:
        raise ProblemsError(source, problems)
    return marked
