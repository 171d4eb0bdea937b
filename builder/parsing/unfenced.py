"""Finds code that nobody fenced: lines of plain text that are Python and do something.

A run is as many lines as parse together. Prose, formulas and output are left alone: a single
assignment must call something that no formula calls, and every statement must do something. A
comment below that says what came of it tells code from a formula as well. Lines with Python's
prompt, `>>> x.sum()`, are code together with the values right below them.
"""

from __future__ import annotations

import ast
import codeop
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from keyword import iskeyword, issoftkeyword

from builder.parsing.code import does_something, is_of_braces
from builder.patterns import late
from builder.python import parsed

#: Longer runs of lines without a blank one are not searched through; nobody writes them.
_LONGEST = 120

_CJK = late(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
#: What code begins with: a prompt, or a statement, in a list as well.
_FIRST = late(r"\s*(?:>>>|(?:(?:[-*+]|\d+[.)])\s+)?[@#A-Za-z_])")
_START = late(r"\s*(?:@|#|[A-Za-z_][\w.]*\s*(?:[(=\[,]|[-+*/]=|$)|[A-Za-z_]+\s|try:)")
_TWO_WORDS = late(r"([A-Za-z_]\w*)[ \t]+([A-Za-z_]\w*)")
_OPENS_BODY = late(r"(?:async |def |class |for |while |with |if |try:|@)")
_ITEM = late(r"^\s*(?:[-*+]|\d+[.)])\s+")
#: What Python prints above the line of code that it speaks of.
_SHOWS_ITS_LINE = late(r"\s*(?:\S+:\d+: \w*Warning: |File \".*\", line \d+)")
#: Punctuation of Chinese between what can only be code, and what is meant by it.
_WIDE = str.maketrans("，：（）＝", ",:()=")
_HAS_WIDE = late("[，：（）＝]")
#: What a line of code came to, as authors write it in a comment below.
_CAME_TO = late(
    r"[ \t]*#+[ \t]*(?:(?:\w+\.)*[A-Z]\w*(?:Error|Exception)\b|(?:tensor|array|torch\.Size)\()"
)
#: Python's prompts, and what it prints as a value; prose may stand right below that.
_PROMPT = late(r">>>(?: (?P<code>\S.*)|[ \t]*$)")
_MORE = late(r"\.{3,4}(?: (?P<code>.*)|[ \t]*$)")
_VALUE = late(
    r"""[-+]?\d[\d.e+-]*j?[ \t]*$|[\[({].*|<[^<>]+>[ \t]*$|(?P<sign>['"]).*(?P=sign)[ \t]*$"""
    r"|(?:True|False|None)[ \t]*$|(?:tensor|array|torch\.\w+|dict|set|deque)\(.*"
    r"|Traceback \(.*|\w*(?:Error|Exception)(?::.*|$)|[ \t]+\S.*"
)
_STRINGS = late(r"""("{3}|'{3}|"|')(?:\\.|(?!\1).)*\1|#.*""")


@dataclass(frozen=True, slots=True)
class Run:
    """Lines that are code, and how many characters stand before the code on each."""

    first: int
    last: int
    code: str
    indents: tuple[int, ...]


def find(lines: Iterable[tuple[int, str]]) -> Iterator[Run]:
    """Yield the runs of code among lines of text, which come with their numbers."""
    for chunk in _chunks(lines):
        yield from _runs(chunk) if len(chunk) <= _LONGEST else ()


def _chunks(lines: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Yield stretches without a blank line; the body of a function may hold some."""
    chunk: list[tuple[int, str]] = []
    for line in lines:
        is_blank = not line[1].strip()
        if chunk and not is_blank and not _goes_on(chunk, *line):
            yield _trimmed(chunk)
            chunk = []
        if chunk or not is_blank:
            chunk.append(line)
    if chunk:
        yield _trimmed(chunk)


def _goes_on(chunk: list[tuple[int, str]], number: int, text: str) -> bool:
    """Tell whether a line goes on with a chunk: behind a blank one, if it is in a body there."""
    last, before = chunk[-1]
    if number != last + 1:
        return False
    return bool(before.strip()) or _in_body(chunk, _width(text))


def _in_body(chunk: list[tuple[int, str]], width: int) -> bool:
    """Tell whether the last line of a chunk that is farther left than `width` opens a body."""
    if not width:
        return False
    above = (text for _, text in reversed(chunk[-_LONGEST:]) if text.strip())
    left = next((text for text in above if _width(text) < width), "")
    return bool(_OPENS_BODY.match(left.lstrip()))


def _width(text: str) -> int:
    return len(text) - len(text.lstrip())


def _trimmed(chunk: list[tuple[int, str]]) -> list[tuple[int, str]]:
    while not chunk[-1][1].strip():
        chunk.pop()
    return chunk


def _runs(chunk: list[tuple[int, str]]) -> Iterator[Run]:
    start = 0
    while start < len(chunk):
        run = _run_at(chunk, start) if _FIRST.match(chunk[start][1]) else None
        if run:
            yield run
            start += run.last - run.first + 1
        else:
            start += 1


def _run_at(chunk: list[tuple[int, str]], start: int) -> Run | None:
    """Return the code that begins at a line, which is not only shown below a warning."""
    if start and _SHOWS_ITS_LINE.match(chunk[start - 1][1]):
        return None
    return _transcript(chunk, start) or _run_from(chunk, start)


def _run_from(chunk: list[tuple[int, str]], start: int) -> Run | None:
    """Return the longest run that begins at a line of a chunk, and is not only comments."""
    if not _may_begin(chunk[start][1]):
        return None
    items = all(_ITEM.match(text) for _, text in chunk[start:])
    comments = takewhile(lambda one: one[1].lstrip().startswith("#"), chunk[start:])
    for end in range(len(chunk), start + sum(1 for _ in comments), -1):
        lines = chunk[start:end]
        if not _ends_well(lines[-1][1]):
            continue
        run = _as_items(lines) if items else _as_code(lines)
        if run:
            return run
    return None


def _transcript(chunk: list[tuple[int, str]], start: int) -> Run | None:
    """Return lines with Python's prompt and what was printed, if most are Python and no quote.

    An example in what is itself indented as code is part of that.
    """
    first = chunk[start][1]
    indent = _width(first)
    above = chunk[start - 1][1] if start else ""
    is_within = above.lstrip().startswith(">") or 4 <= _width(above) < indent
    if not _PROMPT.match(first, indent) or is_within:
        return None
    said: list[str] = []
    end = start
    for _, text in chunk[start:]:
        if _width(text) < indent:
            break
        if match := _PROMPT.match(text, indent):
            said.append(match["code"] or "")
        elif match := _MORE.match(text, indent):
            said[-1] += "\n" + (match["code"] or "")
        elif not _VALUE.match(text, indent):
            break
        end += 1
    trees = [parsed(code) for code in said]
    if not any(map(_computes, trees)) or sum(map(bool, trees)) * 2 < len(trees):
        return None
    code = "\n".join(text[indent:] for _, text in chunk[start:end])
    return Run(chunk[start][0], chunk[end - 1][0], code, (indent,) * (end - start))


def _computes(tree: ast.Module | None) -> bool:
    """Tell whether what stands behind a prompt is more than words: `yes, me` parses as well."""
    nodes = tuple(ast.walk(tree)) if tree else ()
    if any(isinstance(node, ast.stmt) and does_something(node, strict=False) for node in nodes):
        return True
    return any(
        isinstance(node, ast.List | ast.Dict | ast.ListComp | ast.Call) for node in nodes
    ) or (
        any(isinstance(it, ast.BinOp) for it in nodes)
        and any(isinstance(it, ast.Constant) for it in nodes)
    )


def _may_begin(text: str) -> bool:
    """Tell whether a statement may begin with this line; prose is refused at its second word."""
    code = _meant(_ITEM.sub("", text)).strip()
    if not _START.match(code) or _CJK.search(_STRINGS.sub("", code)):
        return False
    if code.startswith("#"):
        return True
    if _begins_with_words(code):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            codeop.compile_command(code, symbol="exec")
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
            return code.startswith("@")
    return True


def _begins_with_words(code: str) -> bool:
    """Tell whether a line begins with two words that are none of Python's."""
    two = _TWO_WORDS.match(code)
    return two is not None and not any(iskeyword(it) or issoftkeyword(it) for it in two.groups())


def _ends_well(text: str) -> bool:
    """Prose in Chinese ends no code, whatever stands before it."""
    text = _meant(text)
    return not _CJK.search(_STRINGS.sub("", text)) or text.lstrip().startswith("#")


def _meant(text: str) -> str:
    """Return a line with Python's own punctuation, where it is a statement with the wrong one.

    It must give a name to what a program calls: `y = x.view(3，4)`. `nn.Linear（…）` alone may be
    a word with something said of it.
    """
    if not _HAS_WIDE.search(text):
        return text
    meant = text.translate(_WIDE)
    bare = _STRINGS.sub("", text)
    if bare.translate(_WIDE) == bare or _CJK.search(_STRINGS.sub("", meant)):
        return text
    tree = parsed(meant.strip())
    is_said = tree and all(isinstance(it, ast.Assign) and does_something(it) for it in tree.body)
    return meant if is_said else text


def _is_miswritten(texts: list[str], indent: int) -> bool:
    """Tell whether lines are code but for their punctuation."""
    meant = [_meant(text) for text in texts]
    return meant != texts and _is_code("\n".join(text[indent:] for text in meant))


def _as_code(lines: list[tuple[int, str]]) -> Run | None:
    texts = [text for _, text in lines]
    indent = min(_width(text) for text in texts if text.strip())
    code = "\n".join(text[indent:] for text in texts)
    if not _is_code(code) and not _is_miswritten(texts, indent):
        return None
    return Run(lines[0][0], lines[-1][0], code, (indent,) * len(lines))


def _as_items(lines: list[tuple[int, str]]) -> Run | None:
    """List items that are code, one statement each."""
    cuts = [match.end() for _, text in lines if (match := _ITEM.match(text))]
    code = "\n".join(text[cut:] for (_, text), cut in zip(lines, cuts, strict=True))
    if not _is_code(code):
        return None
    return Run(lines[0][0], lines[-1][0], code, tuple(cuts))


def _is_code(code: str) -> bool:
    tree = parsed(code)
    if tree is None or not tree.body or is_of_braces(code):
        return False
    return all(does_something(node, strict=False) for node in tree.body) and (
        any(does_something(node) for node in tree.body) or _says_what_came(code)
    )


def _says_what_came(code: str) -> bool:
    """Tell whether a comment on the last line says what the code above it came to."""
    return bool(_CAME_TO.match(code[code.rfind("\n") + 1 :]))
