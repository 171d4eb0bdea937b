"""What earlier builds made of notes, kept in the user's cache under all that it depends on."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import pickle
import sqlite3
import sys
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache, cached_property
from importlib.machinery import PathFinder
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, TypeVar

_HERE: Final = Path(__file__).parent
#: What makes values for this program.
_MAKERS: Final = ("mistune", "nh3", "pygments")
_DAY: Final = 86400
#: Days after which something that nobody asked for is forgotten, and bytes kept at most.
_OLDEST, _LARGEST = 60, 500 << 20
#: Bytes that wait to be written, at most.
_GATHERED: Final = 1 << 18
_TABLE: Final = "CREATE TABLE IF NOT EXISTS kept (key BLOB PRIMARY KEY, day INTEGER, value BLOB)"
_Found = TypeVar("_Found")
#: What damaged bytes may lead to.
_DAMAGED: Final = (
    *(pickle.UnpicklingError, zlib.error, EOFError, ValueError, TypeError),
    *(AttributeError, LookupError, OverflowError, MemoryError),
)


class Kept:
    """Values of some types by names that say all they depend on; without a file, none.

    Values share parts with each other, a block with its card, and come back so: that is what
    pickle can. No more than `types` are made of what is read, and no code is run. Whatever is wrong
    with the file, a value is only not known; what is put is written with `save`, or before.
    `others` are types that take long to load, and are asked for where they are needed.
    `processors` tells how many may make values at once, and `made` how many were put so far.
    """

    def __init__(
        self,
        file: Path | None = None,
        types: Iterable[type] = (),
        processors: Callable[[], int] = lambda: 1,
        *,
        others: Callable[[], Iterable[type]] = tuple,
    ) -> None:
        self._file = file
        self.processors = processors
        self.made = 0
        self._types = _Types(types, others)
        self._latest: tuple[bytes, object] = b"", None
        self._db: sqlite3.Connection | None = None
        self._new: dict[bytes, bytes] = {}
        self._size, self._wrote = 0, False
        self._used: list[bytes] = []

    def __bool__(self) -> bool:
        """Whether anything can be known."""
        return self._file is not None

    def admit(self, types: Iterable[type]) -> None:
        """Let values be of more types, from now on."""
        self._types.admit(types)

    def get(self, key: bytes) -> Any:
        """Return what was put under a name, or None."""
        if key == self._latest[0]:
            return self._latest[1]
        found = (_today(), self._new[key]) if key in self._new else self._ask(_finding(key))
        if not found:
            return None
        try:
            value = _read(zlib.decompress(found[1]), self._types)
        except _DAMAGED:
            return None
        if found[0] != _today():
            self._used.append(key)
        return value

    def put(self, key: bytes, value: object) -> None:
        """Keep a value, for other builds from the next `save` on."""
        if self:
            file = io.BytesIO()
            writer = pickle.Pickler(file, 5)
            writer.dispatch_table = self._types.plain
            with contextlib.suppress(RecursionError):
                writer.dump(value)
                self._new[key] = zlib.compress(file.getvalue(), 1)
                self._size += len(self._new[key])
                self.made += 1
                self._latest = key, value
        if self._size > _GATHERED:
            self._write_down()

    def save(self) -> None:
        """Write what was put, and forget what is old; two builds at once wait for each other."""
        if self._wrote or self._new or self._used:
            self._write_down()
            self._ask(_forget)
            self._wrote = False

    def let_go(self) -> None:
        """Write what was put, and close the file until it is wanted again: a fork may come."""
        if self._new or self._used:
            self._write_down()
        if self._db:
            self._db.close()
            self._db = None

    def _write_down(self) -> None:
        self._ask(self._write)
        self._new, self._used, self._size, self._wrote = {}, [], 0, True

    def _write(self, db: sqlite3.Connection) -> None:
        with db:
            rows = ((key, _today(), value) for key, value in self._new.items())
            db.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", rows)
            used = ((_today(), key) for key in self._used)
            db.executemany("UPDATE kept SET day = ? WHERE key = ?", used)

    def _ask(self, work: Callable[[sqlite3.Connection], _Found]) -> _Found | None:
        """Do something with the database; one that cannot be used is done without from then on."""
        if not self._file:
            return None
        try:
            if not self._db:
                self._db = _database(self._file)
            return work(self._db)
        except sqlite3.OperationalError:  # no room, no right, or another build takes long
            self._file = None
        except (sqlite3.DatabaseError, OSError):
            self._remove(self._file)
            self._file = None
        return None

    def _remove(self, damaged: Path) -> None:
        with contextlib.suppress(sqlite3.Error, OSError):
            if self._db:
                self._db.close()
            damaged.unlink()


def _database(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(file, timeout=10)
    db.execute("PRAGMA synchronous = OFF")  # what a power cut damages is made anew
    db.execute("PRAGMA cache_size = -256")  # in KiB: nothing is asked for twice
    db.execute(_TABLE)
    return db


def _finding(key: bytes) -> Callable[[sqlite3.Connection], Any]:
    query = "SELECT day, value FROM kept WHERE key = ?"
    return lambda db: db.execute(query, (key,)).fetchone()


def _forget(db: sqlite3.Connection) -> None:
    with db:
        db.execute("DELETE FROM kept WHERE day < ?", (_today() - _OLDEST,))
        pages, free, size = (
            db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        if (pages - free) * size > _LARGEST:
            half = "SELECT key FROM kept ORDER BY day, rowid LIMIT (SELECT count(*) / 2 FROM kept)"
            db.execute(f"DELETE FROM kept WHERE key IN ({half})")


def _today() -> int:
    return int(time.time() // _DAY)


def key_of(*parts: object) -> bytes:
    """Return the name of what depends on these plain values, and on this program, alone."""
    return hashlib.sha256(repr((_own_version(), parts)).encode("utf-8", "replace")).digest()


@cache
def _own_version() -> str:
    """Return a hash of this program's sources: another program makes other values."""
    digest = hashlib.sha256(repr([sys.version, *map(_installed, _MAKERS)]).encode())
    for path in sorted(_HERE.rglob("*.py")):
        digest.update(path.relative_to(_HERE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


class _Types(dict[tuple[str, str], type]):
    """The types that values are of, by their names; the others come when one of them is met."""

    def __init__(self, types: Iterable[type], others: Callable[[], Iterable[type]]) -> None:
        super().__init__(_named(types))
        self._others = others

    def __missing__(self, name: tuple[str, str]) -> type:
        return self._all[name]

    def admit(self, types: Iterable[type]) -> None:
        """Take more types in."""
        self.update(_named(types))
        for told in ("_all", "plain"):
            self.__dict__.pop(told, None)

    @cached_property
    def _all(self) -> dict[tuple[str, str], type]:
        return {**self, **_named(self._others())}

    @cached_property
    def plain(self) -> dict[type, Callable[[Any], tuple[type, tuple[Any, ...]]]]:
        """What takes values apart which pickle would not, or not in one way."""
        return {
            it: _parts(it) if is_dataclass(it) else _by_value
            for it in self._all.values()
            if is_dataclass(it) or issubclass(it, Enum)
        }


def _named(types: Iterable[type]) -> dict[tuple[str, str], type]:
    return {(it.__module__, it.__qualname__): it for it in types}


def _installed(package: str) -> list[str]:
    """Return what tells the version of a package, which need not be loaded for that."""
    found = PathFinder.find_spec(package)
    if not found or not found.origin:
        return []
    folder = Path(found.origin).parent.parent
    names = sorted(it.name for it in folder.iterdir())
    return [name for name in names if name.lower().startswith(f"{package}-")]


def _read(data: bytes, types: _Types) -> Any:
    """Make a value; the collector would look at all that stays, again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return _Reader(data, types).load()
    finally:
        if was_enabled:
            gc.enable()


class _Reader(pickle.Unpickler):
    """Makes values of the types it was told, and of nothing else."""

    def __init__(self, data: bytes, types: _Types) -> None:
        super().__init__(io.BytesIO(data))
        self._types = types

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._types[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name}") from None


def _by_value(value: Any) -> tuple[type, tuple[Any, ...]]:
    """Take a member of an enumeration apart in one way, which not every Python does by itself."""
    return type(value), (value.value,)


def _parts(kind: type) -> Callable[[Any], tuple[type, tuple[Any, ...]]]:
    """Return what takes a value apart into what it is made from again."""
    names = [field.name for field in fields(kind)]
    get = attrgetter(*names)
    if len(names) == 1:
        return lambda value: (kind, (get(value),))
    return lambda value: (kind, get(value))


#: Where every build makes all things anew.
NOTHING_KEPT: Final = Kept()
