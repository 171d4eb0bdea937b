"""Boxes: namespaces for one snippet each, made by a small process that forks cheaply.

A box is held by its first process, which does nothing but be there: when it is killed, the kernel
kills whatever else runs inside, and what was mounted is gone with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import json
import os
import signal
import socket
import struct
from pathlib import Path
from typing import Any, Callable, Iterable, List, NoReturn, Optional, Tuple

from . import kernel, limits

_ALL = (
    kernel.NEW_USER | kernel.NEW_PIDS | kernel.NEW_NET | kernel.NEW_MOUNTS | kernel.NEW_IPC
)  # fmt: skip
_INSIDE = _ALL & ~kernel.NEW_PIDS
_PLAIN = kernel.NO_SUID | kernel.NO_DEVICES
_HERE = kernel.BIND | kernel.RECURSIVE
#: Places that are replaced by empty ones: what others leave there, and sockets of services.
_HIDDEN = ("/tmp", "/var/tmp", "/run")
_IOCTL_SET_FLAGS, _IS_UP = 0x8914, 1


class Box:
    """The namespaces of one snippet, as the worker holds them."""

    def __init__(self, pid: int, mounted: Tuple[str, ...], reads: Tuple[str, ...]) -> None:
        self.pid = pid
        self.mounted = mounted
        self.reads = reads
        self.handle = os.pidfd_open(pid)

    def choose(self) -> None:
        """Let the next fork of this process begin among the box's processes."""
        kernel.join(self.handle, kernel.NEW_PIDS)

    def enter(self) -> None:
        """Put this process, which was forked into the box, under its users, network and mounts."""
        kernel.join(self.handle, _INSIDE)

    def kill(self) -> None:
        """Kill all that is in it."""
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)

    def close(self) -> None:
        """Kill all that is in it and forget it."""
        self.kill()
        os.close(self.handle)


class Keeper:
    """The process that makes boxes; to be started while this one is still small."""

    def __init__(self, folder: str) -> None:
        kernel.own_user_namespace()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pid = os.fork()
        if self.pid == 0:
            _as_last_resort(lambda: _keep(theirs, folder))
        theirs.close()
        self.line = ours
        self.line.settimeout(20)

    def ask(self, folder: str, reads: Tuple[str, ...]) -> None:
        """Order a box whose empty disk lies over a folder; what it may read stays in sight."""
        self.line.send(json.dumps([folder, reads]).encode())

    def take(self, reads: Tuple[str, ...]) -> Box:
        """Wait for the box that was ordered; raises OSError where there is none."""
        answer = json.loads(self.line.recv(1 << 16) or b"{}")
        if "pid" not in answer:
            raise OSError(answer.get("error", "no boxes are made any more"))
        return Box(answer["pid"], tuple(answer["mounted"]), reads)

    def close(self) -> None:
        """End it, and with it the boxes that are left."""
        self.line.close()
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def _as_last_resort(work: Callable[[], Any]) -> NoReturn:
    """Do something in a process that must end here, whatever happens."""
    try:
        work()
    except BaseException as error:
        os.write(2, f"proofdeck: {error!r}\n".encode("utf-8", "replace"))
    finally:
        os._exit(0)


def _keep(line: socket.socket, folder: str) -> None:
    """Make boxes until nobody asks any more.

    Whoever asked may have been killed then, and the folder of his be left.
    """
    limits.close_all_but((0, 1, 2, line.fileno()))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    gc.freeze()
    while True:
        request = _next(line)
        if not request:
            limits.remove(folder)
            return
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        try:
            pid, mounted = _make(*json.loads(request))
            answer = {"pid": pid, "mounted": mounted}
        except OSError as error:
            answer = {"error": str(error)}
        line.send(json.dumps(answer).encode())


def _next(line: socket.socket) -> bytes:
    try:
        return line.recv(1 << 16)
    except ConnectionResetError:
        return b""


def _make(folder: str, reads: List[str]) -> Tuple[int, List[str]]:
    user, group = os.getuid(), os.getgid()
    ready, tell = os.pipe()
    pid = kernel.fork_into(_ALL)
    if pid == 0:
        _as_last_resort(lambda: _hold(tell, user, group, folder, reads))
    os.close(tell)
    with os.fdopen(ready, "rb") as pipe:
        words = pipe.read()
    if not words:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise OSError("the namespaces could not be furnished")
    return pid, json.loads(words)


def _hold(tell: int, user: int, group: int, folder: str, reads: List[str]) -> None:
    """Furnish the namespaces this process was born into, then only be there."""
    kernel.die_with_parent()
    kernel.map_user(user, group)
    _loopback_up()
    mounted = list(_furnish(folder, reads))
    limits.at_most_processes()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    kernel.drop_capabilities()
    kernel.be_readable(True)  # else nobody may join the box
    kernel.die_with_parent()  # a change of rights made the kernel forget it
    os.write(tell, json.dumps(mounted).encode())
    os.closerange(0, 256)
    while True:
        signal.pause()


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", _IS_UP)
        fcntl.ioctl(any_socket, _IOCTL_SET_FLAGS, request)


def _furnish(folder: str, reads: List[str]) -> Iterable[str]:
    """Mount what a snippet shall see in place of the machine's; yield what could be mounted."""
    size = f"size={limits.DISK},nr_inodes={limits.FILES}"
    if _mounts("tmpfs", folder, "tmpfs", _PLAIN, size + ",mode=700"):
        yield "disk"
        Path(folder, ".places").mkdir()
        for number, place in enumerate(_HIDDEN):
            is_place = Path(place).is_dir() and not Path(place).is_symlink()
            if is_place and _hide(place, f"{folder}/.places/{number}", folder, reads):
                yield place
    if _mounts("tmpfs", "/dev/shm", "tmpfs", _PLAIN, size + ",mode=1777"):
        yield "/dev/shm"
    if _mounts("proc", "/proc", "proc", _PLAIN | kernel.NO_EXEC):
        yield "/proc"


def _mounts(source: str, target: str, kind: Optional[str], flags: int, options: str = "") -> bool:
    try:
        kernel.mount(source, target, kind, flags, options)
    except OSError:
        return False
    return True


def _hide(place: str, empty: str, box: str, reads: Iterable[str]) -> bool:
    """Put an empty folder in a place, and back into it what lies there and is needed."""
    kept = [p for p in sorted({box, *reads}) if p.startswith(place + "/") and Path(p).is_dir()]
    if place in reads:
        return False
    handles = [os.open(path, os.O_PATH) for path in kept]
    Path(empty).mkdir()
    Path(empty).chmod(0o1777)
    if not _mounts(empty, place, None, _HERE):
        return False
    try:
        for path, handle in zip(kept, handles):
            Path(path).mkdir(parents=True, exist_ok=True)
            kernel.mount(f"/proc/self/fd/{handle}", path, None, _HERE)
            if path != box:
                kernel.make_read_only(path)
    except OSError:
        kernel.unmount(place)
        return False
    return True
