"""Every kind of card in the hands of the real Anki: what is asked, and what answers."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from builder.config import DeckConfig
from builder.model import Course, Problem, Span, Status
from tests.deck.course import Author, course, note, verified
from tests.deck.learner import Learner, Seen

pytestmark = pytest.mark.anki


def text(html: str) -> str:
    """Return what a reader sees of a side, each line of it."""
    said = re.sub(r"<style.*?</style>|<[^>]+>", "", html, flags=re.DOTALL)
    return "\n".join(line.strip() for line in unescape(said).split("\n") if line.strip())


def asked(learner: Learner, given: Course) -> tuple[Seen, ...]:
    release = Author().build(given)
    assert release.package, release.problems
    log = learner.take(release.package.content)
    assert log.counts == (*release.forecast.counts, 0)
    assert list(learner.faults()) == []
    return learner.cards()


def test_each_gap_below_a_heading_is_a_card(learner: Learner) -> None:
    one, two = asked(
        learner,
        course(
            note("a.md", "# T\n\n## Views\n\nA view {{c1::shares::what}} it, {{c2::always}}.\n")
        ),
    )
    assert text(one.question) == "T\nViews\nA view [what] it, always."
    assert text(two.question) == "T\nViews\nA view shares it, [...]."
    assert text(one.answer) == "T\nViews\nA view shares it, always."
    assert '<span class="cloze" data-ordinal="1">shares</span>' in one.answer


@pytest.mark.parametrize(
    "code",
    ["`x[::2]`", '`{"a": {"b": 1}}`', "`f'{x!r:>{n}}'`", "`std::vector<T>`", "`{{c1::x}}`", "a::b"],
)
def test_code_in_a_gap_comes_out_as_it_was_written(learner: Learner, code: str) -> None:
    # What follows the last `::` is a hint, outside code.
    hidden = code if code.startswith("`") else f"`{code}`"
    (card,) = asked(learner, course(note("a.md", f"# T\n\nTake {{{{c1::{hidden}}}}} here.\n")))
    assert text(card.question) == "T\nTake [...] here."
    assert text(card.answer) == f"T\nTake {hidden.strip('`')} here."


def test_a_formula_in_a_gap_stays_one_formula(learner: Learner) -> None:
    said = "# T\n\n## Rule\n\n{{c1::$\\frac{1}{x_{n}}$}} and {{c2::more}}\n"
    one, two = asked(learner, course(note("a.md", said)))
    assert text(one.answer) == "T\nRule\n\\(\\frac{1}{x_{n}}\\) and more"
    assert text(two.question) == "T\nRule\n\\(\\frac{1}{x_{n}}\\) and [...]"


def test_a_gap_inside_another_is_a_card_of_its_own(learner: Learner) -> None:
    said = "# T\n\n{{c1::All of {{c2::it}} is}} hidden, {{c10::at\nlast}}.\n"
    one, two, ten = asked(learner, course(note("a.md", said)))
    assert text(one.question) == "T\n[...] hidden, at\nlast."
    assert text(two.question) == "T\nAll of [...] is hidden, at\nlast."
    assert text(ten.question) == "T\nAll of it is hidden, [...]."
    assert text(one.answer) == text(two.answer) == text(ten.answer)


def test_a_gap_that_hides_nothing_takes_no_other_with_it(learner: Learner) -> None:
    cards = asked(learner, course(note("a.md", "# T\n\nSo {{c1::}} and {{c2::so}}.\n")))
    assert [text(card.question) for card in cards] == ["T\nSo [...] and so.", "T\nSo  and [...]."]


def test_code_beside_a_gap_is_shown_and_marked_as_on_any_card(learner: Learner) -> None:
    said = "# T\n\n## Q\n\nIt {{c1::copies}}:\n\n```python\nx = y[::2]\nz = {1: {}}\n```\n"
    (card,) = asked(learner, verified(course(note("a.md", said))))
    assert "x = y[::2]\nz = {1: {}}" in text(card.question)
    assert "代码已运行验证" not in card.question
    assert "✓ 代码已运行验证" in card.answer


PRINTS = "# T\n\n## 切片\n\n```python {card=output}\nx = [1, 2, 3]\nprint(x[::2])\n```\n"


def printing(text: str, **verdict: object) -> Course:
    given = verified(course(note("a.md", text)))
    made = tuple(replace(it, **verdict) for it in given.verdicts)  # type: ignore[arg-type]
    return replace(given, verdicts=made)


def test_code_asks_and_what_it_printed_answers(learner: Learner) -> None:
    (card,) = asked(learner, printing(PRINTS, stdout="[1, 3]\n<b>&amp;\n"))
    front = "T›切片\n这段代码输出什么？\nx = [1, 2, 3]\nprint(x[::2])"
    assert text(card.question) == front
    assert text(card.answer) == f"{front}\n[1, 3]\n<b>&amp;\n✓ 代码已运行验证"


def test_a_heading_that_asks_is_the_question(learner: Learner) -> None:
    given = printing(PRINTS.replace("切片", "切片会复制吗？"), stdout="[1, 3]\n")
    (card,) = asked(learner, given)
    assert '<div class="question">切片会复制吗？</div>' in card.question


def test_code_that_prints_nothing_says_so(learner: Learner) -> None:
    (card,) = asked(learner, printing(PRINTS, stdout=""))
    assert "（没有输出）" in text(card.answer)


def test_much_output_is_cut(learner: Learner) -> None:
    (card,) = asked(learner, printing(PRINTS, stdout="".join(f"{n}\n" for n in range(99))))
    assert text(card.answer).split("\n")[-3:] == ["39", "…", "✓ 代码已运行验证"]


def test_an_error_that_was_announced_is_the_answer(learner: Learner) -> None:
    fault = Problem("shape", Span("notes/a.md", 7), "sizes `3` and `4` do not match", "use `.T`")
    (card,) = asked(learner, printing(PRINTS, stdout="", announced=(fault,)))
    assert "do not match" not in card.question
    assert "sizes 3 and 4 do not match" in text(card.answer)
    assert "没有输出" not in card.answer


def test_broken_code_is_marked_or_held_back(learner: Learner) -> None:
    given = verified(course(note("a.md", PRINTS)), "print")
    (card,) = asked(learner, given)
    assert "is not there" not in card.question
    assert "is not there" in card.answer
    assert "✗ 代码有误" in card.answer
    held = Author().build(given, DeckConfig(broken="hold"))
    assert (held.package, len(held.forecast.held)) == (None, 0)


@pytest.mark.parametrize("status", [None, Status.INCOMPLETE, Status.SKIPPED])
def test_what_was_not_run_is_answered_by_its_author_or_held_back(status: Status | None) -> None:
    def build(text: str) -> tuple[int, list[str]]:
        given = printing(text, status=status, reason="needs a GPU", stdout="")
        if status is None:
            given = replace(given, verdicts=(), verified=False)
        release = Author().build(given)
        return len(release.forecast.new), [problem.code for problem in release.problems]

    other = "\n## More?\n\nYes.\n"
    assert build(PRINTS + other) == (1, ["no-output"])
    assert build(f"{PRINTS}\n```output\n[1, 3]\n```\n{other}") == (2, [])


def test_a_card_that_could_once_be_answered_stays_the_same_card(learner: Learner) -> None:
    author, other = Author(), "\n## More?\n\nYes.\n"
    first = author.package(printing(PRINTS + other, stdout="[1, 3]\n"))
    learner.take(first)
    without = author.build(course(note("a.md", PRINTS + other)))
    assert str(without.forecast) == "1 unchanged, 1 held back"
    assert learner.take(author.package(printing(PRINTS + other, stdout="[1, 3]\n"))).counts == (
        0,
        0,
        2,
        0,
    )
