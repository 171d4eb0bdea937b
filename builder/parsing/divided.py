"""Question and answer divided by a line with nothing but `?`; `??` for a card both ways.

A paragraph answers, with the code in it; in a note with lines of `+++` all down to such a line.
`%` divides what stands between rules.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from builder.model import Kind
from builder.parsing.document import IN_TEXT, Mark, Region
from builder.parsing.furniture import is_heading, is_nothing, is_rule
from builder.patterns import late

_KINDS = {"?": Kind.BASIC, "？": Kind.BASIC, "??": Kind.REVERSED, "？？": Kind.REVERSED}
_END = "+++"
_BULLET = late(r"^[-*+][ \t]+(?=\S)")
#: In lines: what is longer is no question.
_LONGEST = 12


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each dividing line: the paragraph above it asks, the one below answers."""
    if not _has_divider(region.source.text):
        return
    ends = [line for line, text in region.lines if text.strip() == _END]
    for line, text in region.lines:
        if kind := _KINDS.get(text.strip()):
            first, last = _above(region, line), _below(region, line)
            at = bisect_right(ends, last)
            close = ends[at] if at < len(ends) else None
            if first < line < last:
                yield _mark(region, range(first, line), line, close - 1 if close else last, kind)
    yield from _by_percents(region)


@lru_cache(maxsize=1)
def _has_divider(text: str) -> bool:
    return bool(re.search(r"(?m)^[ \t]*(?:[?？]{1,2}|%)[ \t]*\r?$", text))


def _above(region: Region, line: int) -> int:
    first = line
    while first > region.first:
        text = region.source.line(first - 1)
        if is_nothing(text) or text.strip() == _END or is_heading(text):
            break
        first -= 1
    return first


def _below(region: Region, line: int) -> int:
    """Return the last line of an answer; blank ones may stand above it if it is a fence."""
    last = line
    while last < region.last and not region.source.line(last + 1).strip():
        last += 1
    if last + 1 not in region.fenced:
        last = line
    while last < region.last and (
        region.source.line(last + 1).strip() or {last, last + 1} <= region.fenced
    ):
        last += 1
    return last


def _mark(region: Region, asked: range, line: int, last: int, kind: Kind = Kind.BASIC) -> Mark:
    said = (_BULLET.sub("", region.source.line(n).strip()) for n in asked)
    question = " ".join(text for text in said if not is_nothing(text))
    return Mark(asked[0], line - 1, IN_TEXT, question, True, (line + 1, 1), last, kind=kind)


def _by_percents(region: Region) -> Iterator[Mark]:
    """Yield a mark for what stands between two rules and has a line with nothing but `%`.

    A second such line begins the tags.
    """
    signs = [line for line, text in region.lines if text.strip() == "%"]
    rules = [line for line, text in region.lines if is_rule(text)] if signs else []
    done = region.first - 1
    for sign in signs:
        if sign <= done:
            continue
        at, next_ = bisect_right(rules, sign), bisect_right(signs, sign)
        above = rules[at - 1] if at else region.first - 1
        below = rules[at] if at < len(rules) else region.last + 1
        tags = min(signs[next_], below) if next_ < len(signs) else below
        asked = range(max(above, done) + 1, sign)
        if not region.said(asked.start, sign - 1) or len(asked) > _LONGEST:
            continue
        if region.said(sign + 1, tags - 1):
            done = below
            first = next(n for n in asked if region.source.line(n).strip())
            mark = _mark(region, range(first, sign), sign, tags - 1)
            yield replace(mark, closes=min(below, region.last) if tags < below else None)
