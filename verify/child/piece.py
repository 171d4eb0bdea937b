"""What a check looks at: the code, what came before it, and the library."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from .bindings import Bindings, Origin, chain, origin_of
from .facts import Text
from .guards import examined, heard
from .library import AbsentError, Library, Lookup, NoModuleError, NotYetError


class Listing(NamedTuple):
    """A signature that the code shows: whose, its head, the words below; each with its line."""

    name: str
    line: int
    head: str
    words_line: int
    words: str


class Run:
    """One piece of code under examination.

    `absent` collects the packages that were needed and are not there, `later` becomes true when a
    check could have said more after an import.
    """

    def __init__(self, task: Dict[str, Any], library: Library) -> None:
        self.text = Text(task["text"])
        self.tree = ast.parse(task["text"])
        self.free = frozenset(task["free"])
        self.old = bool(task.get("old"))
        self.elsewhere = frozenset(task.get("elsewhere", ()))
        self.usual = {name: Origin(*origin) for name, origin in task.get("usual", {}).items()}
        self.listings = [Listing(*row) for row in task["listings"]]
        self.library = library
        self.trees = [*(ast.parse(link["text"]) for link in task["links"]), self.tree]
        linked = [Bindings(tree) for tree in self.trees]
        self.own = linked[-1]
        self.pieces = [Bindings(ast.parse(task["prelude"])), *linked]
        self.absent: Dict[str, str] = {}
        self.later = False
        self.loaded: Set[str] = set().union(*(piece.loaded for piece in self.pieces))
        near = [link["near"] for link in task["links"]] + [True]
        self.near = [tree for tree, is_near in zip(self.trees, near) if is_near]
        self.patched = frozenset(_patched(self.tree))
        self.heard = frozenset(heard(self.tree))

    def nodes(self) -> Iterator[ast.AST]:
        """The nodes that may be judged."""
        return examined(self.tree)

    def value_of(self, node: ast.AST) -> Any:
        """What a dotted name of the library is, None where that cannot be told."""
        resolved = self.resolve(node)
        links = chain(node)
        if resolved is None or links is None or resolved[2].missing:
            return None
        whole = resolved[2].reached == len(links[1]) + resolved[1]
        return resolved[2].value if whole else None

    def resolve(self, node: ast.AST) -> Optional[Tuple[str, int, Lookup]]:
        """What a dotted name leads to: its origin, how many parts that stands for, the lookup.

        None where it is not rooted in an import that can be looked into.
        """
        links = chain(node)
        if links is None or links[0].id in self.patched:
            return None
        origin = origin_of(links[0].id, self.pieces)
        if origin is None:
            return None
        return self._follow(origin, [attribute.attr for attribute in links[1]])

    def usually(self, node: ast.AST) -> Any:
        """What a name that nothing imports usually is, None where nobody can tell."""
        origin = self.usual.get(node.id) if isinstance(node, ast.Name) else None
        found = self._follow(origin, []) if origin else None
        return None if found is None or found[2].missing else found[2].value

    def _follow(self, origin: Origin, names: List[str]) -> Optional[Tuple[str, int, Lookup]]:
        path = ([origin.name] if origin.name else []) + names
        try:
            start: Any = self.library.module(origin.module)
            found = self.library.follow(start, path, self.loaded)
            return origin.dotted, len(path) - len(names), found
        except AbsentError as absent:
            self.absent[absent.name] = absent.why
        except NoModuleError:
            pass
        except NotYetError:
            self.later = True
        return None


def _patched(tree: ast.Module) -> Iterator[str]:
    """Roots of names that the code itself changes, such as `torch` in `torch.relu = mine`."""
    for node in ast.walk(tree):
        links = chain(node)
        if links and isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            yield links[0].id
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            inner = chain(node.args[0])
            if inner and node.func.id in ("setattr", "hasattr"):
                yield inner[0].id
