"""Formulas where no markup may stand: in the title of a window, a description, what search finds.

`σ^2` is `σ²` there and a fraction `a/b`: what a formula shows, in the order in which it is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from html import unescape
from itertools import chain
from xml.etree import ElementTree as Xml

from builder.markdown import Renderer
from builder.model import Note
from builder.patterns import late
from builder.plain import plain
from builder.tex import Refused, has_formula, mathml

_PLAIN_SIGNS = "0123456789+−=()"
_ABOVE = dict(
    zip(
        _PLAIN_SIGNS + "abcdefghijklmnoprstuvwxyzT",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ",
        strict=True,
    )
)
_BELOW = dict(
    zip(_PLAIN_SIGNS + "aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)
_SMALL = frozenset((*_ABOVE.values(), *_BELOW.values(), "′"))
#: What stands over a letter, as the sign that is written with it.
_ACCENTS = {
    "ˆ": "\u0302", "^": "\u0302", "˜": "\u0303", "~": "\u0303", "¯": "\u0304", "‾": "\u0304",
    "˙": "\u0307", "¨": "\u0308", "→": "\u20d7", "⃗": "\u20d7",
}  # fmt: skip
#: Names of signs that XML by itself does not know.
_NAMED = late(r"&(?!(?:lt|gt|amp|quot|apos|#\w+);)\w+;")
#: What is said of a sign, or joins two, and is not seen.
_UNSEEN = late("[\u2062-\u2064\ufe00-\ufe0f]")
_APPLIED = late("\u2061(?=[(\\[])|\u2061(\\s*)")
_STYLED = late("[\U0001d400-\U0001d7ff]")
_JOINS = late(r"[-+−±=≤≥<>/·×∗∼≈→,;\s]")
_EM = late(r"([\d.]+)em")
#: From here on a gap is one between words.
_GAP = 0.2
#: Stands for a formula while what is around it is made plain; nobody's text has it.
_SLOT = "\ue002"


@lru_cache(maxsize=4096)
def title(text: str) -> str:
    """Return a heading, which is inline Markdown, as plain text with readable formulas."""
    return "".join(_joined(text, lambda said: said, formula))


def heading(note: Note) -> str:
    """Return the title of a note as inline Markdown, where a heading gives it, and else as text."""
    tops = (section.title for section in note.sections if section.level == 1)
    return next((top for top in tops if plain(top) == note.title), note.title)


def title_html(text: str, write: Callable[[str], str], draw: Callable[[str], str]) -> str:
    """Return a heading as HTML that has nothing but formulas: `draw` makes them, `write` text."""
    return "".join(_joined(text, write, draw))


def tex_of(text: str) -> tuple[str, ...]:
    """Return the formulas of a heading as they are written."""
    return _parts(text)[1] if has_formula(text) else ()


def _joined(text: str, write: Callable[[str], str], draw: Callable[[str], str]) -> Iterator[str]:
    if not has_formula(text):
        yield write(plain(text))
        return
    around, formulas = _parts(text)
    yield write(around[0])
    for tex, behind in zip(formulas, around[1:], strict=True):
        yield draw(tex)
        yield write(behind)


@lru_cache(maxsize=1024)
def _parts(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what stands around the formulas of a heading, and those."""
    found: list[str] = []

    def keep(tex: str, _display: bool) -> str:
        found.append(tex)
        return _SLOT

    html = Renderer(math=keep).inline(text)
    around = unescape(re.sub(r"<[^<>]*>", "", html)).strip().split(_SLOT)
    return tuple(around), tuple(found)


@lru_cache(maxsize=4096)
def formula(tex: str) -> str:
    """Return a formula as text; one that is not understood stays as it is."""
    drawn = mathml(tex, display=False)
    if isinstance(drawn, Refused):
        return tex
    try:
        root = Xml.fromstring(_NAMED.sub(lambda name: unescape(name[0]), drawn))
    except Xml.ParseError:
        return tex
    said = _APPLIED.sub(lambda it: "" if it[1] is None else " ", _said(root))
    return " ".join(unicodedata.normalize("NFC", _UNSEEN.sub("", said)).split())


def _said(node: Xml.Element) -> str:
    """Return what an element says, and those in it."""
    parts = [_said(child) for child in node]
    match node.tag, parts:
        case (("annotation" | "mphantom"), _):
            return ""
        case (("msup" | "mover"), [base, over]):
            return _over(base, over, is_accent="accent" in node.attrib)
        case (("msub" | "munder"), [base, under]):
            return _under(base, under, is_accent="accentunder" in node.attrib)
        case (("msubsup" | "munderover"), [base, under, over]):
            return _over(_under(base, under, is_accent=False), over, is_accent=False)
        case "mfrac", [above, below]:
            is_ruled = node.get("linethickness") != "0"
            return f"{_held(above)}/{_held(below)}" if is_ruled else f"{above} {below}"
        case "msqrt", _:
            return _root("".join(parts), "")
        case "mroot", [inside, degree]:
            return _root(inside, degree)
        case "mspace", _:
            width = _EM.fullmatch(node.get("width", ""))
            return " " if width and float(width[1]) > _GAP else ""
        case "mtr", _:
            return " ".join(parts)
        case "mtable", _:
            return "; ".join(" ".join(row.split()) for row in parts)
    return _STYLED.sub(lambda it: unicodedata.normalize("NFKC", it[0]), node.text or "") + "".join(
        chain.from_iterable(zip(parts, (child.tail or "" for child in node), strict=True))
    )


def _over(base: str, over: str, *, is_accent: bool) -> str:
    if is_accent:
        return base + _ACCENTS.get(over, "") if len(base) == 1 else base
    return base + _script(over, "^", _ABOVE)


def _under(base: str, under: str, *, is_accent: bool) -> str:
    return base if is_accent else base + _script(under, "_", _BELOW)


def _script(said: str, sign: str, small: dict[str, str]) -> str:
    """Return what stands a little higher or lower: in small signs, where there are such."""
    if all(each in small for each in said):
        return "".join(small[each] for each in said)
    if (len(said) == 1 and not said.isalnum() and sign == "^") or set(said) == {"′"}:
        return said
    return sign + _held(said)


def _held(said: str) -> str:
    """Return what counts as one, in brackets where it would not look so."""
    is_held = said[:1] == "(" and said.find(")") == len(said) - 1
    return f"({said})" if _JOINS.search(said) and not is_held else said


def _root(said: str, degree: str) -> str:
    large = [each for each in said if each not in _SMALL and not unicodedata.combining(each)]
    inside = said if len(large) == 1 or said.isdigit() else f"({said})"
    shown = "".join(_ABOVE.get(each, each) for each in degree)
    return f"{shown}√{inside}"
