"""What cannot be asked of a tensor: an item of one without dimensions, a method nobody calls."""

from __future__ import annotations

import ast
from typing import Dict, Iterator, List, Set

from ..facts import Found, Patch
from ..piece import Run

#: Keywords with which a loss may keep its dimensions.
_KEEPING = frozenset({"reduction", "reduce", "size_average"})
#: What is called of tensors, and of hardly anything else that has a `max`.
_TELLING = frozenset(
    [
        "unsqueeze", "permute", "contiguous", "view", "detach", "backward", "requires_grad_",
        "masked_fill", "masked_fill_", "scatter_", "unfold", "expand_as", "view_as", "clamp_",
    ]
)  # fmt: skip
#: Functions of torch that make one tensor, whatever they are given.
_MAKING = frozenset(
    [
        "ones", "zeros", "rand", "randn", "empty", "full", "arange", "linspace", "eye", "tensor",
        "ones_like", "zeros_like", "rand_like", "randn_like", "from_numpy", "as_tensor", "cat",
        "stack", "matmul", "mm", "bmm",
    ]
)  # fmt: skip


def indexed_losses(run: Run) -> Iterator[Found]:
    """`loss.data[0]` of a loss: a number since torch 0.4, with nothing to index."""
    items = [n for n in run.nodes() if isinstance(n, ast.Subscript) and _is_first_item(n)]
    values = _values(run.trees) if items else {}
    for node in items:
        owner = node.value.value  # type: ignore[attr-defined]
        if _is_number(run, owner, values):
            yield _indexed(run, node, owner)
        elif _is_learnt_from(run.tree, owner, values):
            yield _outdated(run, node, owner)


def _is_first_item(node: ast.Subscript) -> bool:
    """Whether it is the first item of some `.data`."""
    index = node.slice
    is_first = isinstance(index, ast.Constant) and index.value == 0
    return is_first and isinstance(node.value, ast.Attribute) and node.value.attr == "data"


def _values(trees: List[ast.Module]) -> Dict[str, List[ast.AST]]:
    """What each name is set to, all scopes together; a loop or a parameter gives itself."""
    found: Dict[str, List[ast.AST]] = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                whole = isinstance(target, (ast.Name, ast.Attribute))
                for part in [target] if whole else ast.walk(target):
                    value = node.value if whole else part
                    if isinstance(part, (ast.Name, ast.Attribute)):
                        found.setdefault(ast.unparse(part), []).append(value)
        elif isinstance(node, (ast.For, ast.comprehension)):
            for part in ast.walk(node.target):
                found.setdefault(ast.unparse(part), []).append(part)
        elif isinstance(node, ast.arg):
            found.setdefault(node.arg, []).append(node)
    return found


def _is_number(run: Run, node: ast.AST, values: Dict[str, List[ast.AST]]) -> bool:
    """Whether a value can only be a tensor without dimensions."""
    if isinstance(node, ast.Call):
        return _is_reduced(run, node, values)
    made = values.get(ast.unparse(node)) if isinstance(node, (ast.Name, ast.Attribute)) else None
    return bool(made) and all(
        isinstance(value, ast.Call) and _is_reduced(run, value, values) for value in made or ()
    )


def _is_reduced(run: Run, call: ast.Call, values: Dict[str, List[ast.AST]]) -> bool:
    """Whether a call is one of a loss that says nothing of its reduction."""
    if any(keyword.arg in _KEEPING or not keyword.arg for keyword in call.keywords):
        return False
    function = run.value_of(call.func)
    if function is not None:
        is_loss = getattr(function, "__name__", "").endswith(("_loss", "cross_entropy"))
        return is_loss and getattr(function, "__module__", "") == "torch.nn.functional"
    made = values.get(ast.unparse(call.func), [])
    return bool(made) and all(isinstance(v, ast.Call) and _is_plain_loss(run, v) for v in made)


def _is_plain_loss(run: Run, call: ast.Call) -> bool:
    """Whether a call makes a loss of torch, with nothing said of its reduction."""
    given = [*call.args, *(keyword.arg for keyword in call.keywords)]
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("cuda", "to", "cpu"):
        return isinstance(call.func.value, ast.Call) and _is_plain_loss(run, call.func.value)
    kind = run.value_of(call.func)
    is_loss = isinstance(kind, type) and kind.__module__ == "torch.nn.modules.loss"
    return is_loss and not _KEEPING & set(given) and None not in given and len(call.args) < 2


def _indexed(run: Run, node: ast.Subscript, owner: ast.AST) -> Found:
    place, shown = run.text.place(node), ast.unparse(owner)
    instead = f"{shown}.item()"
    message = f"a loss is a number since torch 0.4, and `{ast.unparse(node)}` raises `IndexError`"
    advice = f"write `{instead}`"
    return Found("removed-name", place, message, advice, "error", Patch(place, instead))


def _is_learnt_from(tree: ast.Module, owner: ast.AST, values: Dict[str, List[ast.AST]]) -> bool:
    """Whether some call gives a value, and `backward()` is called on it."""
    name = ast.unparse(owner)
    made = values.get(name, [])
    backward = any(
        isinstance(node, ast.Call)
        and not node.args
        and not node.keywords
        and ast.unparse(node.func) == f"{name}.backward"
        for node in ast.walk(tree)
    )
    return backward and bool(made) and all(isinstance(value, ast.Call) for value in made)


def _outdated(run: Run, node: ast.Subscript, owner: ast.AST) -> Found:
    place, instead = run.text.place(node), f"{ast.unparse(owner)}.item()"
    message = f"`{ast.unparse(node)}` is how a loss was read before torch 0.4"
    return Found("deprecated", place, message, f"write `{instead}`", "warning")


def uncalled_methods(run: Run) -> Iterator[Found]:
    """`x.max.item()` of a tensor: a method has none of what a tensor has."""
    kind = run.library.module("torch").Tensor if "torch" in run.library.tops else None
    if kind is None:
        return
    for node in run.nodes():
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Attribute):
            continue
        method, owner = node.value, node.value.value
        if not isinstance(owner, ast.Name) or not _is_missed(kind, method.attr, node.attr):
            continue
        if _is_tensor(run, owner.id, _scope(run.tree, node)):
            yield _uncalled(run, method, node.attr)


def _scope(tree: ast.Module, node: ast.AST) -> ast.AST:
    """The innermost function that a node stands in, or the module."""
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    around = (n for n in ast.walk(tree) if isinstance(n, scopes) and node in ast.walk(n))
    return [tree, *around][-1]


def _is_missed(kind: type, method: str, wanted: str) -> bool:
    """Whether tensors have a method, and its result what is asked of the method itself."""
    found = getattr(kind, method, None)
    return callable(found) and hasattr(kind, wanted) and not hasattr(found, wanted)


def _is_tensor(run: Run, name: str, scope: ast.AST) -> bool:
    """Whether a name holds a tensor, by how a function makes it, marks it or uses it."""
    nodes = list(ast.walk(scope))
    values = [
        node.value
        for node in nodes
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    ]
    marks = [n for n in nodes if isinstance(n, ast.arg) and n.arg == name]
    stores = [
        n
        for n in nodes
        if isinstance(n, ast.Name) and n.id == name and not isinstance(n.ctx, ast.Load)
    ]
    if len(stores) != len(values) or not (values or marks):
        return False
    sure = all(_makes_tensor(run, value) for value in values)
    if not marks:
        return sure or (len(values) == 1 and bool(_called(nodes, name) & _TELLING))
    annotated = any("Tensor" in ast.unparse(n.annotation) for n in marks if n.annotation)
    return sure and (annotated or bool(_called(nodes, name) & _TELLING))


def _makes_tensor(run: Run, value: ast.expr) -> bool:
    """Whether a call gives one tensor."""
    if not isinstance(value, ast.Call):
        return False
    function = run.value_of(value.func)
    torch = run.library.module("torch")
    return any(function is getattr(torch, name) for name in _MAKING)


def _called(nodes: List[ast.AST], name: str) -> Set[str]:
    """The methods of a name that are called."""
    calls = (n.func for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute))
    return {c.attr for c in calls if isinstance(c.value, ast.Name) and c.value.id == name}


def _uncalled(run: Run, method: ast.Attribute, wanted: str) -> Found:
    shown = ast.unparse(method)
    place = run.text.place(method)
    message = f"`{shown}` is a method, which has no `{wanted}`"
    return Found("unknown-name", place, message, f"write `{shown}().{wanted}`")
