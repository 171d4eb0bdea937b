"""Finds which problems the author allows, in comments: `<!-- allow: CODE -->`."""

from __future__ import annotations

from collections.abc import Iterator

from builder.markdown import walk, without_code
from builder.model import Allowance, Section, Source
from builder.patterns import late

_ALLOW = late(r"<!--\s*allow:\s*(?P<codes>[\w\s,-]*?)\s*-->")


def find(source: Source, sections: tuple[Section, ...]) -> Iterator[Allowance]:
    """Yield what is allowed below each such comment, in its section.

    What stands above the first heading, or below a heading that is only the title of what is
    below it, holds for the whole note.
    """
    if not _ALLOW.search(source.text):
        return
    for index, section in enumerate(sections):
        is_above = index == 0 and not section.card
        for block in walk(section.blocks):
            if block.kind not in ("html", "paragraph"):
                continue
            text = "\n".join(source.lines[block.span.line - 1 : block.span.end_line])
            for match in _ALLOW.finditer(without_code(text)):
                line = block.span.line + text.count("\n", 0, match.start())
                column = match.start() - text.rfind("\n", 0, match.start())
                span = source.span(line, column, line, column + len(match[0]))
                codes = tuple(match["codes"].replace(",", " ").split())
                yield Allowance(span, codes, None if is_above else index)
