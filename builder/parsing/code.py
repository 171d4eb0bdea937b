"""What is Python and what only looks like it, told without running anything."""

from __future__ import annotations

import ast
import re

from builder.markdown import has_signs, is_sentence
from builder.patterns import late
from builder.python import parsed

#: What authors write behind a fence when they mean Python.
PYTHON = frozenset({"python", "py", "python3", "ipython", "ipython3", "pycon", "py3"})

_PROMPT = late(r"^\s*(?:>>>|In \[\d+\]:)", re.MULTILINE)
#: Tags of text, which authors of notes write among their sentences.
_TAGS = late(
    r"</?(?:a|b|br|center|div|em|font|i|img|p|span|strong|sub|sup|u)\b[^<>]*>", re.IGNORECASE
)
_STATEMENT = late(
    r"^\s*(?:import \w|from [\w.]+ import |def \w+\(|class \w+[(:]|@\w"
    r"|(?:for|while|if|with|try|return|elif|else|except)\b.*:\s*(?:#.*)?$)",
    re.MULTILINE,
)

#: Comments and strings, those over several lines too; what is never closed is none.
_QUOTED = late(r"""("{3}|'{3})[\s\S]*?\1|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#.*""")
_SENTENCE = late(r"[\u4e00-\u9fff]{4}")
#: So many sentences are a text with code in it, which nobody can run as it stands.
_TALK = 2


def looks_like_python(code: str) -> bool:
    """Tell whether code that nobody labelled is Python: it must parse, and do something.

    Output, matrices, shell commands, configuration and prose are not.
    """
    if _PROMPT.search(code):
        return True
    tree = parsed(code)
    if tree is None:
        return len(_STATEMENT.findall(code)) >= 2 and not _talks(code)
    if is_of_braces(code):
        return False
    return any(does_something(node) for node in ast.walk(tree) if isinstance(node, ast.stmt))


def is_of_braces(code: str) -> bool:
    """Tell whether each statement ends in a semicolon: then it is Java, C++ or JavaScript."""
    lines = (line.partition("#")[0].strip() for line in code.splitlines())
    said = [line for line in lines if line]
    return bool(said) and all(line.endswith(";") for line in said)


def _talks(code: str) -> bool:
    """Tell whether sentences stand among the lines of code, outside comments and strings."""
    lines = _QUOTED.sub("", code).splitlines()
    return sum(bool(_SENTENCE.search(line)) for line in lines) >= _TALK


def looks_like_prose(text: str) -> bool:
    """Tell whether indented lines are sentences that were indented by accident, and no code."""
    from textwrap import dedent

    lines = [line.strip() for line in _TAGS.sub("", text).splitlines() if line.strip()]
    if not lines or parsed(dedent(text)) or any(map(has_signs, lines)):
        return False
    sentences = sum(is_sentence(line) for line in lines)
    return sentences * 2 > len(lines)


def does_something(node: ast.stmt, *, strict: bool = True) -> bool:
    """Tell statements from what prose, data and output may look like when read as Python.

    Not `strict`, what a formula might look like counts too: `y = f(x)`, `lr = 0.1`.
    """
    match node:
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.ClassDef():
            return True
        case ast.AsyncFunctionDef() | ast.With() | ast.For() | ast.While() | ast.If() | ast.Try():
            return True
        case ast.Assign(value=value) | ast.AugAssign(value=value):
            return not strict or _no_formula(value)
        case ast.Expr(value=ast.JoinedStr()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="Size"))):
            return False  # as it is printed
        case ast.Expr(value=ast.Call(func=ast.Name(id=name)) as call):
            return name in _BUILTINS or (not strict and _takes_names(call))
        case ast.Expr(value=ast.Call() as call):
            return _no_formula(call)
        case ast.Expr(value=ast.BinOp() as value):
            return not strict and _no_formula(value)
        case ast.Assert(test=test) if _asks(test):
            return True
        case ast.Assert() | ast.Delete() | ast.Raise() | ast.Return():
            return not strict
        case _:
            return False


def _asks(test: ast.expr) -> bool:
    """Tell `assert len(x) == 2` from `assert oneself`, which may be words."""
    return any(isinstance(node, ast.Compare | ast.Call) for node in ast.walk(test))


def _takes_names(call: ast.Call) -> bool:
    """Tell `train(net, data)` from `tensor([1., 2.])`, which is how values are printed."""
    inside = (*call.args, *(keyword.value for keyword in call.keywords))
    return any(isinstance(node, ast.Name) for value in inside for node in ast.walk(value))


def _no_formula(value: ast.expr) -> bool:
    """Tell whether a value holds what no formula has: `a.b()`, `f(k=1)`, `Net()`, `d["key"]`."""
    return any(_is_program(node) for node in ast.walk(value))


def _is_program(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute()) | ast.Call(keywords=[_, *_]):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in _BUILTINS or (name[:1].isupper() and len(name) > 2)
        case ast.Subscript(slice=ast.Constant(value=str())):
            return True
        case ast.Lambda() | ast.List() | ast.ListComp() | ast.Dict():
            return True
        case _:
            return False


#: Functions that programs call and formulas do not.
_BUILTINS = frozenset(
    {"dict", "enumerate", "getattr", "hasattr", "isinstance", "iter", "len", "list", "next"}
    | {"print", "range", "setattr", "sorted", "super", "zip"}
)
