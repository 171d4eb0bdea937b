"""Headings that are none: a rule, `---`, right below the last line of a paragraph.

Markdown makes a heading of the paragraph. Who writes headings with `#` meant a rule, and so did
who wrote a sentence, an answer or several lines.
"""

from __future__ import annotations

import re

from builder import markdown
from builder.model import Block, Source
from builder.parsing import signs
from builder.patterns import late

_SENTENCE = late(
    rf"\n|.{{24}}[.。;；]\s*$|\W{{0,4}}(?:A|{signs.ANSWERS})\W{{0,4}}[:：]", re.IGNORECASE
)


def without_rules(source: Source, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return blocks with a paragraph in the place of each such heading."""
    heads = [block for block in blocks if block.kind == "heading"]
    signs = {_sign(source, head) for head in heads}
    by_signs = "#" in signs and "=" not in signs
    return tuple(
        _as_paragraph(source, block) if _is_none(source, block, by_signs=by_signs) else block
        for block in blocks
    )


def _sign(source: Source, head: Block) -> str:
    line = source.line(head.span.line).lstrip()
    return "#" if line.startswith("#") else source.line(head.span.end_line).strip()[-1:]


def _is_none(source: Source, block: Block, *, by_signs: bool) -> bool:
    if block.kind != "heading" or _sign(source, block) != "-":
        return False
    return by_signs or bool(_SENTENCE.search(block.text.strip()))


def _as_paragraph(source: Source, block: Block) -> Block:
    line, last = block.span.line, max(block.span.end_line - 1, block.span.line)
    return markdown.text_block(block.text, source.span(line, 1, last), block)
