"""TeX to MathML, in what authors really write."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from builder import links, pipeline
from builder.config import SiteConfig
from builder.site import Pages
from builder.site.math import Formulas
from builder.site.mathfont import characters
from builder.tex import problems
from tests.browser import Chromium
from tests.site.courses import TEMPLATES, course, made, note, text, write

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "tex",
    [
        r"x \in \mathbb{R}^{d}",
        r"\frac{x-\mu}{\sqrt{\sigma^2+\epsilon}}\gamma",
        r"O_w = \lfloor \frac{I_w}{s} + 1 \rfloor \\ O_h = 1",
        r"\begin{split} a &= b \\ &= c \end{split}",
        r"\begin{align*} a &= b \\ &= c \end{align*}",
        r"\begin{eqnarray} a &= b \\ &= c \end{eqnarray}",
        r"\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}",
        r"\bigl(\begin{smallmatrix} 1 & 0 \end{smallmatrix}\bigr)",
        r"\sum_{\substack{i<n \\ j<m}} x_{ij}",
        r"x = 1 \tag{3}",
        r"\widetilde{x} \text{ 中文}",
        r"output\_padding",
    ],
)
def test_is_drawn(tex: str) -> None:
    assert (Formulas().mathml(tex, True) or "").startswith('<math display="block">')


def rows(tex: str) -> int:
    return (Formulas().mathml(tex, True) or "").count("<mtr>")


def test_a_break_outside_everything_begins_a_line() -> None:
    assert rows(r"a \\ b") == 2
    assert rows(r"\{a\} \\ b") == 2
    assert rows(r"\begin{aligned} a \\ b \end{aligned}") == 2
    assert rows("a b") == 0


def test_only_what_the_author_numbers_has_a_number() -> None:
    assert "<mtext>(3)</mtext>" in (Formulas().mathml(r"x \tag{3}", True) or "")
    assert "(1)" not in (Formulas().mathml(r"\begin{equation} x \end{equation}", True) or "")


@pytest.mark.parametrize("tex", [r"\frac{1", r"\foobar", "a & b", "}" * 3, "{" * 3000])
def test_what_is_not_understood_shows_its_source(tex: str) -> None:
    page = text(course(note("a.md", f"## 题\n\n$${tex}$$\n")))
    assert '<code class="bad-math">' in page
    assert "<math" not in page


def test_styles_become_classes() -> None:
    formulas = Formulas()
    html = formulas.mathml(r"\begin{aligned} a &= b \end{aligned} \text{ style=" "}", True) or ""
    assert " style=" not in re.sub(r">[^<]*<", "><", html)
    for name in re.findall(r'class="(m-\w+)"', html):
        assert f".{name} {{" in formulas.stylesheet()
    files = made(course(note("a.md", "## 题\n\n$$\n\\begin{aligned} a &= b \\end{aligned}\n$$\n")))
    assert b"justify-items:end" in files["assets/site.css"]


def test_a_formula_that_stands_alone_can_be_scrolled_by_keyboard() -> None:
    page = text(course(note("a.md", "## 题\n\n$$\nx\n$$\n")))
    assert '<span class="formula" role="group" tabindex="0" aria-label="公式"><math' in page


EVERY = r"""\left( \frac{a}{\sqrt{b}} \right)^2 \sum_{i=1}^{n} \int_0^1 \mathbb{R} \mathcal{L}
\mathbf{x} \hat{y} \begin{cases} 1 & x > 0 \\ 0 & \text{中文} \end{cases}
\begin{pmatrix} \alpha & h \\ \nabla & \infty \end{pmatrix}"""


def test_the_font_has_what_is_shown_and_no_more() -> None:
    formulas = Formulas()
    assert list(formulas.files()) == []
    formulas.mathml("x", False)
    (small,) = formulas.files()
    formulas.mathml(EVERY, True)
    (font,) = formulas.files()
    assert len(small.content) < len(font.content) < 60_000
    again = Formulas()
    again.mathml(EVERY, True)
    again.mathml("x", False)
    assert [file.content for file in again.files()] == [font.content]


def test_the_font_has_the_sign_that_no_text_has() -> None:
    """A browser draws the sign of a root by itself, from the font of the formula."""
    for tex in (r"\sqrt{x}", r"\sqrt[3]{x}"):
        assert "√" in characters(str(Formulas().mathml(tex, False)))
    assert "√" not in characters(str(Formulas().mathml("x", False)))


@pytest.mark.browser
def test_formulas_are_drawn_with_the_font(chromium: Chromium, tmp_path: Path) -> None:
    """Every character is drawn with it, and what stretches has grown."""
    pages = course(note("a.md", f"# 甲\n\n## 题\n\n$${EVERY}$$\n"), note("b.md", "# 乙\n\n文\n"))
    for path, content in made(pages).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    home = tmp_path.as_uri() + "/"
    with chromium.visit(f"{home}notes/a.html") as visit:
        page = visit.page
        page.evaluate("document.fonts.ready")
        faces = page.evaluate(
            "[...document.fonts].filter(f => f.family.includes('Math')).map(f => f.status)"
        )
        assert faces == ["loaded"]
        heights = page.evaluate(
            "[...document.querySelectorAll('mo')].filter(o => '(){'.includes(o.textContent.trim()))"
            ".map(o => o.getBoundingClientRect().height)"
        )
        assert heights
        assert all(height > 30 for height in heights)
        assert visit.said == []
        assert visit.strangers(home) == []
    with chromium.visit(f"{home}notes/b.html") as visit:
        assert [url for url in visit.asked if url.endswith(".woff2")] == []


def test_what_is_not_drawn_is_a_problem_at_its_place() -> None:
    bad = note("a.md", "## 题\n\n好的 $x$，坏的 $\\frac{1$。\n\n$$\na \\foobar b\n$$\n")
    pages = Pages(course(bad), SiteConfig(), TEMPLATES)
    list(pages.all())
    found = pages.faults("notes/a.md")
    assert [str(fault.span) for fault in found] == ["notes/a.md:3:12", "notes/a.md:6:1"]
    assert "expected closing token `}`" in found[0].message
    assert "unknown command `\\foobar`" in found[1].message


FIRST_IN_LINE = """
() => [...document.querySelectorAll("p")].filter((p) => {
  const walker = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
  const left = p.getBoundingClientRect().left;
  for (let text; (text = walker.nextNode());) {
    for (const { index } of text.data.matchAll(/[，。]/g)) {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + 1);
      if (range.getBoundingClientRect().left - left < 8) return true;
    }
  }
  return false;
}).length
"""


@pytest.mark.browser
def test_no_line_begins_with_what_ends_a_formula(chromium: Chromium, tmp_path: Path) -> None:
    lines = "\n\n".join("字" * n + "一段 $x+y$，又 $z$。" * 9 for n in range(40))
    long = "$" + "+".join(f"x_{{{n}}}" for n in range(60)) + "$，后文"
    write(tmp_path, course(note("a.md", f"# 甲\n\n{lines}\n\n{long}\n")))
    with chromium.visit((tmp_path / "notes/a.html").as_uri(), width=390) as visit:
        assert visit.page.evaluate(FIRST_IN_LINE) == 0
        assert not visit.overflows(390)


DRAWN = """
() => [...document.querySelectorAll("math")].filter((math) => {
  const { width, height } = math.getBoundingClientRect();
  return width < 2 || height < 4 || math.querySelector("merror");
}).map((math) => math.querySelector("annotation").textContent)
"""


@pytest.mark.browser
def test_every_formula_of_the_course_is_drawn(chromium: Chromium, tmp_path: Path) -> None:
    where = pipeline.settings((ROOT / "notes",), tmp_path / "out", None)
    whole = pipeline.read(where).course
    formulas = [found for each in whole.notes for found in problems(each)]
    assert formulas == []
    write(tmp_path, whole)
    drawn = 0
    with chromium.visit((tmp_path / "index.html").as_uri()) as visit:
        for each in whole.notes:
            visit.page.goto((tmp_path / links.page(each)).as_uri())
            visit.page.evaluate("document.fonts.ready")
            assert visit.page.evaluate(DRAWN) == [], each.source.name
            drawn += visit.page.locator("math").count()
    assert drawn > 100
