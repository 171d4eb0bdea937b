"""What is supplied in place of what the machine lacks; `STAND_INS` are put up in this order."""

from __future__ import annotations

from typing import Callable, Tuple

from .device import absent_devices
from .files import files_to_read
from .folders import folders_to_write_into
from .loops import long_loops
from .scene import Scene
from .vision import pictures_and_weights

STAND_INS: Tuple[Callable[[Scene], None], ...] = (
    absent_devices,
    folders_to_write_into,
    files_to_read,
    long_loops,
    pictures_and_weights,
)
