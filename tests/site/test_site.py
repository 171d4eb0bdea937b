"""What the site consists of, and that its pages hang together."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

from builder.markdown import Renderer
from builder.model import Asset, Problem, Span, Status, Verdict
from tests.deck.pixels import png
from tests.site.courses import TEMPLATES, course, failed, made, note, passed, text

A = """# 张量

开头的话，见[求导](sub/b.md#反向传播)与[自己](#广播)。

## 01. 广播

两个形状右对齐，见 [PyTorch](https://pytorch.org)。

```python
import torch
print(torch.ones(2).shape)
```

| 写法 | 数 |
| :-- | --: |
| `a` | 1 |

![图](img/x.png)

### 更深

更多。
"""
B = """# 求导

## 反向传播

```python
loss.backward()
```

见[张量](../a.md)、[那一题](../a.md#01-广播)、[没有的](../c.md)、[没有的](#无)。
"""
PICTURE = Asset("notes/a.md", "img/x.png", "x-1234.png", b"PNG")
PAIR = course(note("a.md", A), note("sub/b.md", B), assets=(PICTURE,))


def test_the_files_of_a_site() -> None:
    assert sorted(made(PAIR)) == [
        "404.html",
        "assets/chapters.css",
        "assets/icon.svg",
        "assets/lists.css",
        "assets/media/x-1234.png",
        "assets/moved.js",
        "assets/practice.css",
        "assets/practice.js",
        "assets/print.js",
        "assets/report.js",
        "assets/search.js",
        "assets/search/index.js",
        "assets/search/list-0.js",
        "assets/search/text-0.js",
        "assets/site.css",
        "assets/site.js",
        "badge.svg",
        "index.html",
        "notes/a.html",
        "notes/sub/b.html",
        "practice.html",
        "print.html",
        "report.html",
        "search.html",
    ]


def test_the_same_course_gives_the_same_bytes() -> None:
    assert made(PAIR) == made(PAIR)


class Links(HTMLParser):
    """The links, and the places that links may lead to, of one page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src"):
                self.urls.append(value or "")
            elif name == "id":
                self.ids.append(value or "")


def targets(path: str, urls: list[str], root: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and the anchor of each link that stays inside the site."""
    for url in urls:
        parts = urlsplit(url)
        if not parts.scheme:
            inside = unquote(parts.path).removeprefix(root)
            target = posixpath.join(posixpath.dirname(path), inside) if inside else path
            yield posixpath.normpath(target), unquote(parts.fragment)


@pytest.mark.parametrize("url", ["", "https://example.org/deep/"])
def test_every_link_leads_somewhere(url: str) -> None:
    files = made(PAIR, url)
    pages = {path: Links(body.decode()) for path, body in files.items() if path.endswith(".html")}
    for path, page in pages.items():
        root = "/deep/" if path == "404.html" and url else ""
        for target, anchor in targets(path, page.urls, root):
            if target == "report.json":  # made beside the site
                continue
            assert target in files, (path, target)
            assert not anchor or anchor in pages[target].ids, (path, target, anchor)


def test_an_anchor_stands_once_on_a_page() -> None:
    twice = course(note("a.md", "## 题\n\n一\n\n## 题\n\n二\n\n## main\n\n三\n"))
    ids = Links(text(twice)).ids
    assert len(ids) == len(set(ids))


def test_links_between_notes_become_links_between_pages() -> None:
    urls = Links(text(PAIR)).urls
    assert "sub/b.html#%E5%8F%8D%E5%90%91%E4%BC%A0%E6%92%AD" in urls
    assert "#%E5%B9%BF%E6%92%AD" in urls
    assert "https://pytorch.org" in urls
    other = Links(text(PAIR, "notes/sub/b.html")).urls
    assert "../a.html" in other
    assert "../a.html#%E5%B9%BF%E6%92%AD" in other  # the author linked with the number


def test_a_link_that_leads_nowhere_is_only_text() -> None:
    page = text(PAIR, "notes/sub/b.html")
    assert page.count("没有的</a>") == page.count('<a rel="noopener noreferrer">没有的</a>') == 2


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:alert(1)"])
def test_links_that_run_something_are_only_text(url: str) -> None:
    page = text(course(note("a.md", f"## 题\n\n[x]({url}) <a href='{url}'>y</a>\n")))
    assert "alert" not in page
    assert "data:text" not in page


def test_images_are_our_own_files_or_their_words() -> None:
    assert '<img src="../assets/media/x-1234.png" alt="图">' in text(PAIR)
    remote = text(course(note("a.md", "## 题\n\n![远](https://e.org/x.png) ![无](no.png)\n")))
    assert '<img alt="远"' in remote
    assert '<img alt="无"' in remote
    assert "e.org" not in remote


def test_images_have_their_sizes_and_come_when_they_are_near() -> None:
    asset = replace(PICTURE, content=png(40, 30, 9))
    images = "![一](img/x.png)\n\n![二](img/x.png)\n\n![三](img/x.png#=20x)\n"
    given = course(note("a.md", f"# 题\n\n{images}"), assets=(asset,))
    shown = re.findall(r"<img [^>]*>", text(given))
    assert shown[0].endswith('alt="一" width="40" height="30">')
    assert shown[1].endswith('alt="二" width="40" height="30" loading="lazy">')
    assert 'width="20"' in shown[2]
    assert 'height="30"' not in shown[2]
    assert "lazy" not in text(given, "print.html")


def test_an_image_that_stands_alone_has_its_title_as_a_caption() -> None:
    page = text(course(note("a.md", '## 题\n\n![图](x.png "它 <的> 题目")\n')))
    assert '<figure><img alt="图"><figcaption>它 &lt;的&gt; 题目</figcaption></figure>' in page


def test_the_questions_of_a_large_course_are_folded() -> None:
    assert '<details class="asked" open>' in text(PAIR, "index.html")
    many = course(note("a.md", "".join(f"## 题 {n}\n\n答\n\n" for n in range(60))))
    assert '<details class="asked">' in text(many, "index.html")


def test_the_title_of_a_note_stands_once() -> None:
    assert text(PAIR).count("<h1") == 1
    assert '<h1 id="张量">张量<a class="permalink" href="#张量"' in text(PAIR)
    assert '<h2 id="广播"><span class="number">01</span> 广播' in text(PAIR)
    assert '<h3 id="更深">' in text(PAIR)


def test_many_headings_of_the_first_level_are_questions() -> None:
    page = text(course(note("a.md", "# 一？\n\n甲\n\n# 二？\n\n乙\n", title="名字")))
    assert "<h1>名字</h1>" in page
    assert '<h2 id="一">' in page


def test_the_way_to_the_notes_before_and_behind() -> None:
    assert '<a class="behind" rel="next" href="sub/b.html">' in text(PAIR)
    assert '<a class="before" rel="prev" href="../a.html">' in text(PAIR, "notes/sub/b.html")
    assert 'rel="prev"' not in text(PAIR)


def test_a_page_does_not_grow_with_the_course() -> None:
    first, second = note("a.md", A), note("b.md", "# 二\n")
    many = [note(f"n{n}.md", f"# 第 {n} 篇\n\n## 题\n\n文\n") for n in range(50)]
    assert text(course(first, second)) == text(course(first, second, *many))


def test_the_index_lists_chapters_questions_and_what_was_found() -> None:
    first, second = PAIR.notes
    verdicts = (passed(first.snippets[0]), failed(second.snippets[0], 1, "no"))
    page = text(replace(PAIR, verdicts=verdicts), "index.html")
    assert "2 篇笔记，4 张卡片" in page
    assert "torch 2.13.0 · numpy 2.3.4 · Python 3.11.7" in page
    assert "1 段通过" in page
    assert "1 张有错" in page
    assert '<h2 class="folder" id="@sub">sub</h2>' in page
    assert re.search(r">反向传播</a> <span class=\"mark failed\"", page)


def test_a_section_that_was_held_back_says_why() -> None:
    held = note("a.md", "## 题\n\nTODO\n")
    problem = Problem("no-answer", Span("notes/a.md", 1), "`题` & <b> has no answer")
    section = replace(held.sections[0], card=None, held_back=problem)
    page = text(course(replace(held, sections=(section,))))
    assert "<code>题</code> &amp; &lt;b&gt; has no answer</p>" in page


def test_notes_that_were_not_checked_say_so_on_each_page() -> None:
    unchecked = replace(PAIR, verified=False, verdicts=())
    for path in ("index.html", "notes/a.html", "notes/sub/b.html"):
        assert "没有验证" in text(unchecked, path)
    assert "没有验证" not in text(PAIR)
    assert 'class="verdict"' not in text(unchecked)


def test_the_interface_speaks_english() -> None:
    page = text(replace(PAIR, language="en"))
    assert '<html lang="en">' in page
    assert "On this page" in page
    assert "ran on torch 2.13.0" in page
    assert "4 cards" in text(replace(PAIR, language="en-GB"), "index.html")
    assert "On this page" in text(replace(PAIR, language="fr"))


def test_every_page_forbids_what_is_not_its_own() -> None:
    for path, body in made(PAIR).items():
        if path.endswith(".html"):
            assert b"default-src 'none'; script-src 'self'" in body
            assert b"style=" not in body
            assert not re.search(rb"<script(?! src=)", body)


def test_the_page_for_what_is_missing_finds_home_from_any_depth() -> None:
    files = made(PAIR, "https://example.org/deep/")
    assert 'href="/deep/assets/site.css"' in files["404.html"].decode()
    assert (
        '<link rel="canonical" href="https://example.org/deep/notes/a.html">'
        in files["notes/a.html"].decode()
    )


def test_a_course_with_nothing_in_it() -> None:
    files = made(course(note("a.md", ""), verdicts=(), title="空 <course>"))
    assert "空 &lt;course&gt;" in files["index.html"].decode()


def test_templates_have_no_words_of_their_own() -> None:
    for name, template in TEMPLATES.items():
        if name.endswith(".html"):
            outside = re.sub(r"\{[{%#].*?[#%}]\}|<[^>]*>", "", template, flags=re.DOTALL)
            assert not re.search(r"[^\W\d_]", outside), name


def test_states_of_all_kinds() -> None:
    four = note("a.md", "".join(f"## 题{n}\n\n```python\nx = {n}\n```\n\n" for n in range(4)))
    verdicts = tuple(Verdict(s, status) for s, status in zip(four.snippets, Status, strict=True))
    page = text(course(four, verdicts=verdicts))
    for state in ("1 张通过验证", "1 张有错", "1 张未能判定", "1 张跳过"):
        assert state in page


def test_an_interrupt_while_links_are_rewritten_is_not_lost() -> None:
    def interrupted(_name: str, _url: str) -> str | None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Renderer(url=interrupted).inline("[x](y)")


def test_the_line_of_a_heading_may_end_behind_a_slash() -> None:
    page = text(
        course(note("a.md", "# 题\n\n## torch.chunk/torch.gather 与 `a/b`\n\n答\n\n## x/y\n\n答\n"))
    )
    assert "x/<wbr>y<a" in page
    assert "torch.gather" in page
    assert "<code>a/b</code>" in page
