"""Which parts of a piece of code its author has guarded against being wrong."""

from __future__ import annotations

import ast
from typing import Iterator, Set

_CATCHING = frozenset(
    [
        "ImportError", "ModuleNotFoundError", "AttributeError", "TypeError", "NameError",
        "Exception", "BaseException",
    ]
)  # fmt: skip


def examined(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node that is not inside a guard: `try` with a handler, version tests, `raises`."""
    if isinstance(tree, ast.Try) and any(_catches(handler) for handler in tree.handlers):
        return
    if isinstance(tree, (ast.If, ast.IfExp)) and _asks(tree.test):
        return
    if isinstance(tree, (ast.With, ast.AsyncWith)) and any(_expects(i) for i in tree.items):
        return
    yield tree
    for child in ast.iter_child_nodes(tree):
        yield from examined(child)


def heard(tree: ast.AST) -> Set[int]:
    """The nodes, by `id`, below a `with` that listens for warnings: there they are the lesson."""
    listening = (
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.With, ast.AsyncWith)) and any(_listens(i) for i in node.items)
    )
    return {id(inner) for node in listening for inner in ast.walk(node)}


def _listens(item: ast.withitem) -> bool:
    return bool(_words(item.context_expr) & {"catch_warnings", "warns", "assertWarns"})


def _words(node: ast.AST) -> Set[str]:
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return names | {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}


def _catches(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or bool(_words(handler.type) & _CATCHING)


def _asks(test: ast.AST) -> bool:
    words = {word.lower() for word in _words(test)}
    return bool({"hasattr", "find_spec", "platform", "type_checking"} & words) or any(
        "version" in word for word in words
    )


def _expects(item: ast.withitem) -> bool:
    return bool(_words(item.context_expr) & {"raises", "suppress", "assertRaises"})
