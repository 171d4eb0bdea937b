"""Words and output between the statements, where they happen to parse as Python."""

from __future__ import annotations

import ast
from typing import TypeGuard

from verify.shapes import is_told

#: What values that Python prints begin with.
_PRINTED = frozenset(
    ["tensor", "array", "OrderedDict", "odict_keys", "dict_keys", "dict_values", "Parameter"]
)


def without_talk(text: str, given: list[str]) -> tuple[str, set[int]]:
    """Code without talk and output that happen to parse, and the lines that were talk.

    As `given` the lines have the punctuation that their author wrote.
    """
    lines, talk = text.split("\n"), set()
    tree = ast.parse(text)
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not _is_load(n)}
    bound |= {a.asname or a.name for n in ast.walk(tree) if _is_import(n) for a in n.names}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Expr):
            continue
        is_talk = _is_talk(node.value) or _is_sentence(node, given)
        if is_talk or _is_output(node.value, bound):
            if is_talk:
                talk.add(node.lineno)
            before = lines[node.lineno - 1].encode()[: node.col_offset].decode()
            lines[node.lineno - 1] = before + "pass"
            for line in range(node.lineno, node.end_lineno or node.lineno):
                lines[line] = ""
    return "\n".join(lines), talk


def printed_lines(before: str, after: str, talk: set[int]) -> set[int]:
    """Lines that were taken for output though they parse."""
    pairs = enumerate(zip(before.split("\n"), after.split("\n"), strict=True), 1)
    return {number for number, (old, new) in pairs if old != new and old.strip()} - talk


def _is_load(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def _is_import(node: ast.AST) -> TypeGuard[ast.Import | ast.ImportFrom]:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _is_talk(node: ast.expr) -> bool:
    """Words in another script, which are names to Python."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    names = [p for p in parts if isinstance(p, ast.Name) and not p.id.isascii()]
    numbers = [p for p in parts if isinstance(p, ast.Constant)]
    return bool(names) and len(names) + len(numbers) == len(parts)


def _is_sentence(node: ast.Expr, given: list[str]) -> bool:
    """Words with commas between them, and code among them: `形状为[2,3]，即两行三列`."""
    if not isinstance(node.value, ast.Tuple) or node.lineno != node.end_lineno:
        return False
    line = given[node.lineno - 1]
    return not line.lstrip().startswith(("(", "（")) and is_told(line)


def _is_output(node: ast.expr, bound: set[str]) -> bool:
    """A value as Python prints it: `tensor([1., 2.])` where nothing is called `tensor`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    if node.func.id not in _PRINTED or node.func.id in bound:
        return False
    parts = [*node.args, *(keyword.value for keyword in node.keywords)]
    return all(_is_printed(part) for part in parts)


def _is_printed(node: ast.expr) -> bool:
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return names <= {*_PRINTED, "nan", "inf", "torch", "float32", "float64", "int64"}
