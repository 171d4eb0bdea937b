"""The site as it is just now: what was read, what was made of it, and what is being found out."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Condition
from typing import TYPE_CHECKING

from builder import files, links, pipeline
from builder.model import Artifact, Course, Environment, Mention, Note, Problem, Span, Verdict
from builder.pipeline import ProblemsError, Settings
from builder.serve.told import Told

if TYPE_CHECKING:
    from builder.check import Runner
    from builder.deck import Lock

MISSING = "404.html"

#: What only a page being written has; each is a template of the site.
_SCRIPT, _STYLE = "@live/live.js", "@live/live.css"
_HEAD = (
    f'<link rel="stylesheet" href="/{_STYLE}">'
    f'<script src="/{_SCRIPT}" data-version="%s" defer></script></head>'
)
#: Notes whose code is run before their pages show what became of it.
_AT_ONCE = 8
#: Where what keeps all notes from being read is told of.
_ALL = "notes"
#: Seconds without a save before the pages are made that only mention what was saved.
_QUIET = 0.4


@dataclass(frozen=True, slots=True)
class State:
    """What an open page has to know: whether it is the newest, and the HTML of what is wrong."""

    version: str
    problems: str


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of one note's code, and of the code and the names in its sentences."""

    verdicts: tuple[Verdict, ...] = ()
    asides: tuple[Verdict, ...] = ()
    mentions: tuple[Mention, ...] = ()

    @property
    def problems(self) -> Iterator[Problem]:
        """What is wrong with it."""
        for verdict in (*self.verdicts, *self.asides):
            yield from verdict.problems
        yield from (mention.problem for mention in self.mentions if mention.problem)


class Live:
    """What is served. Threads read what was saved, run its code, and wait for news of a page.

    `settings` gives what a build goes by, again when the configuration was saved.
    `say` hears what is wrong with what was saved.
    """

    def __init__(
        self, settings: Callable[[], Settings], say: Callable[[str], None] = lambda _text: None
    ) -> None:
        self._settings = settings
        self._told = Told(say)
        #: What was saved, by its path, and is to be told of.
        self._saved: set[str] = set()
        self._is_run = False
        self._unread: set[str] = set()
        self._news = Condition()
        self._ended = False
        self._edits = 0
        self._files: dict[str, bytes] = {}
        self._problems: tuple[Problem, ...] = ()
        self._found: dict[str, Found] = {}
        self._unchecked: dict[str, None] = {}
        self._is_stale = False
        #: What the file of the lock looked like when it was read, and what was read.
        self._lock: tuple[tuple[int, ...], Lock | None] = (), None
        self.where = settings()
        self._begin()

    def _begin(self) -> None:
        """Read all notes and make all pages."""
        self._reading = pipeline.read(self.where)
        self._course = self._with_verdicts(self._reading.course)
        named = self._named(self._course)
        self._pages = pipeline.pages(self.where, named)
        made = {artifact.path: artifact.content for artifact in self._pages.all()}
        templates = files.templates("site")
        live = {path: templates[Path(path).name].encode() for path in (_SCRIPT, _STYLE)}
        with self._news:
            self._edits += 1
            self._files = {**made, **live}
            self._problems = ()
            self._unchecked = dict.fromkeys(note.source.path for note in self._course.notes)
            self._news.notify_all()

    # What the browser asks for.

    def file(self, path: str) -> bytes | None:
        """Return a file as it is served, None where the site has none."""
        with self._news:
            content = self._files.get(path)
            if content is None or not path.endswith(".html"):
                return content
            head = _HEAD % self._version(path)
        return content.replace(b"</head>", head.encode(), 1)

    def state(self, path: str) -> State | None:
        """Return what is known of a page; None where all is over."""
        with self._news:
            return None if self._ended else self._state(path)

    def wait(self, path: str, known: State, seconds: float) -> State | None:
        """Return what is known of a page as soon as it is something else, or after a while."""
        with self._news:
            self._news.wait_for(lambda: self._ended or self._state(path) != known, seconds)
            return None if self._ended else self._state(path)

    def _state(self, path: str) -> State:
        return State(self._version(path), self._pages.problems(self._of(path)))

    def _version(self, path: str) -> str:
        """Name what a page looks like."""
        page = self._files.get(path) or self._files.get(MISSING, b"")
        style = self._files.get("assets/site.css", b"")
        return hashlib.sha256(page + style).hexdigest()[:12]

    def _of(self, path: str) -> Iterator[Problem]:
        """Yield what is wrong with the note of a page, and with what is no note."""
        pages = {note.source.path: links.page(note) for note in self._course.notes}
        yield from self._problems
        for problem in self._course.problems:
            if pages.get(problem.span.path, path) == path:
                yield problem
        for source, page in pages.items():
            if page == path:
                yield from self._pages.faults(source)
        for source, found in self._found.items():
            if pages.get(source) == path:
                yield from found.problems

    # What the author saves.

    def saved(self, changed: frozenset[Path]) -> None:
        """Read what was saved, and make its pages; whatever is wrong with it is shown."""
        self._edits += 1  # what is being made of the course before is given up
        try:
            if self._is_configuration(changed):
                self.where = self._settings()
                self._begin()
                self._told.tell(_ALL, ())
            else:
                reading = pipeline.read_again(self.where, self._reading, changed)
                if reading is not self._reading or self._problems:
                    with self._news:
                        self._take(reading)
        except files.InputError as error:
            self._fail(Problem("no-notes", Span("", 1), str(error)))
        except ProblemsError as error:
            self._fail(*error.problems)
        except Exception as error:
            traceback.print_exception(error)
            said = f"this is a fault of ours, not of your notes: `{type(error).__name__}: {error}`"
            self._fail(Problem("internal-error", Span("", 1), said))

    def _is_configuration(self, changed: frozenset[Path]) -> bool:
        config = self.where.config
        return bool(config.path) and (Path(config.root) / files.CONFIG).resolve() in changed

    def _take(self, reading: pipeline.Reading) -> None:
        """Make the pages of what is new in a course, and forget those of what is gone."""
        before = {note.source.path: note for note in self._course.notes}
        now = {note.source.path: note for note in reading.course.notes}
        new = [note for path, note in now.items() if note is not before.get(path)]
        for note in new:
            known = self._found.get(note.source.path, Found())
            self._found[note.source.path] = _carried(known, note)
        self._reading = reading
        unreadable = {found.span.path for found in reading.course.problems} - now.keys()
        gone = {links.page(before[path]) for path in before.keys() - now.keys() - unreadable}
        self._unchecked |= dict.fromkeys(note.source.path for note in new)
        self._make(self._with_verdicts(reading.course), new, gone)
        self._told.tell(_ALL, ())
        for path in sorted(unreadable | self._unread):
            self._told.tell(path, (it for it in reading.course.problems if it.span.path == path))
        self._unread = unreadable
        self._saved |= {note.source.path for note in new}
        if not self._is_run:
            self._tell(new)

    def _tell(self, notes: Iterable[Note]) -> None:
        """Say what is wrong with notes, as far as they were saved."""
        for note in notes:
            path = note.source.path
            found = (
                *(it for it in self._course.problems if it.span.path == path),
                *self._pages.faults(path),
                *self._found.get(path, Found()).problems,
            )
            if path in self._saved:
                self._told.tell(path, found, note.source)
            else:
                self._told.know(path, found)

    def _make(self, course: Course, notes: Iterable[Note], gone: Iterable[str] = ()) -> None:
        """Make the pages of some notes of a course, which is the course from now on."""
        notes = tuple(notes)
        pages = self._pages.again(self._recalled(course, notes))
        made = [pages.note(note) for note in notes] + [pages.stylesheet()]
        self._edits += 1
        self._course, self._pages, self._problems = course, pages, ()
        self._put(made)
        for path in gone:
            self._files.pop(path, None)
        self._is_stale = True
        self._news.notify_all()

    def _put(self, made: Iterable[Artifact]) -> None:
        self._files |= {artifact.path: artifact.content for artifact in made}

    def _named(self, course: Course) -> Course:
        """Return the course with what the lock knows of its cards, as long as it can be read."""
        try:
            return pipeline.remembered(self.where, course)
        except ProblemsError:
            return course

    def _recalled(self, course: Course, notes: tuple[Note, ...]) -> Course:
        """Return the course with what the lock knows of the cards of a few notes, at once."""
        try:
            stat = self.where.lock.stat()
            signs = stat.st_mtime_ns, stat.st_size
            if signs != self._lock[0]:
                self._lock = signs, pipeline.known_lock(self.where)
        except (OSError, ProblemsError):
            self._lock = (), None
        known = self._lock[1]
        return pipeline.recalled(course, notes, known) if known and notes else course

    def _fail(self, *problems: Problem) -> None:
        with self._news:
            self._problems = problems
            self._told.tell(_ALL, problems)
            self._news.notify_all()

    def _with_verdicts(self, course: Course) -> Course:
        found = [self._found.get(note.source.path, Found()) for note in course.notes]
        known = getattr(self, "_course", course)
        return replace(
            course,
            verdicts=tuple(verdict for some in found for verdict in some.verdicts),
            asides=tuple(aside for some in found for aside in some.asides),
            mentions=tuple(mention for some in found for mention in some.mentions),
            environment=known.environment,
            verified=known.verified,
        )

    # What is found out meanwhile.

    def work(self, runner: Runner | None) -> None:
        """Run the code of what was saved, and make the other pages anew, until the end."""
        self._is_run = runner is not None
        while not self._ended:
            notes = self._next_unchecked() if runner else ()
            if runner and notes:
                self._check(notes, runner)
            elif self._is_stale and not self._is_disturbed(_QUIET):
                self._make_all()
            else:
                self._is_disturbed(1.0)

    def _next_unchecked(self) -> tuple[Note, ...]:
        with self._news:
            notes = [note for note in self._course.notes if note.source.path in self._unchecked]
            return tuple(notes[:_AT_ONCE])

    def _check(self, notes: tuple[Note, ...], runner: Runner) -> None:
        checked = pipeline.check_notes(self.where, notes, runner)
        with self._news:
            now = {note.source.path: note for note in self._course.notes}
            same = [note for note in notes if now.get(note.source.path) is note]
            for note in same:
                self._found[note.source.path] = _of_note(checked, note)
                self._unchecked.pop(note.source.path, None)
            environment = checked.environment
            course = self._with_verdicts(replace(self._course, environment=environment))
            done = not self._unchecked
            self._make(_checked(course, environment, done=done), same)
            self._tell(same)

    def _is_disturbed(self, seconds: float) -> bool:
        """Wait, but no longer than until something is saved."""
        with self._news:
            known = self._edits
            return self._news.wait_for(lambda: self._edits != known or self._ended, seconds)

    def _make_all(self) -> None:
        """Make every page, unless something is saved meanwhile."""
        known = self._edits
        named = self._named(self._course)
        pages = self._pages.again(named)

        def is_wanted() -> bool:
            return self._edits == known and not self._ended

        made = list(pages.all(is_wanted))
        with self._news:
            if is_wanted():
                self._put(made)
                self._is_stale = False
                self._news.notify_all()

    def end(self) -> None:
        """Let everybody go who waits."""
        with self._news:
            self._ended = True
            self._news.notify_all()


def _checked(course: Course, environment: Environment, *, done: bool) -> Course:
    """Only when the code of every note was run does the site say so."""
    verified = course.verified or done
    return replace(course, environment=environment, verified=verified)


def _of_note(course: Course, note: Note) -> Found:
    """Return what was found out about one note."""
    path = note.source.path
    return Found(
        tuple(verdict for verdict in course.verdicts if verdict.snippet.span.path == path),
        tuple(aside for aside in course.asides if aside.snippet.span.path == path),
        tuple(mention for mention in course.mentions if mention.span.path == path),
    )


def _carried(found: Found, note: Note) -> Found:
    """Return what is known of code that an edit only moved, until it is checked again.

    Of sentences it is soon known again, and a line under the wrong word would be worse than none.
    """
    known = {verdict.snippet.code: verdict for verdict in found.verdicts}
    moved = ((snippet, known.get(snippet.code)) for snippet in note.snippets)
    return Found(
        tuple(
            replace(verdict, snippet=snippet, problems=(), after=())
            for snippet, verdict in moved
            if verdict and not verdict.problems
        )
    )
