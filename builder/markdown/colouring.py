"""Code to coloured HTML by Pygments, and the colours as css: behind `highlight`, its door."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from typing import Any, Final

from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.style import Style
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES, Token, _TokenType
from pygments.util import ClassNotFound

from builder.markdown.highlight import DARK, LIGHT
from builder.markdown.lexing import quicken

#: What a light style gives to plain text, be it said or not; the page has an ink of its own.
_BLACK: Final = {"color": "000000"}


@cache
def _lexer(language: str) -> Lexer | None:
    try:
        return quicken(get_lexer_by_name(language, stripnl=False, ensurenl=False))
    except ClassNotFound:
        return None


def coloured(code: str, language: str) -> str:
    """Return the HTML of code, line for line, without `<pre>`; unknown languages stay plain."""
    lexer = _lexer(language.lower()) if language else None
    if not lexer:
        return escape(code, quote=False)
    html = "".join(_pieces(lexer.get_tokens(code)))
    return html if html.endswith("\n") or not html else html + "\n"


def _pieces(tokens: Iterable[tuple[_TokenType, str]]) -> Iterator[str]:
    """Yield HTML in which no span goes on over the end of a line.

    The library's own would put most of a text into spans that look like what is around them.
    """
    opened = ""
    for kind, written in tokens:
        span, text = _span(kind), escape(written, quote=False)
        if span != opened and opened:
            yield "</span>"
        if "\n" in text and span:
            lines = text.split("\n")
            yield from () if span != opened else ("</span>",)
            yield "\n".join([f"{span}{line}</span>" if line else "" for line in lines])
            opened = ""
            continue
        if span != opened:
            yield span
            opened = span
        yield text
    if opened:
        yield "</span>"


@cache
def _span(kind: _TokenType) -> str:
    """Return what opens a kind of token, empty for one that looks in no style like anything."""
    while kind not in STANDARD_TYPES:
        kind = kind.parent or Token
    styles = (get_style_by_name(name) for name in (LIGHT, DARK))
    if all(_look(style, kind) in (_look(style, Token), _BLACK) for style in styles):
        return ""
    return f'<span class="{STANDARD_TYPES[kind]}">'


def _look(style: type[Style], kind: _TokenType) -> dict[str, Any]:
    return {name: said for name, said in style.style_for_token(kind).items() if said}


def stylesheet(style: str, selector: str) -> str:
    """Return the css of a Pygments style for code inside `selector`."""
    rules: str = HtmlFormatter[str](style=style).get_style_defs(selector)  # type: ignore[no-untyped-call]
    return "\n".join(line for line in rules.splitlines() if "linenos" not in line) + "\n"


def colours() -> dict[str, tuple[str, str]]:
    """Return the colours of each kind of token, by its class: light and dark, empty for plain."""
    found = {
        name: (_colour(LIGHT, kind), _colour(DARK, kind))
        for kind, name in STANDARD_TYPES.items()
        if name and _span(kind)
    }
    return {name: pair for name, pair in found.items() if any(pair)}


def _colour(style: str, kind: _TokenType) -> str:
    """A name looks like plain text."""
    look = _look(get_style_by_name(style), kind)
    plain = (_look(get_style_by_name(style), it) for it in (Token, Token.Name))
    return "" if look in (*plain, _BLACK) else f"#{look.get('color', '')}".removesuffix("#")
