"""Which card is which, told without Anki: what the lock remembers from build to build."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import permutations

import pytest

from builder.deck import Lock, remembered
from builder.deck.renames import best
from builder.model import Course
from tests.deck.course import Author, course, note

LONG = "一个张量是元素类型相同的多维数组，它还记得自己在哪个设备上，以及怎样求导。"


def cards(**files: str) -> Course:
    return course(*(note(f"{name}.md", text) for name, text in files.items()))


def names(author: Author, given: Course) -> dict[str, str]:
    found = remembered(given, author.lock).guids
    return {card.question: found[card.span] for card in given.cards}


def test_the_same_notes_have_the_same_guids_in_a_lock_that_was_lost() -> None:
    given = cards(a=f"# T\n\n## One?\n\n{LONG}\n")
    author = Author()
    before = names(author, given)
    author.build(given)
    assert names(author, given) == before == names(Author(), given)
    assert names(Author("other project"), given) != before


def test_a_reworded_question_frees_its_name_for_another_card() -> None:
    author = Author()
    author.build(cards(a=f"# T\n\n## One?\n\n{LONG}\n"))
    reworded = cards(a=f"# T\n\n## 第一个问题？\n\n{LONG}\n")
    release = author.build(reworded)
    assert len(release.forecast.renamed) == 1
    both = cards(a=f"# T\n\n## 第一个问题？\n\n{LONG}\n\n## One?\n\nSomething else.\n")
    release = author.build(both)
    assert [card.question for card in release.forecast.new] == ["One?"]
    assert len(set(names(author, both).values())) == 2


def test_an_explicit_id_outlives_every_change() -> None:
    author = Author()
    author.build(cards(a=f"# T\n\n## One?\n\n<!-- id: one -->\n\n{LONG}\n"))
    release = author.build(cards(b="# U\n\n## 完全不同\n\n<!-- id: one -->\n\n别的。\n"))
    assert len(release.forecast.updated) == 1
    assert not release.forecast.new


def test_an_id_given_later_belongs_to_the_card_it_was_given_to() -> None:
    author = Author()
    author.build(cards(a=f"# T\n\n## One?\n\n{LONG}\n"))
    release = author.build(cards(a=f"# T\n\n## One?\n\n<!-- id: one -->\n\n{LONG}\n"))
    assert (len(release.forecast.unchanged), release.lock.entries[0].id) == (1, "one")
    release = author.build(cards(a=f"# T\n\n## Two?\n\n<!-- id: two -->\n\n{LONG}\n"))
    assert (len(release.forecast.new), len(release.forecast.retired)) == (1, 1)


def test_a_doubled_id_stops_the_deck_and_changes_nothing() -> None:
    author = Author()
    author.build(cards(a="# T\n\n## One?\n\n<!-- id: one -->\n\n1\n"))
    before = author.lock
    twice = "## One?\n\n<!-- id: one -->\n\n1\n\n## Two?\n\n<!-- id: one -->\n\n2\n"
    release = author.build(cards(a=f"# T\n\n{twice}"))
    assert release.package is None
    assert release.lock == before
    assert [(p.code, p.severity, str(p.span)) for p in release.problems] == [
        ("duplicate-id", "error", "notes/a.md:9:1")
    ]
    assert "notes/a.md:3:1" in release.problems[0].message


def test_equal_questions_keep_their_order_and_are_pointed_out() -> None:
    author = Author()
    given = cards(a="# T\n\n## 优点？\n\n快。\n\n## 优点？\n\n省内存。\n")
    release = author.build(given)
    assert [p.code for p in release.problems] == ["duplicate-question"]
    assert release.package
    release = author.build(cards(a="# T\n\n## 优点？\n\n快！\n\n## 优点？\n\n省内存。\n"))
    assert (len(release.forecast.updated), len(release.forecast.unchanged)) == (1, 1)


def test_one_of_two_equal_questions_can_go() -> None:
    author = Author()
    author.build(cards(a="# T\n\n## 优点？\n\n快。\n\n## 优点？\n\n省内存。\n"))
    fast, small = author.lock.entries
    if fast.answer != "快。":
        fast, small = small, fast
    release = author.build(cards(a="# T\n\n## 优点？\n\n省内存。\n"))
    assert [entry.guid for entry in release.forecast.retired] == [fast.guid]
    assert len(release.forecast.unchanged) == 1
    assert not release.problems


def test_an_id_tells_equal_questions_apart() -> None:
    author = Author()
    author.build(cards(a="# T\n\n## 优点？\n\n快。\n\n## 优点？\n\n省。\n"))
    text = "# T\n\n## 优点？\n\n<!-- id: fast -->\n\n快。\n\n## 优点？\n\n省。\n"
    release = author.build(cards(a=text))
    assert not release.problems
    assert str(release.forecast) == "2 unchanged"


def test_two_cards_that_were_reworded_at_once_are_told_apart() -> None:
    one, two = "讲的是张量的形状：" + LONG, "讲的是自动求导：" + LONG[::-1]
    author = Author()
    author.build(cards(a=f"# T\n\n## 形状？\n\n{one}\n\n## 求导？\n\n{two}\n"))
    swapped = f"# T\n\n## 怎样求导数？\n\n{two}\n\n## 怎样得到它的形状？\n\n{one}\n"
    release = author.build(cards(a=swapped))
    assert not release.forecast.new
    assert {(r.before, r.question) for r in release.forecast.renamed} == {
        ("形状？", "怎样得到它的形状？"),
        ("求导？", "怎样求导数？"),
    }


def test_a_card_in_place_of_another_is_a_new_one() -> None:
    author = Author()
    uniform = "`torch.nn.init.uniform_(tensor, a=0, b=1)` 使值服从均匀分布 U(a, b)。"
    normal = "`torch.nn.init.normal_(tensor, mean=0, std=1)` 使值服从正态分布 N(mean, std)。"
    author.build(cards(a=f"# T\n\n## 均匀分布初始化\n\n{uniform}\n"))
    release = author.build(cards(a=f"# T\n\n## 正态分布初始化\n\n{normal}\n"))
    assert (len(release.forecast.new), len(release.forecast.retired)) == (1, 1)


EITHER = f"# T\n\n## 张量的形状一？\n\n{LONG}甲\n\n## 张量的形状二？\n\n{LONG}乙\n"


def ambiguous() -> tuple[Author, str]:
    """Return an author of two cards, and notes in which one is left that may be either."""
    author = Author()
    author.build(cards(a=EITHER))
    return author, f"# T\n\n## 张量的形状？\n\n{LONG}丙\n"


def test_a_card_that_could_be_either_of_two_is_asked_about() -> None:
    author, text = ambiguous()
    before = author.lock
    release = author.build(cards(a=text))
    assert (release.package, release.lock) == (None, before)
    (problem,) = release.problems
    assert (problem.code, problem.severity) == ("ambiguous-rename", "error")
    assert str(problem.span) == "notes/a.md:3:1"
    assert {"张量的形状一？", "张量的形状二？"} <= set(problem.message.split("`"))


def test_the_guid_in_the_help_settles_which_card_it_was() -> None:
    author, text = ambiguous()
    (problem,) = author.build(cards(a=text)).problems
    comment = problem.help.split("`")[1]
    release = author.build(cards(a=text.replace("？\n", f"？\n\n{comment}\n")))
    assert comment == f"<!-- id: {release.lock.entries[0].id} -->"
    assert (len(release.forecast.updated), len(release.forecast.retired)) == (1, 1)
    again = author.build(cards(a=text.replace("？\n", f"？\n\n{comment}\n")))
    assert str(again.forecast) == "1 unchanged"


def test_any_other_id_settles_that_it_is_new() -> None:
    author, text = ambiguous()
    release = author.build(cards(a=text.replace("？\n", "？\n\n<!-- id: shape -->\n")))
    assert (len(release.forecast.new), len(release.forecast.retired)) == (1, 2)


def test_the_likeliest_is_taken_where_that_is_asked_for() -> None:
    author, text = ambiguous()
    release = author.build(cards(a=text), accept_renames=True)
    assert (len(release.forecast.updated), len(release.forecast.retired)) == (1, 1)


def test_a_card_that_was_split_is_asked_about() -> None:
    author = Author()
    author.build(cards(a=f"# T\n\n## 张量的形状？\n\n{LONG}\n"))
    release = author.build(cards(a=EITHER))
    assert [p.code for p in release.problems] == ["ambiguous-rename"] * 2
    release = author.build(cards(a=EITHER), accept_renames=True)
    assert (len(release.forecast.updated), len(release.forecast.new)) == (1, 1)


def test_one_sure_match_settles_the_next() -> None:
    one, two = f"甲、{LONG}", f"{LONG}还有它的步幅与存储偏移，两者都很少用到，此处不讲。"
    author = Author()
    author.build(cards(a=f"# T\n\n## 张量是什么东西？\n\n{one}\n\n## 张量是什么？\n\n{two}\n"))
    release = author.build(
        cards(b=f"# T\n\n## 一个张量是什么？\n\n{two}啊\n\n## 张量是什么东西呢？\n\n{one}啊\n")
    )
    assert not release.forecast.new
    assert {(r.before, r.question) for r in release.forecast.renamed} == {
        ("张量是什么？", "一个张量是什么？"),
        ("张量是什么东西？", "张量是什么东西呢？"),
    }


def test_equal_cards_below_other_headings_move_with_their_headings() -> None:
    text = "# T\n\n## SGD\n\n### 优点？\n\n简单。\n\n## Adam\n\n### 优点？\n\n简单。\n"
    author = Author()
    author.build(cards(a=text))
    moved = text.replace("# T", "# U").replace("## SGD", "## 随机梯度下降（SGD）")
    before = {entry.context[-1]: entry.guid for entry in author.lock.entries}
    release = author.build(cards(b=moved))
    after = {entry.context[-1]: entry.guid for entry in author.lock.entries}
    assert not release.forecast.new
    assert after == {"随机梯度下降（SGD）": before["SGD"], "Adam": before["Adam"]}


def test_the_most_alike_together_win_not_the_most_alike_pair() -> None:
    assert best({(0, 0): 9.0, (0, 1): 8.0, (1, 0): 7.0}) == {0: 1, 1: 0}
    assert best({(0, 0): 9.0, (0, 1): 3.0, (1, 0): 4.0, (1, 1): 0.5}) == {0: 0, 1: 1}
    assert best({(0, 0): 1.0, (2, 0): 2.0, (5, 7): 0.0}) == {2: 0, 5: 7}
    assert best({}) == {}


@pytest.mark.parametrize("seed", range(30))
def test_no_other_choice_of_pairs_is_better(seed: int) -> None:
    chance = random.Random(seed)
    likeness = {
        (card, entry): chance.uniform(0, 30)
        for card in range(chance.randint(1, 4))
        for entry in range(chance.randint(1, 5))
        if chance.random() < 0.7
    }

    def worth(pairs: Iterable[tuple[int, int]]) -> tuple[int, float]:
        kept = [pair for pair in pairs if pair in likeness]
        return len(kept), round(sum(likeness[pair] for pair in kept), 6)

    choices = (zip(order, range(6), strict=False) for order in permutations(range(6), 6))
    assert worth(best(likeness).items()) == max(worth(choice) for choice in choices)


def test_a_small_edit_of_both_question_and_answer_is_still_the_card() -> None:
    author = Author()
    author.build(cards(a=f"# T\n\n## 什么是张量的形状？\n\n{LONG}\n"))
    release = author.build(cards(a=f"# T\n\n## 什么是一个张量的形状？\n\n{LONG}还有步幅。\n"))
    assert (len(release.forecast.updated), len(release.forecast.renamed)) == (1, 1)


def test_guids_are_known_before_anything_was_built() -> None:
    given = cards(a=f"# T\n\n## One?\n\n{LONG}\n")
    foreseen = remembered(given, Lock("4f1c")).guids
    author = Author()
    author.build(given)
    assert list(foreseen.values()) == [entry.guid for entry in author.lock.entries]
