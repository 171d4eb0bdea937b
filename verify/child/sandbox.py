"""The sandbox as the worker holds it: which layers this machine has, and how a child gets inside.

Every layer is tried once, on a child that looks whether it holds; what does not hold is left out
and said.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from . import calls, fence, kernel, limits
from .boxes import Box, Keeper

Facts = Dict[str, Any]

#: What a layer is called in reports, in their order; "tcp" is what is left of "network".
LAYERS = (
    "network", "tcp", "files", "processes", "disk", "privileges", "system calls", "limits",
)  # fmt: skip


class Sandbox:
    """Makes room for children one by one; to be made before anything large is imported."""

    def __init__(self, folder: str, mode: str) -> None:
        self.folder = folder
        self.on = mode != "off"
        self.made = 0
        self.reads: Tuple[str, ...] = ()
        self.ordered: Optional[Tuple[str, Tuple[str, ...]]] = None
        self.keeper: Optional[Keeper] = None
        held = calls.STREAMS if kernel.landlock_version() >= 4 else ()
        self.filters = (calls.program(calls.ALL), calls.program(held))
        if self.on:
            with contextlib.suppress(OSError):
                kernel.adopt_orphans()
            with contextlib.suppress(OSError):
                self.keeper = Keeper(folder)

    def look_around(self) -> None:
        """Note where packages lie, and have the next box made."""
        self.reads = tuple(fence.packages())
        self._order(())

    def room(self, reads: Tuple[str, ...]) -> Room:
        """A place for one child, which may read some folders besides."""
        box = None
        if self.keeper is not None:
            try:
                box, folder = self._box(reads)
                box.choose()
            except OSError:
                box = None
                self._give_up_boxes()
        if box is None:
            folder = self._folder()
        return Room(self, folder, box, reads)

    def _give_up_boxes(self) -> None:
        if self.keeper is not None:
            self.keeper.close()
            self.keeper = None

    def _box(self, reads: Tuple[str, ...]) -> Tuple[Box, str]:
        assert self.keeper is not None
        if self.ordered is None:
            self._order(reads)
        assert self.ordered is not None
        folder, seen = self.ordered
        box = self.keeper.take(seen)
        self.ordered = None
        self._order(reads)
        if seen == reads:
            return box, folder
        box.close()
        return self._box(reads)

    def _order(self, reads: Tuple[str, ...]) -> None:
        if self.keeper is not None:
            folder = self._folder()
            self.keeper.ask(folder, (*self.reads, *reads))
            self.ordered = folder, reads

    def _folder(self) -> str:
        self.made += 1
        folder = f"{self.folder}/{self.made}"
        Path(folder).mkdir()
        return folder

    def close(self) -> None:
        """End the process that makes boxes."""
        if self.keeper is not None:
            self.keeper.close()

    def layers(self) -> List[str]:
        """The layers that hold, learned by a child that tries them."""
        if not self.on:
            return ["off"]
        found = self._try()
        if not found and self.keeper is not None:
            self._give_up_boxes()
            found = self._try()
        return [layer for layer in LAYERS if layer in found]

    def _try(self) -> List[str]:
        """What a child that goes in finds; nothing where it cannot."""
        sentinel = f"{self.folder}/outside"
        Path(sentinel).write_bytes(b"")
        outside = os.open(sentinel, os.O_PATH)
        room = self.room(())
        ready, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(BaseException):
                room.enter()
                os.write(tell, json.dumps(_holding(room, outside)).encode())
            os._exit(0)
        os.close(tell)
        os.close(outside)
        with os.fdopen(ready, "rb") as pipe:
            found = json.loads(pipe.read() or b"[]")
        os.waitpid(pid, 0)
        room.close()
        return list(found)


class Room:
    """Where one child lives: its folder, and its box where there are boxes."""

    def __init__(
        self, sandbox: Sandbox, folder: str, box: Optional[Box], reads: Tuple[str, ...]
    ) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.box = box
        self.reads = (*sandbox.reads, *reads)

    def enter(self) -> None:
        """In the child: go in and shut the doors."""
        if self.box is not None:
            self.box.enter()
        for name in ("home", "code"):
            Path(self.folder, name).mkdir()
        if not self.sandbox.on:
            return
        with contextlib.suppress(OSError):
            if self.box is None:
                kernel.adopt_orphans()
        with contextlib.suppress(OSError):
            kernel.no_new_privileges()
            fence.close_in(self.reads, self._writes(), networked=self.box is None)
        with contextlib.suppress(OSError):
            kernel.drop_capabilities()
            kernel.be_readable(True)
        limits.die_with_parent()  # a change of rights made the kernel forget it
        with contextlib.suppress(OSError):
            kernel.filter_calls(self.sandbox.filters[self.box is None])

    def _writes(self) -> List[str]:
        own = self.box.mounted if self.box is not None else (fence.SHARED_MEMORY,)
        return [self.folder, *(place for place in own if place in _WRITABLE)]

    def kill(self) -> None:
        """Kill whatever lives in the box."""
        if self.box is not None:
            self.box.kill()

    def close(self) -> None:
        """Leave no process and no file."""
        if self.box is not None:
            self.box.close()
        limits.remove(self.folder)


_WRITABLE = ("/tmp", "/var/tmp", fence.SHARED_MEMORY)


def _holding(room: Room, outside: int) -> List[str]:
    """The layers that hold around this process."""
    found = ["limits"]
    boxed = room.box is not None
    if boxed and [name for _, name in socket.if_nameindex()] == ["lo"]:
        found.append("network")
    elif not _can_bind():
        found.append("tcp")
    if not _can_open(outside):
        found.append("files")
    if boxed and os.getppid() == 0:
        found.append("processes")
    if boxed and "disk" in room.box.mounted:  # type: ignore[union-attr]
        found.append("disk")
    if not kernel.makes_namespaces():
        found.append("system calls")
    status = Path("/proc/self/status").read_text("ascii", "replace")
    if "NoNewPrivs:\t1" in status and int(status.split("CapEff:")[1].split()[0], 16) == 0:
        found.append("privileges")
    return found


def _can_open(descriptor: int) -> bool:
    """Whether a file that lies outside can be read or written, wherever outside is."""
    for mode in (os.O_RDONLY, os.O_WRONLY):
        with contextlib.suppress(OSError):
            os.close(os.open(f"/proc/self/fd/{descriptor}", mode))
            return True
    return False


def _can_bind() -> bool:
    try:
        with socket.socket() as any_socket:
            any_socket.bind(("127.0.0.1", 0))
    except OSError:
        return False
    return True
