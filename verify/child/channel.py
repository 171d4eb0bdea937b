"""How a child tells the worker what it found: in memory that both see, and by no descriptor.

Code that closes all descriptors or writes to each of them finds nothing of it; processes that
the child forks do not have that memory.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import struct
import time
from typing import Any, Dict, List

Facts = Dict[str, Any]

_SIZE = 4 << 20
_HEAD = struct.calcsize("Q")
#: Longest text in a report that would otherwise not have room.
_SHORT = 2000


class Channel:
    """Reports of one child, one JSON object a line behind the count of their bytes."""

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, _SIZE)
        self.heard = 0
        self.owner = -1
        self._write, self._pid, self._now = _writer(self.memory), os.getpid, time.monotonic

    def own(self) -> None:
        """In the child: only this process reports from now on."""
        self.owner = os.getpid()
        with contextlib.suppress(AttributeError, OSError, ValueError):
            self.memory.madvise(mmap.MADV_DONTFORK)

    def send(self, **facts: Any) -> None:
        """Report something."""
        if self._pid() == self.owner:
            self._write({**facts, "at": self._now()})

    def receive(self) -> List[Facts]:
        """In the worker: what was reported since the last time."""
        (size,) = struct.unpack_from("Q", self.memory, 0)
        data = self.memory[_HEAD + self.heard : min(_HEAD + size, _SIZE)]
        self.heard += len(data)
        found: List[Facts] = []
        for line in data.splitlines():
            with contextlib.suppress(ValueError):
                facts = json.loads(line)
                if isinstance(facts, dict):
                    found.append(facts)
        return found

    def close(self) -> None:
        """Give the memory back."""
        self.memory.close()


def _writer(memory: mmap.mmap) -> Any:
    pack, unpack, dumps = struct.pack_into, struct.unpack_from, json.dumps

    def write(facts: Facts) -> None:
        (size,) = unpack("Q", memory, 0)
        data = dumps(facts).encode("utf-8") + b"\n"
        if _HEAD + size + len(data) > _SIZE:
            data = dumps(_shortened(facts)).encode("utf-8") + b"\n"
        if _HEAD + size + len(data) > _SIZE:
            return
        memory[_HEAD + size : _HEAD + size + len(data)] = data
        pack("Q", memory, 0, size + len(data))

    return write


def _shortened(plain: Any) -> Any:
    if isinstance(plain, str):
        return plain[:_SHORT]
    if isinstance(plain, dict):
        return {key: _shortened(value) for key, value in plain.items()}
    if isinstance(plain, (list, tuple)):
        return [_shortened(value) for value in plain[:_SHORT]]
    return plain
