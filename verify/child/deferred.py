"""torch's compiler, which each optimizer imports and hardly any code uses: put off till needed.

Importing `torch._dynamo` takes as long as importing torch itself. What makes every optimizer and
`torch.func` import it are marks for the compiler, which mean nothing as long as there is none. A
module stands in its place that takes these marks. Whatever else is asked of it, or of a module
below it, loads the real one, which is then told of the marks; nobody sees a difference but in
time, and in the modules that the compiler would have loaded besides. Where an error may come of
that, the code is run once more with nothing put off.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
import types
from importlib.machinery import ModuleSpec
from typing import Any, Dict, List, Optional, Tuple

NAME = "torch._dynamo"
_REMEMBERED = "__dynamo_disable"
#: What these modules of torch say to the compiler on the way.
_MARKS = {
    "torch._compile": ("disable",),
    "torch.optim.optimizer": ("graph_break",),
    "torch._functorch.eager_transforms": ("disallow_in_graph", "compiled_autograd"),
}


class Deferred(types.ModuleType):
    """Stands for the compiler until it is needed."""

    def __init__(self, spec: ModuleSpec) -> None:
        super().__init__(NAME, None)
        places = spec.submodule_search_locations
        vars(self).update(__spec__=spec, __loader__=spec.loader, __file__=spec.origin)
        vars(self).update(__path__=list(places or ()), __package__=NAME)
        vars(self).update(_proofdeck=_State())

    def __getattr__(self, name: str) -> Any:
        state = vars(self)["_proofdeck"]
        if not state.loaded:
            if name.startswith("__") and name != "__all__":
                raise AttributeError(f"module {NAME!r} has no attribute {name!r}")
            if name in _MARKS.get(sys._getframe(1).f_globals.get("__name__", ""), ()):
                return state.marks[name]
        return getattr(self._real(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("__"):  # the machinery of imports
            vars(self)[name] = value
        else:
            setattr(self._real(), name, value)

    def __dir__(self) -> List[str]:
        return dir(self._real())

    def _real(self) -> types.ModuleType:
        """The compiler, loaded now if it was not."""
        state = vars(self)["_proofdeck"]
        if not state.loaded:
            state.loaded = True
            _take_away(self)
            state.tell(importlib.import_module(NAME))
        return importlib.import_module(NAME)


class _State:
    """What the compiler was spared, and has to be told once it is there."""

    def __init__(self) -> None:
        self.loaded = False
        self.used = False
        self.disabled: List[Tuple[Any, bool]] = []
        self.disallowed: List[Any] = []
        self.marks: Dict[str, Any] = {
            "disable": self._disable,
            "graph_break": self._graph_break,
            "disallow_in_graph": self._disallow,
            "compiled_autograd": types.SimpleNamespace(_disable=contextlib.nullcontext),
        }

    def _disable(self, function: Any, recursive: bool = True, **_: Any) -> Any:
        self.used = True
        self.disabled.append((function, recursive))
        return function

    def _graph_break(self, *_: Any, **__: Any) -> None:
        self.used = True

    def _disallow(self, function: Any) -> Any:
        self.used = True
        self.disallowed.append(function)
        return function

    def tell(self, compiler: Any) -> None:
        """Repeat to the real compiler what was said to the one in its place."""
        for function, recursive in self.disabled:
            if vars(function).get(_REMEMBERED) is function:
                disabled = compiler.disable(function, recursive, wrapping=False)
                setattr(function, _REMEMBERED, disabled)
        for function in self.disallowed:
            compiler.disallow_in_graph(function)


class _Finder:
    """Loads the whole compiler when a module below it is imported."""

    def __init__(self, deferred: Deferred) -> None:
        self.deferred = deferred

    def find_spec(self, name: str, *_: Any) -> Optional[ModuleSpec]:
        """How to import a module; only to hear of those below the compiler."""
        if name.startswith(NAME + "."):
            self.deferred._real()
            if name in sys.modules:  # the import that is under way must not load it once more
                loader: Any = _Loaded(sys.modules[name])
                return ModuleSpec(name, loader)
        return None


class _Loaded:
    """The loader of a module that is there already."""

    def __init__(self, module: types.ModuleType) -> None:
        self.module = module
        self.spec = module.__spec__

    def create_module(self, _: ModuleSpec) -> types.ModuleType:
        """The module itself."""
        return self.module

    def exec_module(self, module: types.ModuleType) -> None:
        """Undo what the machinery of imports has noted."""
        module.__spec__ = self.spec


def put_off() -> None:
    """Put the compiler of a torch that is loaded off, if it is not loaded too."""
    torch: Any = sys.modules.get("torch")
    if torch is None or NAME in sys.modules:
        return
    spec = importlib.util.find_spec(NAME)
    if spec is None:
        return
    deferred = Deferred(spec)
    sys.modules[NAME] = deferred
    finder: Any = _Finder(deferred)
    sys.meta_path.insert(0, finder)
    if getattr(torch, "_dynamo", None) is not deferred:
        torch._dynamo = deferred


def bring_back() -> None:
    """Put nothing off: what comes finds things as if this module had never been."""
    deferred = sys.modules.get(NAME)
    if isinstance(deferred, Deferred):
        vars(deferred)["_proofdeck"].loaded = True
        _take_away(deferred)


def was_spared() -> bool:
    """Whether something would have loaded the compiler, and it still is not there."""
    deferred = sys.modules.get(NAME)
    return isinstance(deferred, Deferred) and bool(vars(deferred)["_proofdeck"].used)


def _take_away(deferred: Deferred) -> None:
    sys.meta_path[:] = [
        finder for finder in sys.meta_path if getattr(finder, "deferred", None) is not deferred
    ]
    if sys.modules.get(NAME) is deferred:
        del sys.modules[NAME]
    torch: Any = sys.modules.get("torch")
    if torch is not None and vars(torch).get("_dynamo") is deferred:
        with contextlib.suppress(AttributeError):
            del torch._dynamo
