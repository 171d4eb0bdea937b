"""What a child may use up, and what it stands in: its own group, folder, environment and pipes."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from pathlib import Path
from typing import Dict, Iterable

from . import kernel

#: Largest file a snippet may write, and all its files together where it has a disk of its own.
FILE_SIZE = DISK = 1 << 30
#: How many files such a disk holds.
FILES = 200_000
#: How many processes and threads a snippet may have; where the kernel counts in another way, it
#: is only this many processes.
PROCESSES = 512
OPEN_FILES = 4096


def own_group() -> None:
    """Put this process at the head of a session of its own, so that it can be killed whole."""
    os.setsid()
    die_with_parent()
    first_to_go()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def first_to_go() -> None:
    """Where the machine runs out of memory, let the kernel end this before anything else."""
    with contextlib.suppress(OSError):
        descriptor = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        try:
            os.write(descriptor, b"1000")
        finally:
            os.close(descriptor)


def die_with_parent(indeed: bool = True) -> None:
    """Ask Linux to kill this process when its parent dies; elsewhere the parent must do it."""
    with contextlib.suppress(OSError):
        kernel.die_with_parent(indeed)


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


def limit(memory: int, cpu_seconds: int, apart: bool) -> None:
    """Limit data, processor time, file size, open files and core dumps; processes if `apart`.

    Data, not address space, which torch reserves far beyond what it uses; and on top of what the
    worker has already. Where this user's processes are not counted apart from the rest of his,
    a limit on them would hit him wherever he is.
    """
    _lower(resource.RLIMIT_DATA, memory + _data())
    _lower(resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 5)
    _lower(resource.RLIMIT_FSIZE, FILE_SIZE)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    _lower(resource.RLIMIT_CORE, 0)
    if apart:
        _lower(resource.RLIMIT_NPROC, PROCESSES)


def _data() -> int:
    """How much data this process has, as far as one can see."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) << 10
    return 0


def _lower(kind: int, value: int, at_most: int = 0) -> None:
    _, hard = resource.getrlimit(kind)
    soft, top = (v if hard == resource.RLIM_INFINITY else min(v, hard) for v in (value, at_most))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (soft, max(soft, top)))


def at_most_processes() -> None:
    """Limit the processes of this process namespace, also a superuser's, where Linux can."""
    with contextlib.suppress(OSError):
        descriptor = os.open("/proc/sys/kernel/pid_max", os.O_WRONLY)
        os.write(descriptor, str(PROCESSES).encode())
        os.close(descriptor)


def move_in(home: str, environment: Dict[str, str]) -> None:
    """Make `home` the working directory, home and place for temporary files."""
    os.chdir(home)
    os.environ.clear()
    os.environ.update(environment, HOME=home, TMPDIR=home, PWD=home)
    import tempfile

    tempfile.tempdir = None


def remove(folder: str) -> None:
    """Remove a folder whatever was done to it: read-only, full, or deeper than paths may be."""
    import shutil
    import subprocess

    shutil.rmtree(folder, ignore_errors=True)
    if not os.path.lexists(folder):
        return
    for command in (["chmod", "-R", "u+rwx", folder], ["rm", "-rf", folder]):
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run(
                command,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=60,
                check=False,
            )
