"""What notes hold against their readers does nothing on any page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Dialog

from builder.lint import lint
from tests.browser import Chromium, served
from tests.deck.course import note
from tests.site.courses import course, made

pytestmark = pytest.mark.browser

VECTORS = (
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(2)</scr</script>ipt>",
    "<img src=x onerror=alert(3)>",
    "<svg onload=alert(4)><animate onbegin=alert(4) attributeName=x dur=1s></svg>",
    '<a href="javascript:alert(5)">go</a>',
    '<a href="java&#10;script:alert(6)">go</a>',
    "[go](javascript:alert(7))",
    "[go](<&#106;avascript:alert(8)>)",
    "<javascript:alert(9)>",
    "<iframe srcdoc='<script>alert(10)</script>'></iframe>",
    "<details open ontoggle=alert(11)><summary>go</summary>x</details>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(12)></style></mglyph></table>",
    "$\\href{javascript:alert(13)}{x}$ $\\text{<img src=x onerror=alert(13)>}$",
    '![x" onerror="alert(14)](x.png "t" onerror=alert(14)")',
    "`<img src=x onerror=alert(15)>` **<b onclick=alert(15)>go</b>**",
    "<form action=javascript:alert(16)><button>go</button></form>",
    "<style>@import 'https://example.org/a.css';</style><base href='https://example.org/'>",
    '<meta http-equiv="refresh" content="0;url=https://example.org/">',
)
LINKS = "[...document.links].map((link) => link.href)"
PAGES = (
    "index.html",
    "notes/a.html",
    "notes/a.html#@practice",
    "practice.html",
    "print.html",
    "report.html",
    "search.html",
)


def test_nothing_in_a_note_runs_or_asks_for_anything(chromium: Chromium, tmp_path: Path) -> None:
    asked = "".join(
        f"## 问 {n}：{vector}？\n\n答：\n\n{vector}\n\n- {vector}\n\n"
        for n, vector in enumerate(VECTORS)
    )
    given = course(note("a.md", f"# 题 <img src=x onerror=alert(0)>\n\n{asked}"))
    for path, content in made(given).items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    alarms: list[str] = []

    def heard(dialog: Dialog) -> None:
        alarms.append(dialog.message)
        dialog.dismiss()

    with served(tmp_path) as home, chromium.visit(f"{home}404.html") as visit:
        page = visit.page
        page.on("dialog", heard)
        for path in PAGES:
            page.goto(home + path)
            page.wait_for_load_state("networkidle")
            away = {link for link in page.evaluate(LINKS) if not link.startswith(home)}
            assert away <= {"https://example.org/a.css", "https://example.org/"}  # only text
        assert alarms == []
        assert [said for said in visit.said if "404" not in said] == []
        assert visit.strangers(home) == []


def test_links_that_run_something_are_problems_however_they_are_written() -> None:
    text = (
        "## 题\n\n<a href='javascript:a()'>x</a> <javascript:a()> [x](&#106;avascript:a())\n\n"
        '[y]\n\n[y]: javascript:a()\n\n<a class="c" href="https://example.org">fine</a>\n\n'
        "`<a href=javascript:a()>`，`torch::Tensor`\n"
    )
    found = [
        (problem.code, problem.span.line)
        for problem in lint(course(note("a.md", text)), lambda _note, _url: True)
        if problem.code == "unsafe-link"
    ]
    assert found == [("unsafe-link", 3)] * 3 + [("unsafe-link", 7)]
