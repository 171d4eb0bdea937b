"""The site in a real browser: from a double click, from a server, with and without script."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image

from tests.browser import Chromium, Visit
from tests.site.courses import course, failed, note, passed, write
from tests.site.test_site import PICTURE, A, B

pytestmark = pytest.mark.browser

LONG = "x = " + " + ".join(f"value_{n}" for n in range(60))
WIDE = " + ".join(f"x_{{{n}}}" for n in range(60))
C = f"""# {"long_name_" * 12}

## 很宽的东西

```python
import torch
{LONG}
```

$$
\\begin{{aligned}} y &= {WIDE} \\end{{aligned}}
$$

| {" | ".join("很宽的一列" for _ in range(12))} |
| {" | ".join("---" for _ in range(12))} |
| {" | ".join("`torch.nn.functional`" for _ in range(12))} |

- `{"a_very_long_name." * 12}`

行内的公式也可能很长：${WIDE}$。

![没有的图](none.png) <b style="color: red">b</b>

## 另一题

{"文字" * 900}

## 末一题

{"文字" * 900}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a site in a sub-folder, as a host may have it."""
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    picture = type(PICTURE)(PICTURE.note, PICTURE.url, "x-1234.svg", svg)
    notes = (note("a.md", A), note("sub/b.md", B), note("c.md", C))
    first, second, third = (each.snippets[0] for each in notes)
    verdicts = (
        passed(first, stdout="torch.Size([2])\n"),
        failed(second, 1, "`loss` is not defined"),
        failed(third, 2, "too long"),
    )
    root = tmp_path_factory.mktemp("host")
    write(root / "the site", course(*notes, assets=(picture,), verdicts=verdicts))
    return root


def background(visit: Visit) -> str:
    found: str = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    return found


LIGHT, DARK = "rgb(251, 250, 247)", "rgb(22, 25, 28)"


def test_a_reader_finds_the_way(chromium: Chromium, home: str) -> None:
    with chromium.visit(f"{home}index.html") as visit:
        page = visit.page
        page.click("text=张量")
        assert page.inner_text("h1") == "张量"
        page.click(".ways .behind")
        assert page.inner_text("h1") == "求导"
        page.click("text=那一题")
        assert page.evaluate("decodeURIComponent(location.hash)") == "#广播"
        page.click("header .home")
        assert page.inner_text("h1") == "课程"
        assert visit.said == []
        assert visit.strangers(home) == []


#: Whether a place stands at the top of the window, or as near as the end of the page lets it.
LANDED = """(id) => {
  const at = document.getElementById(id).getBoundingClientRect().top;
  const end = scrollY + innerHeight > document.documentElement.scrollHeight - 2;
  return (at >= 0 && at < 60) || end;
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_links_of_the_page_to_print_lead_exactly_to_what_was_never_seen(
    chromium: Chromium, home: str, width: int
) -> None:
    """Parts that are out of sight are not laid out: where they lie is a guess until then."""
    with chromium.visit(f"{home}index.html", width=width) as visit:
        page = visit.page
        for anchor in ("@3", "@3-末一题", "@2", "@3-另一题"):
            for path in ("index.html", f"print.html#{anchor}"):
                page.goto(home + path)
            page.wait_for_function(LANDED, arg=anchor, timeout=5000)


def test_the_page_to_print_is_printed_whole(chromium: Chromium, folder: Path) -> None:
    with chromium.visit((folder / "the site/print.html").as_uri()) as visit:
        visit.page.emulate_media(media="print")
        hidden = """() => [...document.querySelectorAll("main *")].filter((it) =>
            getComputedStyle(it).contentVisibility === "auto").length"""
        assert visit.page.evaluate(hidden) == 0


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_wider_than_the_screen(chromium: Chromium, home: str, dark: bool) -> None:
    with chromium.visit(f"{home}index.html", dark=dark) as visit:
        for path in ("index.html", "notes/a.html", "notes/c.html", "404.html"):
            visit.page.goto(home + path)
            assert [width for width in (390, 1280, 2200) if visit.overflows(width)] == []
            assert background(visit) == (DARK if dark else LIGHT)
        assert visit.said == []
        assert visit.strangers(home) == []


def test_six_requests_are_enough(chromium: Chromium, home: str) -> None:
    with chromium.visit(f"{home}notes/c.html") as visit:
        assert len(visit.asked) <= 6


def test_a_chosen_theme_stays(chromium: Chromium, home: str) -> None:
    with chromium.visit(f"{home}index.html", dark=True) as visit:
        visit.page.click(".theme")
        assert background(visit) == LIGHT
        visit.page.goto(f"{home}notes/a.html")
        assert background(visit) == LIGHT
        assert visit.page.inner_text(".theme") == "浅色"
        visit.page.click(".theme")
        assert background(visit) == DARK


def test_code_is_copied_without_its_verdict(chromium: Chromium, home: str) -> None:
    with chromium.visit(f"{home}notes/a.html") as visit:
        visit.page.evaluate("navigator.clipboard.writeText = async (text) => { window.got = text }")
        visit.page.hover(".snippet")
        visit.page.click(".copy")
        assert visit.page.inner_text(".copy") == "已复制"
        copied: str = visit.page.evaluate("window.got")
        assert copied.strip() == "import torch\nprint(torch.ones(2).shape)"


@pytest.mark.parametrize(
    ("shown", "copied"),
    [
        (
            ">>> import torch\n>>> for n in x:\n...     print(n)\n...\n1\n>>> y",
            "import torch\nfor n in x:\n    print(n)\n\ny",
        ),
        ("In [1]: 1 + \\\n   ...: 1\nOut[1]: 2\n\nIn [2]: y", "1 + \\\n1\ny"),
        (
            "$ pip install \\\n    torch\nCollecting torch\n$ ls\na  b",
            "pip install \\\n    torch\nls",
        ),
        ("x = 1\n$ no prompt\n... nor this", "x = 1\n$ no prompt\n... nor this"),
    ],
)
def test_prompts_and_what_was_printed_are_not_copied(
    chromium: Chromium, tmp_path: Path, shown: str, copied: str
) -> None:
    write(tmp_path, course(note("a.md", f"# 题\n\n```text\n{shown}\n```\n")))
    with chromium.visit((tmp_path / "notes/a.html").as_uri()) as visit:
        visit.page.evaluate("navigator.clipboard.writeText = async (text) => { window.got = text }")
        visit.page.hover(".snippet")
        visit.page.click(".copy")
        assert visit.page.evaluate("window.got.trim()") == copied


def test_a_shadow_lies_where_something_goes_on(chromium: Chromium, tmp_path: Path) -> None:
    rows = f"| {'很宽 | ' * 30}\n|{'---|' * 30}\n|{' &nbsp; |' * 30}"
    text = f"# 题\n\n{rows}\n\n```text\n{'x' * 300}\n\n\n.\n```\n"
    write(tmp_path, course(note("a.md", text)))
    with chromium.visit((tmp_path / "notes/a.html").as_uri(), width=390) as visit:
        for piece in (".wide", ".code"):
            box = visit.page.locator(piece)
            there = [(edge, shade(box.screenshot(), edge)) for edge in ("left", "right")]
            box.evaluate("it => it.scrollTo(1e5, 0)")
            then = [(edge, shade(box.screenshot(), edge)) for edge in ("left", "right")]
            assert there == [("left", False), ("right", True)], piece
            assert then == [("left", True), ("right", False)], piece


def shade(picture: bytes, edge: str) -> bool:
    """Tell whether the edge of a picture is darker than what lies a little further inside."""
    image = Image.open(io.BytesIO(picture)).convert("L")
    row = image.height * 5 // 8  # where nothing is written
    outer, inner = (1, 20) if edge == "left" else (image.width - 2, image.width - 21)
    levels = image.crop((0, row, image.width, row + 1)).tobytes()
    return levels[outer] < levels[inner] - 8


def test_without_script_everything_can_be_read(chromium: Chromium, home: str) -> None:
    with chromium.visit(f"{home}notes/a.html", width=390, script=False) as visit:
        page = visit.page
        assert page.is_visible("text=torch.Size([2])")
        page.click(".verdict summary")
        assert page.is_visible("text=numpy 2.3.4")
        page.click(".contents-here summary")
        page.click(".contents-here >> text=更深")
        assert "#" in page.url
        assert not page.is_visible(".theme")
        assert not page.is_visible(".copy")
        assert visit.said == []


def test_formulas_and_marked_lines_are_drawn(chromium: Chromium, folder: Path) -> None:
    with chromium.visit((folder / "the site/notes/c.html").as_uri()) as visit:
        formula = visit.page.evaluate(
            "[...document.querySelectorAll('math')].map(m => m.getBoundingClientRect().height)"
        )
        assert formula
        assert all(height > 10 for height in formula)
        aligned = visit.page.evaluate("getComputedStyle(document.querySelector('mtd')).textAlign")
        assert aligned == "right"
        assert visit.page.inner_text("pre mark.error").strip() == LONG


def test_the_contents_follow_the_reader(chromium: Chromium, folder: Path) -> None:
    with chromium.visit((folder / "the site/notes/c.html").as_uri()) as visit:
        visit.page.click(".contents a >> text=另一题")
        visit.page.wait_for_selector(".contents a[aria-current] >> text=另一题")
        visit.page.keyboard.press("Home")
        visit.page.wait_for_selector(
            ".contents a[aria-current] >> text=很宽的东西", state="detached"
        )


def test_the_keyboard_reaches_text_first(chromium: Chromium, folder: Path) -> None:
    with chromium.visit((folder / "the site/notes/c.html").as_uri()) as visit:
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("document.activeElement.className") == "skip"
        visit.page.keyboard.press("Enter")
        assert visit.page.evaluate("document.activeElement.tagName") == "MAIN"


def test_code_can_be_told_from_its_ground(chromium: Chromium, folder: Path) -> None:
    script = """
    [...document.querySelectorAll(".snippet, .snippet *:not(mark, mark *)")].map((element) => {
      let ground = element;
      const color = () => getComputedStyle(ground).backgroundColor;
      while (color() === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
      return [getComputedStyle(element).color, color()];
    })
    """
    for dark in (False, True):
        with chromium.visit((folder / "the site/notes/a.html").as_uri(), dark=dark) as visit:
            for color, ground in visit.page.evaluate(script):
                assert contrast(color, ground) >= 4.5, (dark, color, ground)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, as WCAG has it."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    red, green, blue = (int(n) / 255 for n in re.findall(r"\d+", color)[:3])
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


#: The text of a heading, a line for each that is shown.
LINES = """heading => {
  const range = document.createRange(), lines = [];
  let before = -1;
  const walker = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) for (let at = 0; at < walker.currentNode.length; at++) {
    range.setStart(walker.currentNode, at); range.setEnd(walker.currentNode, at + 1);
    const top = range.getBoundingClientRect().bottom;
    if (top > before + 9) lines.push("");
    before = Math.max(before, top);
    lines[lines.length - 1] += walker.currentNode.data[at];
  }
  return lines.map(line => line.trim());
}"""


def test_the_lines_of_a_heading_end_where_its_phrases_do(
    chromium: Chromium, tmp_path: Path
) -> None:
    long = "把一个没有任何标点也没有任何空格的很长很长的标题写在手机的屏幕上"
    a = f"# 甲\n\n## 两个数组满足什么条件才能相加？结果的形状怎么算？\n\n文\n\n## {long}\n\n文\n"
    write(tmp_path, course(note("a.md", a)))
    with chromium.visit((tmp_path / "notes/a.html").as_uri(), width=390) as visit:
        first, second = visit.page.locator("article h2").all()
        assert first.evaluate(LINES) == ["两个数组满足什么条件才能相加？", "结果的形状怎么算？"]
        assert "".join(second.evaluate(LINES)) == long
        assert not visit.overflows(390)
        assert not visit.overflows(320)
