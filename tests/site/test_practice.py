"""Practice in a real browser: what is asked when, for how long it is remembered, and by whom."""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, datetime, timedelta
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
from fsrs import Card, Rating, Scheduler, State
from playwright.sync_api import Page

from builder.model import Course, Status, Verdict
from tests.browser import Chromium
from tests.site.courses import course, made, note, write

pytestmark = pytest.mark.browser

A = "# 张量\n\n" + "".join(
    f"## 第 {n} 题？\n\n第 {n} 个答案，见[第一题](#第-1-题)。\n\n" for n in range(1, 5)
)
B = "# 求导\n\n## 怎样求导？\n\n$x^2$ 用反向传播。\n"
FIRST = datetime(2026, 3, 1, 8, tzinfo=UTC)


def the_course() -> Course:
    notes = (note("a.md", A), note("sub/b.md", B))
    guids = [(card.span, f"guid{n}") for n, card in enumerate(c for x in notes for c in x.cards)]
    return course(*notes, guids=tuple(guids))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("host")
    write(root / "the site", the_course())
    return root


def kept(page: Page) -> dict[str, Any]:
    found = page.evaluate("JSON.parse(localStorage.getItem('practice') ?? '{}').cards ?? {}")
    assert isinstance(found, dict)
    return found


def asks(page: Page) -> bool:
    """Tell whether a card lies on the desk, once that is decided."""
    page.wait_for_selector("section.now, .done", state="attached")
    return page.locator("section.now").count() == 1


HISTORY = """
(histories) => histories.map((reviews) => {
  let card;
  return reviews.map(([grade, at]) => (card = fsrs.review(card, grade, at)));
})
"""


def test_every_step_is_that_of_the_reference(chromium: Chromium, folder: Path) -> None:
    """Many random lives of a card, seconds to years between two reviews."""
    rng = random.Random(6)
    start = int(FIRST.timestamp() * 1000)
    histories = []
    for _ in range(400):
        at, reviews = start, []
        for _ in range(rng.randint(1, 14)):
            at += int(10 ** rng.uniform(3, 10.5))
            reviews.append((rng.choice((1, 2, 3, 3, 3, 4)), at))
        histories.append(reviews)
    with chromium.visit((folder / "the site/practice.html").as_uri()) as visit:
        ours = visit.page.evaluate(HISTORY, histories)
    scheduler = Scheduler(enable_fuzzing=False)
    names = {State.Learning: "learning", State.Review: "review", State.Relearning: "relearning"}
    for reviews, steps in zip(histories, ours, strict=True):
        card = Card()
        for (grade, at), step in zip(reviews, steps, strict=True):
            when = datetime.fromtimestamp(at // 1000, UTC) + timedelta(milliseconds=at % 1000)
            card, _ = scheduler.review_card(card, Rating(grade), when)
            assert step["stability"] == pytest.approx(card.stability, rel=1e-9)
            assert step["difficulty"] == pytest.approx(card.difficulty, rel=1e-9)
            assert step["state"] == names[card.state]
            assert step["step"] == (card.step or 0)
            assert timedelta(milliseconds=step["due"] - at) == card.due - when


def test_a_chapter_is_studied_over_ten_days(chromium: Chromium, home: str) -> None:
    with chromium.visit(f"{home}index.html") as visit:
        page, asked = visit.page, []
        page.clock.install(time=FIRST)
        for day in range(10):
            page.clock.set_fixed_time(FIRST + timedelta(days=day))
            page.goto("about:blank")
            page.goto(f"{home}notes/a.html#@practice")
            n = 0
            while asks(page):
                page.keyboard.press("Space")
                page.wait_for_selector(".grade")
                page.keyboard.press("1" if day == 0 and n == 0 else "3")
                n += 1
                assert n < 30
            asked.append(n)
        assert asked[0] == 9  # four cards in two steps, and one that was forgotten once more
        assert asked[1] == 1  # the one that was forgotten
        assert 0 < sum(asked[1:]) <= 8
        cards = kept(page)
        assert sorted(cards) == ["guid0", "guid1", "guid2", "guid3"]
        assert all(card["state"] == "review" for card in cards.values())
        assert visit.said == []
        assert visit.strangers(home) == []


def test_the_whole_course_and_one_tag(chromium: Chromium, home: str) -> None:
    with chromium.visit(f"{home}practice.html") as visit:
        page = visit.page
        assert page.inner_text(".practice .status") == "0 张复习 · 5 张新卡"
        page.click(".start")
        for _ in range(5):
            page.wait_for_selector("section.now")
            page.click(".desk .show")
            page.click(".grade-4")
        page.wait_for_selector(".practice .status >> text=今天的都学完了")
        assert page.url.startswith(f"{home}practice.html")
        assert len(kept(page)) == 5
        page.goto(f"{home}practice.html#chapter=notes/sub/b")
        page.wait_for_url("**/sub/b.html#@practice")
        assert visit.said == []


def test_progress_leaves_and_comes_back(chromium: Chromium, home: str, tmp_path: Path) -> None:
    with chromium.visit(f"{home}notes/a.html#@practice") as visit:
        page = visit.page
        page.click(".desk .show")
        page.click(".grade-3")
        page.goto(f"{home}practice.html")
        with page.expect_download() as download:
            page.click(".export")
        file = tmp_path / "practice.json"
        download.value.save_as(file)
        before = kept(page)
        assert json.loads(file.read_text("utf-8")) == {"practice": 1, "cards": before}
        page.evaluate("localStorage.clear()")
        page.reload()
        page.set_input_files("input[type=file]", file)
        page.wait_for_selector("text=已导入 1 张卡片的进度")
        assert kept(page) == before
        bad = {"guid1": {"state": "review", "stability": -1}, "__proto__": 3, "guid2": None}
        for text in ("no json", "[]", '{"practice": 1}', json.dumps({"practice": 2, "cards": {}})):
            file.write_text(text, "utf-8")
            page.set_input_files("input[type=file]", file)
            page.wait_for_selector("text=这个文件不是导出的进度")
        file.write_text(json.dumps({"practice": 1, "cards": bad}), "utf-8")
        page.set_input_files("input[type=file]", file)
        page.wait_for_selector("text=已导入 0 张卡片的进度")
        assert kept(page) == before
        assert visit.said == []


KINDS = """# 张量

## 怎样求和？

用 {{c1::torch.sum}} 或 $x^{{c2::2}}$ 的 {{c2::方法::名词}}。

## 属性

<!-- cards -->

| 问 | 答 |
|---|---|
| `dim` 是什么？ | 一维，见[上面](#怎样求和) |
| `numel` 呢？ | 个数 |

## 输出

```python {card=output}
print(1 + 1)
```

## `view` 是什么？ #card-reverse

不复制的变形。
"""


def test_rows_gaps_and_output_are_asked_too(chromium: Chromium, tmp_path: Path) -> None:
    from tests.deck.course import note as read

    given = read("a.md", KINDS)
    (snippet,) = given.snippets
    verdicts = (Verdict(snippet, Status.PASSED, stdout="2\n"),)
    files = made(course(given, verdicts=verdicts))
    for path, content in files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    url = (tmp_path / "notes/a.html").as_uri() + "#@practice"
    with chromium.visit(url, script=False) as visit:
        page = visit.page
        asked = page.locator(".practice-cards > li")
        shown = [asked.nth(n).inner_text() for n in range(asked.count())]
        assert page.locator(".flip:visible").count() == 1
        asked.last.locator("summary").click()
        assert not asked.last.locator(".front").is_visible()
    listed = re.search(r'data-ids="([^"]*)"', files["notes/a.html"].decode())
    assert listed
    ids = listed[1].split("\n")
    overview = files["practice.html"].decode()
    assert len(ids) == len(set(ids)) == len(shown) + 1  # and the heading that asks by itself
    assert all(escape(found, quote=False) in unescape(overview) for found in ids)
    text = "\n".join(shown)
    assert "用 […] 或" in text
    assert "[名词]" in text
    assert "dim 是什么？" in text
    assert "print(1 + 1)" in text
    assert shown[-1].startswith("这说的是什么？")
    assert "不复制的变形。" in shown[-1]
    assert "个数" not in text


def test_new_cards_have_a_limit_and_the_last_grade_can_be_undone(
    chromium: Chromium, home: str
) -> None:
    with chromium.visit(f"{home}practice.html") as visit:
        page = visit.page
        page.fill(".limit", "2")
        page.keyboard.press("Enter")
        page.wait_for_selector(".practice .status >> text=0 张复习 · 2 张新卡")
        page.goto(f"{home}notes/a.html#@practice")
        page.wait_for_selector(".practice .status >> text=2 张新卡")
        page.click(".desk .show")
        page.keyboard.press("4")
        page.wait_for_selector(".practice .status >> text=1 张新卡")
        page.keyboard.press("z")
        page.wait_for_selector(".practice .status >> text=2 张新卡")
        assert kept(page) == {}
        assert page.is_hidden(".undo")
        for _ in range(2):
            page.click(".desk .show")
            page.click(".grade-4")
        page.wait_for_selector("text=今天的新卡学完了")
        page.click(".undo")
        assert "第 2 题" in page.inner_text("section.now h2")
        page.click(".desk .show")
        page.click(".grade-4")
        page.click("text=再学 2 张新卡")
        assert "第 3 题" in page.inner_text("section.now h2")
        assert visit.said == []


def test_chapters_are_mixed_by_when_their_cards_are_due(chromium: Chromium, home: str) -> None:
    now = FIRST.timestamp() * 1000
    state = {"stability": 3.0, "difficulty": 5.0, "state": "review", "step": 0, "last": now - 9e8}
    # The chapters in turn: the first card of one, the card of the other, then the next.
    due = {"guid0": 3e8, "guid4": 2e8, "guid1": 1e8}
    cards = {guid: {**state, "due": now - ago} for guid, ago in due.items()}
    with chromium.visit(f"{home}index.html") as visit:
        page = visit.page
        page.clock.install(time=FIRST)
        page.clock.set_fixed_time(FIRST)
        page.evaluate(
            "cards => localStorage.setItem('practice', JSON.stringify({practice: 1, cards}))", cards
        )
        page.evaluate("localStorage.setItem('practice-limit', '0')")
        page.goto(f"{home}practice.html")
        page.click(".start")
        order = []
        for n in range(3):
            page.wait_for_url("**/sub/b.html#@practice*" if n == 1 else "**/a.html#@practice*")
            order.append(page.inner_text("section.now h2"))
            page.click(".desk .show")
            page.click(".grade-3")
        page.wait_for_selector("text=今天的新卡学完了")
        assert [title[:4] for title in order] == ["第 1 ", "怎样求导", "第 2 "]
        assert visit.said == []


def test_without_script_every_answer_opens(chromium: Chromium, home: str) -> None:
    with chromium.visit(f"{home}practice.html", script=False) as visit:
        page = visit.page
        page.click("main >> text=张量")
        page.wait_for_load_state()
        for n in range(1, 5):
            assert not page.is_visible(f"text=第 {n} 个答案")
            page.click(f"section:has-text('第 {n} 题') summary >> nth=0")
            assert page.is_visible(f"text=第 {n} 个答案")
        assert not page.is_visible(".desk")
        page.click("text=结束练习")
        page.wait_for_load_state()
        assert page.inner_text("h1") == "张量"
        assert not page.is_visible("summary >> text=翻开")


def test_what_moves_a_reader_is_where_the_keyboard_is(chromium: Chromium, home: str) -> None:
    with chromium.visit(f"{home}notes/a.html#@practice", width=390) as visit:
        page = visit.page
        assert page.inner_text(":focus") == "翻开"
        page.keyboard.press("Enter")
        page.wait_for_selector(".grade")
        assert page.inner_text(":focus b") == "记得"
        page.keyboard.press("Enter")
        page.wait_for_selector(".desk .show")
        assert "第 2 题" in page.inner_text("section.now h2")
        assert [width for width in (390, 1280) if visit.overflows(width)] == []
        assert len(visit.asked) <= 6
