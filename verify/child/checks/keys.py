"""Keys of a saved dictionary that are read back under a slightly different name."""

from __future__ import annotations

import ast
import difflib
from typing import Dict, Iterator, List, Optional, Tuple

from ..facts import Found, Patch
from ..near import digits, is_slip
from ..piece import Run

#: How like a key that is read must be to one that was saved to be a slip for it.
_ALIKE = 0.85


def misspelt_keys(run: Run) -> Iterator[Found]:
    """`torch.save({"modle": ...}, path)`, then `torch.load(path)["model"]`, also across pieces."""
    saved: Dict[str, Optional[List[str]]] = {}
    for tree in run.trees:
        saved.update(_saved(tree))
    loaded = dict(_loaded(run.tree))
    read = [n for n in run.nodes() if isinstance(n, ast.Subscript) and _key(n) is not None]
    asked = {_key(node) for node in read}
    for node in read:
        path = _path_of(node.value, loaded)
        keys = saved.get(path) if path else None
        written = _key(node) or ""
        if keys and written not in keys and isinstance(node.ctx, ast.Load):
            near = [key for key in keys if key not in asked and _is_alike(written, key)]
            if len(near) == 1:
                yield _found(run, node, written, near[0])


def _found(run: Run, node: ast.Subscript, written: str, saved: str) -> Found:
    place = run.text.place(node.slice)
    message = f"nothing is saved as `{written}`: the key that is saved is `{saved}`"
    advice = "write the same key where it is saved and where it is read"
    return Found("misspelt-key", place, message, advice, "error", Patch(place, repr(saved)))


def _is_alike(a: str, b: str) -> bool:
    ratio = difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()
    slip = len(a) > 3 and is_slip(a, b)
    return slip or (ratio >= _ALIKE and digits(a) == digits(b))


def _key(node: ast.Subscript) -> Optional[str]:
    index = node.slice
    return index.value if isinstance(index, ast.Constant) and isinstance(index.value, str) else None


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
            yield node


def _saved(tree: ast.Module) -> Iterator[Tuple[str, Optional[List[str]]]]:
    """Each path, and the keys of what is saved there; None where these cannot be told."""
    for call in _calls(tree, "torch.save"):
        if len(call.args) > 1:
            yield ast.unparse(call.args[1]), _keys(tree, call.args[0])


def _keys(tree: ast.Module, node: ast.expr) -> Optional[List[str]]:
    if isinstance(node, ast.Name):
        name = node.id
        values = [
            n.value
            for n in ast.walk(tree)
            if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == name
        ]
        added = any(
            isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store) for n in ast.walk(tree)
        )
        if len(values) != 1 or added:
            return None
        node = values[0]
    if not isinstance(node, ast.Dict):
        return None
    keys = [k.value for k in node.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)]
    return keys if len(keys) == len(node.keys) else None


def _loaded(tree: ast.Module) -> Iterator[Tuple[str, str]]:
    """Names that hold what was loaded, and from which path."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            path = _load(node.value)
            if path:
                yield node.targets[0].id, path


def _load(node: ast.expr) -> Optional[str]:
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load" and node.args:
        return ast.unparse(node.args[0])
    return None


def _path_of(node: ast.expr, loaded: Dict[str, str]) -> Optional[str]:
    return loaded.get(node.id) if isinstance(node, ast.Name) else _load(node)
