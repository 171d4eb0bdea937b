"""The search in a real browser, held against *the text contains it*."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page

from builder import pipeline
from builder.site.search import folded
from tests.browser import Chromium, served
from tests.site.courses import course, made, note

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent.parent
SHARED = ROOT.parent / "shared"

A = """# 张量与广播

开头说到过拟合现象，和 `torch.nn.Module`。

## 01. 广播怎么做？

两个形状**右**对齐；$\\frac{a}{b}$ 是比值，σ 与 Σ。

```python
import torch
y42 = torch.nn.Linear(2, 3)
```

| 甲 | 乙 |
| -- | -- |
| 丙 | 丁 |

## Dropout

用来缓解过拟合。
"""
B = """# 求导

## 过拟合是什么？

训练误差小，验证误差大。Linear 层也会。
"""


def write(folder: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    notes = [note("a.md", A), note("b.md", B)]
    notes += [note(f"n{n}.md", f"# 第 {n} 篇\n\n## 题 {n}\n\n凑数\n") for n in range(30)]
    write(folder / "the site", made(course(*notes)))
    return folder


@pytest.fixture(params=["file", "server"])
def home(request: pytest.FixtureRequest, small: Path) -> Iterator[str]:
    if request.param == "file":
        yield (small / "the site").as_uri() + "/"
    else:
        with served(small) as url:
            yield f"{url}the%20site/"


def ask(page: Page, query: str) -> list[str]:
    """Type a query; return the hits that are shown, as `page#anchor`."""
    page.fill("[id='@query']", query)
    page.wait_for_selector(".hits[aria-busy=false]", state="attached")
    return shown(page)


def shown(page: Page) -> list[str]:
    urls: list[str] = page.evaluate("[...document.querySelectorAll('.hits a')].map(a => a.href)")
    return [unquote(url).partition("/notes/")[2] for url in urls]


def test_formulas_are_found_as_they_are_shown_and_as_they_are_written(
    chromium: Chromium, tmp_path: Path
) -> None:
    a = "# 方差 $\\sigma^2$\n\n## 为什么是 $\\frac{a}{n}$？\n\n由 $x_i^{10}$ 得 $\\mu$\n"
    a += "\n```python\nnu = 1\n```\n"
    write(tmp_path, made(course(note("a.md", a))))
    with chromium.visit((tmp_path / "search.html").as_uri()) as visit:
        page = visit.page
        page.wait_for_selector("[id='@query']")
        assert ask(page, "方差 σ²") == ask(page, "方差 σ2") == ["a.html"]
        assert page.inner_text(".hit-title mark") == "方差 σ²"
        (section,) = ask(page, "是 a/n")
        assert page.inner_text(".hit-title") == "为什么是 a/n？"
        assert page.inner_text(".hit-page") == "方差 σ²"
        assert ask(page, "由 xᵢ¹⁰ 得 μ") == ask(page, "xi10") == [section]
        assert page.inner_text(".hit-text mark") == "xᵢ¹⁰"
        for tex in ("\\frac{a}{n}", "x_i^{10}", "\\mu"):
            assert ask(page, tex) == [section]
            assert page.inner_text(".hit-code mark") == page.inner_text(".hit-code") == tex
        assert ask(page, "nu =") == [section]
        assert page.inner_text(".hit-code") == "nu = 1"
        assert visit.said == []


def test_title_question_text_code_in_this_order(chromium: Chromium, home: str) -> None:
    with chromium.visit(f"{home}search.html") as visit:
        page = visit.page
        page.wait_for_selector("[id='@query']")
        assert ask(page, "过拟合") == ["b.html#过拟合是什么", "a.html", "a.html#dropout"]
        assert ask(page, "nn.Modul") == ["a.html"]
        assert ask(page, "LINEAR") == ["b.html#过拟合是什么", "a.html#广播怎么做"]
        assert ask(page, "y4") == ask(page, "42") == ["a.html#广播怎么做"]
        assert ask(page, "右对齐") == ask(page, "\\frac{a}") == ["a.html#广播怎么做"]
        assert ask(page, "张量") == ["a.html"]
        assert ask(page, "丙丁") == []
        assert page.inner_text(".search-said") == "哪里都没有"
        assert ask(page, "Σ") == ["a.html#广播怎么做"]
        assert page.inner_text(".hits mark") == "σ"
        assert visit.said == []
        assert visit.strangers(home) == []


def test_words_apart_are_found_where_nothing_has_them_together(
    chromium: Chromium, home: str
) -> None:
    with chromium.visit(f"{home}search.html") as visit:
        page = visit.page
        page.wait_for_selector("[id='@query']")
        assert ask(page, "import  torch") == ["a.html#广播怎么做"]
        assert ask(page, "过拟合 dropout") == ["a.html#dropout"]
        assert "分开" in page.inner_text(".search-said")


def test_hits_say_where_they_stand_and_mark_what_was_asked(chromium: Chromium, home: str) -> None:
    with chromium.visit(f"{home}search.html?q=过拟合") as visit:
        page = visit.page
        page.wait_for_selector(".hits a")
        assert page.input_value("[id='@query']") == "过拟合"
        assert page.inner_text(".hits li:nth-child(1) .hit-page") == "求导"
        assert page.inner_text(".hits li:nth-child(2)").startswith("张量与广播\n开头说到过拟合现象")
        marks = page.evaluate("[...document.querySelectorAll('.hits mark')].map(m => m.innerText)")
        assert marks == ["过拟合"] * 3


def test_many_hits_come_bit_by_bit(chromium: Chromium, home: str) -> None:
    with chromium.visit(f"{home}search.html") as visit:
        page = visit.page
        page.wait_for_selector("[id='@query']")
        assert len(ask(page, "凑")) == 10
        assert page.inner_text(".search-said") == "前 10 处"
        page.click(".more")
        page.wait_for_selector(".hits li:nth-child(30)")
        assert page.inner_text(".search-said") == "共 30 处"
        assert not page.is_visible(".more")


def test_the_keyboard_alone(chromium: Chromium, home: str) -> None:
    with chromium.visit(f"{home}notes/b.html") as visit:
        page = visit.page
        page.keyboard.press("/")
        page.wait_for_selector("dialog [id='@query']:focus")
        page.keyboard.type("过拟合")
        page.wait_for_selector(".hits li:nth-child(3)")
        focused = "document.activeElement.querySelector('.hit-title')?.innerText"
        page.keyboard.press("ArrowDown")
        assert page.evaluate(focused) == "过拟合是什么？"
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        assert page.evaluate(focused) == "Dropout"
        page.keyboard.press("ArrowUp")
        assert page.evaluate(focused) == "张量与广播"
        page.keyboard.press("Enter")
        page.wait_for_selector("h1 >> text=张量与广播")
        page.wait_for_load_state()
        page.keyboard.press("Control+k")
        page.wait_for_selector("dialog [id='@query']:focus")
        page.keyboard.press("Escape")
        assert not page.is_visible("dialog")
        page.keyboard.press("/")
        page.wait_for_selector("dialog [id='@query']:focus")
        page.keyboard.type("//")
        assert page.input_value("[id='@query']") == "//"
        assert visit.said == []


def test_the_first_hit_answers_to_enter(chromium: Chromium, home: str) -> None:
    with chromium.visit(f"{home}index.html") as visit:
        page = visit.page
        page.click("a.search")
        page.wait_for_selector("dialog [id='@query']:focus")
        ask(page, "y42")
        page.keyboard.press("Enter")
        page.wait_for_selector("h1 >> text=张量与广播")
        assert unquote(page.url).endswith("notes/a.html#广播怎么做")


def test_what_is_being_composed_is_no_query_yet(chromium: Chromium, home: str) -> None:
    compose = """([step, text]) => {
      const input = document.querySelector("[id='@query']");
      input.value = text;
      if (step === "start") input.dispatchEvent(new CompositionEvent("compositionstart"));
      input.dispatchEvent(new InputEvent("input", { isComposing: step !== "end" }));
      const enter = { key: "Enter", isComposing: step !== "end", bubbles: true, cancelable: true };
      if (step !== "end") input.dispatchEvent(new KeyboardEvent("keydown", enter));
      if (step === "end") input.dispatchEvent(new CompositionEvent("compositionend"));
    }"""
    with chromium.visit(f"{home}search.html") as visit:
        page = visit.page
        page.wait_for_selector("[id='@query']")
        ask(page, "Linear")
        before = shown(page)
        page.evaluate(compose, ["start", "guo ni he"])
        page.evaluate(compose, ["on", "guo ni he"])
        assert shown(page) == before
        assert "search.html" in page.url
        page.evaluate(compose, ["end", "过拟合"])
        page.wait_for_selector(".hits li:nth-child(3)")


def test_tags_narrow_the_search(chromium: Chromium, tmp_path: Path) -> None:
    from dataclasses import replace

    one, two = (replace(note(f"{n}.md", "# 题\n\n同样的话\n"), tags=(f"标签{n}",)) for n in "ab")
    write(tmp_path, made(course(one, two)))
    with chromium.visit((tmp_path / "search.html").as_uri()) as visit:
        page = visit.page
        page.wait_for_selector("[id='@query']")
        assert ask(page, "同样") == ["a.html", "b.html"]
        page.select_option("select", label="标签b")
        page.wait_for_selector(".hits[aria-busy=false]")
        page.wait_for_function("document.querySelectorAll('.hits a').length === 1")
        assert shown(page) == ["b.html"]


def test_without_script_the_index_is_offered(chromium: Chromium, home: str) -> None:
    with chromium.visit(f"{home}notes/a.html", script=False) as visit:
        visit.page.click("a.search")
        visit.page.click("main a[href]")
        assert visit.page.inner_text("h1") == "课程"


# The whole truth -------------------------------------------------------------------------------


def places(site: Path) -> list[tuple[str, list[str]]]:
    """Return every place of a site as `page#anchor`, and its texts, as its pieces have them."""
    index = _value(site / "assets/search/index.js")
    texts: list[list[str]] = []
    for n in range(len(index["texts"])):
        texts += _value(site / f"assets/search/text-{n}.js")
    found: list[tuple[str, list[str]]] = []
    for path, title, *rest in index["pages"]:
        for place in rest:
            heading, anchor = (place, place) if isinstance(place, str) else place[:2]
            text, code = texts[len(found)]
            where = path.removeprefix("notes/") + (f"#{anchor}" if anchor else "")
            found.append(
                (where, [folded(it) for it in ("" if heading else title, heading, text, code)])
            )
    return found


def _value(file: Path) -> Any:
    return json.loads(file.read_text("utf-8").partition(",")[2].rstrip().removesuffix(")"))


def truth(all_places: list[tuple[str, list[str]]], query: str) -> list[str]:
    """Return the places that contain a query, those first that have it in their title."""
    wanted = folded(query)
    ranks = ((where, [wanted in text for text in texts]) for where, texts in all_places)
    found = [(texts.index(True), where) for where, texts in ranks if any(texts)]
    return [where for _, where in sorted(found, key=lambda pair: pair[0])]


def queries(all_places: list[tuple[str, list[str]]], many: int) -> list[str]:
    """Return stretches of text of one to twelve characters, and some that may stand nowhere."""
    rng = random.Random(7)
    found = ["过拟合", "nn.Modul", "注意力", "参数", "y42", "e", "的", "没有这样的话", "qqzz"]
    texts = [text for _, texts in all_places for text in texts if text]
    while len(found) < many:
        text = rng.choice(texts)
        at = rng.randrange(len(text))
        query = text[at : at + rng.choice((1, 2, 2, 3, 4, 5, 8, 12))].strip()
        if query:
            found.append(query)
    return found


ALL = """async (query) => {
  const input = document.querySelector("[id='@query']"), more = document.querySelector(".more");
  const list = document.querySelector(".hits");
  const rest = async () => {
    while (list.ariaBusy !== "false") await new Promise((done) => setTimeout(done, 2));
  };
  input.value = query;
  input.dispatchEvent(new InputEvent("input"));
  await rest();
  while (!more.hidden) {
    more.click();
    await rest();
  }
  return [document.querySelector(".search-said").innerText,
    [...list.querySelectorAll("a")].map((link) => link.href)];
}"""


def compare(chromium: Chromium, site: Path, many: int) -> None:
    every = places(site)
    with chromium.visit((site / "search.html").as_uri()) as visit:
        visit.page.wait_for_selector("[id='@query']")
        for query in queries(every, many):
            said, urls = visit.page.evaluate(ALL, query)
            found = [unquote(url).partition("/notes/")[2] for url in urls]
            if not said.startswith("没有连在一起"):
                assert found == truth(every, query), query
        assert visit.said == []


def built(folder: Path, notes: Path) -> Path:
    where = pipeline.settings((notes,), folder, None)
    made_site = pipeline.make(where, pipeline.read(where).course, ("site",))
    pipeline.write(where, made_site)
    return folder


def test_nothing_is_missed_in_this_course(chromium: Chromium, tmp_path: Path) -> None:
    compare(chromium, built(tmp_path, ROOT / "notes"), 120)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the documents in ../shared")
def test_nothing_is_missed_in_the_seeds(chromium: Chromium, tmp_path: Path) -> None:
    compare(chromium, built(tmp_path, SHARED / "seeds"), 120)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the generator in ../shared")
def test_a_thousand_pages_are_searched_whole_and_lightly(
    chromium: Chromium, tmp_path: Path
) -> None:
    generator = str(SHARED / "tools/gen_pages.py")
    subprocess.run([sys.executable, generator, str(tmp_path / "notes"), "1000"], check=True)
    site = built(tmp_path / "out", tmp_path / "notes")
    compare(chromium, site, 40)
    for query in ("过拟合", "nn.Modul", "独角兽测试", "注意力与梯度", "y42", "import torch"):
        with chromium.visit((site / "index.html").as_uri()) as visit:
            before = set(visit.asked)
            visit.page.keyboard.press("/")
            visit.page.wait_for_selector("dialog [id='@query']:focus")
            assert ask(visit.page, query)
            asked = [unquote(url).partition("/out/")[2] for url in set(visit.asked) - before]
        weight = sum(len(gzip.compress((site / path).read_bytes())) for path in asked)
        assert weight < 100_000, (query, weight, asked)
