"""What a copy button takes: prompts, and the output between what was typed, are not code."""

from __future__ import annotations

from collections.abc import Iterator
from re import Pattern

from builder.patterns import late

#: A prompt, and what goes on with it.
_PROMPTS = (
    (late(r"\s*>>>(?: |$)"), late(r"\s*\.\.\.(?: |$)")),
    (late(r"\s*In \[\d*\]: ?"), late(r"\s*\.\.\.+: ?")),
    (late(r"\s*\$ "), late(r"> ")),
)


def typed(code: str) -> str:
    """Return what was typed behind prompts; nothing where the code has none."""
    lines = code.split("\n")
    first = next((line for line in lines if line.strip()), "")
    signs = next((signs for signs in _PROMPTS if signs[0].match(first)), None)
    return "\n".join(_typed(lines, *signs)) if signs else ""


def _typed(lines: list[str], prompt: Pattern[str], more: Pattern[str]) -> Iterator[str]:
    goes_on = False
    for line in lines:
        sign = prompt.match(line) or more.match(line)
        is_typed = goes_on or bool(sign)
        goes_on = is_typed and line.endswith("\\")
        if is_typed:
            yield line[sign.end() :] if sign else line
