"""How many processors this process may really use."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")


def available() -> int:
    """The processors of the machine, less where an affinity or a container's quota allows less."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        count = os.cpu_count() or 1
    return max(1, min([count, *quotas()]))


def quotas(root: Path = _CGROUPS, own: Path = Path("/proc/self/cgroup")) -> Iterator[int]:
    """The quotas of the control groups this process is in, in whole processors."""
    for place in _places(root, own):
        with contextlib.suppress(OSError, ValueError):
            quota, period = (place / "cpu.max").read_text("ascii").split()
            if quota != "max":
                yield math.ceil(int(quota) / int(period))
        with contextlib.suppress(OSError, ValueError):
            quota, period = (
                (place / f"cpu.cfs_{name}_us").read_text("ascii") for name in ("quota", "period")
            )
            if int(quota) > 0:
                yield math.ceil(int(quota) / int(period))


def _places(root: Path, own: Path) -> Iterator[Path]:
    """The group itself and all above it, in either version of control groups."""
    yield from (root, root / "cpu")
    with contextlib.suppress(OSError):
        for line in own.read_text("utf-8", "replace").splitlines():
            _, controllers, path = line.split(":", 2)
            if not controllers or "cpu" in controllers.split(","):
                top = root / "cpu" if controllers else root
                here = top / path.lstrip("/")
                yield from (p for p in (here, *here.parents) if p.is_relative_to(top))
