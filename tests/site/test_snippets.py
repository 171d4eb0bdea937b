"""How a piece of code stands on its page."""

from __future__ import annotations

import re
from dataclasses import replace

from builder.model import Course, Problem, Snippet, Span, Status, Verdict
from tests.site.courses import course, failed, note, passed, text

CODE = "## 题\n\n```python\nimport torch\nx = torch.onse(2)\nprint(x)\n```\n"
NOTE = note("a.md", CODE)
SNIPPET = NOTE.snippets[0]


def shown(*verdicts: Verdict, **fields: object) -> str:
    return text(course(NOTE, verdicts=verdicts, **fields))


def details(page: str) -> str:
    found = re.search(r'<details class="verdict".*?</details>', page, re.DOTALL)
    assert found
    return found[0]


def test_passed_is_one_quiet_line_that_opens() -> None:
    page = shown(passed(SNIPPET))
    assert '<div class="snippet passed">' in page
    assert "<span>已在 torch 2.13.0 上运行</span></summary>" in details(page)
    assert "<dd>torch 2.13.0 · numpy 2.3.4 · Python 3.11.7</dd>" in details(page)


def test_what_it_printed_stands_below_the_code() -> None:
    page = shown(passed(SNIPPET, stdout="tensor([1., 1.])\n"))
    assert '<p>运行输出</p><pre tabindex="0">tensor([1., 1.])</pre>' in page


def test_what_it_leaned_on() -> None:
    verdict = passed(SNIPPET, stand_ins=("device: `cuda`",), assumed=("model = <Linear>",))
    found = details(shown(verdict))
    assert "<dt>替身</dt>\n<dd>device: <code>cuda</code></dd>" in found
    assert "<dt>假设</dt>\n<dd><code>model = &lt;Linear&gt;</code></dd>" in found


def test_what_ran_before_it() -> None:
    two = note("a.md", "## 一\n\n```python\nx = 1\n```\n\n## 二\n\n```python\nprint(x)\n```\n")
    first, second = two.snippets
    page = text(course(two, verdicts=(passed(first), passed(second, after=(first.span,)))))
    assert '<dd><a href="#@code-1">一</a></dd>' in page


def test_what_ran_before_it_under_one_heading_is_told_apart() -> None:
    code = "```python\nx = 1\n```\n\n```python\ny = 2\n```\n\n```python\nprint(x, y)\n```\n"
    alike = note("a.md", f"## 题\n\n{code}")
    first, second, third = alike.snippets
    ran = (passed(first), passed(second), passed(third, after=(first.span, second.span)))
    page = text(course(alike, verdicts=ran))
    assert '<a href="#@code-1">题 (1)</a>' in page
    assert '<a href="#@code-2">题 (2)</a>' in page


def test_code_begins_with_its_first_line_and_counts_from_there() -> None:
    late = note("a.md", "## 题\n\n```python\n\n  \nx = 1\ny = x.z\n```\n")
    [snippet] = late.snippets
    page = text(course(late, verdicts=(failed(snippet, 4, "no `z`"),)))
    assert re.search(r'<code translate="no">(<[^>]*>)*x', page)
    assert "第 2 行" in page
    [marked] = re.findall('<mark class="error">(.*)', page)
    assert "z" in marked


def test_what_is_wrong_on_purpose_is_marked_and_explained() -> None:
    [problem] = failed(SNIPPET, 2, "`torch` has no `onse`", "did you mean `torch.ones`?").problems
    page = shown(passed(SNIPPET, announced=(problem,)))
    assert '<div class="snippet passed">' in page
    assert '<details class="verdict" open>' in page
    assert "如题，这段代码有错：<code>torch</code> 里没有 <code>onse</code>" in details(page)
    assert '<p class="help">是不是 <code>torch.ones</code>？</p>' in page
    assert '<mark class="error">' in page


def test_failed_marks_its_line_and_says_what_to_do() -> None:
    page = shown(failed(SNIPPET, 2, "`torch` has no `onse`", "did you mean `torch.ones`?"))
    assert '<details class="verdict" open>' in page
    assert "第 2 行：<code>torch</code> 里没有 <code>onse</code></span></summary>" in page
    assert '<p class="help">是不是 <code>torch.ones</code>？</p>' in page
    marked = re.findall(r'<mark class="error">(.*?)</mark>', page, re.DOTALL)
    assert len(marked) == 1
    assert re.sub("<[^>]*>", "", marked[0]) == "x = torch.onse(2)\n"


def test_every_problem_is_listed() -> None:
    verdict = failed(SNIPPET, 2, "first", "help one")
    more = Problem("deprecated", Span("notes/a.md", 4), "second", "help two", "warning")
    found = details(shown(replace(verdict, problems=(*verdict.problems, more))))
    assert found.index("first") < found.index("help one") < found.index("<b>第 1 行</b> second")
    assert '<div class="trouble warning">' in found


def test_a_warning_alone_does_not_fail() -> None:
    warning = Problem("deprecated", Span("notes/a.md", 4), "old", severity="warning")
    page = shown(passed(SNIPPET, problems=(warning,)))
    assert '<mark class="warning">' in page
    assert "<span>已在 torch 2.13.0 上运行</span></summary>" in page


def test_incomplete_and_skipped_say_why() -> None:
    why = Verdict(SNIPPET, Status.INCOMPLETE, reason="nobody defined `model`")
    assert '<p class="verdict">' in shown(why)
    assert "未能判定：nobody defined <code>model</code>" in shown(why)
    assert "已跳过：needs a TPU" in shown(Verdict(SNIPPET, Status.SKIPPED, reason="needs a TPU"))


def test_kinds_of_code_passed_in_their_own_way() -> None:
    assert "输出与 torch 2.13.0 上一致" in shown(passed(SNIPPET, kind="doctest", stdout="unseen"))
    assert "unseen</pre>" not in shown(passed(SNIPPET, kind="doctest", stdout="unseen"))
    assert "已与 torch 2.13.0 的签名核对" in shown(passed(SNIPPET, kind="signature"))


def test_output_that_the_author_shows_is_not_shown_twice() -> None:
    own = note("a.md", "## 题\n\n```python\nprint(1)\n```\n\n```output\n1\n```\n")
    page = text(course(own, verdicts=(passed(own.snippets[0], stdout="1\n"),)))
    assert page.count("<p>输出</p>") == 1
    assert "运行输出" not in page


def test_code_that_is_not_examined_has_no_verdict() -> None:
    page = text(course(note("a.md", "## 题\n\n```bash\necho '<b>'\n```\n")))
    assert '<div class="snippet">' in page
    assert "&lt;b&gt;" in page
    assert 'class="verdict"' not in page


def with_claim(status: Status) -> Course:
    span = Span("notes/a.md", 9)
    claim = Snippet(span, "nn.MaxPool2d(3).stride == 2", kind="claim")
    section = replace(NOTE.sections[0], snippets=(*NOTE.snippets, claim))
    problem = Problem("claim-fails", span, "it is 3")
    verdict = Verdict(claim, status, kind="claim", problems=(problem,))
    return course(replace(NOTE, sections=(section,)), verdicts=(passed(SNIPPET), verdict))


def test_a_claim_is_shown_only_where_it_does_not_hold() -> None:
    assert "it is 3" in text(with_claim(Status.FAILED))
    assert "it is 3" not in text(with_claim(Status.PASSED))


EVIL = "<script>alert(1)</script>"


def test_nothing_that_was_written_or_printed_becomes_markup() -> None:
    evil = note(
        "a.md", f"# {EVIL}\n\n## a {EVIL}\n\n{EVIL}\n\n```python\n{EVIL}\n```\n\n$x {EVIL}$\n"
    )
    verdict = failed(evil.snippets[0], 1, f"m {EVIL} `{EVIL}`", f"h {EVIL}")
    verdict = replace(verdict, stdout=EVIL, stand_ins=(EVIL,), assumed=(EVIL,), reason=EVIL)
    for status in Status:
        page = text(course(evil, title=EVIL, verdicts=(replace(verdict, status=status),)))
        assert "<script>" not in page
        assert page.count("<script ") == 1


def test_an_authors_markup_is_cleaned() -> None:
    html = '<b onclick="x()" style="color:red">fett</b><iframe src="x"></iframe><style>b{}</style>'
    page = text(course(note("a.md", f"## 题\n\n{html}\n")))
    assert "<b>fett</b>" in page
    for bad in ("onclick", "<iframe", "<style", "style="):
        assert bad not in page
