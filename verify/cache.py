"""Verdicts kept in files that are named after everything they depend on."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from verify.model import Finding, Fix, Verdict

_HERE = Path(__file__).parent
_DAY = 86400.0
#: Seconds after which a verdict that nobody asked for is forgotten, and bytes kept at most.
OLDEST, LARGEST = 60 * _DAY, 200 << 20
#: From how many seconds on it is worth to remember how long code took, and of how many pieces.
_SLOW, _REMEMBERED = 0.5, 5000


@cache
def own_version() -> str:
    """A hash of this package's sources: another verify, other verdicts."""
    digest = hashlib.sha256()
    for path in sorted(_HERE.rglob("*.py")):
        digest.update(path.relative_to(_HERE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def text_key(code: str) -> str:
    """A short name for a piece of code, wherever it stands and whatever it runs on."""
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()[:16]


def key_of(*parts: object) -> str:
    """The name of a verdict that depends on these plain values and on nothing else."""
    text = json.dumps([own_version(), *parts], sort_keys=True, default=list)
    return hashlib.sha256(text.encode()).hexdigest()


class Cache:
    """A folder of verdicts; without a folder it knows nothing and keeps nothing."""

    def __init__(self, folder: str | None) -> None:
        self.folder = Path(folder) if folder else None

    def get(self, key: str) -> Verdict | None:
        """The verdict of that name; a damaged file counts as none."""
        if self.folder is None:
            return None
        path = self._path(key)
        try:
            verdict = _from_plain(_read(path))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        self._touch(path)
        return verdict

    def _touch(self, path: Path) -> None:
        """Note that a verdict was of use, at most once a day."""
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _DAY:
                os.utime(path)

    def put(self, key: str, verdict: Verdict) -> None:
        """Keep a verdict; written beside and renamed, so that nobody ever reads half of it."""
        if self.folder is not None:
            _write(self._path(key), asdict(verdict))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known at all."""
        return self.folder is None or not (self.folder / "verdicts").is_dir()

    def get_all(self, key: str) -> list[Verdict] | None:
        """Several verdicts that were kept under one name, None where they are not known."""
        if self.folder is None:
            return None
        path = self._path(key)
        try:
            found = [_from_plain(plain) for plain in _read(path)["all"]]
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        self._touch(path)
        return found

    def put_all(self, key: str, verdicts: Sequence[Verdict]) -> None:
        """Keep several verdicts under one name."""
        if self.folder is not None:
            _write(self._path(key), {"all": [asdict(verdict) for verdict in verdicts]})

    def names(self, key: str) -> dict[str, Any]:
        """What `keep_names` was told under that name; nothing where that was nothing."""
        if self.folder is None:
            return {}
        try:
            found = _read(self._path(key))["names"]
        except (OSError, ValueError, TypeError, KeyError):
            return {}
        self._touch(self._path(key))
        return found if isinstance(found, dict) else {}

    def keep_names(self, key: str, names: dict[str, Any]) -> None:
        """Keep what is known of the names of API, as plain values."""
        if self.folder is not None:
            _write(self._path(key), {"names": names})

    def prune(self, now: float) -> None:
        """Forget what nobody asked for in a long time, and the oldest where there is too much.

        Looks at the whole folder, so once a day is often enough.
        """
        if self.folder is None or not self._is_due(now):
            return
        found = []
        for path in (self.folder / "verdicts").glob("*/*"):
            with contextlib.suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        total = 0
        for used, size, path in sorted(found, reverse=True, key=lambda f: f[0]):
            stray = path.suffix != ".json" and now - used > _DAY
            total += size
            if now - used > OLDEST or total > LARGEST or stray:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _is_due(self, now: float) -> bool:
        """Whether pruning was last done a day ago or more; it counts as done now."""
        assert self.folder is not None
        mark = self.folder / "pruned"
        with contextlib.suppress(OSError):
            if now - mark.stat().st_mtime < _DAY:
                return False
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            mark.touch()
            os.utime(mark, (now, now))
        return True

    def layers(self, key: str) -> tuple[str, ...]:
        """What `keep_layers` was told under that name."""
        if self.folder is None:
            return ()
        try:
            return tuple(map(str, _read(self.folder / f"layers-{key[:16]}.json")))
        except (OSError, ValueError, TypeError):
            return ()

    def keep_layers(self, key: str, layers: tuple[str, ...]) -> None:
        """Keep the layers of the sandbox that hold on a machine."""
        if self.folder is not None:
            _write(self.folder / f"layers-{key[:16]}.json", layers)

    def seconds(self) -> dict[str, float]:
        """How long slow pieces of code took when they were last run, by hashes of their text."""
        if self.folder is None:
            return {}
        try:
            found = _read(self.folder / "seconds.json")
            return {str(name): float(value) for name, value in found.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def keep_seconds(self, found: Mapping[str, float]) -> None:
        """Keep how long pieces of code took; the newest, and not those that are quickly done."""
        if self.folder is None or not found:
            return
        every = {**{k: v for k, v in self.seconds().items() if k not in found}, **found}
        slow = [(name, value) for name, value in every.items() if value >= _SLOW]
        _write(self.folder / "seconds.json", dict(slow[-_REMEMBERED:]))

    def _path(self, key: str) -> Path:
        assert self.folder is not None
        return self.folder / "verdicts" / key[:2] / f"{key[2:]}.json"


def _read(path: Path) -> Any:
    """What was written; raises ValueError where that is not what is there any more."""
    head, _, data = path.read_bytes().partition(b"\n")
    if head != _sum(data):
        raise ValueError("damaged")
    return json.loads(data)


def _sum(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest()[:16].encode("ascii")


def _write(path: Path, plain: object) -> None:
    data = json.dumps(plain).encode("ascii")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_sum(data) + b"\n" + data)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _from_plain(plain: dict[str, Any]) -> Verdict:
    findings = {name: _findings(plain[name]) for name in ("findings", "announced", "allowed")}
    tuples = {name: tuple(plain[name]) for name in ("stand_ins", "assumed", "guessed", "after")}
    tuples["figures"] = tuple((name, png) for name, png in plain["figures"])
    return Verdict(**{**plain, **tuples, **findings, "cached": True})


def _findings(plain: list[dict[str, Any]]) -> tuple[Finding, ...]:
    return tuple(Finding(**{**f, "fix": Fix(**f["fix"]) if f["fix"] else None}) for f in plain)
