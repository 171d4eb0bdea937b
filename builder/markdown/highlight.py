"""Code to coloured HTML, and the colours as css; Pygments is loaded when something is coloured."""

from __future__ import annotations

from functools import lru_cache

#: Both keep every token at a contrast of 4.5 to 1 or better.
LIGHT, DARK = "xcode", "lightbulb"


@lru_cache(maxsize=64)  # a page and its cards show the same
def highlight(code: str, language: str) -> str:
    """Return the HTML of code, line for line, without `<pre>`; unknown languages stay plain."""
    from builder.markdown.colouring import coloured

    return coloured(code, language)


def stylesheet(style: str, selector: str) -> str:
    """Return the css of a Pygments style for code inside `selector`."""
    from builder.markdown import colouring

    return colouring.stylesheet(style, selector)


def colours() -> dict[str, tuple[str, str]]:
    """Return the colours of each kind of token, by its class: light and dark, empty for plain."""
    from builder.markdown import colouring

    return colouring.colours()
