"""proofdeck.lock: what was shipped of every card, so that learners keep their history.

One line a record, sorted: a reworded card changes its own line and no other, and the changes of
two people merge. Cards are sorted by their guid, which scatters the cards of one note.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any, Final, TypeAlias, assert_never

from builder.model import Problem, Span
from builder.patterns import late

#: Raised when an older version could misread what is written.
FORMAT: Final = 1

_PREAMBLE = (
    "# Ties every card to its Anki note; written by `build`, and to be committed with the notes.\n"
    "# After a merge conflict keep the lines of both sides; of one guid, the larger `mod`. "
    "The last line is `# end`.\n"
)
#: A file that was cut off at a line looks like one that has fewer cards.
_END = "# end"
_RESTORE = "take the file from your last commit, then build again"
_UPDATE = "update this tool: what it cannot read, it would lose"
_MERGE = "keep the lines of both sides, without the marks; of two with one guid, the larger `mod`"
_CONFLICT = late(r"(?:<{7}|\|{7}|={7}|>{7})(?: |$)")
#: What such a line begins with.
_MARKS = ("<", "|", "=", ">")


@dataclass(frozen=True, slots=True)
class Header:
    """`deck` is the name it was first shipped by; guids and ids are made from `project`."""

    format: int
    project: str
    deck: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """The sub-deck that the cards of a file were first shipped in; Anki never moves a card."""

    file: str
    deck: str


@dataclass(frozen=True, slots=True)
class Style:
    """A note type: a hash of its fields, templates and css, and when that last changed."""

    type: str
    hash: str
    mod: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A card as it was last shipped.

    `answer` is its beginning and end, and `whole` a hash of all of it, to know the card again by;
    `hash` is of everything shipped, `mod` says when that last changed and `born` when the card
    was first shipped. `copy` counts equal questions in one place. `anchors` are what it was found
    by on the site, the oldest first, where that is more than its question says. `files` are those
    it was in before. `faces` are the cards that Anki made of it.
    """

    guid: str
    type: str
    question: str
    context: tuple[str, ...]
    file: str
    answer: str
    whole: str
    hash: str
    mod: int
    born: int
    copy: int = 1
    id: str | None = None
    retired: bool = False
    anchors: tuple[str, ...] = ()
    faces: tuple[int, ...] = (0,)
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lock:
    """All that must be remembered from one build to the next. `path` is where problems point."""

    project: str
    deck: str = ""
    chapters: tuple[Chapter, ...] = ()
    styles: tuple[Style, ...] = ()
    entries: tuple[Entry, ...] = ()
    path: str = "proofdeck.lock"

    @property
    def newest(self) -> int:
        """When anything that is shipped last changed."""
        dates = [style.mod for style in self.styles] + [entry.mod for entry in self.entries]
        return max(dates, default=0)


_DAY: Final = 86_400


def ahead(lock: Lock, now: int) -> Iterator[Problem]:
    """Yield what is wrong with a lock that was written later than now."""
    if lock.newest > now + _DAY:
        date = datetime.fromtimestamp(min(lock.newest, _LAST), UTC).date().isoformat()
        yield Problem(
            "lock-ahead",
            Span(lock.path, 1),
            f"something in this lock was changed on {date}, which is still to come",
            "set the clock of the machine that is wrong; cards are updated all the same",
            "warning",
        )


#: The end of the year 9999, the last that a date can tell.
_LAST: Final = 253_402_300_799

_Record: TypeAlias = Header | Chapter | Style | Entry
_KINDS: Final = {"lock": Header, "chapter": Chapter, "type": Style, "card": Entry}
#: What JSON may say for a field, and what may stand in it where that is a list.
_TYPES: Final[Mapping[str, tuple[tuple[type, ...], type | None]]] = {
    "str": ((str,), None),
    "int": ((int,), None),
    "bool": ((bool,), None),
    "str | None": ((str, type(None)), None),
    "tuple[str, ...]": ((list,), str),
    "tuple[int, ...]": ((list,), int),
}
_WORDS: Final = {kind: word for word, kind in _KINDS.items()}
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
_DECODER: Final = json.JSONDecoder()


#: The fields of each kind, and those that no line may lack.
_SHAPES: Final[Mapping[type, Mapping[str, Field[Any]]]] = {
    kind: {field.name: field for field in fields(kind)} for kind in _WORDS
}
_NEEDED: Final = {
    kind: {name for name, field in shape.items() if field.default is MISSING}
    for kind, shape in _SHAPES.items()
}
_TAKES: Final = {
    kind: {name: _TYPES[str(field.type)] for name, field in shape.items()}
    for kind, shape in _SHAPES.items()
}


def dump(lock: Lock) -> str:
    """Return the text of a lock: the same for the same lock, whatever order it was made in."""
    groups: tuple[Iterable[_Record], ...] = (lock.chapters, lock.styles, lock.entries)
    records = chain.from_iterable(sorted(group, key=_key) for group in groups)
    lines = map(_line, (Header(FORMAT, lock.project, lock.deck), *records))
    return f"{_PREAMBLE}{''.join(lines)}{_END}\n"


def _line(record: _Record) -> str:
    said = {
        name: value
        for name, field in _SHAPES[type(record)].items()
        if (value := getattr(record, name)) != field.default
    }
    return f"{_WORDS[type(record)]} {_ENCODER.encode(said)}\n"


def parse(text: str, path: str) -> tuple[Lock, tuple[Problem, ...]]:
    """Return what a lock says, and everything in it that cannot be used.

    With a problem nothing may be built: a card that the lock lost would be a new one to learners.
    """
    # JSON leaves the other line breaks of Unicode as they are, inside its strings.
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if conflict := _conflict(lines, path):
        return _lock(path, []), (conflict,)
    read = [
        (number, _read(line, path, number))
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.startswith("#")
    ]
    problems = [found for _, found in read if isinstance(found, Problem)]
    # What a newer version wrote is not damaged, however it looks to this one.
    newer = [problem for problem in problems if problem.code == "lock-version"]
    records = [(number, found) for number, found in read if not isinstance(found, Problem)]
    problems = problems or [*_headless(path, lines, records)]
    problems = problems or [*_doubled(path, lines, records), *_endless(path, lines)]
    return _lock(path, [record for _, record in records]), tuple(newer or problems)


def unreadable(problem: Problem) -> Problem:
    """Return what to do about a lock that is no text: what is said of notes does not help."""
    return replace(problem, code="lock-broken", help=_RESTORE)


def _lock(path: str, records: list[_Record]) -> Lock:
    headers = (record for record in records if isinstance(record, Header))
    header = next(headers, Header(FORMAT, "", ""))
    return Lock(
        header.project,
        header.deck,
        tuple(record for record in records if isinstance(record, Chapter)),
        tuple(record for record in records if isinstance(record, Style)),
        tuple(record for record in records if isinstance(record, Entry)),
        path,
    )


def _conflict(lines: list[str], path: str) -> Problem | None:
    """Return what is wrong with a lock of two sides; whatever else is, comes of that."""
    marks = [n for n, line in enumerate(lines, 1) if line[:1] in _MARKS and _CONFLICT.match(line)]
    if not marks:
        return None
    place = _whole(path, lines, marks[0])
    return Problem("lock-conflict", place, "a merge conflict is left here", _MERGE)


def _whole(path: str, lines: list[str], number: int) -> Span:
    return Span(path, number, 1, number, len(lines[number - 1]) + 1)


def _read(line: str, path: str, number: int) -> _Record | Problem:
    word, _, rest = line.partition(" ")
    if word not in _KINDS:
        return _broken(line, path, number, 1, f"`{word[:40]}` begins no line of a lock")
    column = len(word) + 2
    try:
        said = _DECODER.decode(rest)
    except json.JSONDecodeError as error:
        reason = f"this line is damaged: {error.msg[:1].lower()}{error.msg[1:]}"
        return _broken(line, path, number, column + error.colno - 1, reason)
    if word == "lock" and isinstance(said, dict) and _is_newer(said.get("format")):
        place = Span(path, number, 1, number, len(line) + 1)
        return Problem("lock-version", place, "a newer version of this tool wrote this", _UPDATE)
    found = _record(_KINDS[word], said)
    wrong = f"this `{word}` line lacks something or has too much"
    return found or _broken(line, path, number, column, wrong)


def _broken(line: str, path: str, number: int, column: int, message: str) -> Problem:
    place = Span(path, number, column, number, len(line) + 1)
    return Problem("lock-broken", place, message, _RESTORE)


def _is_newer(version: object) -> bool:
    return isinstance(version, int) and version > FORMAT


def _record(kind: type[_Record], said: Any) -> _Record | None:
    """Return a record, if its keys and their types are those of its class."""
    if not isinstance(said, dict):
        return None
    takes = _TAKES[kind]
    if not takes.keys() >= said.keys() >= _NEEDED[kind]:
        return None
    for name, value in said.items():
        types, inside = takes[name]
        found = type(value)
        if found not in types or (found is int and not 0 <= value <= _LAST):
            return None
        if inside:
            if any(type(part) is not inside for part in value):
                return None
            said[name] = tuple(value)
    for name in _REPEATED & said.keys():
        said[name] = _shared(said[name])
    make: Callable[..., _Record] = kind
    return make(**said)


#: What many lines say alike.
_REPEATED: Final = frozenset({"type", "file", "context"})


@lru_cache(maxsize=1024)
def _shared(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    return value


def _headless(path: str, lines: list[str], records: list[tuple[int, _Record]]) -> Iterator[Problem]:
    headers = [(number, record) for number, record in records if isinstance(record, Header)]
    place, message, help_ = Span(path, 1), "has no line that begins with `lock`", _RESTORE
    if len(headers) > 1:
        place, message = _whole(path, lines, headers[1][0]), "has two `lock` lines"
        help_ = _keep(headers[1][1])
    elif headers and not headers[0][1].project:
        place, message = _whole(path, lines, headers[0][0]), "does not say which"
    elif headers:
        return
    yield Problem("lock-broken", place, f"this is not the lock of one deck: it {message}", help_)


def _doubled(path: str, lines: list[str], records: list[tuple[int, _Record]]) -> Iterator[Problem]:
    """Two lines of one guid: a merge that somebody settled by keeping both."""
    seen: dict[tuple[str, str], int] = {}
    for number, record in records:
        first = seen.setdefault(_key(record), number)
        if first != number and not isinstance(record, Header):
            message = f"the same {_WORDS[type(record)]} stands on line {first} too"
            yield Problem("lock-broken", _whole(path, lines, number), message, _keep(record))


def _keep(record: _Record) -> str:
    """Say which of two lines is to stay."""
    if isinstance(record, Header | Chapter):
        return "keep the one whose deck learners have"
    return "keep the one with the larger `mod`"


def _endless(path: str, lines: list[str]) -> Iterator[Problem]:
    """Locks of earlier versions have no end, and do not promise one."""
    promised = any(line.startswith("#") and f"`{_END}`" in line for line in lines)
    if promised and _END not in lines:
        last = max(number for number, line in enumerate(lines, 1) if line.strip())
        message = f"this file is cut off: nothing follows, and its last line is not `{_END}`"
        yield Problem("lock-broken", Span(path, last), message, _RESTORE)


def _key(record: _Record) -> tuple[str, str]:
    match record:
        case Header():
            return "lock", ""
        case Chapter():
            return "chapter", record.file
        case Style():
            return "type", record.type
        case Entry():
            return "card", record.guid
        case _:
            assert_never(record)
