"""Snippets of the course, each broken in one of the ways that authors know, are all caught.

A changed size does not always break code. There Python itself is asked, in a process of its own,
and says on which line.
"""

from __future__ import annotations

import ast
import io
import json
import random
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from builder.config import FrontMatter
from builder.files import read_source
from builder.model import Source
from builder.parsing import parse
from verify import Job, Runner

NOTES = sorted((Path(__file__).parent.parent / "notes").glob("*.md"))
EACH = 10
ROOTS = frozenset({"torch", "nn", "F", "optim"})
SIZED = frozenset({"Linear", "Conv2d", "BatchNorm2d", "view", "reshape", "ones", "randn", "zeros"})


@dataclass(frozen=True, slots=True)
class Place:
    """Some characters of one line of code; `column` counts from 0."""

    line: int
    column: int
    text: str


def misspelt_names(code: str) -> Iterator[tuple[Place, str]]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute) and _is_of_torch(node) and len(node.attr) > 4:
            end = (node.end_col_offset or 0) - len(node.attr)
            yield Place(node.end_lineno or 0, end, node.attr), _swapped(node.attr)


def changed_keywords(code: str) -> Iterator[tuple[Place, str]]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and _is_of_torch(node.func):
            for keyword in node.keywords:
                if keyword.arg and len(keyword.arg) > 2:
                    place = Place(keyword.lineno, keyword.col_offset, keyword.arg)
                    yield place, _swapped(keyword.arg)


def changed_sizes(code: str) -> Iterator[tuple[Place, str]]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in SIZED:
            for value in node.args:
                if isinstance(value, ast.Constant) and type(value.value) is int:
                    place = Place(value.lineno, value.col_offset, str(value.value))
                    yield place, str(value.value + 1)


def lost_parentheses(code: str) -> Iterator[tuple[Place, str]]:
    yield from ((place, "") for place in _signs(code, ")"))


def widened_commas(code: str) -> Iterator[tuple[Place, str]]:
    yield from ((place, "，") for place in _signs(code, ","))


def _is_of_torch(node: ast.AST) -> bool:
    value = getattr(node, "value", None)
    return isinstance(value, ast.Name) and value.id in ROOTS


def _swapped(name: str) -> str:
    """Return a name with two neighbours in the wrong order."""
    for at in range(1, len(name) - 1):
        if name[at] != name[at + 1]:
            return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name + "s"


def _signs(code: str, sign: str) -> Iterator[Place]:
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.OP and token.string == sign:
            yield Place(token.start[0], token.start[1], sign)


def _put(code: str, place: Place, text: str) -> str:
    lines = code.split("\n")
    line = lines[place.line - 1]
    lines[place.line - 1] = line[: place.column] + text + line[place.column + len(place.text) :]
    return "\n".join(lines)


@cache
def _snippets() -> list[str]:
    """Return code that breaks nothing on purpose, and whose columns are its bytes."""
    found = []
    for path in NOTES:
        source = read_source(path, path.name)
        assert isinstance(source, Source)
        note, _ = parse(source, FrontMatter())
        found += [s.code for s in note.snippets if s.kind == "code" and not s.options]
    return [code for code in found if "import torch" in code and "try:" not in code]


Breaker = Callable[[str], Iterator[tuple[Place, str]]]

#: Runs each piece of code that it is given and answers with the lines of what they raised.
_ASK = """
import contextlib, io, json, sys, traceback, warnings
warnings.simplefilter("ignore")
lines = []
for code in json.load(sys.stdin):
    where = []
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(code, "<it>", "exec"), {"__name__": "__main__"})
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        where = [frame.lineno for frame in frames if frame.filename == "<it>"]
    lines.append(where)
print(json.dumps(lines))
"""


def broken(breaker: Breaker, count: int) -> list[tuple[str, list[int]]]:
    """Return broken copies and the lines that may be blamed for it, as many as asked for."""
    chance = random.Random(breaker.__name__)
    found: list[tuple[str, list[int]]] = []
    for code in chance.sample(_snippets(), k=len(_snippets())):
        lines = code.split("\n")
        spots = [it for it in breaker(code) if lines[it[0].line - 1].isascii()]
        if spots and len(found) < count:
            place, text = chance.choice(spots)
            found.append((_put(code, place, text), [place.line]))
    return found


def sizes(count: int) -> list[tuple[str, list[int]]]:
    """Return copies with a size changed that Python cannot run, and the lines it names."""
    codes = [code for code, _ in broken(changed_sizes, 3 * count)]
    ask = [sys.executable, "-c", _ASK]
    done = subprocess.run(ask, input=json.dumps(codes), capture_output=True, text=True, check=True)
    answers = json.loads(done.stdout.splitlines()[-1])
    return [(code, lines) for code, lines in zip(codes, answers, strict=True) if lines][:count]


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as found:
        yield found


@pytest.mark.parametrize(
    "copies",
    [
        pytest.param(lambda: broken(misspelt_names, EACH), id="a name misspelt"),
        pytest.param(lambda: broken(changed_keywords, EACH), id="a keyword changed"),
        pytest.param(lambda: sizes(EACH), id="a size off"),
        pytest.param(lambda: broken(lost_parentheses, EACH), id="a parenthesis lost"),
        pytest.param(lambda: broken(widened_commas, EACH), id="a comma widened"),
    ],
)
def test_broken_copies_are_caught(
    runner: Runner, copies: Callable[[], list[tuple[str, list[int]]]]
) -> None:
    made = copies()
    assert len(made) == EACH
    jobs = [Job(str(n), code, scopes=(str(n),)) for n, (code, _) in enumerate(made)]
    for (code, lines), verdict in zip(made, runner.run(jobs), strict=True):
        blamed = {finding.line for finding in verdict.findings if finding.severity == "error"}
        assert verdict.status == "failed", code
        assert blamed & set(lines), (code, verdict.findings)
