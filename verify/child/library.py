"""What the installed packages hold: dotted names looked up in the living modules."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from typing import Any, FrozenSet, List, NamedTuple, Optional, Set, Tuple

from .operators import imported

#: Words that people call modules of their own; an installed package of that name is an accident.
GENERIC = frozenset(
    [
        "build", "code", "common", "config", "data", "dataset", "datasets", "engine", "helper",
        "helpers", "lib", "main", "model", "models", "module", "modules", "net", "network",
        "networks", "scripts", "src", "test", "tests", "this", "train", "trainer", "util", "utils",
    ]
)  # fmt: skip
#: Packages that go with a book, whose editions have other names and arguments.
EDITIONS = frozenset({"d2l"})
#: What other makers' plug-ins add to torch when they are installed.
PLUGINS = frozenset({"npu", "mlu", "hpu", "musa", "xla", "sdaa", "gcu", "dml", "ipu"})
#: Modules whose names depend on the operating system.
SYSTEM = frozenset(
    [
        "asyncio", "ctypes", "fcntl", "mmap", "msvcrt", "multiprocessing", "os", "posix",
        "resource", "select", "signal", "socket", "subprocess", "sys", "time", "winreg",
    ]
)  # fmt: skip


class AbsentError(Exception):
    """A package that is not installed, or cannot be used here."""

    def __init__(self, name: str, why: str = "") -> None:
        super().__init__(name, why)
        self.name = name
        self.why = why


class NoModuleError(Exception):
    """A module that its installed package does not have: `child` below `parent`."""

    def __init__(self, parent: str, child: str) -> None:
        super().__init__(parent, child)
        self.parent = parent
        self.child = child


class NotYetError(Exception):
    """It could be told after an import, and nothing may be imported now."""


class Lookup(NamedTuple):
    """How far a chain of attributes could be followed.

    `reached` is how many of them were found, `value` what they led to. `missing` is true when the
    next one certainly does not exist, false when it cannot be told. `unloaded` are the modules on
    the way that exist but that nothing had imported.
    """

    value: Any
    reached: int
    missing: bool
    unloaded: Tuple[str, ...]


class Library:
    """Looks names up.

    `plain` are the modules that a bare import of the preloaded packages loads, `rich` those that
    the worker had loaded besides. `flattered` becomes true when something was found only because
    of these.
    """

    def __init__(
        self, tops: FrozenSet[str], plain: FrozenSet[str], rich: FrozenSet[str], importing: bool
    ) -> None:
        self.tops = tops
        self.plain = plain
        self.rich = rich
        self.importing = importing
        self.flattered = False
        self.fetched: Set[str] = set()

    def module(self, name: str) -> types.ModuleType:
        """The module of that dotted name.

        Raises AbsentError, NoModuleError or NotYetError.
        """
        top = name.partition(".")[0]
        if name in sys.modules and sys.modules[name] is not None:
            return sys.modules[name]
        if not self.exists(top):
            raise AbsentError(top)
        if not self.importing:
            raise NotYetError
        self._check_path(name)
        return self._imported(name)

    def exists(self, top: str) -> bool:
        """Whether a top-level package is installed."""
        if top in sys.modules:
            return True
        try:
            return importlib.util.find_spec(top) is not None
        except (ImportError, ValueError, AttributeError):
            return False

    def claims(self, dotted: str) -> bool:
        """Whether a name missing below `dotted` says something about the note at all."""
        parts = dotted.split(".")
        if parts[0] in GENERIC | SYSTEM | EDITIONS:
            return False
        return not any(part.startswith("_") for part in parts)

    def _check_path(self, name: str) -> None:
        parts = name.split(".")
        for end in range(1, len(parts)):
            parent, child = ".".join(parts[:end]), parts[end]
            package = self._imported(parent)
            if parent + "." + child in sys.modules:
                continue
            if not hasattr(package, "__path__") or not self._has_submodule(parent, child):
                raise NoModuleError(parent, child)

    def _has_submodule(self, parent: str, child: str) -> bool:
        try:
            return importlib.util.find_spec(parent + "." + child) is not None
        except (ImportError, ValueError, AttributeError):
            return False

    def _imported(self, name: str) -> types.ModuleType:
        try:
            return imported(name)
        except ModuleNotFoundError as error:
            missing = (error.name or name).partition(".")[0]
            raise AbsentError(missing if not self.exists(missing) else name, str(error)) from None
        except BaseException as error:  # an import may fail in every way there is
            if isinstance(error, (KeyboardInterrupt, MemoryError)):
                raise
            raise AbsentError(name.partition(".")[0], str(error)) from None

    def follow(self, value: Any, names: List[str], loaded: Set[str]) -> Lookup:
        """Follow attributes from a value, telling modules nobody imported from what is not there.

        `loaded` are the modules that the code itself imports.
        """
        unloaded: List[str] = []
        for position, name in enumerate(names):
            found = self._step(value, name, loaded, unloaded)
            if found is None:
                return Lookup(value, position, self._certain(value, name), tuple(unloaded))
            value = found[0]
            if not isinstance(value, (types.ModuleType, type)):
                return Lookup(value, position + 1, False, tuple(unloaded))
        return Lookup(value, len(names), False, tuple(unloaded))

    def _step(
        self, value: Any, name: str, loaded: Set[str], unloaded: List[str]
    ) -> Optional[Tuple[Any]]:
        full = getattr(value, "__name__", "") + "." + name
        try:
            found = getattr(value, name)
        except AttributeError:
            return self._submodule(value, name, full, loaded, unloaded)
        except BaseException:
            return None
        if full in self.fetched and full not in loaded:
            unloaded.append(full)
        self.flattered = self.flattered or self._only_here(value, name, full, loaded)
        return (found,)

    def _only_here(self, value: Any, name: str, full: str, loaded: Set[str]) -> bool:
        """Whether a submodule is there only because the worker had imported more than usual."""
        if full not in self.rich or full in self.plain or full in loaded:
            return False
        lazy = vars(value).get("__getattr__")
        try:
            return lazy is None or lazy(name) is None
        except BaseException:
            return True

    def _submodule(
        self, value: Any, name: str, full: str, loaded: Set[str], unloaded: List[str]
    ) -> Optional[Tuple[Any]]:
        if type(value) is not types.ModuleType or not hasattr(value, "__path__"):
            return None
        if not self._has_submodule(value.__name__, name):
            return None
        if not self.importing:
            raise NotYetError
        if full not in loaded:
            unloaded.append(full)
            self.fetched.add(full)
        return (self._imported(full),)

    def _certain(self, value: Any, name: str) -> bool:
        """Whether a missing attribute of a value proves something: plain modules and classes."""
        if name.startswith("_") or name in PLUGINS:
            return False
        if type(value) is types.ModuleType:
            return self.claims(value.__name__)
        if isinstance(value, type):
            return type(value).__getattribute__ is type.__getattribute__ and not hasattr(
                type(value), "__getattr__"
            )
        return False
