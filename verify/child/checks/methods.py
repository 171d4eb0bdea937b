"""Names that a method uses bare, and that nothing but the class around it binds."""

from __future__ import annotations

import ast
from typing import Dict, Iterator, List, Set, Tuple, Union

from ..bindings import Bindings
from ..facts import Found, Patch
from ..piece import Run

_Method = Union[ast.FunctionDef, ast.AsyncFunctionDef]
_METHODS = (ast.FunctionDef, ast.AsyncFunctionDef)


def names_of_class(run: Run) -> Iterator[Found]:
    """`rate` in a method, where its class has `rate = 0.1`: it is `self.rate` there.

    A function of the method's own name may be one that is imported elsewhere, and a name of the
    usual table, or one that the note binds further down, is there when the method is called.
    """
    for node in run.nodes():
        if not isinstance(node, ast.ClassDef):
            continue
        bound = _bound(node)
        for method in (n for n in node.body if isinstance(n, _METHODS)):
            owner = _owner(node, method)
            own = Bindings(method)
            names = {n for n in bound & run.free - run.elsewhere if not own.binds(n)}
            for name in _bare(method, names):
                yield _found(run, name, owner)


def _bound(node: ast.ClassDef) -> Set[str]:
    """The names that the body of a class binds."""
    names: Set[str] = set()
    for part in node.body:
        if isinstance(part, _METHODS):
            names.add(part.name)
        elif isinstance(part, ast.Assign):
            names.update(target.id for target in part.targets if isinstance(target, ast.Name))
        elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            names.add(part.target.id)
    return names


def _owner(node: ast.ClassDef, method: _Method) -> str:
    """What the names of the class are taken from in a method: the object, or the class."""
    first = [argument.arg for argument in (*method.args.posonlyargs, *method.args.args)][:1]
    is_static = any(getattr(d, "id", "") == "staticmethod" for d in method.decorator_list)
    return first[0] if first and not is_static else node.name


def _bare(method: _Method, names: Set[str]) -> List[ast.Name]:
    """The first place in a method where each of the names is read."""
    found: Dict[str, Tuple[int, int, ast.Name]] = {}
    for part in method.body if names else ():
        for node in ast.walk(part):
            if isinstance(node, ast.Name) and node.id in names:
                here = (node.lineno, node.col_offset, node)
                found[node.id] = min(found.get(node.id, here), here, key=lambda row: row[:2])
    return [node for _, _, node in sorted(found.values(), key=lambda row: row[:2])]


def _found(run: Run, node: ast.Name, owner: str) -> Found:
    return Found(
        "misspelt-name",
        run.text.place(node),
        f"`{node.id}` belongs to the class, and its methods do not see it by its bare name",
        f"write `{owner}.{node.id}`",
        "error",
        Patch(run.text.place(node), f"{owner}.{node.id}"),
    )
