"""Errors that a note says will happen: a comment on the line, a traceback behind the code."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterable, Iterator

_ANNOUNCED = re.compile(
    r"报错|出错|会错|错误(?!率)|抛出|异常(?!值)|非法|不合法|(?:不能|无法)运行|失败|❌|✗|✘|"
    r"\b[A-Z]\w*(?:Error|Exception)\b|^\W*(?:an? |this )?(?:error|wrong|bad|invalid|illegal)\b|"
    r"\b(?:attribute|import|index|key|name|runtime|syntax|type|value) errors?\b|"
    r"\b(?:gives?|causes?|produces?) (?:an? |the |us an )?error\b|"
    r"死循环|无限循环|\b(?:infinite|endless) loop\b|\b(?:runs?|loops?) forever\b|"
    r"\b(?:raises?|throws?|fails?|crash(?:es)?|won't work|not allowed)\b|"
    r"\b(?:does(?:n't| not) work|will (?:error|break))\b|(?:->|=>|→)\s*error\b",
    re.IGNORECASE,
)


#: Alone on a line a comment may speak of many things; then it must be plain.
_PLAIN = re.compile(
    r"报错|会出错|会错|抛出|❌|✗|✘|错误(?:示例|示范|写法|的写法|用法|做法|代码)|(?:不能|无法)运行|"
    r"\b[A-Z]\w*(?:Error|Exception)\b|\b(?:raises?|throws?|fails|won't work)\b|"
    r"^\W*(?:错误|非法|不合法|异常|失败)\s*(?:[:：，,!！。（(]|$)|(?:是|为)(?:错误|非法|不合法)的|"
    r"^\W*(?:error|wrong|bad|invalid|illegal)\b|\bwill (?:error|break|fail|raise)\b|"
    r"死循环|无限循环|^\W*(?:an? )?(?:infinite|endless) loop\b",
    re.IGNORECASE,
)

#: What Python prints of an error, in a comment.
_SHOWN = re.compile(r"#+\s*(?:\w+\.)*[A-Z]\w*(?:Error|Exception): \S")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_LAST_WORD = re.compile(
    r"^\s*(?:\w+\.)*(\w*(?:Error|Exception|Interrupt|Exit|Iteration))[ \t]*(?:[:：]|$)",
    re.MULTILINE,
)
_SYNTAX = frozenset({"SyntaxError", "IndentationError", "TabError"})


def shown_error(output: str | None) -> str:
    """The type of the error that an output ends with, empty where it shows none."""
    found = _LAST_WORD.findall(output or "")
    return found[-1] if found else ""


def is_syntactic(error: str) -> bool:
    """Whether an error of that type is raised before anything runs."""
    return error in _SYNTAX


def announced(whole: str, text: str, outputs: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The lines of each statement that a comment on it or above it, or output below, says to fail.

    A comment below that is an error in Python's own words is output, too. `text` is the code with
    blanks for what does not parse, `outputs` are the lines where the output of an error begins.
    An assertion about nothing but constants says so of itself.
    """
    tree = ast.parse(text)
    yield from ((n.lineno, n.end_lineno or n.lineno) for n in tree.body if _cannot_hold(n))
    tops = [n for n in tree.body if not isinstance(n, _DEFINITIONS)]
    statements = sorted(
        (n.lineno, -(n.end_lineno or n.lineno)) for n in ast.walk(tree) if isinstance(n, ast.stmt)
    )
    above, lines = list(outputs), []
    for comment, alone, shown in _announcements(whole):
        lines.append(_below(statements, comment) if alone else comment)
        above += [comment] if alone and shown else []
    for line in lines:
        around = [(first, -last) for first, last in statements if first <= line <= -last]
        if around:
            yield max(around, key=lambda span: (span[0], -span[1]))
    for line in above:
        last = _above(statements, line)
        yield from [(s.lineno, last) for s in tops if s.lineno <= last <= (s.end_lineno or 0)]


def _cannot_hold(node: ast.stmt) -> bool:
    """`assert 2 == 1, "too small"`: it can only show what an assertion does when it breaks."""
    if not isinstance(node, ast.Assert):
        return False
    test = node.test
    sides = [test.left, *test.comparators] if isinstance(test, ast.Compare) else [test]
    if not all(isinstance(side, ast.Constant) for side in sides):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return not eval(compile(ast.Expression(test), "constants", "eval"), {})
    except TypeError:  # such as `1 < "2"`
        return False


def _above(statements: list[tuple[int, int]], line: int) -> int:
    """Where the last statement above a line ends."""
    return max((-last for _, last in statements if -last < line), default=0)


def _below(statements: list[tuple[int, int]], line: int) -> int:
    """Where the first statement below a line begins."""
    return next((first for first, _ in statements if first > line), 0)


def _announcements(text: str) -> Iterator[tuple[int, bool, bool]]:
    """Lines with a comment that announces an error; if it stands alone; if Python words it so."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type != tokenize.COMMENT:
                continue
            alone = not token.line[: token.start[1]].strip()
            if (_PLAIN if alone else _ANNOUNCED).search(token.string):
                yield token.start[0], alone, bool(_SHOWN.match(token.string))
    except (tokenize.TokenError, SyntaxError):
        return
