"""Which names of a piece of code are imports, of what, and which are anything else."""

from __future__ import annotations

import ast
from typing import Dict, List, NamedTuple, Optional, Set, Tuple


class Origin(NamedTuple):
    """Where an imported name comes from: a module, or an attribute of one."""

    module: str
    name: Optional[str] = None

    @property
    def dotted(self) -> str:
        """The origin as one dotted name."""
        return self.module if self.name is None else self.module + "." + self.name


class Bindings:
    """The bindings of one piece of code, all scopes thrown together to be on the safe side."""

    def __init__(self, tree: ast.AST) -> None:
        self.origins: Dict[str, Set[Origin]] = {}
        self.other: Set[str] = set()
        self.loaded: Set[str] = set()
        self.stars = False
        for node in ast.walk(tree):
            self._read(node)

    def _read(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self._load(alias.name)
                top = alias.name.partition(".")[0]
                name, module = (alias.asname, alias.name) if alias.asname else (top, top)
                self.origins.setdefault(name, set()).add(Origin(module))
        elif isinstance(node, ast.ImportFrom):
            self._read_from(node)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            self.other.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self.other.add(node.name)
        elif isinstance(node, ast.arg):
            self.other.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            self.other.add(node.name)
        elif type(node).__name__ in ("MatchAs", "MatchStar", "MatchMapping"):
            self.other.update(filter(None, (getattr(node, f, None) for f in ("name", "rest"))))

    def _read_from(self, node: ast.ImportFrom) -> None:
        if node.level or not node.module:
            self.other.update(alias.asname or alias.name for alias in node.names)
            return
        self._load(node.module)
        for alias in node.names:
            if alias.name == "*":
                self.stars = True
                continue
            self._load(node.module + "." + alias.name)
            origin = Origin(node.module, alias.name)
            self.origins.setdefault(alias.asname or alias.name, set()).add(origin)

    def _load(self, module: str) -> None:
        parts = module.split(".")
        self.loaded.update(".".join(parts[:end]) for end in range(1, len(parts) + 1))

    def origin(self, name: str) -> Optional[Origin]:
        """The one import that a name can only be, if there is one."""
        origins = self.origins.get(name, set())
        return next(iter(origins)) if len(origins) == 1 and name not in self.other else None

    def binds(self, name: str) -> bool:
        """Whether the code binds the name in any way."""
        return name in self.origins or name in self.other


def origin_of(name: str, pieces: List[Bindings]) -> Optional[Origin]:
    """The import behind a name, looked for in the last piece of code first."""
    for bindings in reversed(pieces):
        if bindings.binds(name):
            return bindings.origin(name)
    return None


def chain(node: ast.AST) -> Optional[Tuple[ast.Name, List[ast.Attribute]]]:
    """`a.b.c` as its root and its attributes from left to right."""
    attributes: List[ast.Attribute] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return node, attributes[::-1]
