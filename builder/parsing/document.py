"""What the styles look at, and what they find: a stretch of a source, and marks in it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import TypeVar

from builder import markdown
from builder.model import Block, Kind, Source
from builder.parsing import underlined, unfenced
from builder.parsing.furniture import is_nothing

#: The level of a question that is marked in the text; headings have 1 to 6.
IN_TEXT = 7


_T = TypeVar("_T")


@dataclass(frozen=True)
class Text:
    """The lines of a whole source that are text, with their numbers; code and the like are not.

    `all` is everything that the source says, code too.
    """

    lines: tuple[tuple[int, str], ...]
    all: str

    @cached_property
    def _full(self) -> tuple[tuple[int, str], ...]:
        return tuple(it for it in self.lines if it[1].strip())

    @cached_property
    def _found(self) -> dict[re.Pattern[str], list[tuple[int, re.Match[str]]]]:
        return {}

    @cached_property
    def _lower(self) -> str:
        return self.all.lower()

    @cached_property
    def _held(self) -> dict[tuple[str, ...], bool]:
        return {}

    def holds(self, signs: tuple[str, ...]) -> bool:
        """Tell whether any of some signs stands anywhere; they are in small letters, it in any."""
        held = self._held.get(signs)
        if held is None:
            held = self._held[signs] = any(sign in self._lower for sign in signs)
        return held

    def matching(self, pattern: re.Pattern[str]) -> Sequence[tuple[int, re.Match[str]]]:
        """Return the lines that a pattern matches; it is tried once, however often one asks."""
        found = self._found.get(pattern)
        if found is None:
            match = pattern.match
            found = [(number, it) for number, line in self._full if (it := match(line))]
            self._found[pattern] = found
        return found


@dataclass(frozen=True)
class Region:
    """Lines `first` to `last` of a source, and the blocks that begin there.

    `text` is that of the whole source, and `runs` are its lines that are code, though nobody
    fenced them.
    """

    source: Source
    blocks: tuple[Block, ...]
    first: int
    last: int
    text: Text
    runs: tuple[unfenced.Run, ...] = ()

    @staticmethod
    def of(source: Source, first: int) -> Region:
        """Read a source from line `first` to its end."""
        blocks = underlined.without_rules(source, markdown.parse(source, first))
        lines = tuple(_lines(source, blocks, first))
        runs = tuple(unfenced.find(lines))
        code = {number for run in runs for number in range(run.first, run.last + 1)}
        lines = tuple(line for line in lines if line[0] not in code) if code else lines
        text = Text(lines, source.text)
        return Region(source, blocks, first, len(source.lines), text, runs)

    def runs_within(self, first: int, last: int) -> tuple[unfenced.Run, ...]:
        """Return the runs of code that begin on lines `first` to `last`."""
        start = bisect_left(self.runs, first, key=lambda run: run.first)
        return self.runs[start : bisect_right(self.runs, last, key=lambda run: run.first)]

    def is_code(self, line: int) -> bool:
        """Tell whether a line belongs to code that nobody fenced."""
        before = bisect_right(self.runs, line, key=lambda run: run.first)
        return before > 0 and line <= self.runs[before - 1].last

    def part(self, first: int, last: int) -> Region:
        """Return the lines `first` to `last` of this region."""
        start = bisect_right(self.blocks, first - 1, key=_line)
        end = bisect_right(self.blocks, last, key=_line)
        return Region(self.source, self.blocks[start:end], first, last, self.text, self.runs)

    @property
    def lines(self) -> Sequence[tuple[int, str]]:
        """The lines that are text, with their numbers."""
        return self._here(self.text.lines)

    def matching(self, pattern: re.Pattern[str]) -> Sequence[tuple[int, re.Match[str]]]:
        """Return the lines of text that a pattern matches from their beginning."""
        return self._here(self.text.matching(pattern))

    def _here(self, lines: Sequence[tuple[int, _T]]) -> Sequence[tuple[int, _T]]:
        """Return those of some lines that are of this region."""
        if not lines:
            return lines
        start = bisect_left(lines, self.first, key=itemgetter(0))
        return lines[start : bisect_right(lines, self.last, lo=start, key=itemgetter(0))]

    def marks(self, find: Style) -> tuple[Mark, ...]:
        """Return what a style finds here; it looks once, however often that is asked for."""
        if find not in self._found:
            self._found[find] = tuple(find(self))
        return self._found[find]

    def extents(self, marks: Sequence[Mark]) -> Iterator[tuple[Mark, int]]:
        """Yield marks, each with the line before the next, or with the last line of this region."""
        return zip(marks, (*(mark.line - 1 for mark in marks[1:]), self.last), strict=False)

    @cached_property
    def _found(self) -> dict[Style, tuple[Mark, ...]]:
        return {}

    @cached_property
    def fenced(self) -> frozenset[int]:
        """The lines of fences, those that open and close them too."""
        fences = (block.span for block in self.blocks if block.fenced)
        return frozenset(n for it in fences for n in range(it.line - 1, it.end_line + 2))

    def indent_below(self, line: int) -> int:
        """Return how far the first line that is filled below another is indented."""
        below = range(line + 1, self.last + 1)
        text = next((t for n in below if (t := self.source.line(n)).strip()), "").expandtabs(4)
        return len(text) - len(text.lstrip())

    def said(self, first: int, last: int) -> int:
        """Return how many of the lines `first` to `last` say something."""
        return sum(not is_nothing(self.source.line(line)) for line in range(first, last + 1))

    def is_blank(self, first: int, last: int) -> bool:
        """Tell whether nothing is said on lines `first` to `last`."""
        return all(is_nothing(self.source.line(line)) for line in range(first, last + 1))


def _lines(source: Source, blocks: tuple[Block, ...], first: int) -> Iterator[tuple[int, str]]:
    """Yield the lines that are text, with their numbers; code, formulas, comments are not.

    What is only indented is text: authors indent by accident, and code has its own signs.
    """
    other = {
        number
        for block in markdown.walk(blocks)
        if block.kind == "math" or block.fenced or _is_comment(block)
        for number in range(block.span.line - block.fenced, block.span.end_line + 1)
    }
    for number, line in enumerate(source.lines[first - 1 :], first):
        if number not in other:
            yield number, line


def _is_comment(block: Block) -> bool:
    """Tell whether a block is hidden from readers, from its first line to its last."""
    if block.kind != "html":
        return False
    text = block.text.strip()
    is_program = text[:8].lower().startswith(("<script", "<style"))
    return is_program or (text.startswith("<!--") and text.find("-->") == len(text) - 3)


def _line(block: Block) -> int:
    return block.span.line


@dataclass(frozen=True, slots=True)
class Mark:
    """A line, or lines, that begin a section: where, at which level, and what they ask.

    What stands below it belongs to it, up to the next mark. Where a style knows better, `start` is
    the line and column that the answer begins at, `last` its last line, and `closes` the line
    that ends the whole, if that is another. `own` is true where the answer has to be read as a
    text of its own, since the Markdown library takes the mark for a part of something else;
    `indent` is then what stands before every line of it. One that asks nothing is context.
    """

    line: int
    end_line: int
    level: int
    text: str
    own: bool = False
    start: tuple[int, int] | None = None
    last: int | None = None
    closes: int | None = None
    indent: int = 0
    kind: Kind = Kind.BASIC
    asks: bool = True

    def end(self, otherwise: int) -> int:
        """Return the last line of the whole; `otherwise` where that is for the next mark to say."""
        return self.closes or self.last or otherwise


#: One way of writing notes: yields its marks in the order of the file, or nothing.
Style = Callable[[Region], Iterator[Mark]]


def only_with(*signs: str) -> Callable[[Style], Style]:
    """Let a style look only at notes that hold one of some signs, in small letters.

    Most notes are written in one way: for them all others cost as much as it takes to see that.
    """

    def looking(find: Style) -> Style:
        def look(region: Region) -> Iterator[Mark]:
            return find(region) if region.text.holds(signs) else iter(())

        return look

    return looking
