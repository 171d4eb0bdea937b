"""The whole program: notes are read, verified, and made into outputs, each step a value."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from builder import baseline, deck, encoding, files, markdown, model, pictures, report
from builder import config as configuration
from builder.allowing import settled as settled_allowances
from builder.allowing import with_configured
from builder.config import Config, FrontMatter
from builder.deck import Consent, Lock, Release
from builder.files import Output
from builder.kept import Kept, key_of
from builder.model import (
    Artifact,
    Asset,
    Course,
    Forecast,
    Note,
    Problem,
    Source,
    Span,
    Status,
)
from builder.parsing import images, parse

if TYPE_CHECKING:
    from builder.check import Hear, Runner, Sandboxing
    from builder.fix import Change
    from builder.history import Revision
    from builder.prose import Said
    from builder.site import Pages


_NOTHING = Consent()
_NOTHING_KEPT = Kept()


class ProblemsError(Exception):
    """The configuration or the lock cannot be used; `problems` say why, `source` is its text."""

    def __init__(self, source: Source | None, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(problem.message for problem in problems))
        self.source = source
        self.problems = problems


class LockedError(Exception):
    """The lock would have to change, and `--locked` keeps it as it is."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where notes come from and where outputs go; all that the command line and file say."""

    config: Config
    notes: tuple[Path, ...]
    out: Path
    lock: Path
    is_part: bool = False
    kept: Kept = _NOTHING_KEPT

    @property
    def name(self) -> str:
        """The course's title, and its deck's name, where nothing else is said."""
        first = self.notes[0].resolve()
        return self.config.title or (first.name if first.is_dir() else first.stem)

    def place(self, path: Path) -> tuple[Path, str]:
        """Return the folder that a note may show files of, and its name, which is for good."""
        folders = [folder for folder in self.notes if folder.is_dir()]
        folder = next((it for it in folders if path.is_relative_to(it)), path.parent)
        below = path.relative_to(folder).as_posix()
        root = Path(self.config.root) if self.config.path else folder
        many = len(self.notes) > 1 and folder in folders
        return root, files.readable(f"{folder.resolve().name}/{below}" if many else below)

    def media(self, paths: Iterable[Path]) -> Mapping[Path, files.Media]:
        """Return, for each folder that notes may show files of, what lies there."""
        folders = tuple(folder for folder in self.notes if folder.is_dir())
        roots = {self.place(path)[0] for path in paths}
        return {root: files.Media(folders or (root,), root, self.out) for root in roots}


def settings(notes: tuple[Path, ...], out: Path | None, config: Path | None) -> Settings:
    """Return what a build goes by. Raises InputError and ProblemsError.

    The configuration is looked for where the notes are and upwards; its paths are relative to it.
    Other notes than it names are a part, or another course, and have a lock of their own.
    """
    file = config or files.find_config(notes[0] if notes else Path())
    if not file:
        folder = out or Path("dist")
        return Settings(Config(), notes or (Path("notes"),), folder, folder / files.LOCK)
    found = _config(file)
    root = Path(found.root)
    whole = root / found.notes
    is_part = bool(notes) and [path.resolve() for path in notes] != [whole.resolve()]
    folder = out or root / found.out
    lock = (folder if is_part else root) / files.LOCK
    return Settings(found, notes or (whole,), folder, lock, is_part and out is None)


def _config(file: Path) -> Config:
    source = files.read_source(file, file.name)
    if isinstance(source, Problem):
        raise ProblemsError(None, (source,))
    found, problems = configuration.parse(source, files.shown(file.parent), files.languages())
    if problems:
        raise ProblemsError(source, problems)
    return found


@dataclass(frozen=True, slots=True)
class Reading:
    """The course as read, and the text of every file that a problem may stand in."""

    course: Course
    sources: Mapping[str, Source]
    found: Mapping[Path, _Found]


def read(where: Settings, instead: Mapping[str, Source] = MappingProxyType({})) -> Reading:
    """Read all notes, some of them from `instead`, by the paths of sources.

    Raises InputError where there is nothing to read.
    """
    paths = files.find_notes(where.notes, where.config.exclude, where.out)
    return _reading(where, paths, {}, instead)


def read_again(where: Settings, before: Reading, changed: Iterable[Path]) -> Reading:
    """Read what changed since, and keep the notes that did not as the values that they are.

    `changed` are full paths. Raises InputError where there is nothing left to read.
    """
    known = {found.full: path for path, found in before.found.items()}
    changed = set(changed)
    kept = {path: it for path, it in before.found.items() if it.full not in changed}
    if all(path in known and path.is_file() for path in changed):
        return _reading(where, tuple(before.found), kept)
    if not all(files.is_note(path) or path in known for path in changed):
        kept = {}  # an image may stand in any note
    return _reading(where, files.find_notes(where.notes, where.config.exclude, where.out), kept)


def _reading(
    where: Settings,
    paths: tuple[Path, ...],
    known: Mapping[Path, _Found],
    instead: Mapping[str, Source] = MappingProxyType({}),
) -> Reading:
    media = where.media(paths)
    read_notes = [known.get(path) or _read(where, path, instead, media) for path in paths]
    kept = [found for found in read_notes if _is_worth_keeping(found)]
    notes = tuple(found.note for found in kept if found.note)
    if not kept:
        folders = ", ".join(f"`{files.shown(path)}`" for path in where.notes)
        raise files.InputError(f"no notes in {folders}: looked for {_suffixes()}")
    course = Course(
        title=where.name,
        notes=notes,
        language=where.config.language,
        problems=tuple(problem for found in kept for problem in found.problems),
        assets=tuple(asset for found in kept for asset in found.assets),
    )
    return Reading(
        course,
        {note.source.path: note.source for note in notes},
        {found.path: found for found in read_notes},
    )


@dataclass(frozen=True, slots=True)
class _Found:
    path: Path
    full: Path
    note: Note | None
    problems: tuple[Problem, ...]
    assets: tuple[Asset, ...] = ()


def _read(
    where: Settings,
    path: Path,
    instead: Mapping[str, Source],
    media: Mapping[Path, files.Media],
) -> _Found:
    root, name = where.place(path)
    source = instead.get(files.shown(path)) or files.read_source(path, name)
    full = path.resolve()
    if isinstance(source, Problem):
        return _Found(path, full, None, (source,))
    front, problems = configuration.parse_front_matter(source)
    note, found, urls = _parse(
        where.kept, source, front, lambda url: files.is_missing(path, url, media[root])
    )
    note = with_configured(note, where.config.verify.allow)
    shown = tuple(files.read_assets(path, urls, media[root]))
    fitted = [pictures.fit(asset) for asset in shown]
    broken = tuple(_broken(source, asset, wrong) for asset, wrong in fitted if wrong)
    assets = tuple(asset for asset, _ in fitted)
    changed = (now for was, now in zip(shown, assets, strict=True) if now.content != was.content)
    unsafe = tuple(_unsafe(source, asset) for asset in changed if asset.name.endswith(".svg"))
    return _Found(path, full, note, problems + found + broken + unsafe, assets)


def _parse(
    kept: Kept, source: Source, front: FrontMatter, is_missing: Callable[[str], bool]
) -> tuple[Note, tuple[Problem, ...], tuple[str, ...]]:
    """Return a note, its problems and the images it shows, as they were if nothing has changed."""
    key = key_of("note", source.path, source.name, source.text, front) if kept else b""
    if found := kept.get(key):
        note, problems, urls, asked_before = found
        if all(is_missing(url) == answer for url, answer in asked_before):
            return replace(note, source=source), problems, urls
    asked: dict[str, bool] = {}

    def ask(url: str) -> bool:
        return asked.setdefault(url, is_missing(url))

    note, problems = parse(source, front, ask)
    urls = images(note)
    textless = replace(note, source=Source(source.path, "", source.name))
    kept.put(key, (textless, problems, urls, tuple(asked.items())))
    return note, problems, urls


def _broken(source: Source, picture: Asset, wrong: str) -> Problem:
    place = _shown_at(source, picture)
    message = f"the image `{picture.url}` cannot be shown: {wrong}"
    return Problem("broken-image", place, message, "save it anew, as what its name says", "warning")


def _unsafe(source: Source, picture: Asset) -> Problem:
    place = _shown_at(source, picture)
    message = f"the image `{picture.url}` runs code or asks for other files, and is shown without"
    help_ = "save it as a plain drawing, with all that it needs inside"
    return Problem("unsafe-image", place, message, help_, "warning")


def _shown_at(source: Source, picture: Asset) -> Span:
    """Return the first place that shows a picture."""
    shows = ((n, line.find(picture.url)) for n, line in enumerate(source.lines, 1))
    line, at = next(((n, at) for n, at in shows if at >= 0), (1, 0))
    return source.span(line, at + 1, line, at + 1 + len(picture.url))


def _is_worth_keeping(found: _Found) -> bool:
    """Text files that hold no card, such as requirements.txt, are none of ours.

    One that cannot be read may hold some.
    """
    return found.path.suffix.lower() != ".txt" or found.note is None or bool(found.note.cards)


def _suffixes() -> str:
    return ", ".join(f"`*{suffix}`" for suffix in files.SUFFIXES)


def verify(
    where: Settings,
    *,
    timeout: float | None = None,
    jobs: int | None = None,
    interpreter: Path | None = None,
    cache_dir: Path | None = None,
    no_cache: bool = False,
    sandbox: Sandboxing = "auto",
    require: tuple[str, ...] = (),
    shard: tuple[int, int] | None = None,
    changed_since: str | None = None,
    progress: Hear = lambda _so_far: None,
) -> Reading:
    """Read all notes, and find a verdict for each snippet, known already or by running it.

    With `shard` or `changed_since`, for some snippets only. Raises InputError where there is
    nothing to read, or git cannot tell what changed.
    """
    with runner(
        where,
        timeout=timeout,
        jobs=jobs,
        interpreter=interpreter,
        cache_dir=cache_dir,
        no_cache=no_cache,
        sandbox=sandbox,
    ) as opened:
        opened.warm()
        reading = read(where)
        course = _verdicts(where, reading.course, opened, require, shard, changed_since, progress)
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
    said = {note.source.path: prose.find(note) for note in course.notes}
    spoken = _share_of_prose(where, said, shard, changed_since)
    course = _examined(course, opened, progress, said, spoken, only=only, require=require)
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


def _examined(
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
        cache=None if no_cache else str(cache_dir or _user_cache()),
        sandbox=sandbox,
    )


def check_notes(where: Settings, notes: tuple[Note, ...], open_runner: Runner) -> Course:
    """Return some notes with what is found out about them: none depends on another note."""
    from builder import prose

    said = {note.source.path: prose.find(note) for note in notes}
    course = _examined(Course(where.name, notes), open_runner, lambda _so_far: None, said, said)
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


def keeping(where: Settings, cache_dir: Path | None, *, no_cache: bool) -> Settings:
    """Return the settings of a build that takes from earlier ones what has not changed."""
    if no_cache:
        return where
    types = [it for it in vars(model).values() if isinstance(it, type)]
    file = (cache_dir or _user_cache()) / "notes.sqlite"
    return replace(where, kept=Kept(file, (*types, *deck.VALUES, markdown.Token)))


def _user_cache() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("proofdeck", appauthor=False) / "verdicts"


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
            course = _examined(reading.course, open_runner, progress, said, said)
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


def new(folder: Path, language: str) -> tuple[str, ...]:
    """Write a small project into an empty folder; return its files. Raises InputError."""
    from builder.new import project

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise files.InputError(f"`{files.shown(folder)}` is there already, and not empty")
    if language not in (known := files.languages()):
        listed = ", ".join(f"`{name}`" for name in known)
        raise files.InputError(
            f"there are no words for the language `{language}`, only for {listed}"
        )
    made = tuple(project(folder.resolve().name, language))
    for artifact in made:
        files.write_file(folder / artifact.path, artifact.content)
    return tuple(files.shown(folder / artifact.path) for artifact in made)


def explain(code: str) -> str:
    """Return what is said of a problem, or of all a line each. Raises InputError."""
    from builder.explain import explanations, near

    known = explanations(files.document("problems.md"))
    if not code:
        width = max(map(len, known))
        return "".join(f"{found.code:<{width}}  {found.line}\n" for found in known.values())
    if code not in known:
        meant = " or ".join(f"`{name}`" for name in near(code, known))
        advice = f"did you mean {meant}?" if meant else "`build explain` lists them all"
        raise files.InputError(f"there is no problem `{code}`; {advice}")
    return known[code].plain


def lint(where: Settings, course: Course) -> tuple[Problem, ...]:
    """Return what is wrong with the notes before anything runs, what is held back among it."""
    from builder.lint import lint

    paths = {note.source.path: Path(note.source.path) for note in course.notes}
    media = where.media(paths.values())

    def exists(note: Note, url: str) -> bool:
        here = paths[note.source.path]
        path = files.local_path(here, url)
        if path is None or path.exists():
            return True
        return media[where.place(here)[0]].find(here, url) is not None

    off = where.config.lint.off
    silent = {note.source.path: {*off, *note.lint_off} for note in course.notes}
    heard = (
        problem
        for problem in course.problems
        if problem.severity == "error" or problem.code not in silent.get(problem.span.path, off)
    )
    return _in_order(course, (*heard, *lint(course, exists, off)))


def problems(course: Course) -> tuple[Problem, ...]:
    """Return everything that is wrong, note by note, in the order of the lines."""
    return _in_order(course, course.problems + course.found)


def _in_order(course: Course, found: tuple[Problem, ...]) -> tuple[Problem, ...]:
    order = {note.source.path: i for i, note in enumerate(course.notes)}
    return tuple(sorted(found, key=lambda p: (order.get(p.span.path, -1), p.span)))


def has_errors(course: Course, *, strict: bool = False) -> bool:
    """Tell whether the notes have to be mended; `strict` counts warnings and incomplete code."""
    bad = ("error", "warning") if strict else ("error",)
    unsure = (v for v in course.verdicts if v.status is Status.INCOMPLETE or v.guessed)
    if strict and any(not verdict.known for verdict in unsure):
        return True
    return any(p.severity in bad and not p.known for p in problems(course))


@dataclass(frozen=True, slots=True)
class Made:
    """What a build came to, before anything of it is written."""

    course: Course
    outputs: tuple[Output, ...]
    release: Release | None = None


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
    release = None
    if "deck" in names:
        now = int(time.time()) if now is None else now
        release = _release(where, course, consent, templates or files.templates("card"), now)
    if release:
        course = replace(course, problems=course.problems + release.problems)
    outputs = []
    if release and release.package:
        outputs.append(Output("deck", (release.package,)))
    if "site" in names:
        made = pages(where, remembered(where, course, release))
        outputs.append(Output("site", tuple(made.all())))
        faults = (fault for note in course.notes for fault in made.faults(note.source.path))
        course = replace(course, problems=(*course.problems, *faults))
    if course.verified:
        text = report.verify_json(course)
        outputs.append(Output("report", (Artifact("report.json", text.encode()),)))
    where.kept.save()
    return Made(course, tuple(outputs), release)


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

    return Pages(course, where.config.site, files.templates("site"))


def _lock(where: Settings, consent: Consent = _NOTHING) -> Lock:
    """Return the lock as the last build left it; the first build begins a new one."""
    if not where.lock.is_file():
        if not consent.breaking:
            _refuse_lost(where)
        return Lock(uuid.uuid4().hex, path=files.shown(where.lock))
    source = files.read_source(where.lock, where.lock.name)
    if isinstance(source, Problem):
        raise ProblemsError(None, (source,))
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
    return replace(course, guids=tuple(known.guids.items()), anchors=tuple(known.anchors.items()))


def write(where: Settings, made: Made, *, force: bool = False, locked: bool = False) -> None:
    """Write all that was made, the lock before the package that depends on it.

    Before anything is written, raises InputError where a file in the way is not ours, and
    LockedError where the lock would change and must not.
    """
    if not force:
        files.refuse_strangers(where.out, made.outputs)
    if locked:
        refuse_changes(where, made)
    release = made.release
    also = ((where.lock, _lock_text(release)),) if release and release.package else ()
    files.write(where.out, made.outputs, also=also, force=force)


def refuse_unwritable(where: Settings) -> None:
    """Raise InputError where nothing can be written, before any work is done."""
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


def refuse_changes(where: Settings, made: Made) -> None:
    """Raise LockedError where the lock would change."""
    release = made.release
    if not release or not release.package:
        return
    if not where.lock.is_file() or where.lock.read_bytes() != _lock_text(release):
        raise LockedError(
            f"`{files.shown(where.lock)}` is not up to date, and `--locked` keeps it as it is; "
            "run `build deck` where the notes are written, and commit it"
        )


def _lock_text(release: Release) -> bytes:
    return deck.lock.dump(release.lock).encode()
