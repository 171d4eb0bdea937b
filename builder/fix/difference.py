"""What a change does to a file, in the form that `git apply` takes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

_NO_END = "\\ No newline at end of file\n"


def difference(path: str, before: str, after: str) -> str:
    """Return the lines that differ, each with its own line break; empty where none do."""
    old, new = _lines(before), _lines(after)
    return "".join(_ended(difflib.unified_diff(old, new, f"a/{path}", f"b/{path}")))


def _lines(text: str) -> list[str]:
    r"""Lines end where `diff` sees their end: at `\n` alone."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1].removesuffix("\n")
    return lines if lines[-1] else lines[:-1]


def _ended(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n{_NO_END}"
