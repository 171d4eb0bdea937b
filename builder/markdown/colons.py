"""Fences of colons around code, `:::{code-block} python`, read as fences of tildes."""

from __future__ import annotations

import re

from builder.patterns import late

_OPENS = late(
    r"(?P<lead>[ \t]*)(?P<sign>:{3,})(?P<info>\{(?:code-block|code-cell|code|sourcecode)\}.*)$"
)


def as_tildes(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return lines with other signs around code; those that colons never close stay as they are."""
    if not any(":::" in line and _OPENS.match(line) for line in lines):
        return lines
    found = list(lines)
    opened: re.Match[str] | None = None
    first = 0
    for number, line in enumerate(lines):
        if opened and line.strip() == opened["sign"]:
            found[first] = f"{opened['lead']}{_tildes(opened['sign'])}{opened['info']}"
            found[number] = line.replace(opened["sign"], _tildes(opened["sign"]))
            opened = None
        elif not opened and (opened := _OPENS.match(line)):
            first = number
    return tuple(found)


def _tildes(sign: str) -> str:
    return "~" * len(sign)
