"""The system calls of Linux that Python has no names for; elsewhere each of them raises OSError."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import struct
import sys
from pathlib import Path
from typing import Any, Dict, Iterable, Optional

#: Namespaces, as flags of `clone` and `setns`.
NEW_MOUNTS, NEW_IPC, NEW_USER, NEW_PIDS, NEW_NET = (
    0x00020000, 0x08000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
#: Ways of mounting.
NO_SUID, NO_DEVICES, NO_EXEC, BIND, RECURSIVE = 2, 4, 8, 4096, 16384

_CLONE3, _MOUNT_SETATTR = 435, 442
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_HERE, _AND_BELOW, _READ_ONLY, _LAZILY = -100, 0x8000, 1, 2
_SET_PDEATHSIG, _SET_DUMPABLE, _SET_NO_NEW_PRIVS, _SET_SUBREAPER = 1, 4, 38, 36
_SET_SECCOMP, _BY_FILTER = 22, 2
_HUGE, _COLLAPSE = 2 << 20, 25
_CAPABILITIES_V3 = 0x20080522

_libc: Any = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None
if _libc is not None:
    _libc.syscall.restype = ctypes.c_long


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _need() -> Any:
    if _libc is None:
        raise OSError("this is not Linux")
    return _libc


def _call(number: int, *arguments: Any) -> int:
    plain = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _checked(_need().syscall(ctypes.c_long(number), *plain), f"system call {number}")


def own_user_namespace() -> None:
    """Enter a user namespace of its own, in which this user keeps his number."""
    user, group = os.getuid(), os.getgid()
    _checked(_need().unshare(NEW_USER), "unshare")
    map_user(user, group)


def map_user(user: int, group: int) -> None:
    """In a user namespace that is new: give user and group the numbers they have outside."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(descriptor, text.encode())
        os.close(descriptor)


def fork_into(flags: int) -> int:
    """Fork into new namespaces."""
    words = [flags, 0, 0, 0, int(signal.SIGCHLD), 0, 0, 0]
    return _call(_CLONE3, ctypes.create_string_buffer(struct.pack("8Q", *words), 64), 64)


def join(process: int, flags: int) -> None:
    """Enter the namespaces of a process, given by its descriptor."""
    _checked(_need().setns(process, flags), "setns")


def mount(source: str, target: str, kind: Optional[str], flags: int, options: str = "") -> None:
    """Mount something in this process's mount namespace."""
    words = [w.encode() if w else None for w in (source, target, kind)]
    data = options.encode() or None
    _checked(_need().mount(*words, ctypes.c_ulong(flags), data), f"mount {target}")


def make_read_only(target: str) -> None:
    """Forbid writing to a mount and to all mounts below it."""
    words = ctypes.create_string_buffer(struct.pack("4Q", _READ_ONLY, 0, 0, 0), 32)
    _call(_MOUNT_SETATTR, _HERE, target.encode(), _AND_BELOW, words, 32)


def unmount(target: str) -> None:
    """Take a mount away, with all that is below it."""
    _checked(_need().umount2(target.encode(), _LAZILY), f"unmount {target}")


def in_huge_pages() -> None:
    """Put what this process has in memory into huge pages, as far as Linux does it.

    A fork copies one entry for each page: of what torch needs, that is a fifth of the time.
    """
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/self/maps").read_text("ascii", "replace").splitlines():
            words = line.split()
            if words[1] == "rw-p" and (len(words) < 6 or words[5] == "[heap]"):
                first, end = (int(word, 16) for word in words[0].split("-"))
                for start in range(-(-first // _HUGE) * _HUGE, end - _HUGE + 1, _HUGE):
                    _need().madvise(ctypes.c_void_p(start), ctypes.c_size_t(_HUGE), _COLLAPSE)


def die_with_parent(indeed: bool = True) -> None:
    """Be killed when the parent dies, or rather its thread that started this process; or not."""
    number = int(signal.SIGKILL) if indeed else 0
    _checked(_need().prctl(_SET_PDEATHSIG, number), "prctl")


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent dies."""
    _checked(_need().prctl(_SET_SUBREAPER, 1), "prctl")


def be_readable(readable: bool) -> None:
    """Let others of the same user look at this process, or not."""
    _checked(_need().prctl(_SET_DUMPABLE, int(readable)), "prctl")


def no_new_privileges() -> None:
    """From now on no program gives more rights than there are."""
    _checked(_need().prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")


def drop_capabilities() -> None:
    """Give up everything that a superuser may do and others may not."""
    header = ctypes.create_string_buffer(struct.pack("Ii", _CAPABILITIES_V3, 0), 8)
    _checked(_need().capset(header, ctypes.create_string_buffer(24)), "capset")


def filter_calls(program: bytes) -> None:
    """Have each system call judged by a program from now on, in all that come from here, too."""
    code = ctypes.create_string_buffer(program, len(program))
    pointer = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    head = ctypes.create_string_buffer(pointer, len(pointer))
    _checked(_need().prctl(_SET_SECCOMP, _BY_FILTER, head, 0, 0), "prctl")


def makes_namespaces() -> bool:
    """Whether this process could ask for namespaces, be it for none at all."""
    return _libc is not None and _libc.unshare(0) == 0


def landlock_version() -> int:
    """Which Landlock the kernel has, 0 for none."""
    try:
        return _call(_LANDLOCK_CREATE, None, 0, 1)
    except OSError:
        return 0


def landlock(words: Iterable[int], rules: Dict[int, int], flags: int) -> None:
    """Restrict this process for good: what is handled, and what is allowed below descriptors."""
    data = b"".join(struct.pack("Q", word) for word in words)
    ruleset = _call(_LANDLOCK_CREATE, ctypes.create_string_buffer(data, len(data)), len(data), 0)
    try:
        for descriptor, allowed in rules.items():
            rule = ctypes.create_string_buffer(struct.pack("=Qi", allowed, descriptor), 12)
            _call(_LANDLOCK_ADD, ruleset, 1, rule, 0)
        _call(_LANDLOCK_RESTRICT, ruleset, flags)
    finally:
        os.close(ruleset)
