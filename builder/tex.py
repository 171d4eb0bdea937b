"""The only file that knows math-core: formulas of notes to MathML, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from math_core import LatexError, LatexToMathML

from builder.markdown import Renderer, code_lines
from builder.model import Note, Problem, Span
from builder.patterns import late

#: What authors write, and what math-core draws in its place.
_SYNONYMS = (
    (late(r"\\(begin|end)\{(?:split|eqnarray\*?)\}"), r"\\\1{aligned}"),
    (late(r"\\(begin|end)\{smallmatrix\}"), r"\\\1{matrix}"),
    (late(r"\\substack\s*\{((?:[^{}]|\{[^{}]*\})*)\}"), r"\\begin{matrix}\1\\end{matrix}"),
)
#: Formulas are counted only where the author numbers them.
_UNNUMBERED = (
    (late(r"\\(begin|end)\{align\*?\}"), r"\\\1{aligned}"),
    (late(r"\\(begin|end)\{gather\*?\}"), r"\\\1{gathered}"),
    (late(r"\\(begin|end)\{equation\*?\}"), ""),
)
_COLOUR = late("\x1b\\[[0-9;]*m")
_NESTING = late(r"\\(begin|end)\{[^{}]*\}|\\\\|[{}]|\\.", re.DOTALL)
#: Without any of these a text has no formula.
_SIGNS = late(r"\$|\\[(\[]|\\begin\{")
_ENVIRONMENT = late(r"\\begin\{\w+\}(.*)\\end\{\w+\}", re.DOTALL)
_SPACE_OR_BAR = late(r"(\s+|\|)")
#: What stands before a formula.
_OPENS = late(r"(?:\$`*|\\[(\[]|\\begin\{\w+\*?\})[\s>]*$")


@dataclass(frozen=True, slots=True)
class Refused:
    """A formula that is not understood, and why."""

    tex: str
    why: str


def mathml(tex: str, *, display: bool) -> str | Refused:
    """Return a formula as MathML, where its TeX is understood."""
    try:
        return _converter().convert_with_local_state(_rewritten(tex), displaystyle=display)
    except LatexError as error:
        return Refused(tex, _said(error))


@cache
def _converter() -> LatexToMathML:
    return LatexToMathML(annotation=True, allow_unreliable_rendering=True)


def has_formula(text: str) -> bool:
    """Tell whether a text may have a formula in it; without one of the signs it has none."""
    return bool(_SIGNS.search(text))


def problems(note: Note) -> Iterator[Problem]:
    """Yield the formulas of a note that are not understood."""
    if not has_formula(note.source.text):
        return
    refused: list[Refused] = []

    def draw(tex: str, display: bool) -> str:
        if isinstance(found := mathml(tex, display=display), Refused):
            refused.append(found)
        return ""

    renderer = Renderer(code=lambda _block: "", math=draw)
    for section in note.sections:
        renderer.inline(section.title)
        renderer.blocks(section.blocks)
    yield from placed(note, refused)


def placed(note: Note, refused: Iterable[Refused]) -> Iterator[Problem]:
    """Yield formulas that are not understood at their places; they come as they stand there."""
    refused = tuple(refused)
    if not refused:
        return
    code, at = code_lines(note), 0
    for each in refused:
        start = next(_starts(note.source.text, each.tex, at, code), None)
        start = next(_starts(note.source.text, each.tex, 0, code), 0) if start is None else start
        at = start + 1
        help_ = "mend the TeX; its source is shown instead"
        message = f"this formula is not drawn: {each.why}"
        yield Problem("bad-math", _span(note, start, each.tex), message, help_, "warning")


def _starts(text: str, tex: str, at: int, code: frozenset[int]) -> Iterator[int]:
    """Yield where TeX is written: over lines of a quote, bars escaped in a table, not in code."""
    inner = _ENVIRONMENT.fullmatch(tex)
    for wanted in (tex, inner[1].strip()) if inner else (tex,):
        bits = _SPACE_OR_BAR.split(wanted)
        bits[::2] = map(re.escape, bits[::2])
        bits[1::2] = [r"\\?\|" if bit == "|" else r"[\s>]+" for bit in bits[1::2]]
        for match in re.compile("".join(bits)).finditer(text, at):
            begin = text.rfind("\n", 0, match.start()) + 1
            opens = _OPENS.search(text, max(0, match.start() - 40), match.start())
            ticks = text.count("`", begin, opens.start() if opens else match.start())
            if opens and not ticks % 2 and text.count("\n", 0, match.start()) + 1 not in code:
                yield match.start()


def _span(note: Note, start: int, tex: str) -> Span:
    text = note.source.text
    line = text.count("\n", 0, start) + 1
    column = start - text.rfind("\n", 0, start)
    end = min(column + len(tex.split("\n", 1)[0]), len(note.source.line(line)) + 1)
    return note.source.span(line, column, line, end)


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
