"""What a child may use up, and what it stands in: its own group, folder, environment and pipes."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from pathlib import Path
from typing import Dict, Iterable

#: Largest file a snippet may write.
FILE_SIZE = 1 << 30


def own_group() -> None:
    """Put this process at the head of a session of its own, so that it can be killed whole."""
    os.setsid()
    _die_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _die_with_parent() -> None:
    """Ask Linux to kill this process when the worker dies; elsewhere the worker must do it."""
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes

        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, int(signal.SIGKILL))


def close_all_but(keep: Iterable[int]) -> None:
    """Close every descriptor that the worker had open for itself or for other children."""
    kept = set(keep)
    try:
        opened = [int(entry.name) for entry in Path("/dev/fd").iterdir()]
    except OSError:
        opened = list(range(256))
    for descriptor in opened:
        if descriptor not in kept:
            with contextlib.suppress(OSError):
                os.close(descriptor)


def limit(memory: int, cpu_seconds: int) -> None:
    """Limit data, processor time, file size and core dumps.

    Data, not address space, which torch reserves far beyond what it uses.
    """
    _lower(resource.RLIMIT_DATA, memory)
    _lower(resource.RLIMIT_CPU, cpu_seconds)
    _lower(resource.RLIMIT_FSIZE, FILE_SIZE)
    _lower(resource.RLIMIT_CORE, 0)


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (most, hard))


def move_in(home: str, environment: Dict[str, str]) -> None:
    """Make `home` the working directory, home and place for temporary files."""
    os.chdir(home)
    os.environ.clear()
    os.environ.update(environment, HOME=home, TMPDIR=home, PWD=home)
    import tempfile

    tempfile.tempdir = None
