"""Plain lines with a question mark, each with its answer below; captions such as `Causes:` as well.

A question begins a paragraph, is a line of its own, and bears no other sign. Where several are
counted, `问题 2：...`, those that are counted on need no question mark. The text begins with
the first of several, and nearly all are answered. In a note without headings where nearly every
paragraph begins with a caption that ends in a colon, the captions are its questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from builder.parsing import signs
from builder.parsing.document import IN_TEXT, Mark, Region
from builder.parsing.leading import leads_to_output
from builder.patterns import late

_ASKED = late(r"[^\s>|#*+`<\-\d（(【\[][^。]{0,80}[?？][ \t]*$")
_CAPTION = late(r"[^\s>|#*+`<\-\d（(【\[][^。！!?？；;，,.:：]{1,30}[:：][ \t]*$")
_COUNTED = late(rf"{signs.ASKS}[ ]?(?P<number>\d{{1,3}})[ ]?[:：][ \t]*\S", re.IGNORECASE)
#: Fewer are something that a text asks by the way.
_FEWEST = 3


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each plain question, if the text begins with one and has several."""
    found = sorted(
        line for line in (*_lines(region, _ASKED), *_counted_on(region)) if _begins(region, line)
    )
    if len(found) >= _FEWEST and not region.said(region.first, found[0] - 1):
        marks = tuple(_mark(region, line) for line in found)
        if _are_full(region, marks):
            yield from marks


def _lines(region: Region, pattern: re.Pattern[str]) -> list[int]:
    return [line for line, _ in region.matching(pattern)]


def _counted_on(region: Region) -> Iterator[int]:
    """Yield the lines that go on counting questions, `问题 3：`, and do not end as these do."""
    asked = set(_lines(region, _ASKED))
    count = 0
    for line, match in region.matching(_COUNTED):
        if line not in asked and count >= _FEWEST - 1 and int(match["number"]) == count + 1:
            yield line
        count = int(match["number"])


def captions(region: Region) -> Iterator[Mark]:
    """Yield a mark for each caption, and each question, if nearly all paragraphs begin with one."""
    names = {
        line
        for line, _ in region.matching(_CAPTION)
        if _begins(region, line) and not leads_to_output(region.source.line(line).strip())
    }
    if len(names) < _FEWEST:
        return
    asked = {line for line, _ in region.matching(_ASKED) if _begins(region, line)}
    marks = tuple(_mark(region, line) for line in sorted(names | asked))
    paragraphs = sum(_begins(region, line) and bool(text.strip()) for line, text in region.lines)
    if len(marks) * 4 >= paragraphs * 3 and _are_full(region, marks):
        yield from marks


def _begins(region: Region, line: int) -> bool:
    return line == region.first or not region.source.line(line - 1).strip()


def _mark(region: Region, line: int) -> Mark:
    text = region.source.line(line).strip().rstrip(":：")
    return Mark(line, line, IN_TEXT, text, own=True)


def _are_full(region: Region, marks: tuple[Mark, ...]) -> bool:
    """Tell whether something stands below three in four."""
    full = sum(not region.is_blank(mark.end_line + 1, end) for mark, end in region.extents(marks))
    return full * 4 >= len(marks) * 3
