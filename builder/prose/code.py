"""Code among words: calls with arguments, assignments and imports, in back-ticks or without."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from re import Match

from builder.model import Snippet
from builder.patterns import late
from builder.prose.denied import denies
from builder.prose.roots import KNOWN, Roots
from builder.prose.text import Prose
from builder.python import parsed

#: Longer ones are no asides.
_LONGEST = 400
_CALL = late(rf"(?:(?:{'|'.join(KNOWN)})(?:\.[A-Za-z_]\w*)+|dict|super)\(", re.ASCII)
#: What may stand before a call on its line: nothing that it is only a part of, but an assignment.
_TARGET = late(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*[ \t]*=[ \t]*$", re.ASCII)
_PART_OF = late(r"(?:[\w.\\/@$%&]|[=(\[,*+-][ \t]*)$", re.ASCII)
_ITSELF = late(r"=[ \t]*([a-z]\w+)[ \t]+[-+*/][ \t]+[a-z]\w+(?![\w.(])", re.ASCII)
#: A call at the beginning of a line, and the words that explain it behind.
_FIRST = late(
    r"^[ \t]*(?:[-*+]|\d+[.)])?[ \t]*"
    r"(?P<code>[a-z_]\w*(?:\.[a-z_]\w*)+\(\))[ \t\xa0]+(?=[\u4e00-\u9fff])",
    re.ASCII | re.MULTILINE,
)


def find(prose: Prose, roots: Roots) -> Iterator[Snippet]:
    """Yield the code, each piece with its place; none where its sentence says that it is wrong."""
    for start, end in (*_ticked(prose, roots), *_bare(prose, roots)):
        if not denies(prose.sentence(start, end)):
            span = prose.span(start, end)
            yield Snippet(
                span,
                prose.text(start, end),
                fenced=False,
                indents=(span.column - 1,),
                section=prose.sections[span.line],
                around=prose.around(start, end),
            )


def _ticked(prose: Prose, roots: Roots) -> Iterator[tuple[int, int]]:
    for start, end in prose.codes:
        text = prose.text(start, end)
        code = text.strip()
        if _may_be_code(code) and _is_worth_it(code, roots):
            at = start + text.index(code)
            yield at, at + len(code)


def _may_be_code(code: str) -> bool:
    return len(code) <= _LONGEST and ("(" in code or "import " in code or "=" in code)


def _bare(prose: Prose, roots: Roots) -> Iterator[tuple[int, int]]:
    text, done = prose.plain, 0
    for match in _CALL.finditer(text):
        start, end = _start(text, match.start()), _closed(text, match.end())
        if start is None or start < done or not end:
            continue
        if _is_worth_it(text[start:end], roots):
            done = end
            yield start, end
    for match in _ITSELF.finditer(text):
        before = re.search(
            rf"(?<![\w.\\/$]){match[1]}[ \t]*$", text[_line(text, match) : match.start()]
        )
        if before:
            yield match.start() - len(before[0]), match.end()
    for match in _FIRST.finditer(text) if "()" in text else ():
        yield match.span("code")


def _line(text: str, match: Match[str]) -> int:
    return text.rfind("\n", 0, match.start()) + 1


def _start(text: str, at: int) -> int | None:
    """Return where a statement begins whose call begins at `at`, None within a longer one."""
    before = text[text.rfind("\n", 0, at) + 1 : at]
    target = _TARGET.search(before)
    if target:
        before = before[: target.start()]
    return None if _PART_OF.search(before) else at - (len(target[0]) if target else 0)


def _closed(text: str, at: int) -> int:
    """Return where a call ends whose bracket was opened before `at`, 0 where it does not."""
    depth, quote, first = 1, "", at
    while at < len(text) and at - first < _LONGEST:
        sign = text[at]
        if sign in "\n\0\\":
            return 0
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        else:
            depth += (sign in "([{") - (sign in ")]}")
        at += 1
        if depth == 0:
            more = re.compile(r"\.[A-Za-z_]\w*\(", re.ASCII).match(text, at)
            return (more and _closed(text, more.end())) or at
    return 0


def _is_worth_it(code: str, roots: Roots) -> bool:
    """Tell whether there is something in a piece of code that can be examined."""
    tree = parsed(code)
    if tree is None or len(tree.body) != 1 or tree.body[0].end_lineno != 1:
        return False
    node = tree.body[0]
    if any(isinstance(n, ast.Constant) and n.value is Ellipsis for n in ast.walk(node)):
        return False
    match node:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Call()) | ast.Assign() | ast.AugAssign():
            return any(_is_known(inner, roots) for inner in ast.walk(node))
        case _:
            return False


def _is_known(node: ast.AST, roots: Roots) -> bool:
    """Tell whether a call has arguments, and its function a known root."""
    if not isinstance(node, ast.Call) or not (node.args or node.keywords):
        return False
    function: ast.expr = node.func
    if isinstance(function, ast.Name):
        return function.id in ("dict", "super")
    while isinstance(function, ast.Attribute):
        function = function.value
    return isinstance(function, ast.Name) and roots.full(function.id) is not None
