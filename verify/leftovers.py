"""The folders of workers: which of them nobody holds any more, all having been killed at once."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, which has no such locks and no such workers
    fcntl = None  # type: ignore[assignment]

PREFIX = "proofdeck-worker-"
#: Seconds that a folder is left alone after it was made: it may not be locked yet.
_NEW = 60.0


def hold() -> tuple[str, int]:
    """A new folder, and a descriptor that keeps it from being cleared away while anybody has it."""
    folder = tempfile.mkdtemp(prefix=PREFIX)
    descriptor = os.open(folder, os.O_RDONLY)
    with contextlib.suppress(OSError):
        _lock(descriptor)
    return folder, descriptor


def clear_away(now: float) -> None:
    """Remove folders of this user that nobody holds."""
    for path in Path(tempfile.gettempdir()).glob(PREFIX + "*"):
        with contextlib.suppress(OSError):
            if _is_left(path, now):
                remove(str(path))


def _is_left(path: Path, now: float) -> bool:
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        return False
    if now - found.st_ctime < _NEW or fcntl is None:
        return False
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        _lock(descriptor)
    finally:
        os.close(descriptor)
    return True


def _lock(descriptor: int) -> None:
    """Raises OSError where another has it."""
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def remove(folder: str) -> None:
    """Remove a folder, also what somebody made read-only in it."""
    shutil.rmtree(folder, ignore_errors=True)
    if os.path.lexists(folder):
        for command in (["chmod", "-R", "u+rwx", folder], ["rm", "-rf", folder]):
            with contextlib.suppress(OSError):
                subprocess.run(command, stderr=subprocess.DEVNULL, check=False)
