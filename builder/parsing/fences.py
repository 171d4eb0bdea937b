"""Fences that are never closed, and so take the rest of a note for code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from builder.markdown import walk
from builder.model import Problem
from builder.parsing.document import Region

_CLOSING = re.compile(r"[\s>]*(?:`{3,}|~{3,})\s*$")


def unclosed(region: Region) -> Iterator[Problem]:
    """Yield a problem for each fence without an end, where it was opened."""
    for block in walk(region.blocks):
        if block.kind != "code" or not block.fenced:
            continue
        lines = block.text.removesuffix("\n").count("\n") + 1 if block.text else 0
        if not _CLOSING.match(region.source.line(block.span.line + lines)):
            place = region.source.span(block.span.line - 1)
            message = "this fence is never closed: all that follows is taken for code"
            yield Problem("unclosed-fence", place, message, "close it below the code", "warning")
