"""The only file that knows genanki: notes, types and decks to the bytes of an .apkg.

genanki stamps everything with one time, leaves a temporary file behind and writes other bytes
each time; so the classes below take each note's own time, write in memory, and fix the dates.
"""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from builder.deck.notetypes import FIELDS, Fields, Look
from builder.model import Asset

if TYPE_CHECKING:
    import genanki

_DAY: Final = 86_400_000
_ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
#: SQLite writes its own version at this offset, for information; another machine has another.
_SQLITE_VERSION: Final = slice(96, 100)


@dataclass(frozen=True, slots=True)
class AnkiNote:
    """A note as Anki keeps it. `mod` decides whether a learner gets it, `due` the order of new."""

    guid: str
    type: str
    deck: str
    fields: Fields
    tags: tuple[str, ...]
    born: int
    mod: int
    due: int


@dataclass(frozen=True, slots=True)
class AnkiType:
    """A note type as Anki keeps it."""

    look: Look
    mod: int


@dataclass(frozen=True, slots=True)
class AnkiDeck:
    """A deck: its full name, and the HTML that describes it."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything in a package. Ids are made from `project`, so that two decks never share one."""

    project: str
    types: tuple[AnkiType, ...]
    decks: tuple[AnkiDeck, ...]
    notes: tuple[AnkiNote, ...]
    media: tuple[Asset, ...]


def pack(contents: Contents) -> bytes:
    """Return the bytes of a package: the same for the same contents, anywhere and at any time."""
    names = {asset.name: asset.content for asset in contents.media}
    numbered = {str(number): name for number, name in enumerate(names)}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        _put(archive, "collection.anki2", _collection(contents), zipfile.ZIP_DEFLATED)
        _put(archive, "media", json.dumps(numbered).encode(), zipfile.ZIP_DEFLATED)
        for number, name in numbered.items():
            _put(archive, number, names[name], zipfile.ZIP_STORED)
    return file.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes, method: int) -> None:
    info = zipfile.ZipInfo(name, _ZIP_EPOCH)
    info.compress_type = method
    info.external_attr = 0o644 << 16
    info.create_system = 3  # else Windows signs its own
    archive.writestr(info, content, compresslevel=6)


def _collection(contents: Contents) -> bytes:
    from genanki.apkg_col import APKG_COL
    from genanki.apkg_schema import APKG_SCHEMA

    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(APKG_SCHEMA + APKG_COL)
        _write(db.cursor(), contents)
        db.commit()
        data = bytearray(db.serialize())
    data[_SQLITE_VERSION] = bytes(4)
    return bytes(data)


def _write(db: sqlite3.Cursor, contents: Contents) -> None:
    models = {kind.look.type.key: _model(contents.project, kind.look) for kind in contents.types}
    decks = _decks(contents.project, contents.decks)
    at = {str(deck["name"]): int(deck["id"]) for deck in decks}
    types = [
        models[kind.look.type.key].to_json(kind.mod, at[contents.decks[0].name])
        for kind in contents.types
    ]
    (default,) = db.execute("SELECT decks FROM col").fetchone()
    all_decks = json.loads(default) | {str(deck["id"]): deck for deck in decks}
    db.execute(
        "UPDATE col SET decks = ?, models = ?",
        (json.dumps(all_decks), json.dumps({str(kind["id"]): kind for kind in types})),
    )
    taken: set[int] = set()
    for note in contents.notes:
        ids = _ids(note, taken)
        _note(models[note.type], note).write_to_db(db, note.mod, at[note.deck], ids)


def _ids(note: AnkiNote, taken: set[int]) -> Iterator[int]:
    """Yield ids for a note and its cards: the same in each build, and dates of when it was made.

    Anki takes an id for the time something was created, in milliseconds.
    """
    at = abs(note.born * 1000 - _number(note.guid) % _DAY)
    while True:
        while at in taken:
            at += 1
        taken.add(at)
        yield at


def _decks(project: str, decks: Iterable[AnkiDeck]) -> list[dict[str, Any]]:
    import genanki

    made: dict[int, dict[str, Any]] = {}
    for deck in decks:
        number = _id(project, "deck", deck.name)
        while number in made:
            number += 1
        made[number] = genanki.Deck(number, deck.name, deck.description).to_json()
    return list(made.values())


def _model(project: str, look: Look) -> genanki.Model:
    import genanki

    key = look.type.key
    return genanki.Model(
        _id(project, "type", key),
        look.type.name,
        [{"name": name, "id": _part_id(project, key, "field", name)} for name in FIELDS],
        [
            {
                "name": face.name,
                "qfmt": front,
                "afmt": back,
                "id": _part_id(project, key, "face", face.name),
            }
            for face, (front, back) in zip(look.type.faces, look.faces, strict=True)
        ],
        look.css,
        genanki.Model.CLOZE if look.type.cloze else genanki.Model.FRONT_BACK,
    )


def _note(model: genanki.Model, note: AnkiNote) -> genanki.Note:
    fields, tags = list(note.fields), list(note.tags)
    return _note_class()(model, fields, tags=tags, guid=note.guid, due=note.due)


@cache
def _note_class() -> type[genanki.Note]:
    import genanki

    class Note(genanki.Note):
        def _check_invalid_html_tags_in_fields(self) -> None:
            """Our HTML is clean, and the check takes the square of a line's length."""

    return Note


def _id(project: str, *what: str) -> int:
    """Return an id in the range that Anki's documentation of packages advises."""
    return (1 << 30) + _number(project, *what) % (1 << 30)


def _part_id(project: str, *what: str) -> int:
    """Return an id for a field or a template; JavaScript must be able to hold it."""
    return _number(project, *what) >> 16


def _number(*what: str) -> int:
    return int.from_bytes(hashlib.sha256("\x1f".join(what).encode()).digest()[:8], "big")
