"""What the decks are called: one for the course, one in it for each note, both for good.

Anki knows a deck by its name and never moves a card that a learner has. So a name that was
shipped is kept, though the note be renamed or moved, until the author breaks with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

from builder.deck.identity import Identity
from builder.deck.lock import Chapter, Lock
from builder.model import TAG_SEPARATOR, Course, Note, Problem, Span
from builder.patterns import late

#: What has a deck of its own.
Split: TypeAlias = Literal["note", "folder", "none"]

_NUMBER = late(r"\d+(?=[-_. ])")
_CONTROL = late(r"[\x00-\x1f\x7f]")


def chapters(
    course: Course,
    root: str,
    lock: Lock,
    cards: tuple[Identity, ...],
    *,
    split: Split = "note",
    breaking: bool,
) -> tuple[Chapter, ...]:
    """Return the deck of every note, and of files that are gone, lest they come back."""
    known = {} if breaking else {chapter.file: chapter.deck for chapter in lock.chapters}
    files = {_file(note) for note in _with_cards(course)}
    gone = {file: deck for file, deck in known.items() if file not in files}
    found = {}
    for note in _with_cards(course):
        file = _file(note)
        old = _moved_from(file, gone, cards) if file not in known else None
        found[file] = known.get(file) or (gone.pop(old) if old else name(root, note, split))
    return tuple(Chapter(file, deck) for file, deck in (gone | found).items())


def _with_cards(course: Course) -> Iterator[Note]:
    return (note for note in course.notes if note.cards)


def _file(note: Note) -> str:
    return unicodedata.normalize("NFC", note.source.name)


def _moved_from(file: str, gone: dict[str, str], cards: tuple[Identity, ...]) -> str | None:
    """Return the file that most cards of a new one came from, if it is there no more."""
    origins = Counter(
        it.entry.file for it in cards if it.seen.file == file and it.entry and it.entry.file in gone
    )
    return next((origin for origin, _ in origins.most_common(1)), None)


def name(root: str, note: Note, split: Split = "note") -> str:
    """Return the full name of a note's deck: the course's, its folders', its own.

    By folder, notes have none of their own, unless their front matter gives them one.

    Anki sorts decks by name and teaches them in that order, so a note keeps its file's number.
    """
    path = PurePosixPath(_file(note))
    if note.deck:
        own = tuple(note.deck.split(TAG_SEPARATOR))
    elif split != "note":
        own = path.parts[:-1] if split == "folder" else ()
    else:
        own_name = _title(note) or path.stem
        if (number := _NUMBER.match(path.name)) and not own_name[:1].isdigit():
            own_name = f"{number[0]} {own_name}"
        own = (*path.parts[:-1], own_name)
    parts = [clean for part in own if (clean := _part(part))]
    return TAG_SEPARATOR.join([root] if parts == [root] else [root, *parts])


def _title(note: Note) -> str:
    """Return the title of a note; where a heading with markup gives it, with its formulas."""
    tops = [section.title for section in note.sections if section.level == 1]
    if not tops or note.title in tops:
        return note.title
    from builder.readable import heading, title

    given = heading(note)
    return note.title if given == note.title else title(given)


def root_name(text: str) -> str:
    """Return the name of a course's deck; its author may have put it into another one."""
    parts = (_part(part) for part in text.split(TAG_SEPARATOR))
    return TAG_SEPARATOR.join(part for part in parts if part) or "Proofdeck"


def _part(text: str) -> str:
    clean = _CONTROL.sub(" ", unicodedata.normalize("NFC", text))
    return " ".join(re.sub(":{2,}", ":", clean).split())


def renamed(root: str, lock: Lock) -> Problem | None:
    """Return why a course cannot be called otherwise than it was."""
    if lock.deck in ("", root):
        return None
    return Problem(
        "deck-renamed",
        Span(lock.path, 1),
        f"this deck was shipped as `{lock.deck}` and is called `{root}` now; Anki knows decks by "
        "their names, and learners would get a second one",
        f'put `name = "{lock.deck}"` below `[deck]` in proofdeck.toml, build into another folder, '
        "or accept the second deck with `--breaking`",
    )


def kept(
    course: Course, root: str, found: tuple[Chapter, ...], split: Split = "note"
) -> Iterator[Problem]:
    """Yield the names that were not taken over, since learners have the cards under others."""
    decks = {chapter.file: chapter.deck for chapter in found}
    for note in _with_cards(course):
        old, wanted = decks[_file(note)], name(root, note, split)
        if old != wanted:
            yield Problem(
                "deck-name-kept",
                note.source.span(1),
                f"the cards stay in `{old}`, where learners have them, and not in `{wanted}`",
                "to have the new name for new learners, build once with `--breaking`",
                "note",
            )
