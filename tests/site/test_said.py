"""Wrong names and wrong code in sentences: underlined where they stand, listed in the report."""

from __future__ import annotations

import re
from dataclasses import replace

from builder.model import Course, Mention, Note, Problem, Severity, Snippet, Status, Verdict
from tests.site.courses import course, note, text

TEXT = """# 损失 nn.MESLoss

`nn.MESLoss`、nn.MSELoss，**nn.MESLoss** 与 [nn.MESLoss](a.md)。
又是 nn.MESLoss，![nn.MESLoss](x.png)。

## 01. 表 `nn.MESLoss`

| a | b |
|---|---|
| nn.MESLoss | `nn.MESLoss` \\| x |
|  | nn.MESLoss |

- 一
  - 二 `nn.MESLoss`

> 引 nn.MESLoss

<details><summary>nn.MESLoss</summary>

里面 nn.MESLoss。

</details>
"""
NAME = "nn.MESLoss"


_WITHOUT = re.compile(r"<u class=.*?>|</u>| <span class=\"right\">.*?</span>")


def places(given: Note) -> list[tuple[int, int]]:
    """Return where the name stands, from 1."""
    lines = enumerate(given.source.lines, 1)
    return [(n, m.start() + 1) for n, line in lines for m in re.finditer(NAME, line)]


def mention(given: Note, line: int, column: int, severity: Severity = "error") -> Mention:
    """Return what is found of the name at one place."""
    span = given.source.span(line, column, line, column + len(NAME))
    problem = Problem("unknown-name", span, "`torch.nn` has no `MESLoss`", "mend <it>", severity)
    wrong = Mention(span, NAME, "torch.nn.MESLoss", status="typo", problem=problem)
    return replace(wrong, suggestion="nn.MSELoss")


def said(given: Note, *found: Mention) -> Course:
    """Return a course of one note in which these are wrong."""
    return course(given, mentions=found)


def test_each_place_is_underlined_and_no_other() -> None:
    given = note("a.md", TEXT)
    plain = text(said(given), "notes/a.html")
    assert 'class="wrong' not in plain
    for at, (line, column) in enumerate(places(given)):
        page = text(said(given, mention(given, line, column)), "notes/a.html")
        main = page[page.index("<main") :]
        marks = list(re.finditer(r'<u class="wrong" title="([^"]*)">(.*?)</u>', main))
        if given.source.line(line)[column - 3 : column - 1] == "![":
            assert not marks
            continue
        assert [m[2] for m in marks] == [NAME], (line, column)
        assert marks[0][1] == "torch.nn 里没有 MESLoss: mend &lt;it&gt;"
        before = re.sub(r"<[^>]*>", " ", main[: marks[0].start()])
        shown = [
            p for p in places(given)[:at] if "![" not in given.source.line(p[0])[: p[1] - 1][-2:]
        ]
        assert len(re.findall(NAME, before)) == len(shown), (line, column)
        assert _WITHOUT.sub("", page) == plain


def test_what_is_not_wrong_is_shown_as_ever() -> None:
    given = note("a.md", TEXT)
    span = given.source.span(3, 2, 3, 12)
    right = Mention(span, NAME, "torch.nn.MESLoss", status="ok")
    assert text(said(given, right), "notes/a.html") == text(said(given), "notes/a.html")


def test_signs_of_ours_stay_nowhere() -> None:
    given = note("a.md", TEXT)
    every = said(given, *(mention(given, *place) for place in places(given)))
    for name in ("notes/a.html", "print.html", "assets/search/text-0.js", "index.html"):
        assert not re.search("[\ue0f0-\ue0f2]", text(every, name)), name


def test_the_report_lists_them_and_counts_them() -> None:
    given = note("a.md", TEXT)
    span = given.source.span(3, 2, 3, 12)
    problem = Problem("removed-name", span, "`x` was removed", "write `y`", "warning")
    aside = Verdict(Snippet(span, NAME, fenced=False), Status.FAILED, problems=(problem,))
    found = mention(given, 6, 10)
    right = Mention(span, NAME, "torch.nn.MESLoss", status="ok")
    page = text(course(given, mentions=(found, right), asides=(aside,)), "report.html")
    assert "<dt>正文里的 API 名</dt><dd>合计 2 · 属实 1 · 拼错 1</dd>" in page
    assert "<dt>正文里的代码</dt><dd>合计 1 · 有误 1</dd>" in page
    listed = re.findall(r'data-status="said" data-chapter="(.*?)" data-code="(.*?)"', page)
    assert [code for _, code in listed] == ["removed-name", "unknown-name"]
    assert '<a href="notes/a.html#表-nnmesloss">' in page
    assert "正文里有 2 处写错" in text(
        course(given, mentions=(found,), asides=(aside,)), "index.html"
    )


def test_what_is_right_stands_behind_the_back_ticks() -> None:
    given = note("a.md", "用 `nn.MESLoss` 与 `nn.MSELoss`。\n")
    page = text(said(given, mention(given, 1, 4)), "notes/a.html")
    right = '<span class="right">应写作 <code>nn.MSELoss</code></span>'
    assert re.search(rf'<code><u class="wrong" title=".*?">nn.MESLoss</u></code> {right} 与', page)


def test_a_guess_is_asked_and_not_told() -> None:
    given = note("a.md", "用 `torch.model` 训练。\n")
    span = given.source.span(1, 4, 1, 15)
    said_of = Problem("unknown-name", span, "`torch` has no `model`", "look it up", "warning")
    found = Mention(span, "torch.model", "torch.model", status="unknown", suggestion="torch.mode")
    page = text(said(given, replace(found, problem=said_of)), "notes/a.html")
    assert "torch.mode<" not in page
    assert '<span class="right">look it up</span>' in page
