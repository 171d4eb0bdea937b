"""What is Python and what only looks like it, told without running anything."""

from __future__ import annotations

import ast
import re

#: What authors write behind a fence when they mean Python.
PYTHON = frozenset({"python", "py", "python3", "ipython", "ipython3", "pycon", "py3"})

_PROMPT = re.compile(r"^\s*(?:>>>|In \[\d+\]:)", re.MULTILINE)
_STATEMENT = re.compile(
    r"^\s*(?:import \w|from [\w.]+ import |def \w+\(|class \w+[(:]|@\w"
    r"|(?:for|while|if|with|try|return|elif|else|except)\b.*:\s*(?:#.*)?$)",
    re.MULTILINE,
)


def is_code_line(line: str) -> bool:
    """Tell whether one line, standing by itself in a text, is clearly Python."""
    text = line.strip()
    if not text or text.startswith("#"):
        return False
    if text.startswith(("import ", "from ")):
        return bool(re.match(r"import [\w.]+( as \w+)?(,|$|\s*#)|from [\w.]+ import [\w*(]", text))
    tree = _parsed(text)
    return tree is not None and len(tree.body) == 1 and _does_something(tree.body[0])


def looks_like_python(code: str) -> bool:
    """Tell whether code that nobody labelled is Python: it must parse, and do something.

    Output, matrices, shell commands, configuration and prose are not.
    """
    if _PROMPT.search(code):
        return True
    tree = _parsed(code)
    if tree is None:
        return len(_STATEMENT.findall(code)) >= 2
    return any(_does_something(node) for node in ast.walk(tree) if isinstance(node, ast.stmt))


def _parsed(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _does_something(node: ast.stmt) -> bool:
    """Tell statements from what prose, data and output may look like when read as Python."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.ClassDef():
            return True
        case ast.AsyncFunctionDef() | ast.With() | ast.For() | ast.While():
            return True
        case ast.Assign(targets=[ast.Name() | ast.Attribute() | ast.Subscript(), *_], value=value):
            return _computes(value)
        case ast.Expr(value=ast.Call(func=ast.Attribute())):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
            return name in {"print", "help", "len", "isinstance"}
        case _:
            return False


def _computes(value: ast.expr) -> bool:
    """A value with a call in it; `x = 1` may as well stand in a text or a settings file."""
    return any(isinstance(node, ast.Call | ast.List | ast.Lambda) for node in ast.walk(value))
