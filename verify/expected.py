"""What a piece of code says that it shows: comments behind statements, output below them."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from verify.shown import first_value, values

_MARK = re.compile(
    r"#+\s*(?:(?:=+>|-+>|→|>>>|输出(?:为|是)?|结果(?:为|是)?|[Oo]utput|[Pp]rints?)\s*[:：]?\s*)?"
)
_PLAIN = re.compile(r"True|False|[-+]?\d+\.\d+|[\[(]\s*\d+\s*,.*[\])]")

_INTEGER = re.compile(r"[-+]?\d+")


@dataclass(frozen=True, slots=True)
class Expected:
    """The lines of a top-level statement, and its output as it is `typed` by hand, or pasted."""

    first: int
    last: int
    text: str
    typed: bool = False


def expectations(whole: str, text: str, outputs: Iterable[tuple[int, str]]) -> Iterator[Expected]:
    """What `whole` says; `text` is the code of it, `outputs` what was pasted, and where."""
    body = ast.parse(text).body
    shows = {node.end_lineno or node.lineno: node for node in body if isinstance(node, ast.Expr)}
    comments = dict(_comments(whole))
    counts = _counts(comments, shows)
    for line, comment in comments.items():
        node = shows.get(line)
        said = _typed(comment) if node is not None else None
        if node is not None and not said and not counts and _prints_one(node):
            said = _integer(comment)
        if node is not None and said and _may_show(node):
            yield Expected(node.lineno, line, said, typed=True)
    taken = 0
    for line, output in outputs:
        before = [node for node in body if taken < node.lineno < line and not _is_blank(node)]
        taken = line
        last = before[-1] if before else None
        if isinstance(last, ast.Expr) and _may_show(last) and not any(map(_prints, before[:-1])):
            yield Expected(last.lineno, last.end_lineno or last.lineno, output)


def _comments(text: str) -> Iterator[tuple[int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip():
                yield token.start[0], token.string
    except (tokenize.TokenError, SyntaxError):
        return


def _typed(comment: str) -> str | None:
    """The value in a comment, if it is one."""
    text = _MARK.sub("", comment, count=1).strip()
    value = first_value(text)
    if value is None and _PLAIN.fullmatch(text):
        value = text
    return value if value and values(value) else None


def _integer(comment: str) -> str | None:
    text = _MARK.sub("", comment, count=1).strip()
    return text if _INTEGER.fullmatch(text) else None


def _prints_one(node: ast.Expr) -> bool:
    """Whether it is `print` of one value that has to be worked out."""
    match node.value:
        case ast.Call(func=ast.Name(id="print"), args=[value], keywords=[]):
            return not isinstance(value, ast.Constant | ast.JoinedStr | ast.Starred)
    return False


def _counts(comments: Mapping[int, str], shows: Mapping[int, ast.Expr]) -> bool:
    """Whether bare integers behind the code may number its lines rather than say what they print.

    They do where each is one more than the one before it, where there is only a 1, and where one
    stands behind what shows nothing.
    """
    bare = {
        n: int(text) for n, said in comments.items() if _INTEGER.fullmatch(text := said[1:].strip())
    }
    numbers = [*bare.values()]
    follow = len(numbers) > 1 and all(b == a + 1 for a, b in pairwise(numbers))
    return numbers == [1] or follow or not bare.keys() <= shows.keys()


def _may_show(node: ast.Expr) -> bool:
    """Whether the value is one of the code: of a call, an attribute, a name, an item.

    What `is` says of two values is up to the interpreter, unless one of them is `None`.
    """
    match node.value:
        case ast.Compare(ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=value)]):
            return value is None or isinstance(value, bool)
        case ast.Compare(ops=ops):
            return not any(isinstance(op, ast.Is | ast.IsNot) for op in ops)
        case value:
            return not isinstance(value, ast.Constant)


def _is_blank(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass)


def _prints(node: ast.stmt) -> bool:
    """Whether a statement may have printed what stands further below."""
    calls = (n.func for n in ast.walk(node) if isinstance(n, ast.Call))
    printing = any(
        isinstance(call, ast.Name) and call.id in ("print", "pprint", "display") for call in calls
    )
    bare = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    return printing or bare
