"""Every language has all words, and says what the program says in English."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builder import files
from builder.tex import Refused, mathml
from builder.words import MESSAGES, OTHERWISE, Words
from verify.child.sandbox import LAYERS
from verify.mistakes import mistake

ROOT = Path(__file__).parent.parent
TEMPLATES = files.templates("site") | files.templates("card")
LANGUAGES = files.languages()
OTHERS = tuple(name for name in LANGUAGES if name != OTHERWISE)
WORDS: dict[str, dict[str, Any]] = {
    name: tomllib.loads(TEMPLATES[f"words/{name}.toml"]) for name in LANGUAGES
}
#: Most of what the program says was first said in this one.
FULLEST = WORDS["zh"][MESSAGES]

HOLE = re.compile(r"\{(\w+)\}")


def test_there_are_several() -> None:
    assert {"en", "zh"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_all_words(language: str) -> None:
    english, entries = WORDS[OTHERWISE], WORDS[language]
    assert entries.keys() - {MESSAGES} == english.keys()
    for entry, said in english.items():
        if isinstance(said, dict) and not {"one", "many"} & said.keys():
            assert entries[entry].keys() == said.keys(), entry
        else:
            assert _holes(entries[entry]) <= _holes(said), entry


def _holes(said: Any) -> set[str]:
    texts = said.values() if isinstance(said, dict) else [said]
    return {hole for text in texts for hole in HOLE.findall(text)}


def test_the_templates_use_words_that_there_are() -> None:
    used = {
        found
        for name, text in TEMPLATES.items()
        if name.endswith(".html")
        for found in re.findall(r"say\('([\w-]+)'", text)
    }
    assert {word for word in used if not word.endswith("-")} <= WORDS[OTHERWISE].keys()


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_says_all_that_the_program_says(language: str) -> None:
    known = WORDS[language][MESSAGES]
    assert {kind: said.keys() for kind, said in known.items()} == {
        kind: said.keys() for kind, said in FULLEST.items()
    }
    for said in known.values():
        for english, words in said.items():
            assert set(HOLE.findall(words)) <= set(HOLE.findall(english)), english


def test_every_problem_of_code_and_of_notes_has_its_words() -> None:
    text = (ROOT / "docs/problems.md").read_text("utf-8").partition("\n## In the deck")[0]
    shown = set(re.findall(r"^### (\S+)$", text, re.MULTILINE))
    assert shown - FULLEST.keys() - OF_FILES == set()


#: What keeps a file from being read, or a build from beginning, is on no page.
OF_FILES = frozenset(
    {
        "undecodable-file",
        "unreadable-file",
        "file-too-large",
        "toml-syntax",
        "unknown-language",
    }
)


def said_in_cases() -> Iterator[str]:
    """Yield what the program says in the cases: messages, helps and reasons."""
    for suite in ("verify", "mentions", "lint", "parse"):
        for file in sorted((ROOT / "tests/cases" / suite).glob("*.md")):
            for line in file.read_text("utf-8").splitlines():
                if match := SAID.match(line):
                    yield next(filter(None, match.groups()))


SAID = re.compile(
    r"(?:(?:error|warning|note)\[[\w-]+\]: (.+?)(?: \[\*\])?|"
    r" *= help: (.+)|\d+(?: \(\w+\))?(?: after \d+)* incomplete: (.+))$"
)


@pytest.mark.parametrize("language", OTHERS)
def test_what_the_cases_show_is_said_in_every_language(language: str) -> None:
    say = Words(TEMPLATES, language)
    said = dict.fromkeys(said_in_cases())
    assert len(said) > 150
    assert [text for text in said if say.message(text) == text] == []


#: Python's own words for what is wrong with a statement, TeX's for a formula, YAML's for a line.
STATEMENTS = """\
1 = x | if x = 3: pass | if x print(1) | x = 08 | x = 1abc | print 1 | x = {1: 2, 3} | f(a=1, 2)
f(**a, *b) | a = 1 if x | f(x for x in y, 1) | None = 3 | b'\u4e2d' | x \\ y | print(f'{}')
del f() | (a, b): int = 3 | f(a.b=1) | def f(a=1, b): pass | print(f'{a b}')"""
FORMULAS = (
    r"\frac{1 | \foo | x^2^3 | { | } | \begin{foo}x\end{foo} | \left( x | a & b | \frac | x__y | #1"
    r" | \begin{matrix} a \end{pmatrix} | \color{foo}x | \begin{array}{z}x\end{array} | \hspace{3}"
)


@pytest.mark.parametrize("language", OTHERS)
def test_what_other_programs_say_is_said_in_every_language(language: str) -> None:
    say = Words(TEMPLATES, language)
    said: dict[str, str] = {}
    for statement in re.split(r" \| |\n", STATEMENTS):
        with pytest.raises(SyntaxError) as broken:
            ast.parse(statement)
        found = mistake([statement], 1, broken.value)
        said |= {found.message: statement, found.help: statement}
    for formula in FORMULAS.split(" | "):
        refused = mathml(formula, display=False)
        assert isinstance(refused, Refused)
        said[refused.why] = formula
    told = {text: say.message(text) for text in said}
    assert [text for text, words in told.items() if words == text] == []


def test_every_language_says_what_code_is_shut_off_from() -> None:
    for entries in WORDS.values():
        assert entries["shut-off"].keys() == set(LAYERS)


def test_what_nobody_knows_stays_as_it_is() -> None:
    say = Words(TEMPLATES, "zh")
    assert say.message("a new kind of trouble") == "a new kind of trouble"
    assert say.message("`torch` has no `onse`") == "`torch` 里没有 `onse`"
    assert say.message("did you mean `a`, `b` or `c`?") == "是不是 `a`、`b` 或 `c`？"
    assert say.message("it ran with {a brace}") == "运行时用了{a brace}"
    assert Words(TEMPLATES, "tlh").message("remove it") == "remove it"
