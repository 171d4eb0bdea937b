"""What a child's whole family of processes takes, read off /proc: the worker's own counting.

It serves where the kernel's limits do not reach: the number of a superuser's processes, memory that
is shared and so is nobody's data, and the memory of all processes together.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import Iterator, List, Optional, Set

#: How many processes, not threads, one snippet may have.
MOST = 200


def family(pid: int) -> Iterator[int]:
    """A process and all that descend from it."""
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += children(one)


def children(pid: int) -> List[int]:
    """The processes whose parent one is, as far as can be seen."""
    found: List[int] = []
    with contextlib.suppress(OSError, ValueError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            text = (task / "children").read_text("ascii")
            found += [int(word) for word in text.split()]
    return found


def excess(pids: List[int], memory: int) -> Optional[str]:
    """What the families of some processes have too much of: `crowded`, `memory` or nothing."""
    members = [member for pid in pids for member in family(pid)]
    if len(members) > MOST:
        return "crowded"
    if sum(map(_touched, members)) > memory and sum(map(_share, members)) > memory:
        return "memory"
    return None


def anonymous() -> int:
    """Bytes that this process has touched and that are no file's; children share them at first."""
    return _touched(os.getpid())


def _touched(pid: int) -> int:
    """Bytes of data and shared memory that a process sees; what several see counts in each."""
    return sum(_sizes(f"/proc/{pid}/status", "RssAnon:", "RssShmem:"))


def _share(pid: int) -> int:
    """The same, where a page that several see counts as a part of one; dear to find out."""
    return sum(_sizes(f"/proc/{pid}/smaps_rollup", "Pss_Anon:", "Pss_Shmem:"))


def _sizes(path: str, *names: str) -> Iterator[int]:
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path(path).read_text("ascii", "replace").splitlines():
            words = line.split()
            if words and words[0] in names:
                yield int(words[1]) << 10


def kill_strangers(known: Set[int]) -> None:
    """Kill the children that this process did not start: orphans of snippets that ended."""
    while True:
        strangers = [pid for pid in children(os.getpid()) if pid not in known]
        if not strangers:
            return
        for pid in strangers:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        for pid in strangers:
            with contextlib.suppress(OSError):
                os.waitpid(pid, 0)


def waited(pid: int) -> float:
    """The seconds that a process was ready to run, and others ran; 0 where that cannot be known."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
