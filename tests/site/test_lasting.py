"""Links to cards that were edited since: they lead to them, from the site and from Anki."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from builder.config import SiteConfig
from builder.deck import remembered
from builder.deck.lock import Lock, dump, parse
from builder.links import lasting
from builder.model import Course
from builder.site import site
from tests.browser import Chromium
from tests.deck.course import Author, course, note
from tests.deck.test_release import fields
from tests.site.courses import TEMPLATES, write

BY_GUID = attrgetter("guid")
URL = "https://e.org/"
FIRST = "张量是元素类型相同的多维数组，它还记得自己在哪个设备上。"
SECOND = "广播让形状不同的张量也能逐元素相加，靠的是从右边对齐。"


def written(*cards: tuple[str, str]) -> Course:
    text = "".join(f"## {question}\n\n{answer}\n\n" for question, answer in cards)
    return course(note("a.md", f"# 张量\n\n{text}"), verified=True)


def page(given: Course, known: Lock) -> str:
    """Return the page of the note, as it is while a lock is known."""
    found = remembered(given, known)
    whole = replace(given, guids=tuple(found.guids.items()), anchors=tuple(found.anchors.items()))
    files = {it.path: it.content for it in site(whole, SiteConfig(), TEMPLATES)}
    return files["notes/a.html"].decode()


def leads_to(html: str, anchor: str) -> str:
    """Return the heading that a place lies in."""
    found = re.findall(rf'<h\d[^>]*id="{anchor}".*|<h\d.*<span id="{anchor}">.*', html)
    assert len(found) == 1, anchor
    return re.sub(r"<[^>]*>", "", found[0])


def link(author: Author, given: Course) -> str:
    """Return where the first card of a course leads, once it is built."""
    release = author.build(given)
    return fields(release)["Source"].partition("#")[2].partition('"')[0]


def test_a_card_is_found_under_every_name_it_had() -> None:
    author = Author(site_url=URL)
    author.build(written(("什么是张量？", FIRST)))
    for question in ("张量是什么？", "何谓张量？"):
        edited = written((question, FIRST))
        author.build(edited)
    html = page(edited, author.lock)
    assert '<h2 id="何谓张量">' in html
    for anchor in ("什么是张量", "张量是什么", "何谓张量"):
        assert leads_to(html, anchor) == "何谓张量？"


def test_the_card_in_anki_keeps_its_first_link() -> None:
    author = Author(site_url=URL)
    first = link(author, written(("什么是张量？", FIRST)))
    assert link(author, written(("何谓张量？", FIRST))) == first == quote("什么是张量")


def test_no_heading_takes_the_place_of_a_card() -> None:
    author = Author()
    author.build(written(("张量？", FIRST)))
    edited = written(("张量？", "别的。"), ("张量是什么？", FIRST))
    author.build(written(("张量是什么？", FIRST)))
    author.build(edited)
    html = page(edited, author.lock)
    assert leads_to(html, "张量-2") == "张量是什么？"  # the title of the note is the first
    assert leads_to(html, "张量-3") == "张量？"


ROWS = """# 张量

## 术语

<!-- cards -->

| 词 | 意思 |
|---|---|
| `dim` | 有几个轴，每个轴都有自己的长度 |
| {word} | 在一个轴上走一步要跨过多少个元素 |

没有轴的是 {{{{c1::标量}}}}。

一个轴的是 {{{{c1::向量}}}}。
"""


def spots(html: str) -> dict[str, str]:
    """Return what stands beside each link to a card without a heading, by its anchor."""
    found = re.findall(r'(.*)<a class="permalink[^"]*" id="([^"]*)" href="#\2"[^>]*></a>(.*)', html)
    return {name: re.sub(r"<[^>]*>", "", before + behind).strip() for before, name, behind in found}


def test_a_card_without_a_heading_has_a_place_that_lasts() -> None:
    author = Author(site_url=URL)

    def step(word: str) -> tuple[dict[str, str], list[str]]:
        given = course(note("a.md", ROWS.format(word=word)), verified=True)
        release = author.build(given)
        sources = [fields(release, n)["Source"] for n in range(4)]
        led = [unquote(it.partition("#")[2].partition('"')[0]) for it in sources]
        return spots(page(given, author.lock)), led

    shown, led = step("一个轴上的步长")
    assert shown == {
        "dim": "dim",
        "一个轴上的步长": "一个轴上的步长",
        "没有轴的是-标量": "没有轴的是 标量。",
        "一个轴的是-向量": "一个轴的是 向量。",
    }
    assert led == [*shown]
    shown, again = step("一个轴上的步幅")
    assert shown["一个轴上的步幅"] == "一个轴上的步幅"
    assert again == led  # the first place still leads there
    given = course(note("a.md", ROWS.format(word="一个轴上的步幅")), verified=True)
    html = page(given, author.lock)
    assert '<span id="一个轴上的步长"></span><a class="permalink" id="一个轴上的步幅"' in html


def test_a_heading_keeps_its_place_whatever_cards_stand_below_it() -> None:
    author = Author()
    given = course(note("a.md", ROWS.format(word="术语")), verified=True)
    for _ in range(2):
        author.build(given)
        html = page(given, author.lock)
        assert leads_to(html, "术语") == "术语"
        assert spots(html)["术语-2"] == "术语"


def test_a_build_that_changes_nothing_changes_no_byte() -> None:
    author = Author()
    author.build(written(("什么是张量？", FIRST), ("什么是广播？", SECOND)))
    edited = written(("何谓广播？", SECOND), ("何谓张量？", FIRST))
    author.build(edited)
    before = page(edited, author.lock), dump(author.lock)
    author.build(edited)
    assert (page(edited, author.lock), dump(author.lock)) == before
    assert parse(before[1], "")[0].entries == tuple(sorted(author.lock.entries, key=BY_GUID))


def test_most_cards_need_no_more_of_the_lock() -> None:
    author = Author()
    author.build(written(("什么是张量？", FIRST), ("什么是广播？", SECOND)))
    assert "anchors" not in dump(author.lock)


def test_whatever_is_edited_each_link_leads_to_its_card() -> None:
    rng = random.Random(3)
    author, shown = Author(), dict[str, str]()
    cards = [(f"第 {n} 题？", f"{n} 号的回答：{FIRST}{n * 7}{SECOND}{n * 11}") for n in range(5)]
    for step in range(60):
        at = rng.randrange(len(cards))
        match rng.randrange(3):
            case 0:  # one asked otherwise, maybe as another was once, or is
                cards[at] = (f"第 {rng.randrange(9)} 题？", cards[at][1])
            case 1:
                rng.shuffle(cards)
            case _:
                answer = f"新的 {step}：{rng.random()} {rng.random()} {rng.random()}"
                cards.insert(at, (f"第 {rng.randrange(9)} 题？", answer))
        if len(cards) > 7:
            cards.pop(rng.randrange(len(cards)))
        release = author.build(written(*cards), accept_renames=True)
        assert release.package, release.problems
        here = places(written(*cards), author.lock)
        alive = set(here.values())
        for anchor, guid in shown.items():
            assert here.get(anchor) == guid or guid not in alive, (step, anchor)
        shown = {anchor: guid for anchor, guid in shown.items() if guid in alive} | here


def places(given: Course, known: Lock) -> dict[str, str]:
    """Return the guid of the card that each place of the note leads to."""
    found = remembered(given, known)
    (note,) = given.notes
    return {
        name: found.guids[card.span]
        for card, anchor in zip(
            note.cards, lasting(note, found.anchors).of_cards(note), strict=True
        )
        for name in anchor.names
    }


def in_file(name: str, *cards: tuple[str, str]) -> Course:
    text = "".join(f"## {question}\n\n{answer}\n\n" for question, answer in cards)
    return course(note(name, f"# 张量\n\n{text}"), verified=True)


def made(given: Course, known: Lock) -> dict[str, str]:
    found = remembered(given, known)
    whole = replace(given, anchors=tuple(found.anchors.items()), moved=tuple(found.moved.items()))
    files = {it.path: it.content for it in site(whole, SiteConfig(url=URL), TEMPLATES)}
    return {path: text.decode() for path, text in files.items() if path.endswith((".html", ".xml"))}


def test_a_note_that_was_moved_leaves_a_page_that_leads_on() -> None:
    author, cards = Author(site_url=URL), (("什么是张量？", FIRST), ("什么是广播？", SECOND))
    author.build(in_file("a.md", *cards))
    for name in ("b.md", "深/c.md"):
        author.build(in_file(name, *cards))
    now = in_file("深/c.md", *cards)
    files = made(now, parse(dump(author.lock), "proofdeck.lock")[0])
    for path in ("notes/a.html", "notes/b.html"):
        assert 'content="0; url=%E6%B7%B1/c.html"' in files[path]
        assert path not in files["sitemap.xml"]
    again = in_file("a.md", *cards)
    author.build(again)
    files = made(again, author.lock)
    assert 'http-equiv="refresh"' not in files["notes/a.html"]
    assert 'url=../a.html"' in files["notes/深/c.html"]


@pytest.mark.browser
@pytest.mark.parametrize("file", ["../../a.md", "..", "x/../../../a.md", "..\\..\\a.md", "a\0.md"])
def test_no_lock_leads_out_of_the_site(file: str) -> None:
    given = replace(written(("什么是张量？", FIRST)), moved=((file, "a.md"), ("b.md", "a.md")))
    paths = [it.path for it in site(given, SiteConfig(), TEMPLATES) if it.path.startswith("notes/")]
    assert paths == ["notes/a.html", "notes/b.html"]


def test_the_anchor_is_taken_along(chromium: Chromium, tmp_path: Path) -> None:
    author, cards = Author(site_url=URL), (("什么是张量？", FIRST), ("什么是广播？", SECOND))
    for name in ("a.md", "b.md"):
        author.build(in_file(name, *cards))
    found = remembered(in_file("b.md", *cards), author.lock)
    write(tmp_path, replace(in_file("b.md", *cards), moved=tuple(found.moved.items())))
    for script, anchor in ((True, "#什么是广播"), (False, "")):
        with chromium.visit((tmp_path / "index.html").as_uri(), script=script) as visit:
            visit.page.goto((tmp_path / "notes/a.html").as_uri() + "#什么是广播")
            visit.page.wait_for_selector("h1 >> text=张量")
            assert unquote(visit.page.url).endswith("/b.html#什么是广播" if anchor else "/b.html")
            assert visit.said == []
