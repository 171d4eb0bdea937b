"""The colours of code, light and dark, as css."""

from __future__ import annotations

from functools import cache

from builder.markdown import colours

#: By the system's wish, and by choice; paper is never dark.
_DARK = """\
@media screen and (prefers-color-scheme: dark) {
  :root:not([data-theme=light]) .code span { color: var(--dark) }
}
@media screen { :root[data-theme=dark] .code span { color: var(--dark) } }
"""


@cache
def code_colours() -> str:
    """Return the css: each kind of token has its colour, and knows the one that it has in the dark.

    What has a colour in one of the two alone looks in the other like the text around it.
    """
    kinds: dict[tuple[str, str], list[str]] = {}
    for kind, pair in colours().items():
        kinds.setdefault(pair, []).append(f".{kind}")
    return "".join(_rule(names, *pair) for pair, names in kinds.items()) + _DARK


def _rule(names: list[str], light: str, dark: str) -> str:
    said = (("color", light), ("--dark", dark))
    look = "; ".join(f"{name}: {colour}" for name, colour in said if colour)
    which = f":is({','.join(names)})" if len(names) > 1 else names[0]
    return f".code {which} {{ {look} }}\n"
