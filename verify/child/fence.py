"""Which files a snippet may read and write, told to the kernel by Landlock."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Dict, Iterable, List

from . import kernel

EXECUTE, WRITE, READ, LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE, IOCTL = 1 << 14, 1 << 15
_OF_FILES = EXECUTE | WRITE | READ | TRUNCATE | IOCTL
_SEEING = READ | LIST
_USING = READ | LIST | EXECUTE
#: Sockets and signals that would leave the fence, in kernels that know how to hold them.
_SCOPES = 0b11
_TCP = 0b11

#: What programs of the system, and Python itself, cannot do without.
SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/nix/store")
SIGHT = (
    "/proc", "/sys", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime",
    "/etc/timezone", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/hosts",
    "/etc/host.conf", "/etc/resolv.conf", "/etc/protocols", "/etc/services", "/etc/os-release",
    "/etc/mime.types", "/etc/fonts", "/etc/ssl", "/etc/pki", "/etc/ca-certificates",
    "/etc/alternatives", "/etc/locale.alias", "/etc/python3", "/etc/magic",
)  # fmt: skip
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")
SHARED_MEMORY = "/dev/shm"


def packages() -> List[str]:
    """Where this interpreter and what it imports lie; never a whole home or more."""
    home = Path.home().resolve()
    places = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix]
    places += [*sys.path, str(Path(sys.executable).parent), *_editable()]
    places += os.environ.get("LD_LIBRARY_PATH", "").split(":")
    found = {Path(place).resolve() for place in places if place and Path(place).exists()}
    return sorted(str(p) for p in found if p != home and p not in home.parents)


def _editable() -> List[str]:
    """The places of packages that are installed by a finder and not on the path."""
    found: List[str] = []
    for finder in sys.meta_path:
        module = sys.modules.get(getattr(finder, "__module__", None) or "")
        mapping = getattr(module, "MAPPING", None)
        if isinstance(mapping, dict):
            found += [str(place) for place in mapping.values()]
    return found


def close_in(read: Iterable[str], write: Iterable[str], networked: bool) -> None:
    """Restrict this process and all that come from it; raises OSError where that cannot be.

    Where the network is still reachable, at least connections by TCP are refused, and signals
    and sockets that would leave the fence.
    """
    version = kernel.landlock_version()
    files = _everything(version)
    words = [files]
    if version >= 4:
        words.append(_TCP if networked else 0)
    if version >= 6:
        words.append(_SCOPES if networked else 0)
    rules: Dict[int, int] = {}
    try:
        for places, wanted in (
            ((*SYSTEM, *read), _USING),
            (SIGHT, _SEEING),
            (DEVICES, READ | WRITE | TRUNCATE | IOCTL),
            (write, files),
        ):
            for place in places:
                _allow(rules, place, wanted & files)
        kernel.landlock(words, rules, 1 if version >= 7 else 0)
    finally:
        for descriptor in rules:
            os.close(descriptor)


def _allow(rules: Dict[int, int], place: str, wanted: int) -> None:
    try:
        descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
    rules[descriptor] = wanted if is_folder else wanted & _OF_FILES


def _everything(version: int) -> int:
    if version < 1:
        raise OSError("the kernel has no Landlock")
    bits = 13 + (version >= 2) + (version >= 3) + (version >= 5)
    return (1 << bits) - 1
