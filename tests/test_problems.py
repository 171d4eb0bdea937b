"""Every problem that can be reported has its section, and every section its problem."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
CODE = re.compile(r"[a-z]+(?:-[a-z]+)*")

#: Calls whose first argument is the code of a problem, and keywords that hold one.
MAKERS = {"Problem", "Finding", "Words", "_problem", "_at", "_add", "found", "finding", "complain"}


def documented() -> set[str]:
    text = (ROOT / "docs/problems.md").read_text("utf-8")
    return set(re.findall(r"^### (\S+)$", text, re.MULTILINE))


def words() -> Iterator[str]:
    """Yield every text in the program that could be a code."""
    for folder in ("builder", "verify"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def reported() -> Iterator[str]:
    """Yield the codes that problems are surely made with."""
    for folder in ("builder", "verify"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    yield from _codes(node)


def _codes(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    first = call.args[:1] if name in MAKERS else []
    named = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    for value in (*first, *named):
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
            yield value.value


def test_every_code_has_a_section() -> None:
    codes = {code for code in reported() if CODE.fullmatch(code) and "-" in code}
    assert len(codes) > 20
    assert codes - documented() == set()


def test_every_section_has_its_code() -> None:
    assert documented() - set(words()) == set()
