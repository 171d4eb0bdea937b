"""The colours of code, light and dark, as css."""

from __future__ import annotations

from functools import cache
from typing import Final

from builder.markdown import colours

#: By the system's wish, and by choice; paper is never dark.
_DARK = """\
@media screen and (prefers-color-scheme: dark) {
  :root:not([data-theme=light]) .code span { color: var(--dark) }
}
@media screen { :root[data-theme=dark] .code span { color: var(--dark) } }
"""

#: On a page red is for what is broken, and for nothing else: strings are blue there, and what is
#: said about code is told from what it does.
_STRINGS: Final = {"#C41A16": "#0A4F86"}
_SAID: Final = "sd"
_REMARKS: Final = "c"
#: What the dark style alone colours is plain in both, but for functions and what was printed.
_ONLY_DARK: Final = frozenset({"nf", "fm", "nd", "go"})


@cache
def code_colours() -> str:
    """Return the css: each kind of token has its colour, and knows the one that it has in the dark.

    What has a colour in one of the two alone looks in the other like the text around it.
    """
    kinds: dict[tuple[str, str], list[str]] = {}
    found = colours()
    for kind, (light, dark) in found.items():
        if light or kind in _ONLY_DARK:
            calm = found[_REMARKS][0] if kind == _SAID else _STRINGS.get(light, light)
            kinds.setdefault((calm, dark), []).append(f".{kind}")
    return "".join(_rule(names, *pair) for pair, names in kinds.items()) + _DARK


def _rule(names: list[str], light: str, dark: str) -> str:
    said = (("color", light), ("--dark", dark))
    look = "; ".join(f"{name}: {colour}" for name, colour in said if colour)
    which = f":is({','.join(names)})" if len(names) > 1 else names[0]
    return f".code {which} {{ {look} }}\n"
