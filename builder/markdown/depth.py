"""How deep text may be nested: quotes and lists as the Markdown library reads them, and HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from builder.model import Block, Span
from builder.patterns import late

#: Quotes and lists within each other; the library leaves what is deeper as text.
DEEPEST: Final = 20
#: HTML elements within each other; the sanitiser takes the square of their number.
_DEEPEST_HTML: Final = 200

_HEADING = late(r" {0,3}#{1,6}[ \t]+\S")
_TAG = late(r"<(?P<close>/)?(?P<name>[A-Za-z][\w-]*)[^<>]*?(?P<empty>/)?>")
_CONTAINER = late(r"^[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$))", re.MULTILINE)
#: Elements without an end, or that end where the next of their kind begins.
_FLAT_NAMES = """
    area base br col embed hr img input link meta source track wbr p li dt dd option
"""
_FLAT = frozenset(_FLAT_NAMES.split())


def too_deep(blocks: tuple[Block, ...], depth: int = 0) -> Iterator[Span]:
    """Yield the places of text that would be a quote or a list if it stood less deep."""
    for block in blocks:
        inside = depth + (block.kind in ("list", "quote"))
        if depth >= DEEPEST and block.kind == "paragraph":
            for found in _CONTAINER.finditer(block.text):
                yield replace(
                    block.span, line=block.span.line + block.text.count("\n", 0, found.start())
                )
                break
        if block.children:
            yield from too_deep(block.children, inside)


def flat_html(lines: list[str], code: set[int]) -> Iterator[int]:
    """Take away, in place, the tags that are nested too deep, and yield the numbers of the lines.

    What an author left open ends with its section, which begins at a heading.
    """
    if "".join(lines).count("<") <= _DEEPEST_HTML:
        return
    depth = 0
    for number, line in enumerate(lines, 1):
        if number in code or ("<" not in line and "#" not in line):
            continue
        depth = 0 if _HEADING.match(line) else depth
        tags = (tag for tag in _TAG.finditer(line) if tag["name"].lower() not in _FLAT)
        depth = max(depth + sum(-1 if tag["close"] else not tag["empty"] for tag in tags), 0)
        if depth > _DEEPEST_HTML:
            lines[number - 1] = line.replace("<", "&lt;")
            yield number
