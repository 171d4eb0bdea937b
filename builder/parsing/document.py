"""What the styles look at, and what they find: a stretch of a source, and marks in it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from builder import markdown
from builder.model import Block, Kind, Source
from builder.parsing import underlined, unfenced
from builder.parsing.furniture import is_nothing

#: The level of a question that is marked in the text; headings have 1 to 6.
IN_TEXT = 7


@dataclass(frozen=True)
class Region:
    """Lines `first` to `last` of a source, and the blocks that begin there.

    `runs` are the lines of the whole source that are code, though nobody fenced them.
    """

    source: Source
    blocks: tuple[Block, ...]
    first: int
    last: int
    runs: tuple[unfenced.Run, ...] = ()

    @staticmethod
    def of(source: Source, first: int) -> Region:
        """Read a source from line `first` to its end."""
        blocks = underlined.without_rules(source, markdown.parse(source, first))
        whole = Region(source, blocks, first, len(source.lines))
        return replace(whole, runs=tuple(unfenced.find(whole.lines)))

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
        return Region(self.source, self.blocks[start:end], first, last, self.runs)

    @cached_property
    def lines(self) -> tuple[tuple[int, str], ...]:
        """The lines that are text, with their numbers; code, formulas, comments are not.

        What is only indented is text: authors indent by accident, and code has its own signs.
        """
        other = {
            number
            for block in markdown.walk(self.blocks)
            if block.kind == "math" or block.fenced or _is_comment(block)
            for number in range(block.span.line - block.fenced, block.span.end_line + 1)
        }
        return tuple(
            (number, self.source.line(number))
            for number in range(self.first, self.last + 1)
            if number not in other and not (self.runs and self.is_code(number))
        )

    def marks(self, find: Style) -> tuple[Mark, ...]:
        """Return what a style finds here; it looks once, however often that is asked for."""
        if find not in self._found:
            self._found[find] = tuple(find(self))
        return self._found[find]

    @cached_property
    def _found(self) -> dict[Style, tuple[Mark, ...]]:
        return {}

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


def _is_comment(block: Block) -> bool:
    """Tell whether a block is hidden from readers, from its first line to its last."""
    text = block.text.strip()
    return block.kind == "html" and text.startswith("<!--") and text.find("-->") == len(text) - 3


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
