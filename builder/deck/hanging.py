"""Lines of code on a narrow screen: what does not fit goes on below, right of its own indent."""

from __future__ import annotations

from builder.patterns import late

#: Columns that every phone has room for.
_FITS = 32
_FIRST_WIDE = "\u2e80"
_INDENT = late(r"(?P<tags>(?:<span class=\"[^\"]*\">)*)(?P<blank>[ \t]+)")


def lines(html: str, text: str, broken: frozenset[int] = frozenset()) -> str:
    """Return code or what it printed, as HTML that `card.css` can wrap; `text` is what it says.

    A long line is an element that knows its indent, and so is a broken one, marked as such. Their
    blanks stay in the text, for whoever copies it.
    """
    said = text.split("\n")
    return "".join(
        _line(line, said[at] if at < len(said) else "", is_broken=at + 1 in broken)
        for at, line in enumerate(html.split("\n"))
    )


def _line(html: str, text: str, *, is_broken: bool) -> str:
    """An element is a block, and so holds its own line break."""
    if not is_broken and _columns(text) <= _FITS:
        return f"{html}\n"
    indent = _columns(text) - _columns(text.lstrip(" \t"))
    kind = "line fault" if is_broken else "line"
    depth = f' style="--in:{indent}"' if indent else ""
    kept = _INDENT.sub(r"\g<tags><i>\g<blank></i>", html, count=1) if indent else html
    return f'<span class="{kind}"{depth}>{kept}\n</span>'


def _columns(text: str) -> int:
    if text.isascii():
        return len(text) + 3 * text.count("\t")
    return sum(2 if letter >= _FIRST_WIDE else 1 for letter in text) + 3 * text.count("\t")
