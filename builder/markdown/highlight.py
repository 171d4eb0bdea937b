"""Code to coloured HTML by Pygments, and the colours as css."""

from __future__ import annotations

from functools import cache, lru_cache
from html import escape

from pygments import highlight as _highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from builder.markdown.lexing import quicken

#: Both keep every token at a contrast of 4.5 to 1 or better.
LIGHT, DARK = "xcode", "lightbulb"

_FORMATTER = HtmlFormatter[str](nowrap=True)


@cache
def _lexer(language: str) -> Lexer | None:
    try:
        return quicken(get_lexer_by_name(language, stripnl=False, ensurenl=False))
    except ClassNotFound:
        return None


@lru_cache(maxsize=512)  # a page and its cards show the same
def highlight(code: str, language: str) -> str:
    """Return the HTML of code, line for line, without `<pre>`; unknown languages stay plain."""
    lexer = _lexer(language.lower()) if language else None
    return _highlight(code, lexer, _FORMATTER) if lexer else escape(code, quote=False)


def stylesheet(style: str, selector: str) -> str:
    """Return the css of a Pygments style for code inside `selector`."""
    rules: str = HtmlFormatter[str](style=style).get_style_defs(selector)  # type: ignore[no-untyped-call]
    return "\n".join(line for line in rules.splitlines() if "linenos" not in line) + "\n"
