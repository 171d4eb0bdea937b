"""Deletions: `{{c1::text::hint}}`, and `==text==` where a note says that these are some.

What stands in code is code. As in Anki, the first `}}` closes a deletion, unless it closes braces
that were opened inside; a formula inside one, or around one, keeps its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from re import Match
from typing import Any

from mistune import InlineParser, InlineState, Markdown

from builder.markdown.token import Token
from builder.model import Block
from builder.patterns import late

_OPEN = r"\{\{c(?P<number>\d{1,3})::"
_CODE = r"(?<!`)(?P<ticks>`+)(?!`)(?:(?!(?P=ticks)).)*?(?P=ticks)(?!`)|\\."
_FORMULA = r"(?<!\$)\$(?!\$)[^$\n]+\$|\$\$[^$]+\$\$"
_BRACES = rf"{_OPEN}|(?P<left>\{{)|(?P<right>\}}+)"
_IN_TEXT = late(rf"(?P<whole>{_CODE}|{_FORMULA})|{_BRACES}", re.DOTALL)
_IN_FORMULA = late(rf"(?P<whole>\\.)|{_BRACES}", re.DOTALL)
_MARK = late(
    rf"(?P<whole>{_CODE}|{_FORMULA})|==(?=[^\s=])(?P<text>(?:(?!==).)+?)(?<=\S)==(?!=)", re.DOTALL
)
_FORMULAS = late(rf"(?P<code>{_CODE})|(?P<formula>{_FORMULA})", re.DOTALL)

#: Deletions within deletions: no more levels than this are looked for.
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Deletion:
    """What is hidden: from `first` to `last` in its text, braces and hint from `start` to `end`."""

    number: int
    start: int
    first: int
    last: int
    end: int
    hint: str = ""


@dataclass(slots=True)
class _Opened:
    number: int
    start: int
    first: int
    braces: int = 0
    whole: list[tuple[int, int]] = field(default_factory=list)


@lru_cache(maxsize=8)
def deletions(text: str, *, formula: bool = False) -> tuple[Deletion, ...]:
    """Return the deletions of a text that lie in no other, in their order."""
    if "{{c" not in text:
        return ()
    found: list[Deletion] = []
    opened: list[_Opened] = []
    for piece in (_IN_FORMULA if formula else _IN_TEXT).finditer(text):
        if piece["number"]:
            opened.append(_Opened(int(piece["number"]), piece.start(), piece.end()))
        elif opened and piece["left"]:
            opened[-1].braces += 1
        elif opened and piece["whole"]:
            opened[-1].whole.append(piece.span())
        elif piece["right"]:
            found += _closed(text, opened, piece.start(), piece.end())
    found.sort(key=lambda it: it.start)
    ends = 0
    outer = []
    for one in found:
        if one.start >= ends:
            outer.append(one)
            ends = one.end
    return tuple(outer)


def unclosed(text: str) -> tuple[int, ...]:
    """Return where deletions begin in a text that have no end."""
    if "{{c" not in text:
        return ()
    starts = [it.start for it in deletions(text)]
    ends = [0, *(it.end for it in deletions(text))]
    begins = (piece.start() for piece in _IN_TEXT.finditer(text) if piece["number"])
    return tuple(at for at in begins if at >= ends[bisect_right(starts, at)])


def _closed(text: str, opened: list[_Opened], at: int, end: int) -> Iterator[Deletion]:
    """Yield what a run of closing braces closes, the innermost first."""
    while opened:
        top, run = opened[-1], end - at
        own = min(top.braces, run - 2 if run > 1 else run)
        top.braces -= own
        at += own
        if end - at < 2:
            return
        opened.pop()
        last, hint = _hint(text, top, at)
        at += 2
        if opened:
            opened[-1].whole.append((top.start, at))
        yield Deletion(top.number, top.start, top.first, last, at, hint)


def _hint(text: str, deletion: _Opened, last: int) -> tuple[int, str]:
    """Return where the hidden text ends, and the hint behind it; `::` in code is none."""
    at = text.rfind("::", deletion.first, last)
    while at > deletion.first:
        if not any(start <= at < end for start, end in deletion.whole):
            return at, text[at + 2 : last].strip()
        at = text.rfind("::", deletion.first, at)
    return last, ""


def cloze(md: Markdown) -> None:
    """Teach the Markdown library deletions."""
    md.inline.register("cloze", r"\{\{c\d{1,3}::", _parse, before="codespan", start_chars="{")


def _parse(inline: InlineParser, match: Match[str], state: InlineState) -> int | None:
    if state.depth >= inline.max_nested_level:
        return None
    all_found = deletions(state.src)
    at = bisect_left(all_found, match.start(), key=lambda it: it.start)
    if at == len(all_found) or all_found[at].start != match.start():
        return None
    found = all_found[at]
    child = state.copy()
    child.src = state.src[found.first : found.last]
    attrs = {"number": found.number, "hint": found.hint}
    state.append_token({"type": "cloze", "children": inline.render(child), "attrs": attrs})
    return found.end


def in_formula(
    tex: str,
    write: Callable[[Deletion, str], str] = lambda _deletion, inside: inside,
    depth: int = 0,
) -> str:
    """Return a formula with its deletions as `write` has them, or without their braces."""
    if "{{c" not in tex or depth == _DEEPEST:
        return tex
    pieces, done = [], 0
    for found in deletions(tex, formula=True):
        inside = in_formula(tex[found.first : found.last], write, depth + 1)
        pieces += [tex[done : found.start], write(found, inside)]
        done = found.end
    return "".join((*pieces, tex[done:]))


def numbers(block: Block) -> tuple[int, ...]:
    """Return the numbers of the deletions in a block, in their order."""
    return tuple(number for text in texts(block) for number in _numbers(text))


def _numbers(text: str, *, formula: bool = False, depth: int = 0) -> Iterator[int]:
    if "{{c" not in text or depth == _DEEPEST:
        return
    for found in deletions(text, formula=formula):
        yield found.number
        yield from _numbers(text[found.first : found.last], formula=formula, depth=depth + 1)
    for match in () if formula else _FORMULAS.finditer(text):
        yield from _numbers(match["formula"] or "", formula=True, depth=depth + 1)


def texts(block: Block) -> Iterator[str]:
    """Yield the texts of a block and of what it contains, without code."""
    if block.kind in ("paragraph", "heading", "math"):
        yield f"$${block.text}$$" if block.kind == "math" else block.text
    elif block.kind == "table":
        assert isinstance(block.token, Token)
        yield from _cells(block.token.fields)
    for child in block.children:
        yield from texts(child)


def _cells(token: dict[str, Any]) -> Iterator[str]:
    if "text" in token:
        yield token["text"]
    for child in token.get("children", ()):
        yield from _cells(child)


def has_deletions(block: Block, *, marks: bool = False) -> bool:
    """Tell whether a block has deletions; with `marks`, `==text==` is one."""
    if any(map(_has_number, texts(block))):
        return True
    return marks and any(map(_has_marks, texts(block)))


def _has_number(text: str) -> bool:
    return "{{c" in text and any(True for _ in _numbers(text))


def _has_marks(text: str) -> bool:
    return "==" in text and any(match["text"] for match in _MARK.finditer(text))


def marks_as_deletions(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return blocks with `==text==` as `{{c1::text}}`, each with a number of its own."""
    found = tuple(blocks)
    count = max((number for block in found for number in numbers(block)), default=0)

    def write(match: Match[str]) -> str:
        nonlocal count
        if not match["text"]:
            return match[0]
        count += 1
        return f"{{{{c{count}::{match['text']}}}}}"

    return tuple(_rewritten(block, lambda text: _MARK.sub(write, text)) for block in found)


def _rewritten(block: Block, write: Callable[[str], str]) -> Block:
    assert isinstance(block.token, Token)
    fields, text = block.token.fields, block.text
    if block.kind in ("paragraph", "heading"):
        text = write(text)
        fields = {**fields, "text": text}
    elif block.kind == "table":
        fields = _rewritten_cells(fields, write)
    children = tuple(_rewritten(child, write) for child in block.children)
    return replace(block, text=text, children=children, token=Token(fields, block.token.env))


def _rewritten_cells(token: dict[str, Any], write: Callable[[str], str]) -> dict[str, Any]:
    copy = dict(token)
    if "text" in copy:
        copy["text"] = write(copy["text"])
    if "children" in copy:
        copy["children"] = [_rewritten_cells(child, write) for child in copy["children"]]
    return copy
