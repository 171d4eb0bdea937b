"""Formulas as pages have them: MathML, drawn by the browser without a script, and its font."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from re import Match

from builder.kept import NOTHING_KEPT, Kept
from builder.markdown import escape
from builder.model import Artifact
from builder.patterns import late
from builder.site.mathfont import characters, font
from builder.tex import Refused, mathml

#: A path below the site's root, and the rule by which pages find it.
FONT = "assets/math.woff2"
_FACE = """\
@font-face {
  font-family: "Math of the site"; src: url("math.woff2") format("woff2"); font-display: swap;
}
"""
#: A formula of so many characters may well stand in a course again, and is kept.
_SHORT = 80
_STYLE = late(r'(<\w+[^<>]*?) style="([^"<>]*)"([^<>]*>)')
_HARMLESS = late(r"[\w\s:;.,%#()-]+")


class Formulas:
    """Draws the formulas of one site.

    The site's content security policy refuses `style` attributes, so each style that a formula
    needs becomes a class, and `stylesheet` gives the rules of all that were used.
    """

    def __init__(self, kept: Kept = NOTHING_KEPT) -> None:
        self._kept = kept
        self._styles: dict[str, str] = {}
        self._shown: set[str] = set()
        self._drawn: dict[tuple[str, bool], str] = {}
        #: The formulas that were asked for; whoever draws a note takes them away.
        self.asked: dict[tuple[str, bool], None] = {}
        #: The formulas that were not understood; whoever draws a note takes them away.
        self.refused: list[Refused] = []

    def mathml(self, tex: str, display: bool) -> str | None:
        """Return a formula as MathML, or None where the TeX is not understood."""
        found = mathml(tex, display=display)
        if isinstance(found, Refused):
            self.refused.append(found)
            return None
        self._shown |= characters(found)
        return _STYLE.sub(self._classed, found)

    def html(self, tex: str, display: bool, label: str) -> str:
        """Return a formula as HTML; what is not understood shows its source.

        A formula that stands alone scrolls where it is too wide; `label` says what it is.
        """
        self.asked[tex, display] = None
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

    def draw(self, formulas: Iterable[tuple[str, bool]]) -> None:
        """Draw what stands on a page that was drawn before: the font and the css need it."""
        for tex, display in formulas:
            self.html(tex, display, "")
        self.refused.clear()

    def again(self, tex: str) -> str:
        """Return a formula of a heading that stands at its own place too: faults are told there."""
        told = len(self.refused)
        drawn = self.html(tex, False, "")
        del self.refused[told:]
        return drawn

    def files(self) -> Iterator[Artifact]:
        """Yield the font of the formulas drawn so far; only pages with a formula ask for it."""
        if self._shown:
            yield Artifact(FONT, font(frozenset(self._shown), self._kept))

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
