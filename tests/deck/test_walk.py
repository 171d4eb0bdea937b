"""A deck under edits that nobody planned: whatever an author does, the forecast is Anki's log."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from builder.deck import Release
from builder.model import Asset, Course
from tests.deck.course import TEMPLATES, Author, course, note
from tests.deck.learner import Learner
from tests.deck.pixels import png

pytestmark = pytest.mark.anki

NOUNS = re.split(
    " ", "张量 卷积 梯度 损失 步幅 动量 掩码 嵌入 批次 学习率 残差 注意力 池化 权重 偏置"
)
VERBS = re.split(" ", "计算 保存 复制 改变 比较 合并 拆开 记住 忽略 放大 移动 检查 汇总 更新 冻结")
EDITS = 30


@dataclass
class Written:
    """A card as its author has it."""

    question: str
    answer: str
    id: str = ""

    def text(self) -> str:
        named = f"<!-- id: {self.id} -->\n\n" if self.id else ""
        return f"### {self.question}\n\n{named}{self.answer}\n\n"


@dataclass
class Section:
    """A heading with cards below it."""

    heading: str
    cards: list[Written] = field(default_factory=list)


class Notes:
    """Notes that change by chance; each edit is a method whose name begins with `do_`."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.files = {f"{n:02}-file.md": [self.section() for _ in range(2)] for n in range(3)}
        self.gone: list[Written] = []
        self.css, self.grey, self.tag = "", 9, "torch"
        self.consent: dict[str, bool] = {}

    def word(self) -> str:
        return self.chance.choice(NOUNS) + self.chance.choice(VERBS)

    def card(self) -> Written:
        number = self.chance.randrange(1000)
        said = "，".join(self.word() for _ in range(self.chance.randint(1, 9)))
        kinds = (
            said,
            f"{said}，{{{{c1::{self.word()}}}}}，以及 {{{{c2::`x[::{number}]`::切片}}}}。",
            f"见图 ![图](a.png)，{said}。",
            f"```python\nx = {number}\n```\n\n{said}",
        )
        return Written(f"怎样{self.word()}（{number}）？", self.chance.choice(kinds))

    def section(self) -> Section:
        heading = f"{self.word()}，{self.chance.randrange(10**6)}"
        return Section(heading, [self.card() for _ in range(4)])

    def any_section(self) -> Section:
        return self.chance.choice([it for parts in self.files.values() for it in parts])

    def some(self) -> Section:
        """Return a section with two cards at least."""
        section = self.any_section()
        section.cards += [self.card() for _ in range(2 - len(section.cards))]
        return section

    def any_card(self) -> Written:
        return self.chance.choice(self.some().cards)

    def do_edit_an_answer(self) -> None:
        card = self.any_card()
        card.answer += f"\n\n又：{self.word()}。"

    def do_reword_a_question(self) -> None:
        card = self.any_card()
        card.question = card.question.replace("怎样", "如何", 1) + "？" * ("如何" in card.question)

    def do_ask_in_other_words(self) -> None:
        self.any_card().question = f"{self.word()}与{self.word()}有何不同？"

    def do_give_an_id(self) -> None:
        card = self.any_card()
        card.id = card.id or f"id-{self.chance.randrange(10**9)}"

    def do_swap_two(self) -> None:
        cards = self.some().cards
        one, two = self.chance.sample(range(len(cards)), 2)
        cards[one], cards[two] = cards[two], cards[one]

    def do_swap_two_answers(self) -> None:
        one, two = self.chance.sample(self.some().cards, 2)
        one.answer, two.answer = two.answer, one.answer

    def do_move_a_card(self) -> None:
        section = self.some()
        card = section.cards.pop(self.chance.randrange(len(section.cards)))
        self.any_section().cards.append(card)

    def do_insert_on_top(self) -> None:
        self.any_section().cards.insert(0, self.card())

    def do_copy_a_question(self) -> None:
        self.any_section().cards.append(Written(self.any_card().question, self.word()))

    def do_delete(self) -> None:
        section = self.some()
        self.gone.append(section.cards.pop(self.chance.randrange(len(section.cards))))

    def do_bring_back(self) -> None:
        if self.gone:
            self.any_section().cards.append(self.gone.pop())

    def do_split_a_card(self) -> None:
        section = self.some()
        card = section.cards[0]
        section.cards.insert(1, Written(f"{card.question}（续）", card.answer))

    def do_rename_a_heading(self) -> None:
        self.any_section().heading = self.section().heading

    def do_rename_a_file(self) -> None:
        old = self.chance.choice(list(self.files))
        new = f"{self.chance.choice(NOUNS)}/{self.chance.randrange(10**6)}.md"
        self.files = {new if name == old else name: it for name, it in self.files.items()}

    def do_split_a_file(self) -> None:
        parts = self.files[self.chance.choice(list(self.files))]
        if len(parts) > 1:
            self.files[f"{self.chance.randrange(10**6)}.md"] = [parts.pop()]

    def do_swap_two_files(self) -> None:
        one, two = self.chance.sample(list(self.files), 2)
        self.files[one], self.files[two] = self.files[two], self.files[one]

    def do_dress_otherwise(self) -> None:
        self.css = f"p {{ margin: {self.chance.randrange(99)}px }}"

    def do_draw_otherwise(self) -> None:
        self.grey = self.chance.randrange(256)

    def do_tag(self) -> None:
        self.tag = self.word()

    def do_retire(self) -> None:
        self.consent = {"retire": True}

    def do_nothing(self) -> None:
        """Build again."""

    def edit(self) -> str:
        """Change something; return what that was."""
        self.consent = {}
        does = sorted(name for name in dir(self) if name.startswith("do_"))
        name = self.chance.choice(does)
        getattr(self, name)()
        return name

    def course(self) -> Course:
        notes = tuple(
            note(
                name,
                "".join(
                    f"# {it.heading}\n\n" + "".join(card.text() for card in it.cards)
                    for it in parts
                ),
                tags=("torch", self.tag),
            )
            for name, parts in self.files.items()
            if any(it.cards for it in parts)
        )
        name, drawn = f"{self.grey}.png", png(4, 4, self.grey)
        assets = (Asset(it.source.path, "a.png", name, drawn) for it in notes)
        return course(*notes, assets=tuple(assets))


class Life:
    """An author who edits, one learner who takes each release, and one who takes some."""

    def __init__(self, seed: int, learner: Learner, late: Learner) -> None:
        self.author, self.notes = Author(), Notes(seed)
        self.learner, self.late = learner, late

    def build(self) -> Release:
        """Build as an author does who takes the likeliest where it is asked."""
        css = TEMPLATES["card.css"] + self.notes.css
        options: dict[str, Any] = {"templates": TEMPLATES | {"card.css": css}, **self.notes.consent}
        release = self.author.build(self.notes.course(), **options)
        if release.package:
            return release
        wrong = {problem.code for problem in release.problems if problem.severity == "error"}
        assert wrong <= {"ambiguous-rename", "card-kind-changed"}
        breaking = "card-kind-changed" in wrong
        return self.author.build(
            self.notes.course(), accept_renames=True, breaking=breaking, **options
        )

    def step(self) -> Release:
        """Build and import; whatever was edited, this holds."""
        release = self.build()
        assert release.package, release.problems
        before, texts = self.learner.progress(), self.learner.texts()
        log = self.learner.take(release.package.content)
        assert log.counts == (*release.forecast.counts, 0)
        assert self.learner.progress() == before
        after = self.learner.texts()
        assert {guid for guid in texts if after[guid] != texts[guid]} <= set(log.updated)
        assert after.keys() - texts.keys() == set(log.new)
        return release


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_edited_the_forecast_is_what_anki_says(
    learners: Callable[[], Learner], seed: int
) -> None:
    life, edits = Life(seed, learners(), learners()), ["begun"]
    for number in range(EDITS):
        try:
            release = life.step()
            life.notes.consent = {}
            assert life.build().package == release.package or "retire" in edits[-1]
        except AssertionError as error:
            error.add_note(f"after {', '.join(edits)}")
            raise
        if number % 5 == 0:
            life.learner.study(6)
            assert release.package
            life.late.take(release.package.content)
        edits.append(life.notes.edit())
    life.notes.consent = {}
    release = life.step()
    assert release.package
    life.late.take(release.package.content)
    alive = {it.guid for it in (*release.forecast.unchanged, *release.forecast.updated)}
    shown, seen = life.learner.texts(), life.late.texts()
    assert len(alive) > 15
    assert {guid: shown[guid] for guid in alive} == {guid: seen[guid] for guid in alive}
