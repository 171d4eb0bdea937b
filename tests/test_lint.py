"""Each rule of `build lint` can be switched off, by configuration and in one note."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from builder.explain import explanations
from builder.lint import lint
from builder.model import Course, Note, Source
from builder.parsing import parse

ROOT = Path(__file__).parent.parent
KNOWN = explanations((ROOT / "docs/problems.md").read_text("utf-8"))
RULES = (
    *(
        "dead-link",
        "unsafe-link",
        "missing-image",
        "remote-image",
        "doubled-question",
        "near-duplicate",
    ),
    *("no-card", "vague-question", "answer-too-long", "list-too-long", "answer-repeats-question"),
)
#: Where docs/problems.md has no example, which would be too long for a reader.
TEXTS = {
    "answer-too-long": "## What is said?\n\n" + "It is said at length. " * 100,
    "list-too-long": "## Which are there?\n\n" + "- one more\n" * 12,
    "unsafe-link": "## What is this?\n\nA [trap](javascript:alert).\n",
    "near-duplicate": """\
## Which arguments does a DataLoader take?

A dataset, batch_size, shuffle, num_workers and a collate_fn.

## What are the arguments of a DataLoader?

The dataset, its batch_size, shuffle, num_workers, collate_fn.

## What is a view?

It shares memory with a tensor of another shape.

## What is dropout?

It sets values to zero while a net is trained.
""",
}


def codes(*notes: Note, off: tuple[str, ...] = ()) -> set[str]:
    return {problem.code for problem in lint(Course("course", notes), lambda *_: False, off)}


def read(path: str, text: str) -> Note:
    return parse(Source(path, text))[0]


@pytest.mark.parametrize("code", RULES)
def test_a_rule_is_switched_off(code: str) -> None:
    found = KNOWN[code].example
    note = read("a.md", TEXTS[code] if code in TEXTS else found[1] if found else "")
    assert code in codes(note)
    assert codes(note, off=(code,)) == codes(note) - {code}
    assert code not in codes(replace(note, lint_off=(code,)))


def test_a_link_to_a_heading_of_another_file_is_followed() -> None:
    one = read("a/one.md", "## What is a view?\n\nSee [there](../two.md#what-is-a-stride).\n")
    lost = read("a/one.md", "## What is a view?\n\nSee [there](../two.md#what-is-a-strid).\n")
    two = read("two.md", "## What is a stride?\n\nA step.\n")
    course = Course("course", (one, two))
    assert not lint(course, lambda *_: True)
    (problem,) = lint(replace(course, notes=(lost, two)), lambda *_: True)
    assert problem.code == "dead-link"
    assert problem.message == "nothing in `../two.md` is called `#what-is-a-strid`"
    assert problem.help == "did you mean `#what-is-a-stride`?"


@pytest.mark.parametrize(
    ("written", "there"),
    [
        ("img/Shape.png", "img/shape.png"),
        ("shape.png?raw=1#x", "shape.PNG"),
        ("图%201.JPG", "图%201.jpg"),
    ],
)
def test_an_image_that_is_there_in_other_capitals_is_named(written: str, there: str) -> None:
    note = read("a.md", f"## What is a view?\n\n![it]({written})\n")
    (problem,) = lint(Course("course", (note,)), lambda _note, url: url == there)
    assert problem.code == "missing-image"
    assert f"`{unquote(there)}`" in problem.help
