"""The deck in the hands of the real Anki: what a learner gets, keeps and never gets twice."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.deck import Release
from builder.model import Asset, Course, Kind
from tests.deck.course import TEMPLATES, Author, course, note, picture, verified
from tests.deck.learner import Learner, Log, tell

pytestmark = pytest.mark.anki

TENSORS = """\
# 张量

## 什么是张量？

元素类型相同的多维数组，$x_1 \\in R$。

```python
import torch
x = torch.ones(2)
```

## 如何得到形状？

用 `x.shape`，或 `x.size()`；两者都返回 `torch.Size`。

## 如何改变形状？

用 `reshape`：

```python
import torch
y = torch.ones(6).reshape(2, 3)
```
"""
AUTOGRAD = """\
# 自动求导

## What does `backward` do?

It walks the graph and adds to `.grad`.
"""


def small(tensors: str = TENSORS, autograd: str = AUTOGRAD) -> Course:
    return verified(course(note("01-tensors.md", tensors), note("02-autograd.md", autograd)))


def agree(release: Release, log: Log) -> bool:
    told = release.forecast
    return log.counts == (len(told.new), len(told.updated), len(told.unchanged), 0)


def test_a_new_learner_gets_every_card_in_order(learner: Learner) -> None:
    release = Author().build(small())
    assert release.package
    log = learner.take(release.package.content)
    assert log.counts == (4, 0, 0, 0)
    assert agree(release, log)
    assert list(learner.faults()) == []
    assert [(card.deck, card.position) for card in learner.cards()] == [
        ("Torch 笔记::01 张量", 1),
        ("Torch 笔记::01 张量", 2),
        ("Torch 笔记::01 张量", 3),
        ("Torch 笔记::02 自动求导", 4),
    ]


def test_the_whole_deck_is_taught_in_the_order_of_the_notes(learner: Learner) -> None:
    learner.take(Author().package(small()))
    root = learner.collection.decks.id_for_name("Torch 笔记")
    assert root
    learner.collection.decks.set_current(root)
    taught = []
    while card := learner.collection.sched.getCard():
        taught.append(card.due)
        learner.collection.sched.answerCard(card, 4)
    assert taught == [1, 2, 3, 4]


def test_an_edit_updates_one_card_and_loses_no_review(learner: Learner) -> None:
    author = Author()
    learner.take(author.package(small()))
    learner.study(3)
    before = learner.progress()
    edited = author.build(small(TENSORS.replace("多维数组", "多维的数组")))
    assert edited.package
    log = learner.take(edited.package.content)
    assert log.counts == (0, 1, 3, 0)
    assert agree(edited, log)
    assert len(before) == 3
    assert learner.progress() == before
    assert any("多维的数组" in card.answer for card in learner.cards())


@pytest.mark.parametrize(
    ("was", "became", "updated"),
    [
        ("## 如何得到形状？", "## 怎样得到一个张量的形状？", 1),
        ("## 什么是张量？", "## Tensor 是什么？", 1),
        ("# 张量\n", "# 张量入门\n", 3),
        ("## 如何得到形状？", "## 插入的新问题？\n\n新的答案。\n\n## 如何得到形状？", 0),
    ],
)
def test_a_reworded_card_stays_the_same_card(
    learner: Learner, was: str, became: str, updated: int
) -> None:
    author = Author()
    learner.take(author.package(small()))
    learner.study(4)
    before = learner.progress()
    release = author.build(small(TENSORS.replace(was, became)))
    assert release.package
    log = learner.take(release.package.content)
    assert agree(release, log)
    assert len(log.updated) == updated
    assert len(log.new) == ("插入" in became)
    assert learner.progress() == before
    assert list(learner.faults()) == []


def test_a_moved_file_keeps_its_cards_and_its_deck(learner: Learner) -> None:
    author = Author()
    learner.take(author.package(small()))
    moved = verified(course(note("basics/a.md", TENSORS), note("02-autograd.md", AUTOGRAD)))
    release = author.build(moved)
    assert release.package
    assert learner.take(release.package.content).counts == (0, 0, 4, 0)
    assert len(release.forecast.renamed) == 3
    assert {card.deck for card in learner.cards()} == {
        "Torch 笔记::01 张量",
        "Torch 笔记::02 自动求导",
    }


def test_a_card_that_left_the_notes_stays_with_the_learner_and_in_the_lock(
    learner: Learner,
) -> None:
    author = Author()
    learner.take(author.package(small()))
    fewer = author.build(small(TENSORS.partition("## 如何改变形状？")[0]))
    assert fewer.package
    log = learner.take(fewer.package.content)
    assert agree(fewer, log)
    assert log.counts == (0, 0, 3, 0)
    assert [entry.question for entry in fewer.forecast.retired] == ["如何改变形状？"]
    back = author.build(small())
    assert back.package
    log = learner.take(back.package.content)
    assert log.counts == (0, 0, 4, 0)
    assert agree(back, log)
    assert not back.forecast.retired


def test_another_look_reaches_the_learner_and_touches_no_note(learner: Learner) -> None:
    author = Author()
    learner.take(author.package(small()))
    first = learner.note_types()["Proofdeck Basic"]
    other = TEMPLATES | {"card.css": TEMPLATES["card.css"] + ".card { color: red }"}
    release = author.build(small(), templates=other)
    assert release.package
    log = learner.take(release.package.content)
    assert log.counts == (0, 0, 4, 0)
    assert agree(release, log)
    assert release.forecast.restyled == ("basic",)
    again = learner.note_types()["Proofdeck Basic"]
    assert "color: red" in again["css"]
    assert [f["id"] for f in again["flds"]] == [f["id"] for f in first["flds"]]


def test_a_learners_own_words_survive_until_the_author_touches_the_card(learner: Learner) -> None:
    author = Author()
    learner.take(author.package(small()))
    own = learner.collection.get_note(learner.collection.find_notes("形状")[0])
    own["Extra"] = "my own words"
    learner.collection.update_note(own)
    learner.take(author.package(small(TENSORS.replace("多维数组", "多维的数组"))))
    own.load()
    assert own["Extra"] == "my own words"


def test_two_decks_live_in_one_collection(learners: Callable[[], Learner]) -> None:
    learner = learners()
    one, other = Author("aaaa"), Author("bbbb")
    plain_css = TEMPLATES | {"card.css": ".card { color: green }"}
    learner.take(one.package(small()))
    learner.study(2)
    before = learner.progress()
    from builder.config import DeckConfig

    second = other.build(small(), DeckConfig(name="Another"), templates=plain_css)
    assert second.package
    assert learner.take(second.package.content).counts == (4, 0, 0, 0)
    assert learner.progress() == before
    edited = small(TENSORS.replace("多维数组", "多维的数组"))
    assert learner.take(one.package(edited)).counts == (0, 1, 3, 0)
    styles = [kind["css"] for kind in learner.note_types().values()]
    assert len(styles) == 2
    assert sorted(css == ".card { color: green }" or "--paper" in css for css in styles)
    assert learner.take(second.package.content).counts == (0, 0, 4, 0)
    assert list(learner.faults()) == []


def test_marks_tags_and_media_arrive(learner: Learner) -> None:
    text = TENSORS.replace("或 `x.size()`", "或 `x.size()`，![图](pic.png)")
    tensors = note("01-tensors.md", text, tags=("torch basics::shapes", "a::::b"))
    given = course(tensors, assets=(picture(tensors, "pic.png", b"\x89PNG one"),))
    learner.take(Author().package(verified(given, "reshape"), site_url="https://example.org/n/"))
    first, second, third = learner.cards()
    assert "✓ 代码已运行验证" in first.answer
    assert "代码" not in second.answer.split("</style>")[-1]
    assert '<img src="89504e47.png" alt="图">' in second.answer
    assert "代码有误 · 第 2 行" in third.answer
    assert '<span class="line fault">y' in third.answer
    assert "https://example.org/n/notes/01-tensors.html#" in third.answer
    assert set(learner.collection.tags.all()) == {
        "a::b",
        "proofdeck::broken",
        "proofdeck::verified",
        "torch_basics::shapes",
    }
    assert list(learner.faults()) == []


def test_a_reversed_card_can_be_asked_both_ways(learner: Learner) -> None:
    author = Author()
    learner.take(author.package(small()))
    both = verified(
        course(note("01-tensors.md", TENSORS, kind=Kind.REVERSED), note("02-autograd.md", AUTOGRAD))
    )
    assert learner.take(author.package(both)).counts == (0, 3, 1, 0)
    assert len(learner.cards()) == 7
    assert list(learner.faults()) == []


@pytest.mark.parametrize(
    ("was", "became", "left"),
    [
        ("A {{c1::b}} {{c3::c}}.", "A {{c1::b}} c.", 1),
        ("A {{c1::b}} {{c2::c}}.", "A {{c2::b}} {{c3::c}}.", 1),
        ("A {{c1::b}}.", "A {{c1::b}} {{c2::d}}.", 0),
        ("A :: both", "A :: all", 0),
        ("A ::: both", "A :: both", 1),
        ("A :: both", "A ::: both", 0),
    ],
)
def test_a_card_that_a_note_makes_no_more_is_foretold(
    learner: Learner, was: str, became: str, left: int
) -> None:
    author = Author()
    learner.take(author.package(course(note("a.md", f"# T\n\n{was}\n"))))
    release = author.build(course(note("a.md", f"# T\n\n{became}\n")))
    assert release.package
    learner.take(release.package.content)
    assert len(release.forecast.emptied) == left
    assert ("1 with a card less" in str(release.forecast)) == bool(left)
    assert learner.remove_empty() == left
    assert list(learner.faults()) == []
    again = author.build(course(note("a.md", f"# T\n\n{became}\n")))
    assert str(again.forecast) == "1 unchanged"


def test_the_description_reaches_the_learner(learner: Learner) -> None:
    learner.take(Author().package(small()))
    said = learner.collection.decks.by_name("Torch 笔记")
    assert said
    assert "torch 2.13.0" in said["desc"]
    assert "2025-10-10" in said["desc"]
    assert json.dumps(said)


def test_the_searches_of_the_description_find_what_they_say(learner: Learner) -> None:
    given = verified(course(note("a.md", TENSORS)), "reshape")
    learner.take(Author().package(given))
    said = learner.collection.decks.by_name("Torch 笔记")
    assert said
    searches = re.findall(r"<code>(.*?)</code> (\w+)", said["desc"])
    found = {what: len(learner.collection.find_cards(search)) for search, what in searches}
    assert found == {"代码已验证的卡片": 1, "代码有误的卡片": 1}


def test_a_sound_is_played_and_a_drawing_is_shown(learner: Learner) -> None:
    text = (
        "# T\n\n## How is it said?\n\nSo: ![](word.mp3) and drawn: ![d](a.svg)\n\n[sound:x.mp3]\n"
    )
    one = note("a.md", text)
    media = (
        Asset(one.source.path, "word.mp3", "0a.mp3", b"ID3"),
        Asset(one.source.path, "a.svg", "0b.svg", b"<svg/>"),
    )
    learner.take(Author().package(course(one, assets=media)))
    (card,) = learner.cards()
    assert "[anki:play:a:0]" in card.answer
    assert card.answer.count("[anki:play") == 1
    assert '<img src="0b.svg" alt="d">' in card.answer
    assert list(learner.faults()) == []


def test_what_an_update_does_can_be_told_by_hand(tmp_path: Path) -> None:
    pytest.importorskip("anki")
    author = Author()
    old, new = tmp_path / "old.apkg", tmp_path / "new.apkg"
    old.write_bytes(author.package(small()))
    new.write_bytes(author.package(small(TENSORS.replace("多维数组", "多维的数组"))))
    assert list(tell(str(old), str(new))) == [
        f"{old}: 4 new, 0 updated, 0 unchanged",
        f"{new}: 0 new, 1 updated, 3 unchanged",
        "4 cards in 2 decks, each rendered on both sides",
    ]
