"""Verdicts kept in files that are named after everything they depend on."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from verify.model import Finding, Fix, Verdict

_HERE = Path(__file__).parent


@cache
def own_version() -> str:
    """A hash of this package's sources: another verify, other verdicts."""
    digest = hashlib.sha256()
    for path in sorted(_HERE.rglob("*.py")):
        digest.update(path.relative_to(_HERE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


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
        try:
            return _from_plain(json.loads(self._path(key).read_bytes()))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def put(self, key: str, verdict: Verdict) -> None:
        """Keep a verdict; written beside and renamed, so that nobody ever reads half of it."""
        if self.folder is None:
            return
        path = self._path(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(asdict(verdict), file, ensure_ascii=False)
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise

    def _path(self, key: str) -> Path:
        assert self.folder is not None
        return self.folder / "verdicts" / key[:2] / f"{key[2:]}.json"


def _from_plain(plain: dict[str, Any]) -> Verdict:
    findings = tuple(
        Finding(**{**f, "fix": Fix(**f["fix"]) if f["fix"] else None}) for f in plain["findings"]
    )
    tuples = {name: tuple(plain[name]) for name in ("stand_ins", "assumed", "after")}
    return replace(Verdict(**{**plain, **tuples, "findings": findings}), cached=True)
