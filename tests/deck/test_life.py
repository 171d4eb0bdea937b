"""A life of a deck: years of edits in a folder of notes, and one learner who imports each build."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from builder import files, pipeline
from builder.deck import Consent, Release
from tests.deck.course import DAY_ONE
from tests.deck.learner import Learner, Log
from tests.deck.pixels import png

pytestmark = pytest.mark.anki

KINDS = ("边缘", "角点", "纹理", "形状", "部件", "颜色", "方向", "尺度", "位置", "关系", "语义")
LAYERS = "".join(
    f"### 第 {n} 层做什么？\n\n它把输入变成第 {n} 种特征：{kind}，再交给下一层。\n\n"
    for n, kind in enumerate(KINDS, 1)
)
NOTES = {
    "proofdeck.toml": 'title = "Torch 笔记"\n',
    "notes/01-tensors.md": """\
# 张量

## 什么是张量？

元素类型相同的多维数组，$x_1 \\in R$，见图：![形状](img/shape.png)

## 如何得到形状？

用 `x.shape`，或 `x.size()`；两者都返回 `torch.Size`。

## 如何改变形状？

用 `reshape`：

```python
import torch
y = torch.ones(6)[::2].reshape(3, 1)
```
""",
    "notes/02-layers.md": f"# 层\n\n## 卷积网络\n\n{LAYERS}## 全连接网络\n\n{LAYERS}",
    "notes/03-autograd.md": """\
# 自动求导

## What does `backward` do?

It walks the graph and adds to `.grad`.

## 叶子张量是什么？

由用户直接创建、需要梯度的张量；反向传播后它的 `.grad` 有值。
""",
}


class Years:
    """A folder of notes, its author, and a learner who has studied much of it."""

    def __init__(self, folder: Path, learner: Learner) -> None:
        self.folder, self.learner = folder, learner
        self.now = DAY_ONE
        self.options: dict[str, Any] = {}
        for name, text in NOTES.items():
            self.write(name, text)
        self.write_bytes("notes/img/shape.png", png(8, 8, 40))

    def write(self, name: str, text: str) -> None:
        self.write_bytes(name, text.encode())

    def write_bytes(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def edit(self, name: str, was: str, became: str) -> None:
        text = (self.folder / name).read_text("utf-8")
        assert was in text
        self.write(name, text.replace(was, became))

    def build(self, **consent: bool) -> Release:
        """Build as `build deck --no-verify` does, a day later."""
        self.now += 86_400
        where = pipeline.settings((), None, self.folder / "proofdeck.toml")
        made = pipeline.make(
            where,
            pipeline.read(where).course,
            ("deck",),
            consent=Consent(**consent),
            now=self.now,
            **self.options,
        )
        pipeline.write(where, made)
        assert made.release
        return made.release

    def step(self, **consent: bool) -> tuple[Release, Log]:
        """Build and import; whatever was edited, this holds."""
        before, texts = self.learner.progress(), self.learner.texts()
        release = self.build(**consent)
        assert release.package, release.problems
        log = self.learner.take((self.folder / "dist" / release.package.path).read_bytes())
        assert log.counts == (*release.forecast.counts, 0)
        assert self.learner.progress() == before
        after = self.learner.texts()
        touched = {guid for guid in texts if after[guid] != texts[guid]}
        assert touched == set(log.updated)
        assert after.keys() - texts.keys() == set(log.new)
        return release, log

    def questions(self) -> list[str]:
        return [re.sub("<[^>]*>", "", fields[0]) for fields, _ in self.learner.texts().values()]


@pytest.fixture
def years(tmp_path: Path, learner: Learner) -> Years:
    life = Years(tmp_path / "course", learner)
    _, log = life.step()
    assert log.counts == (27, 0, 0, 0)
    assert len(learner.study(20)) == 20
    return life


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    def move(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


def test_a_life_of_a_deck(years: Years, zone: Callable[[str], None]) -> None:
    learner = years.learner
    tensors, layers, autograd = (name for name in NOTES if name.endswith(".md"))

    # Edited answers.
    years.edit(tensors, "多维数组", "多维的数组")
    years.edit(autograd, "adds to", "accumulates into")
    assert years.step()[1].counts == (0, 2, 25, 0)

    # Reworded questions, one of them with its answer.
    years.edit(tensors, "## 如何得到形状？", "## 怎样得到一个张量的形状？")
    years.edit(autograd, "## 叶子张量是什么？", "## 什么是叶子张量？")
    years.edit(autograd, "需要梯度的张量", "并且需要梯度的张量")
    release, log = years.step()
    assert log.counts == (0, 2, 25, 0)
    assert len(release.forecast.renamed) == 2

    # Two change places, and what both say of themselves stays theirs.
    text = (years.folder / autograd).read_text("utf-8")
    head, one, two = text.split("## ")
    years.write(autograd, f"{head}## {two}\n\n## {one}")
    assert years.step()[1].counts == (0, 0, 27, 0)

    # A file moves into a folder, under another name.
    (years.folder / "notes/basics").mkdir()
    (years.folder / autograd).rename(years.folder / "notes/basics/00-gradients.md")
    release, log = years.step()
    assert log.counts == (0, 0, 27, 0)
    assert len(release.forecast.renamed) == 2

    # A new card on top.
    years.edit(tensors, "# 张量\n", "# 张量\n\n## 为什么叫张量？\n\n借自数学与物理。\n")
    assert years.step()[1].counts == (1, 0, 27, 0)

    # One goes, and stays with the learner until the author says so.
    years.edit(tensors, "## 为什么叫张量？\n\n借自数学与物理。\n", "")
    years.edit(layers, "### 第 11 层做什么？", "<!-- -->\n\n### 第 11 层做什么？")
    text = (years.folder / layers).read_text("utf-8")
    gone = re.search(r"### 第 3 层.*?(?=###)", text, re.DOTALL)
    assert gone
    years.write(layers, text.replace(gone[0], "", 1))
    release, log = years.step()
    assert log.counts == (0, 0, 26, 0)
    assert len(release.forecast.retired) == 2
    release, log = years.step(retire=True)
    assert log.counts == (0, 2, 26, 0)
    assert len(release.forecast.tombstones) == 2
    assert learner.remove_empty() == 2
    assert not any("为什么叫张量" in question for question in years.questions())
    assert years.step()[1].counts == (0, 0, 26, 0)

    # A heading above twenty is called otherwise: only the line above the question changes.
    years.edit(layers, "# 层\n", "# 网络的层\n")
    assert years.step()[1].counts == (0, 21, 5, 0)
    years.edit(layers, "## 卷积网络", "## CNN")
    assert years.step()[1].counts == (0, 10, 16, 0)

    # Another look.
    css = files.templates("card")
    years.options["templates"] = css | {"card.css": css["card.css"] + ".card { color: red }"}
    release, log = years.step()
    assert (log.counts, release.forecast.restyled) == ((0, 0, 26, 0), ("basic",))

    # Another image under the same name.
    years.write_bytes("notes/img/shape.png", png(8, 8, 200))
    assert years.step()[1].counts == (0, 1, 25, 0)
    assert len(list((Path(learner.collection.media.dir())).iterdir())) == 2

    # Another day, another zone: the same bytes, and a newer clock is no update.
    package = years.folder / "dist/Torch 笔记.apkg"
    before, lock = package.read_bytes(), (years.folder / "proofdeck.lock").read_bytes()
    for name in ("Asia/Shanghai", "America/Los_Angeles"):
        zone(name)
        assert years.step()[1].counts == (0, 0, 26, 0)
        assert package.read_bytes() == before
        assert (years.folder / "proofdeck.lock").read_bytes() == lock

    assert len(set(years.questions())) == len(years.questions()) - 10  # 10 are asked of both nets
    assert list(learner.faults()) == []


def test_a_learner_who_skips_releases_ends_up_the_same(
    years: Years, learners: Callable[[], Learner]
) -> None:
    tensors = "notes/01-tensors.md"
    late = learners()
    late.take((years.folder / "dist/Torch 笔记.apkg").read_bytes())
    years.edit(tensors, "多维数组", "多维的数组")
    years.step()
    years.edit(tensors, "## 什么是张量？", "## 张量究竟是什么？")
    years.step()
    years.edit(tensors, "两者都返回", "二者都返回")
    release, _ = years.step()
    assert release.package
    assert late.take(release.package.content).counts == (0, 2, 25, 0)
    assert late.texts() == years.learner.texts()


def test_another_learners_notes_and_another_deck_are_left_alone(
    years: Years, tmp_path: Path
) -> None:
    learner = years.learner
    collection = learner.collection
    basic = collection.models.by_name("Basic")
    assert basic
    basic["css"] = ".card { color: teal }"
    collection.models.update_dict(basic)
    own = collection.new_note(basic)
    own["Front"], own["Back"] = "什么是张量？", "我的笔记"
    own.tags = ["marked"]
    collection.add_note(own, collection.decks.id("Mine"))  # type: ignore[arg-type]
    other = Years(tmp_path / "other", learner)
    other.write("proofdeck.toml", 'title = "别人的笔记"\n')
    texts = learner.texts()
    _, log = other.step()
    assert log.counts == (27, 0, 0, 0)
    years.edit("notes/01-tensors.md", "多维数组", "多维的数组")
    assert years.step()[1].counts == (0, 1, 26, 0)
    other.edit("notes/02-layers.md", "再交给下一层", "再传给下一层")
    assert other.step()[1].counts == (0, 22, 5, 0)
    assert years.step()[1].counts == (0, 0, 27, 0)
    assert learner.texts()[own.guid] == texts[own.guid]
    kinds = learner.note_types()
    assert kinds["Basic"]["css"] == ".card { color: teal }"
    assert len(kinds) == 3
    assert list(learner.faults()) == []
