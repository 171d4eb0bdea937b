"""The info string of a fence: its language, and the author's attributes behind it."""

from __future__ import annotations

import re

from builder.patterns import late

_LANGUAGE = late(r"\{?\s*\.?([\w+#.-]*)")
_PRINTED = late(r"[\w+#-]+\s+(?:out|output)", re.IGNORECASE)
_ATTRIBUTE = late(r"""([\w-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s,}]+))?""")


def language(info: str) -> str:
    """Return the language of an info string in lower case: `{.python .input}` is `python`.

    What is printed by a language is in none: `python out` is `output`.
    """
    if _PRINTED.fullmatch(info.strip()):
        return "output"
    match = _LANGUAGE.match(info.strip())
    return match[1].lower() if match else ""


def attributes(info: str) -> tuple[tuple[str, str], ...]:
    """Return what stands in braces: `python {raises=ValueError hide}`; a bare word has no value."""
    inside = re.search(r"\{([^}]*)\}", info)
    if not inside:
        return ()
    words = re.sub(r"(?:^|\s)[.#][\w-]+", " ", inside[1])
    return tuple((match[1], (match[2] or "").strip("\"'")) for match in _ATTRIBUTE.finditer(words))
