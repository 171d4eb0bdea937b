"""TeX to MathML, in what authors really write."""

from __future__ import annotations

import re

import pytest

from builder.site.math import Formulas
from tests.site.courses import course, made, note, text


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
    assert b"justify-items: end" in files["assets/site.css"]


def test_a_formula_that_stands_alone_can_be_scrolled_by_keyboard() -> None:
    page = text(course(note("a.md", "## 题\n\n$$\nx\n$$\n")))
    assert '<span class="formula" role="group" tabindex="0" aria-label="公式"><math' in page
