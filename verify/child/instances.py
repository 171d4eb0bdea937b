"""What a name holds after `m = nn.Linear(2, 2)` or `model = Net()`: its class and attributes."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from functools import cache
from typing import Any, Dict, FrozenSet, Iterator, List, NamedTuple, Optional, Set

from .bindings import Bindings, chain

#: Methods that give back the object itself.
_SAME = frozenset(
    ["to", "cuda", "cpu", "eval", "train", "half", "float", "double", "requires_grad_", "type"]
)
#: Calls after which an object may have attributes of any name.
_ANYTHING = frozenset(
    ["setattr", "add_module", "register_module", "exec", "vars", "globals", "__setattr__"]
)  # fmt: skip


class Instance(NamedTuple):
    """An object of a class: how the code calls the class, and all the attributes it can have."""

    shown: str
    attributes: FrozenSet[str]
    module: bool


class Instances:
    """The classes in sight, and what names hold, through a chain of pieces."""

    def __init__(self, trees: List[ast.Module], pieces: List[Bindings], resolve: Any) -> None:
        self.trees = trees
        self.pieces = pieces
        self.resolve = resolve
        self.classes: Dict[str, List[ast.ClassDef]] = {}
        for node in (n for tree in trees for n in ast.walk(tree)):
            if isinstance(node, ast.ClassDef):
                self.classes.setdefault(node.name, []).append(node)
        self.stored = frozenset(_stored(trees))
        self.loose = any(_is_loose(node) for tree in trees for node in ast.walk(tree))

    def of(self, name: str) -> Optional[Instance]:
        """What a name holds, where the last piece that binds it leaves no doubt."""
        if self.loose:
            return None
        for tree, bindings in zip(reversed(self.trees), reversed(self.pieces)):
            if bindings.binds(name):
                return self._assigned(tree, name)
        return None

    def _assigned(self, tree: ast.Module, name: str) -> Optional[Instance]:
        values = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and _is_name(node.targets[0], name):
                if len(node.targets) > 1:
                    return None
                if not _is_itself(node.value, name):
                    values.append(node.value)
        if len(values) != 1 or _bindings_of(tree, name) != len(values) + _returns(tree, name):
            return None
        return self._made(_plain(values[0]))

    def _made(self, value: ast.expr) -> Optional[Instance]:
        if not isinstance(value, ast.Call):
            return None
        if isinstance(value.func, ast.Name) and value.func.id in self.classes:
            attributes = self._of_class(value.func.id, set())
            if attributes is None:
                return None
            module = "register_forward_hook" in attributes
            return Instance(value.func.id, frozenset(attributes | self.stored), module)
        kind = self.resolve(value.func)
        if _is_numbered(kind, value):
            known = numbered(kind)
        else:
            known = attributes_of(kind) if isinstance(kind, type) and _is_layer(kind) else None
        return (
            None if known is None else Instance(ast.unparse(value.func), known | self.stored, True)
        )

    def _of_class(self, name: str, seen: Set[str]) -> Optional[Set[str]]:
        """All that objects of a class in sight can have; None where that cannot be told."""
        found = self.classes.get(name, [])
        if len(found) != 1 or name in seen or found[0].decorator_list or found[0].keywords:
            return None
        node = found[0]
        attributes = set(dir(object)) | _own(node)
        if (
            "__getattr__" in attributes
            or "__getattribute__" in _own(node)
            or "__slots__" in _own(node)
        ):
            return None
        for base in node.bases:
            more = self._of_base(base, seen | {name})
            if more is None:
                return None
            attributes |= more
        return attributes

    def _of_base(self, base: ast.expr, seen: Set[str]) -> Optional[Set[str]]:
        if isinstance(base, ast.Name) and base.id in self.classes:
            return self._of_class(base.id, seen)
        if isinstance(base, ast.Name) and base.id == "object":
            return set()
        kind = self.resolve(base)
        if not isinstance(kind, type) or not kind.__module__.startswith("torch.nn.modules.module"):
            return None
        known = attributes_of(kind)
        return set(known) if known else None


def _is_layer(kind: type) -> bool:
    """Layers of torch.nn whose attributes do not depend on what they are given."""
    module, name = kind.__module__, kind.__name__
    return (
        module.startswith("torch.nn.modules.")
        and not module.endswith((".container", ".lazy"))
        and (not name.startswith("Lazy"))
    )


def _is_numbered(kind: Any, value: ast.Call) -> bool:
    """Whether it is an `nn.Sequential` whose parts have numbers: a dictionary would give names."""
    if getattr(kind, "__module__", "") != "torch.nn.modules.container":
        return False
    made = (isinstance(argument, (ast.Call, ast.Starred)) for argument in value.args)
    named = any(re.search("dict", ast.unparse(argument), re.IGNORECASE) for argument in value.args)
    return kind.__name__ == "Sequential" and all(made) and not named


def numbered(kind: type) -> Optional[FrozenSet[str]]:
    """All attributes of a container whose parts have numbers for names."""
    module = attributes_of(kind.__mro__[1])
    return None if module is None else module | frozenset(dir(kind))


@cache
def attributes_of(kind: type) -> Optional[FrozenSet[str]]:
    """All attributes of a module of that class: the class's own, and what its methods set."""
    names = set(dir(kind)) | {"weight", "bias", "training"}
    for base in kind.__mro__[:-1]:
        names |= set(getattr(base, "__annotations__", {})) | set(getattr(base, "__constants__", ()))
        found = _of_source(base)
        if found is None:
            return None
        names |= found
    return frozenset(names)


@cache
def _of_source(base: type) -> Optional[FrozenSet[str]]:
    """What the text of a class says that its instances have; None where that cannot be told."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
    except (OSError, TypeError, SyntaxError):
        return None
    if base.__name__ != "Module" and any(_is_loose(node) for node in ast.walk(tree)):
        return None
    return frozenset(_own(tree.body[0]))


def remember() -> None:
    """In the worker: read once what every child would have to read again."""
    nn = sys.modules.get("torch.nn")
    if nn is not None:
        _of_source(nn.Module)


def _own(node: ast.AST) -> Set[str]:
    """What a class body binds, what its methods set, and every text that may name a parameter."""
    names = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute) and _is_store(n)}
    names |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and _is_store(n)}
    named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names |= {n.name for n in ast.walk(node) if isinstance(n, named)}
    texts = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant))
    return names | {text for text in texts if isinstance(text, str) and text.isidentifier()}


def _is_store(node: Any) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _stored(trees: List[ast.Module]) -> Iterator[str]:
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and _is_store(node):
                yield node.attr


def _is_loose(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        named = isinstance(node.args[0], ast.Constant)
        return node.func.attr in ("register_buffer", "register_parameter") and not named
    if isinstance(node, ast.Attribute):
        return node.attr in ("__dict__", "__class__") or node.attr in _ANYTHING
    return isinstance(node, ast.Name) and node.id in _ANYTHING


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_itself(value: ast.expr, name: str) -> bool:
    """`m = m.to(device)`."""
    links = chain(value.func) if isinstance(value, ast.Call) else None
    return bool(links and links[0].id == name and len(links[1]) == 1 and links[1][0].attr in _SAME)


def _plain(value: ast.expr) -> ast.expr:
    """`Net()` of `Net().to(device)`."""
    while (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr in _SAME
        and isinstance(value.func.value, ast.Call)
    ):
        value = value.func.value
    return value


def _returns(tree: ast.Module, name: str) -> int:
    assigns = (n for n in ast.walk(tree) if isinstance(n, ast.Assign))
    return sum(_is_name(n.targets[0], name) and _is_itself(n.value, name) for n in assigns)


def _bindings_of(tree: ast.Module, name: str) -> int:
    """How often a name is bound in any way; twice as much where it is an argument or imported."""
    count = 0
    for node in ast.walk(tree):
        count += isinstance(node, ast.Name) and node.id == name and _is_store(node)
        count += 9 * (isinstance(node, ast.arg) and node.arg == name)
        named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)
        count += 9 * (isinstance(node, named) and node.name == name)
        count += 9 * (isinstance(node, ast.alias) and (node.asname or node.name) == name)
    return count
