"""The only file that knows genanki: notes, types and decks to the bytes of an .apkg.

genanki stamps everything with one time, wants all notes at once, leaves a temporary file behind
and writes other bytes each time; so the class below takes notes one by one, each with its own
time, takes its file away, and fixes the dates.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import shutil
import sqlite3
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from builder.deck.notetypes import FIELDS, Fields, Look, faces
from builder.model import Asset

if TYPE_CHECKING:
    import genanki

_DAY: Final = 86_400_000
_ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
#: Of compression: the next ones make a tenth less of a package, and take twice as long.
_LEVEL: Final = 4
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


_Row: TypeAlias = tuple[int | str, ...]
#: Notes that wait to be written.
_TOGETHER: Final = 200


class Package:
    """A package that is being written: notes go in one by one, and what is said of them at last.

    They wait in a file of the system's temporary folder, gone when the package is left; so a
    course of any size needs the room of one note. Ids are made from `project`, so that two
    packages never share one. `root` is the deck that all others lie in. Raises OSError where there
    is no room.
    """

    def __init__(self, project: str, root: str, looks: Iterable[Look]) -> None:
        _load_genanki()
        self._project = project
        self._models = {look.type.key: _model(project, look) for look in looks}
        self._decks: dict[str, int] = {}
        self._media: dict[str, bytes] = {}
        self._taken: set[int] = set()
        self._root = self._deck(root)
        self._folder = tempfile.TemporaryDirectory(prefix="proofdeck-")
        self._file = Path(self._folder.name) / "collection.anki2"
        with _writing():
            self._db = _database(self._file)
        self._notes: list[_Row] = []
        self._cards: list[_Row] = []

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        self._folder.cleanup()

    def add(self, note: AnkiNote, media: Iterable[Asset] = ()) -> None:
        """Put in a note, and the files that it shows."""
        self._media |= {asset.name: asset.content for asset in media}
        ids, deck = _ids(note, self._taken), self._deck(note.deck)
        rows = _rows(self._models[note.type], note, deck, ids)
        self._notes.append(next(rows))
        self._cards += rows
        if len(self._notes) >= _TOGETHER:
            self._insert()

    def _insert(self) -> None:
        with _writing():
            self._db.executemany(f"INSERT INTO notes VALUES ({_places(11)})", self._notes)
            self._db.executemany(f"INSERT INTO cards VALUES ({_places(18)})", self._cards)
        self._notes, self._cards = [], []

    def _deck(self, name: str) -> int:
        if name not in self._decks:
            number = _id(self._project, "deck", name)
            while number in self._decks.values():
                number += 1
            self._decks[name] = number
        return self._decks[name]

    def pack(self, types: Iterable[AnkiType], description: str) -> bytes:
        """Return the bytes: the same for the same notes, anywhere and at any time."""
        self._insert()
        with _writing():
            self._db.executescript(";".join(_schema(indexes=True)))
            self._say(types, description)
            self._db.commit()
            self._db.close()
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
            _put_collection(archive, self._file)
            numbered = {str(number): name for number, name in enumerate(self._media)}
            _put(archive, "media", json.dumps(numbered).encode(), zipfile.ZIP_DEFLATED)
            for number, name in numbered.items():
                _put(archive, number, self._media[name], zipfile.ZIP_STORED)
        return file.getvalue()

    def _say(self, types: Iterable[AnkiType], description: str) -> None:
        """Write down the note types and the decks."""
        models = [self._models[it.look.type.key].to_json(it.mod, self._root) for it in types]
        (default,) = self._db.execute("SELECT decks FROM col").fetchone()
        decks = json.loads(default)
        for name, number in self._decks.items():
            said = description if number == self._root else ""
            decks[str(number)] = _deck(number, name, said)
        self._db.execute(
            "UPDATE col SET decks = ?, models = ?",
            (json.dumps(decks), json.dumps({str(model["id"]): model for model in models})),
        )


def _load_genanki() -> None:
    """Import it without what it asks for and does not need here, which takes longer than all else.

    That is a `cached_property` of which the standard library has an equal, and a reader of YAML.
    """
    if "genanki" in sys.modules:
        return
    unneeded = {"cached_property": {"cached_property": cached_property}, "yaml": {}}
    before = {name: sys.modules.get(name) for name in unneeded}
    for name, holds in unneeded.items():
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name]).update(holds)
    try:
        import genanki  # noqa: F401
    finally:
        for name, module in before.items():
            del sys.modules[name]
            if module:
                sys.modules[name] = module


@contextmanager
def _writing() -> Iterator[None]:
    """The library's own error does not say that it is the machine's."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OSError(errno.ENOSPC, f"cannot write the package: {error}") from error


def _database(file: Path) -> sqlite3.Connection:
    """Return a collection without notes; no power cut matters to what nobody keeps."""
    from genanki.apkg_col import APKG_COL

    db = sqlite3.connect(file)
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -512")  # in KiB: notes are written once, and not read
    db.executescript(";".join(_schema(indexes=False)))
    db.executescript(APKG_COL)
    return db


def _schema(*, indexes: bool) -> Iterator[str]:
    """Yield the statements that make the indexes of a collection, or all others.

    To keep an index while notes come in takes longer with each of them; to make it at last does
    not.
    """
    from genanki.apkg_schema import APKG_SCHEMA

    for statement in APKG_SCHEMA.split(";"):
        if statement.lstrip().startswith("CREATE INDEX") == indexes:
            yield statement


def _put(archive: zipfile.ZipFile, name: str, content: bytes, method: int) -> None:
    archive.writestr(_entry(name, method), content, compresslevel=_LEVEL)


def _put_collection(archive: zipfile.ZipFile, file: Path) -> None:
    with file.open("rb") as collection, archive.open(file.name, "w") as into:
        header = bytearray(collection.read(_SQLITE_VERSION.stop))
        header[_SQLITE_VERSION] = bytes(4)
        into.write(header)
        shutil.copyfileobj(collection, into)
    _sign(archive.getinfo(file.name))


def _entry(name: str, method: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _ZIP_EPOCH)
    info.compress_type = method
    _sign(info)
    return info


def _sign(info: zipfile.ZipInfo) -> None:
    info.external_attr = 0o644 << 16
    info.create_system = 3  # else Windows signs its own


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


def _deck(number: int, name: str, description: str) -> dict[str, Any]:
    import genanki

    made: dict[str, Any] = genanki.Deck(number, name, description).to_json()
    return made


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


def _rows(model: genanki.Model, note: AnkiNote, deck: int, ids: Iterator[int]) -> Iterator[_Row]:
    """Yield the row of a note, then those of its cards.

    A note: id, guid, type, mod, usn, tags, fields, what it is sorted by, checksum, flags, data. A
    card: id, note, deck, which of the note's, mod, usn, type, queue, due, and what is learnt of it.
    """
    number, fields = next(ids), list(note.fields)
    tags, joined = f" {' '.join(note.tags)} ", "\x1f".join(fields)
    yield number, note.guid, model.model_id, note.mod, -1, tags, joined, fields[0], 0, 0, ""
    for face in faces(note.type, note.fields):
        yield next(ids), number, deck, face, note.mod, -1, 0, 0, note.due, *_UNLEARNT


#: interval, ease, reviews, lapses, steps left, and where it came from; flags, data.
_UNLEARNT: Final = (0, 0, 0, 0, 0, 0, 0, 0, "")


def _places(count: int) -> str:
    return ", ".join("?" * count)


def _id(project: str, *what: str) -> int:
    """Return an id in the range that Anki's documentation of packages advises."""
    return (1 << 30) + _number(project, *what) % (1 << 30)


def _part_id(project: str, *what: str) -> int:
    """Return an id for a field or a template; JavaScript must be able to hold it."""
    return _number(project, *what) >> 16


def _number(*what: str) -> int:
    return int.from_bytes(hashlib.sha256("\x1f".join(what).encode()).digest()[:8], "big")
