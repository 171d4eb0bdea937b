"""Runs the plain-file cases below tests/cases. `UPDATE=1 pytest` writes what is now true."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.suites import config, html, lint, mentions, parse, readable, verify

CASES = Path(__file__).parent / "cases"
CASE = re.compile(
    r"^## (?P<title>.+)\n(?:(?!^## ).*\n)*?"
    r"^````(?:markdown|toml)\n(?P<given>(?:.*\n)*?)^````\n\n"
    r"^````text\n(?P<expected>(?:.*\n)*?)^````$",
    re.MULTILINE,
)

#: What each folder of cases is run by: the note that goes in, the text that comes out.
SUITES: Mapping[str, Callable[[str], str]] = {
    "config": config,
    "html": html,
    "lint": lint,
    "mentions": mentions,
    "parse": parse,
    "readable": readable,
    "verify": verify,
}


@dataclass(frozen=True)
class Case:
    file: Path
    title: str
    given: str
    expected: str


def cases() -> Iterator[Case]:
    for file in sorted(CASES.rglob("*.md")):
        text = file.read_text("utf-8")
        found = [Case(file, m["title"], m["given"], m["expected"]) for m in CASE.finditer(text)]
        headings = re.findall(
            r"^## (.+)$",
            re.sub(r"^(`{4,}).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL),
            re.MULTILINE,
        )
        assert [case.title for case in found] == headings, f"a case of {file} cannot be read"
        yield from found


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: f"{case.file.stem}: {case.title}")
def test_case(case: Case) -> None:
    actual = SUITES[case.file.parent.name](case.given)
    if os.environ.get("UPDATE") and actual != case.expected:
        _rewrite(case, actual)
    assert actual == case.expected


def _rewrite(case: Case, actual: str) -> None:
    text = case.file.read_text("utf-8")
    now = next(m for m in CASE.finditer(text) if m["title"] == case.title)
    start, end = now.span("expected")
    case.file.write_text(text[:start] + actual + text[end:], "utf-8")
    pytest.skip(f"rewrote {case.file.name}: {case.title}")
