"""Which system calls a snippet has no business with, as a filter that the kernel runs before each.

It keeps closed what namespaces and Landlock leave open: other processes' memory, mounts, keys,
further namespaces, and those parts of the kernel that few programs use and many holes were in.
"""

from __future__ import annotations

import errno
import platform
import socket
import struct
import sys
from typing import Dict, List, NamedTuple, Tuple


class _Machine(NamedTuple):
    """What a kind of processor calls itself to the kernel, and its numbers of system calls."""

    audit: int
    numbers: Dict[str, int]


_EVERYWHERE = {
    "pidfd_getfd": 438, "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431,
    "fsmount": 432, "fspick": 433, "mount_setattr": 442, "io_uring_setup": 425,
    "io_uring_enter": 426, "io_uring_register": 427, "clone3": 435,
}  # fmt: skip
_INTEL = {
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312,
    "kexec_load": 246, "kexec_file_load": 320, "bpf": 321, "mount": 165, "umount2": 166,
    "pivot_root": 155, "swapon": 167, "swapoff": 168, "reboot": 169, "init_module": 175,
    "finit_module": 313, "delete_module": 176, "add_key": 248, "request_key": 249, "keyctl": 250,
    "perf_event_open": 298, "userfaultfd": 323, "setns": 308, "unshare": 272, "acct": 163,
    "quotactl": 179, "open_by_handle_at": 304, "fanotify_init": 300, "syslog": 103, "iopl": 172,
    "ioperm": 173, "socket": 41, "clone": 56,
}  # fmt: skip
_ARM = {
    "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272,
    "kexec_load": 104, "kexec_file_load": 294, "bpf": 280, "mount": 40, "umount2": 39,
    "pivot_root": 41, "swapon": 224, "swapoff": 225, "reboot": 142, "init_module": 105,
    "finit_module": 273, "delete_module": 106, "add_key": 217, "request_key": 218, "keyctl": 219,
    "perf_event_open": 241, "userfaultfd": 282, "setns": 268, "unshare": 97, "acct": 89,
    "quotactl": 60, "open_by_handle_at": 265, "fanotify_init": 262, "syslog": 116,
    "socket": 198, "clone": 220,
}  # fmt: skip
_MACHINES = {
    "x86_64": _Machine(0xC000003E, {**_INTEL, **_EVERYWHERE}),
    "aarch64": _Machine(0xC00000B7, {**_ARM, **_EVERYWHERE}),
}
#: Those that are answered as if the kernel did not have them: programs then go another way.
_UNKNOWN = ("clone3", "io_uring_setup", "io_uring_enter", "io_uring_register")
#: Flags of `clone` for namespaces.
_NAMESPACES = 0x7E020080
#: Numbers from here on are those of another way of calling, which has all calls once more.
_OTHER_WAY = 0x40000000

#: Sockets by IP: all where the network is a snippet's own; streams where Landlock sees to them.
ALL = (int(socket.SOCK_STREAM), int(socket.SOCK_DGRAM), int(socket.SOCK_RAW))
STREAMS = (int(socket.SOCK_STREAM),)
_NETLINK = 16

_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_IF_EQUAL, _IF_AT_LEAST, _IF_ANY = 0x15, 0x35, 0x45
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24

Line = Tuple[int, int, int, int]


def program(by_ip: Tuple[int, ...]) -> bytes:
    """The filter, empty where none is known for this processor.

    `by_ip` are the types of sockets, such as streams, that there may be for the internet's
    protocols.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None or sys.byteorder != "little" or sys.maxsize < 1 << 32:
        return b""
    numbers = machine.numbers
    lines = [(_LOAD, 0, 0, _ARCHITECTURE), (_IF_EQUAL, 1, 0, machine.audit), _refuse(errno.ENOSYS)]
    lines += [(_LOAD, 0, 0, _NUMBER), (_IF_AT_LEAST, 0, 1, _OTHER_WAY), _refuse(errno.ENOSYS)]
    lines += _when(numbers["socket"], _sockets(by_ip))
    lines += _when(numbers["clone"], _clones())
    for name, number in numbers.items():
        if name not in ("socket", "clone"):
            reason = errno.ENOSYS if name in _UNKNOWN else errno.EPERM
            lines += _when(number, [_refuse(reason)])
    lines.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def _refuse(number: int) -> Line:
    return (_RETURN, 0, 0, _REFUSE | number)


def _when(number: int, then: List[Line]) -> List[Line]:
    """For one system call, lines that end by themselves."""
    return [(_IF_EQUAL, 0, len(then), number), *then]


def _sockets(types: Tuple[int, ...]) -> List[Line]:
    """Sockets of the usual families, by IP only some."""
    allow = (_RETURN, 0, 0, _ALLOW)
    lines: List[Line] = [(_LOAD, 0, 0, _FIRST)]
    for family in (int(socket.AF_UNIX), _NETLINK):
        lines += _when(family, [allow])
    for family in (int(socket.AF_INET), int(socket.AF_INET6)):
        chosen: List[Line] = [(_LOAD, 0, 0, _SECOND), (_AND, 0, 0, 0xF)]
        for one in types:
            chosen += _when(one, [allow])
        lines += _when(family, [*chosen, _refuse(errno.ENETUNREACH)])
    return [*lines, _refuse(errno.EAFNOSUPPORT)]


def _clones() -> List[Line]:
    """Processes and threads, in no namespaces of their own."""
    inside = [(_LOAD, 0, 0, _FIRST), (_IF_ANY, 0, 1, _NAMESPACES), _refuse(errno.EPERM)]
    return [*inside, (_RETURN, 0, 0, _ALLOW)]
