"""Keywords and argument counts of calls, bound against the real signatures."""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any, Dict, Iterator, List, Optional

from ..facts import Found, Patch, Place
from ..meant import taken_by
from ..near import is_slip, listed, near
from ..piece import Run

#: Other names that torch's built-in functions take for the sake of numpy's users.
_NUMPY_NAMES = frozenset({"axis", "keepdims", "x", "x1", "x2", "a", "y"})


def wrong_calls(run: Run) -> Iterator[Found]:
    """Every call of something that resolves to a function or class of the library."""
    for node in run.nodes():
        if not isinstance(node, ast.Call) or _is_sketch(node):
            continue
        resolved = run.resolve(node.func)
        if resolved is None:
            yield from _against_usual(run, node)
            continue
        if resolved[2].missing or not _complete(node.func, resolved):
            continue
        function = resolved[2].value
        if not callable(function) or not run.library.claims(_module_of(function)):
            continue
        yield from _against(run, node, function)


def wrong_keywords_of_methods(run: Run) -> Iterator[Found]:
    """Keywords of `table.sort_values(...)` where `table` is made once, by a class of a library."""
    classes: Dict[str, Optional[type]] = {}
    for node in run.nodes():
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = node.func.value
        if not node.keywords or not isinstance(owner, ast.Name):
            continue
        if owner.id not in classes:
            classes[owner.id] = _class_of(run, owner.id)
        method = getattr(classes[owner.id], node.func.attr, None)
        if inspect.isfunction(method):
            found = _against(run, node, method)
            yield from (wrong for wrong in found if wrong.code == "unknown-argument")


def _class_of(run: Run, name: str) -> Optional[type]:
    """The class that the only value of a name is made by, None where that cannot be told."""
    nodes = [node for tree in run.trees for node in ast.walk(tree)]
    stores = [n for n in nodes if isinstance(n, ast.Name) and n.id == name and _is_store(n)]
    if len(stores) != 1 or any(isinstance(n, ast.arg) and n.arg == name for n in nodes):
        return None
    made = (n.value for n in nodes if isinstance(n, ast.Assign) and n.targets == stores)
    value = next(made, None)
    kind = run.value_of(value.func) if isinstance(value, ast.Call) else None
    if not isinstance(kind, type) or any("__new__" in vars(base) for base in kind.__mro__[:-1]):
        return None
    return kind if run.library.claims(_module_of(kind)) else None


def _is_store(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _against_usual(run: Run, node: ast.Call) -> Iterator[Found]:
    """A call of what nothing imports: only a keyword one slip away is proof."""
    function = run.usually(node.func)
    found = _against(run, node, function) if callable(function) else ()
    slips = (wrong for wrong in found if wrong.patch and wrong.patch.safe)
    yield from (wrong for wrong in slips if wrong.code == "unknown-argument")


def _complete(node: ast.AST, resolved: Any) -> bool:
    """Whether the whole dotted name was followed to its end."""
    attributes = 0
    while isinstance(node, ast.Attribute):
        attributes += 1
        node = node.value
    return bool(resolved[2].reached == attributes + resolved[1])


def _is_sketch(node: ast.Call) -> bool:
    """`nn.Conv2d(...)`: the arguments are left out on purpose."""
    values = [*node.args, *(keyword.value for keyword in node.keywords)]
    return any(isinstance(v, ast.Constant) and v.value is Ellipsis for v in values)


def _module_of(function: Any) -> str:
    module = getattr(function, "__module__", None)
    return re.sub(r"\b_", "", module) if isinstance(module, str) else "torch"


def _against(run: Run, node: ast.Call, function: Any) -> Iterator[Found]:
    signature = signature_of(function)
    if signature is None:
        yield from _against_words(run, node, function)
        return
    parameters = list(signature.parameters.values())
    if not any(p.kind is p.VAR_KEYWORD for p in parameters):
        named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        taken = [p.name for p in named if p.name != "self"]
        wrong = [k for k in node.keywords if k.arg and k.arg not in taken]
        for keyword in wrong:
            yield _keyword(run, node, keyword, taken)
        if wrong:
            return
    yield from _count(run, node, signature)


def signature_of(function: Any) -> Optional[inspect.Signature]:
    """The signature that a call must fit, None where nobody can tell."""
    function = _forwarded(function)
    if hasattr(function, "__wrapped__") and not _module_of(function).startswith("torch."):
        return None
    if isinstance(function, type) and type(function).__call__ is not type.__call__:
        return None
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def _forwarded(function: Any) -> Any:
    """What a deprecated alias that only passes its arguments on stands for."""
    closure = getattr(function, "__closure__", None)
    if not closure or "deprecated" not in (function.__doc__ or "")[:400]:
        return function
    inner = [c.cell_contents for c in closure if inspect.isfunction(c.cell_contents)]
    return inner[0] if len(inner) == 1 else function


def _keyword(run: Run, node: ast.Call, keyword: ast.keyword, taken: List[str]) -> Found:
    name = ast.unparse(node.func)
    written = keyword.arg or ""
    guesses = near(written, [t for t in taken if t not in {k.arg for k in node.keywords}])
    place = _keyword_place(run, keyword, written)
    advice = f"did you mean {listed(guesses)}?" if guesses else "it takes " + _few(taken)
    patch = None
    if len(guesses) == 1:
        patch = Patch(place, guesses[0], is_slip(written, guesses[0]))
    message = f"`{name}` takes no argument `{written}`"
    return Found("unknown-argument", place, message, advice, "error", patch)


def _keyword_place(run: Run, keyword: ast.keyword, written: str) -> Place:
    if hasattr(keyword, "lineno"):
        place = run.text.place(keyword)
        return Place(place.line, place.column, place.line, place.column + len(written))
    return run.text.place(keyword.value)


def _few(names: List[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:12])
    return shown + (", ..." if len(names) > 12 else "") if names else "no keywords"


def _count(run: Run, node: ast.Call, signature: inspect.Signature) -> Iterator[Found]:
    if any(isinstance(a, ast.Starred) for a in node.args) or any(not k.arg for k in node.keywords):
        return
    if not node.args and not node.keywords:
        return  # a name with empty brackets is often only a way to write the name
    try:
        _bind(signature, node)
    except TypeError as error:
        text = str(error)
        missing = re.search(r"missing a required (?:keyword-only )?argument: '(\w+)'", text)
        code = "missing-argument" if missing else "too-many-arguments"
        name = ast.unparse(node.func)
        message = (
            f"`{name}` needs an argument `{missing.group(1)}`" if missing else f"`{name}`: {text}"
        )
        advice = "its signature is `{}{}`".format(name.rpartition(".")[2], _short(signature))
        sister = None if missing else _sister(run, node)
        advice = f"did you mean `{sister}`?" if sister else advice
        yield Found(code, run.text.place(node), message, advice)


def _bind(signature: inspect.Signature, node: ast.Call) -> None:
    """Give a signature what a call gives; a TypeError says what does not fit."""
    signature.bind(*[None] * len(node.args), **{k.arg: None for k in node.keywords if k.arg})


def _sister(run: Run, node: ast.Call) -> Optional[str]:
    """The function whose name differs by an s, and that takes what is given: `json.dump`."""
    if not isinstance(node.func, ast.Attribute):
        return None
    owner, written = run.value_of(node.func.value), node.func.attr
    name = written[:-1] if written.endswith("s") else written + "s"
    signature = signature_of(getattr(owner, name, None)) if owner is not None else None
    if signature is None:
        return None
    try:
        _bind(signature, node)
    except TypeError:
        return None
    return ast.unparse(node.func.value) + "." + name


def _short(signature: inspect.Signature) -> str:
    plain = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    return str(inspect.Signature(plain))


def _against_words(run: Run, node: ast.Call, function: Any) -> Iterator[Found]:
    """Functions written in C say their parameters only in their documentation.

    That is not complete enough to forbid a keyword, but a slip of one that is listed is a slip.
    """
    taken = taken_by(function)
    given = {k.arg for k in node.keywords}
    for keyword in node.keywords:
        written = keyword.arg or ""
        if not written or written in taken or written in _NUMPY_NAMES:
            continue
        meant = [t for t in taken if t not in given and (is_slip(written, t) or written + "s" == t)]
        if not meant and "requires_grad" in taken and written == "require_grad":
            meant = ["requires_grad"]
        if len(meant) == 1 and len(written) >= 4:
            yield _keyword(run, node, keyword, taken)
