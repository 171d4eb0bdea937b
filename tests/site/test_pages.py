"""The pages beside those of notes: the report and its badge, tags, all to print."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

from builder.model import Course, Environment, Problem, Span, Status, Verdict
from tests.site.courses import course, failed, made, note, passed, text

CODE = "# 章{0}\n\n" + "".join(f"## 题{n}\n\n```python\nx = {n}\n```\n\n" for n in range(4))


def checked() -> Course:
    """Return a course of two chapters, where each status is met and a note has a problem."""
    first, second = note("a.md", CODE.format("甲")), note("b.md", CODE.format("乙"))
    one, two, three, four = first.snippets
    verdicts = (
        passed(one),
        failed(two, 1, "`x` is not <defined>", "write `y`"),
        Verdict(three, Status.INCOMPLETE, reason="`data.csv` is not here"),
        Verdict(four, Status.SKIPPED, reason="`skip`"),
        *(passed(snippet) for snippet in second.snippets),
    )
    problem = Problem("dead-link", Span("notes/b.md", 3), "`c.md` is not there", "look", "warning")
    environment = Environment("3.11.7", (("torch", "2.13.0"),), ("network", "files"))
    return course(first, second, verdicts=verdicts, problems=(problem,), environment=environment)


def test_the_totals_of_the_report_add_up() -> None:
    page = text(checked(), "report.html")
    rows = re.findall(r"<tr>(.*?)</tr>", page)
    numbers = [
        [int(cell.replace("·", "0")) for cell in re.findall(r"<td>(.*?)</td>", row)]
        for row in rows[1:]
    ]
    assert numbers == [[1, 1, 1, 1, 4], [4, 0, 0, 0, 4], [5, 1, 1, 1, 8]]
    assert "2 篇笔记里有 8 段代码" in page


def test_the_report_says_on_what_and_behind_what() -> None:
    page = text(checked(), "report.html")
    assert "<dd>torch 2.13.0 · Python 3.11.7</dd>" in page
    assert "<dd>网络 · 文件</dd>" in page
    assert '<a href="report.json">' in page


def test_the_report_lists_all_that_is_not_known_to_be_right() -> None:
    page = text(checked(), "report.html")
    items = re.findall(
        r"<li data-status=\"(\w+)\" data-chapter=\"(.*?)\" data-code=\"(.*?)\"", page
    )
    assert items == [
        ("failed", "章甲", "unknown-name"),
        ("incomplete", "章甲", ""),
        ("skipped", "章甲", ""),
        ("problem", "", "dead-link"),
    ]
    assert '<a href="notes/a.html#@code-2">题1</a> <span class="place">a.md:12</span>' in page
    assert "<p><code>x</code> is not &lt;defined&gt; <code" in page
    assert "<p><code>data.csv</code> is not here</p>" in page
    assert "notes/b.md:3" in page


def test_a_report_of_nothing_wrong_says_so() -> None:
    page = text(course(note("a.md", CODE.format(1))), "report.html")
    assert "每一段都通过了" in page
    assert 'class="filters"' not in page


def test_the_report_of_notes_that_were_not_checked() -> None:
    page = text(replace(checked(), verified=False, verdicts=()), "report.html")
    assert "没有验证" in page
    assert "report.json" not in page
    assert "dead-link" in page


def test_the_badge_counts() -> None:
    badge = made(checked())["badge.svg"].decode()
    root = ElementTree.fromstring(badge)
    said = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert said == ["代码验证", "5 通过 · 1 有错 · 1 未定 · 1 跳过"]
    assert root.get("aria-label") == "代码验证: 5 通过 · 1 有错 · 1 未定 · 1 跳过"
    assert "#b3261e" in badge
    unchecked = made(replace(checked(), verified=False, verdicts=()))["badge.svg"].decode()
    assert "没有验证" in unchecked
    assert "#5f6870" in unchecked


def test_every_tag_has_a_page() -> None:
    one = replace(note("a.md", "# 甲\n\n## 题\n\n文\n"), tags=("C++", "torch::形状"))
    two = replace(note("b.md", "# 乙\n\n文\n"), tags=("c",))
    cards = tuple(
        replace(
            section, card=replace(section.card, tags=("torch::形状",)) if section.card else None
        )
        for section in one.sections
    )
    files = made(course(replace(one, sections=cards), two))
    assert {path for path in files if path.startswith("tags")} == {
        "tags.html",
        "tags/c.html",
        "tags/c-2.html",
        "tags/torch-形状.html",
    }
    page = files["tags/torch-形状.html"].decode()
    assert "<h1>torch / 形状</h1>" in page
    assert '<a href="../notes/a.html#%E9%A2%98">题</a>' in page or 'notes/a.html#题">题</a>' in page
    assert ">C++</a>" in files["tags.html"].decode()
    assert (
        'href="../tags/torch-%E5%BD%A2%E7%8A%B6.html">torch / 形状</a>'
        in files["notes/a.html"].decode()
    )


def test_the_page_to_print_has_all_and_links_within_itself() -> None:
    a = "# 甲\n\n## 题\n\n见[乙](sub/b.md#题)、[自己](#题)、[远](https://e.org/#x)。\n"
    b = "# 乙\n\n## 题\n\n见[甲](../a.md)。\n"
    page = text(course(note("a.md", a), note("sub/b.md", b)), "print.html")
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert 'href="#@2-%E9%A2%98"' in page
    assert 'href="#@1-%E9%A2%98"' in page
    assert 'href="https://e.org/#x"' in page
    assert '<a href="#@1" rel' in page


def test_the_page_to_print_has_nothing_that_is_for_a_screen() -> None:
    code = "# 甲\n\n## 题\n\n$x_1$\n\n```python\nx = 1\n```\n\n| a |\n| - |\n| b |\n"
    files = made(course(note("a.md", code)))
    for sign in ('class="permalink"', "<button", "<annotation"):
        assert sign in files["notes/a.html"].decode()
        assert sign not in files["print.html"].decode().partition("<main")[2]
    assert "<math" in files["print.html"].decode()


def test_a_course_without_cards_has_nothing_to_practise() -> None:
    page = text(course(note("a.md", "# 甲\n\n## 乙\n")), "practice.html")
    assert "还没有卡片" in page
    assert "practice.js" not in page


def test_a_site_with_an_address_has_a_sitemap() -> None:
    one = course(note("甲.md", "# 甲\n\n文\n"))
    files = made(one, "https://e.org/n/")
    root = ElementTree.fromstring(files["sitemap.xml"])
    urls = [element.text for element in root.iter() if element.tag.endswith("loc")]
    assert urls == [
        "https://e.org/n/index.html",
        "https://e.org/n/notes/%E7%94%B2.html",
        "https://e.org/n/practice.html",
        "https://e.org/n/report.html",
    ]
    assert "sitemap.xml" not in made(one)


def test_a_page_says_what_it_is_about() -> None:
    one = course(
        note(
            "a.md",
            "# 甲\n\n**开**头\n说到 `x`。\n\n```python\nx = 1\n```\n\n## 题\n\n" + "文" * 200,
        )
    )
    page = text(one)
    assert f'<meta name="description" content="开头说到 x。 {"文" * 111}…">' in page
    assert '<meta name="description" content="1 篇笔记，2 张卡片">' in text(one, "index.html")


def test_formulas_in_headings_are_drawn_in_the_contents_too() -> None:
    a = "# 甲\n\n## 为什么除以 $n-1$？见[乙](b.md)\n\n文\n\n## `x`\n\n文\n"
    page = text(course(note("a.md", a), note("b.md", "# 乙\n")))
    contents = page.partition('<nav class="contents"')[2].partition("</nav>")[0]
    assert "<math>" in contents
    assert contents.count("<a ") == 2
    assert "<code>x</code>" in contents


def test_the_lists_of_the_search_may_have_long_steps() -> None:
    from builder.site.search import packed

    far = 0xD7FF - 48
    numbers, said, total = [0, 5, far + 5, far * 3 + 9, far * 4 + 8], [], 0
    for sign in packed(numbers):
        total += ord(sign) - 48
        if ord(sign) != 0xD7FF:
            said.append(total)
    assert said == numbers


def test_formulas_of_titles_are_drawn_or_readable_wherever_they_are_named() -> None:
    a = "# 方差 $\\sigma^2$\n\n## 为什么是 $\\frac{a}{n-1}$？\n\n因为 $x_i^2$\n"
    b = note("b.md", "# 乙\n\n## 题\n\n```python\nx\n```\n", title="记 $\\mu$")
    files = made(course(note("a.md", a), b, verdicts=(failed(b.snippets[0], 1, "错"),)))
    for path, content in files.items():
        if path.endswith(".html"):
            shown = re.sub(r"<annotation.*?</annotation>", "", content.decode())
            assert "\\" not in shown, path
            assert "$" not in shown, path
    page, other = files["notes/a.html"].decode(), files["notes/b.html"].decode()
    assert "<title>方差 σ² · 课程</title>" in page
    assert 'content="因为 xᵢ²"' in page
    assert "<h1>记 <math>" in other
    assert re.search(r'class="before".*?方差 <math>', other)
    for path in ("index.html", "print.html", "report.html", "practice.html"):
        assert "方差 <math>" in files[path].decode() or "题" in files[path].decode(), path
    assert "为什么是 <math>" in files["index.html"].decode()
