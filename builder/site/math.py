"""The only file that knows math-core: TeX to MathML, drawn by the browser without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from re import Match

from math_core import LatexError, LatexToMathML

from builder.markdown import escape
from builder.model import Artifact
from builder.site.mathfont import characters, font

#: What authors write, and what math-core draws in its place.
_SYNONYMS = (
    (re.compile(r"\\(begin|end)\{(?:split|eqnarray\*?)\}"), r"\\\1{aligned}"),
    (re.compile(r"\\(begin|end)\{smallmatrix\}"), r"\\\1{matrix}"),
    (re.compile(r"\\substack\s*\{((?:[^{}]|\{[^{}]*\})*)\}"), r"\\begin{matrix}\1\\end{matrix}"),
)
#: Formulas are counted only where the author numbers them.
_UNNUMBERED = (
    (re.compile(r"\\(begin|end)\{align\*?\}"), r"\\\1{aligned}"),
    (re.compile(r"\\(begin|end)\{gather\*?\}"), r"\\\1{gathered}"),
    (re.compile(r"\\(begin|end)\{equation\*?\}"), ""),
)
#: A path below the site's root, and the rule by which pages find it.
FONT = "assets/math.woff2"
_FACE = """\
@font-face { font-family: "Math of the site"; src: url("math.woff2") format("woff2"); }
"""
#: A formula of so many characters may well stand in a course again, and is kept.
_SHORT = 80
_COLOUR = re.compile("\x1b\\[[0-9;]*m")
_NESTING = re.compile(r"\\(begin|end)\{[^{}]*\}|\\\\|[{}]|\\.", re.DOTALL)
_STYLE = re.compile(r'(<\w+[^<>]*?) style="([^"<>]*)"([^<>]*>)')
_HARMLESS = re.compile(r"[\w\s:;.,%#()-]+")


class Formulas:
    """Draws the formulas of one site.

    The site's content security policy refuses `style` attributes, so each style that a formula
    needs becomes a class, and `stylesheet` gives the rules of all that were used.
    """

    def __init__(self) -> None:
        self._mathml = LatexToMathML(annotation=True, allow_unreliable_rendering=True)
        self._styles: dict[str, str] = {}
        self._shown: set[str] = set()
        self._drawn: dict[tuple[str, bool], str] = {}
        #: The formulas that were not understood, and why; whoever draws a note takes them away.
        self.refused: list[tuple[str, str]] = []

    def mathml(self, tex: str, display: bool) -> str | None:
        """Return a formula as MathML, or None where the TeX is not understood."""
        try:
            html = self._mathml.convert_with_local_state(_rewritten(tex), displaystyle=display)
        except LatexError as error:
            self.refused.append((tex, _said(error)))
            return None
        self._shown |= characters(html)
        return _STYLE.sub(self._classed, html)

    def html(self, tex: str, display: bool, label: str) -> str:
        """Return a formula as HTML; what is not understood shows its source.

        A formula that stands alone scrolls where it is too wide; `label` says what it is.
        """
        drawn = self._drawn.get((tex, display))
        if drawn is None:
            drawn = self.mathml(tex, display)
            if drawn is None:
                drawn = f'<code class="bad-math">{escape(tex)}</code>'
            elif len(tex) <= _SHORT:
                self._drawn[tex, display] = drawn
        if not display:
            return drawn
        return (
            f'<span class="formula" role="group" tabindex="0" aria-label="{escape(label)}">'
            f"{drawn}</span>\n"
        )

    def files(self) -> Iterator[Artifact]:
        """Yield the font of the formulas drawn so far; only pages with a formula ask for it."""
        if self._shown:
            yield Artifact(FONT, font(frozenset(self._shown)))

    def stylesheet(self) -> str:
        """Return the css of the formulas drawn so far."""
        face = _FACE if self._shown else ""
        return face + "".join(
            f".{name} {{ {style} }}\n" for name, style in sorted(self._styles.items())
        )

    def _classed(self, match: Match[str]) -> str:
        before, style, after = match.groups()
        if not _HARMLESS.fullmatch(style):
            return before + after
        name = f"m-{sha256(style.encode()).hexdigest()[:8]}"
        self._styles[name] = style
        return f'{before} class="{name}"{after}'


def _said(error: LatexError) -> str:
    """Return the sentence of an error; the picture below it is for a terminal of its own."""
    text = _COLOUR.sub("", str(error)).strip().splitlines()[0].removeprefix("Error:").strip(" .")
    return text[:1].lower() + text[1:].replace('"', "`")


def _rewritten(tex: str) -> str:
    numbered = r"\tag" in tex
    for pattern, instead in _SYNONYMS + (() if numbered else _UNNUMBERED):
        tex = pattern.sub(instead, tex)
    if numbered:
        own = re.search(r"\\begin\{(?:equation|align|gather)\*?\}", tex)
        return tex if own else rf"\begin{{equation}}{tex}\end{{equation}}"
    return rf"\begin{{gathered}}{tex}\end{{gathered}}" if _breaks_lines(tex) else tex


def _breaks_lines(tex: str) -> bool:
    r"""Is there a `\\` outside every group and environment? It would be swallowed."""
    depth = 0
    for match in _NESTING.finditer(tex):
        if match[0] == r"\\" and not depth:
            return True
        depth += {"begin": 1, "{": 1, "end": -1, "}": -1}.get(match[1] or match[0], 0)
    return False
