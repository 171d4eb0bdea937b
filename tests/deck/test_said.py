"""Cards whose text holds a wrong name, or wrong code in a sentence."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from builder.config import DeckConfig
from builder.model import Course, Mention, Problem, Severity, Snippet, Status, Verdict
from tests.deck.course import Author, course, note, verified
from tests.deck.learner import Learner

TEXT = """## 一 `nn.MESLoss`

甲 nn.MESLoss。

## 二

```python
y = 1
```

乙。
"""


def wrong(line: int, column: int, severity: Severity = "error") -> Course:
    """Return the course with a wrong name on one line."""
    given = verified(course(note("a.md", TEXT)))
    span = given.notes[0].source.span(line, column, line, column + 10)
    problem = Problem(
        "unknown-name", span, "`torch.nn` has no `MESLoss`", "it is `MSELoss`", severity
    )
    found = Mention(span, "nn.MESLoss", "torch.nn.MESLoss", status="typo", problem=problem)
    found = replace(found, suggestion="nn.MSELoss")
    return replace(given, mentions=(found,))


def lines(learner: Learner, given: Course) -> list[str]:
    """Import a course, and return what its cards say of themselves."""
    learner.take(Author().package(given))
    assert list(learner.faults()) == []
    return [_line(card.answer) for card in learner.cards()]


def _line(answer: str) -> str:
    found = re.search(r'<span class="(?:bad|ok)">.*?</span>', answer)
    return re.sub("<[^>]*>", "", found[0]) if found else ""


@pytest.mark.parametrize("place", [(1, 7), (3, 3)])
def test_a_wrong_name_is_said_in_one_line(learner: Learner, place: tuple[int, int]) -> None:
    assert lines(learner, wrong(*place)) == [
        "✗ 文字里有误 · torch.nn 里没有 MESLoss · 应写作 nn.MSELoss",
        "✓ 代码已运行验证",
    ]


def test_a_warning_is_not_said(learner: Learner) -> None:
    assert lines(learner, wrong(3, 3, "warning"))[0] == ""


def test_code_that_passed_beside_a_wrong_name_is_not_verified(learner: Learner) -> None:
    assert lines(learner, wrong(11, 1))[1].startswith("✗ 文字里有误")


def test_wrong_code_in_a_sentence_counts(learner: Learner) -> None:
    given = wrong(3, 3)
    [mention] = given.mentions
    assert mention.problem
    aside = Verdict(Snippet(mention.span, "f()"), Status.FAILED, problems=(mention.problem,))
    assert lines(learner, replace(given, mentions=(), asides=(aside,)))[0].startswith(
        "✗ 文字里有误"
    )


def test_it_is_held_back_where_the_author_wants_that() -> None:
    author, given = Author(), wrong(3, 3)
    assert author.build(given, DeckConfig(broken="hold")).forecast.counts == (1, 0, 0)
    assert author.build(replace(given, mentions=())).forecast.counts == (1, 0, 1)


def test_what_is_shipped_changes_only_with_the_finding() -> None:
    author, given = Author(), wrong(3, 3)
    author.build(given)
    assert author.build(given).forecast.counts == (0, 0, 2)
    assert author.build(replace(given, mentions=())).forecast.counts == (0, 1, 1)
