"""What a child's last words need, as it was before the checked code could change it."""

from __future__ import annotations

import sys
from typing import Any, Dict, List, Tuple

#: Modules that code under examination may patch, and what of them reporting leans on; all of it
#: where nothing is named. Each name costs: what is remembered is copied from the worker's memory.
_NAMES: Dict[str, Tuple[str, ...]] = {
    "builtins": (),
    "json": ("dumps", "JSONEncoder", "_default_encoder"),
    "json.encoder": (),
    "os": ("write", "getpid", "fspath"),
    "struct": ("pack_into", "unpack_from"),
    "threading": ("enumerate", "current_thread", "main_thread", "excepthook"),
    "atexit": (),
    "time": ("monotonic",),
    "re": ("compile", "sub", "search", "match"),
}
_OF_SYS = ("modules", "_getframe", "exc_info")


class Pristine:
    """The names of some modules, and what they meant."""

    def __init__(self) -> None:
        self._kept: List[Tuple[Dict[str, Any], Dict[str, Any]]] = []
        self._modules = {name: sys.modules[name] for name in _NAMES if name in sys.modules}
        for name, module in self._modules.items():
            names = vars(module)
            wanted = _NAMES[name] or tuple(names)
            self._kept.append((names, {one: names[one] for one in wanted if one in names}))
        self._kept.append((vars(sys), {name: getattr(sys, name) for name in _OF_SYS}))
        self._limit = sys.getrecursionlimit()
        self._tools = (sys.setrecursionlimit, sys.settrace, sys.setprofile)

    def restore(self) -> None:
        """Give everything its meaning back; uses no built-in name itself."""
        set_limit, set_trace, set_profile = self._tools
        set_trace(None)
        set_profile(None)
        for names, meant in self._kept:
            names.update(meant)
        self._kept[-1][1]["modules"].update(self._modules)
        set_limit(self._limit)
