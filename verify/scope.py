"""Which names a piece of Python binds, and which it needs from elsewhere, as Python scopes them."""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_BUILTIN = frozenset(dir(builtins)) | {
    "__file__",
    "__name__",
    "__doc__",
    "__spec__",
    "__builtins__",
}
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


#: Methods that change values, gradients or a mode, and leave sizes and parts what they are.
_KEEPING = frozenset(
    ["backward", "step", "zero_grad", "eval", "train", "load_state_dict", "register_hook",
     "register_forward_hook", "show", "plot", "size", "item", "sort", "fill", "reverse"]
)  # fmt: skip
#: What changes sizes in place, among the methods of a tensor that end so.
_RESHAPING = frozenset(
    ["resize_", "resize_as_", "squeeze_", "unsqueeze_", "transpose_", "t_", "swapaxes_",
     "swapdims_", "set_", "as_strided_", "rename_", "apply_"]
)  # fmt: skip
#: What asks the reader of an exercise to write something.
_WORK = re.compile(
    r"\byour (?:own )?(?:code|solution|answer|implementation|work)\b|\b(?:replace|fill)\b|\bTODO\b|"
    r"\bFIXME\b|\b(?:implement|complete|write) (?:this|me|it|the|here|your)\b|填|补全|补充|"
    r"你的代码|你的答案|自己(?:写|实现)|写(?:在|下)|请.{0,6}实现|compl[ée]te[rz]|\b(?:skriv|udfyld)|ergänz|"
    r"\b(?:completa|escribe)\b|작성|ここに",
    re.IGNORECASE,
)
_GAP = re.compile(
    r"\byour (?:\w+ ){0,2}(?:here|below)\b|\b(?:end of|start of|begin) your \w+|"
    r"在(?:这里|此处|下方|此)(?:补充|填写|编写|写|实现|添加)|\b(?:votre|ton) code\b|"
    r"\btu código\b|\b(?:dein|ihr) code\b|"
    r"\bdin kode\b|ここに.*(?:書|記述)|여기에",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one piece of code.

    `needs` are used as the code runs, `defers` only inside functions that may never be called.
    `shadows` are built-in names used as values, which an earlier piece may have bound. `origins`
    says what imported names come from. `blank` are names whose value is `...`, `changes` those
    whose value may be changed where it is: `x[0] = 1`, `x.append(1)`; those in `reforms` may then
    be of another size or have other parts. After `import *` (`star`) and `exec` (`dynamic`) a name
    may come from anywhere.
    """

    binds: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    defers: tuple[str, ...] = ()
    shadows: tuple[str, ...] = ()
    origins: tuple[tuple[str, str], ...] = ()
    blank: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    changes: frozenset[str] = frozenset()
    reforms: frozenset[str] = frozenset()
    star: bool = False
    dynamic: bool = False


def names_of(text: str) -> Names:
    """Read the names of code that parses."""
    tree = ast.parse(text)
    changes = set(_changes(tree))
    reader = _Reader()
    reader.block(tree.body)
    binds = frozenset(reader.bound | set(_declared_global(text)))
    known = binds | reader.ever | _BUILTIN
    deferred = [
        n for n in _used_in_functions(text, tree) if n not in known and n not in reader.needs
    ]
    return Names(
        binds=binds,
        needs=tuple(reader.needs),
        defers=tuple(dict.fromkeys(deferred)),
        shadows=tuple(reader.shadows),
        origins=tuple(reader.origins.items()),
        blank=tuple(_blank(tree, text)),
        packages=tuple(dict.fromkeys(_packages(tree))),
        changes=frozenset(n for n, _ in changes) - reader.origins.keys(),
        reforms=frozenset(n for n, keeps in changes if not keeps) - reader.origins.keys(),
        star=reader.star,
        dynamic=reader.dynamic,
    )


def _changes(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Names whose values are changed in place, and whether size and parts of these stay."""
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(ctx=ast.Store(), slice=place):
                yield from _root(node, keeps=_is_place(place))
            case ast.Subscript(ctx=ast.Del()) | ast.Attribute(ctx=ast.Store()):
                yield from _root(node, keeps=False)
            case ast.Call(func=ast.Attribute(attr="backward", value=whole)):
                yield from ((n.id, True) for n in ast.walk(whole) if isinstance(n, ast.Name))
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name) as called)):
                yield from _root(called, keeps=_keeps(name))
            case ast.Call(func=ast.Attribute(attr=name) as called, args=args) if name.endswith("_"):
                yield from _root(called, keeps=_keeps(name))
                yield from ((arg.id, _keeps(name)) for arg in args if isinstance(arg, ast.Name))


def _is_place(index: ast.expr) -> bool:
    """Whether an index is that of a row or a column, and no key of a dictionary."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    return all(
        isinstance(part, ast.Slice)
        or (isinstance(part, ast.Constant) and isinstance(part.value, int))
        for part in parts
    )


def _keeps(method: str) -> bool:
    return method in _KEEPING or (method.endswith("_") and method not in _RESHAPING)


def _root(node: ast.expr, *, keeps: bool) -> Iterator[tuple[str, bool]]:
    """The name that an attribute or an item is of."""
    while not isinstance(node, ast.Name):
        match node:
            case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Call(func=inner):
                node = inner
            case _:
                return
    yield node.id, keeps


class _Reader(ast.NodeVisitor):
    """Walks the module in the order in which it runs; bodies of functions are left out."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.ever: set[str] = set()
        self.needs: dict[str, None] = {}
        self.shadows: dict[str, None] = {}
        self.origins: dict[str, str] = {}
        self.classes: list[set[str]] = []
        self.comprehensions: list[set[str]] = []
        self.called: set[int] = set()
        self.late_annotations = False
        self.star = False
        self.dynamic = False

    def block(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            self.visit(statement)

    def bind(self, name: str, origin: str | None = None) -> None:
        if self.classes:
            self.classes[-1].add(name)
            return
        self.bound.add(name)
        self.ever.add(name)
        self.origins.pop(name, None)
        if origin is not None:
            self.origins[name] = origin

    def load(self, node: ast.Name) -> None:
        name = node.id
        if name in self.ever or any(name in n for n in (*self.classes, *self.comprehensions)):
            return
        if name not in _BUILTIN:
            self.needs.setdefault(name)
        elif id(node) not in self.called:
            self.shadows.setdefault(name)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.load(node)
        elif isinstance(node.ctx, ast.Store) and self.comprehensions:
            self.comprehensions[-1].add(node.id)
        elif isinstance(node.ctx, ast.Store):
            self.bind(node.id)
        else:
            self.load(node)
            self.bound.discard(node.id)

    def visit_Call(self, node: ast.Call) -> None:
        self.called.add(id(node.func))
        if isinstance(node.func, ast.Name) and node.func.id in ("exec", "globals", "eval", "vars"):
            self.dynamic = True
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.load(ast.Name(node.target.id, ast.Load()))
        self.visit(node.value)
        self.visit(node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if not self.late_annotations:
            self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.bind(node.target.id)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self.visit(node.target)
        self.block([*node.body, *node.orelse])

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        if node.name:
            self.bind(node.name)
        self.block(node.body)
        if node.name:
            self.bound.discard(node.name)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            self.bind(alias.asname or top, alias.name if alias.asname else top)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.late_annotations |= node.module == "__future__"
        for alias in node.names:
            if alias.name == "*":
                self.star = True
            else:
                source = "." * node.level + (node.module or "")
                self.bind(alias.asname or alias.name, f"{source}.{alias.name}")

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        annotations = [] if self.late_annotations else [*_annotations(node)]
        for part in [*node.decorator_list, *_defaults(node.args), *annotations]:
            self.visit(part)
        self.bind(node.name)

    visit_FunctionDef = visit_AsyncFunctionDef = _function  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for part in _defaults(node.args):
            self.visit(part)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]:
            self.visit(part)
        self.classes.append({"__qualname__", "__module__", "__class__"})
        self.block(node.body)
        self.classes.pop()
        self.bind(node.name)

    def generic_visit(self, node: ast.AST) -> None:
        if isinstance(node, _COMPREHENSIONS):
            self._comprehension(node)
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            super().generic_visit(node)
            self.bind(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            super().generic_visit(node)
            self.bind(node.rest)
        else:
            super().generic_visit(node)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        self.visit(node.generators[0].iter)
        self.comprehensions.append(set())
        for number, part in enumerate(node.generators):
            if number:
                self.visit(part.iter)
            self.visit(part.target)
            for condition in part.ifs:
                self.visit(condition)
        for result in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.visit(result)
        self.comprehensions.pop()


def _defaults(args: ast.arguments) -> Iterator[ast.expr]:
    yield from args.defaults
    yield from filter(None, args.kw_defaults)


def _annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    args = node.args
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    yield from (a.annotation for a in every if a is not None and a.annotation is not None)
    if node.returns is not None:
        yield node.returns


def _tables(text: str) -> Iterator[tuple[symtable.SymbolTable, bool]]:
    """Every table of the code, and whether it stands in a function."""
    stack = [(symtable.symtable(text, "snippet", "exec"), False)]
    while stack:
        table, inside = stack.pop()
        yield table, inside
        deferred = table.get_type() == "function" and table.get_name() not in (
            "listcomp", "setcomp", "dictcomp", "genexpr",
        )  # fmt: skip
        stack += [(child, inside or deferred) for child in table.get_children()]


def _used_in_functions(text: str, tree: ast.Module) -> Iterator[str]:
    try:
        for table, inside in _tables(text):
            if inside or table.get_type() == "function":
                symbols = table.get_symbols()
                yield from (s.get_name() for s in symbols if s.is_global() and s.is_referenced())
    except SyntaxError:
        yield from (n.id for n in ast.walk(tree) if isinstance(n, ast.Name))


def _declared_global(text: str) -> Iterator[str]:
    try:
        for table, inside in _tables(text):
            if inside or table.get_type() == "function":
                for symbol in table.get_symbols():
                    if symbol.is_declared_global() and symbol.is_assigned():
                        yield symbol.get_name()
    except SyntaxError:
        return


def _blank(tree: ast.Module, text: str) -> Iterator[str]:
    """Names that stand for something the reader has or is to find: `model = ...`."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            value = statement.value
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if not isinstance(value, ast.Constant):
                continue
            is_none = value.value is None and asks_for_work(text, statement)
            if value.value is Ellipsis or is_none:
                yield from (t.id for t in targets if isinstance(t, ast.Name))


def asks_for_work(text: str, statement: ast.stmt) -> bool:
    """Whether a comment in a statement, or right above it, asks the reader to write something."""
    lines = text.split("\n")
    first = statement.lineno - 1
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    remarks = (line.partition("#")[2] for line in lines[first : statement.end_lineno])
    return any(_WORK.search(remark) for remark in remarks)


def has_gap(text: str) -> bool:
    """Whether a comment says that something is to be written in its place."""
    return any(_GAP.search(remark) for remark in re.findall(r"^\s*#.*", text, re.MULTILINE))


def stubs(tree: ast.Module, text: str) -> Iterator[str]:
    """Functions without a body, which a comment in them asks the reader to write."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = [n for n in node.body if not _is_text(n)]
            if all(_does_nothing(n) for n in body) and any(
                asks_for_work(text, n) for n in (node, *node.body)
            ):
                yield node.name


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _does_nothing(statement: ast.stmt) -> bool:
    """`pass`, `return` and `return None`."""
    if not isinstance(statement, ast.Return):
        return isinstance(statement, ast.Pass)
    value = statement.value
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _packages(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
