"""What the styles look at, and what they find: a source with its blocks, and marks in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from builder.model import Block, Source
from builder.parsing.code import is_code_line


@dataclass(frozen=True, slots=True)
class Document:
    """A source and its blocks; `first` is the line behind the front matter."""

    source: Source
    blocks: tuple[Block, ...]
    first: int = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """A line, or lines, that begin a section: where, at which level, and what they ask.

    `own` is true where the body has to be read as a text of its own, because the Markdown library
    takes the mark itself for a part of something else.
    """

    line: int
    end_line: int
    level: int
    text: str
    own: bool = False


#: One way of writing notes: yields its marks in the order of the file, or nothing.
Style = Callable[[Document], Iterator[Mark]]


def is_comment(source: Source, line: int) -> bool:
    """Tell whether a `# ...` line belongs to code that nobody fenced.

    It does where code stands directly above or below it: nobody writes a heading into a program.
    """
    return any(is_code_line(source.line(near)) for near in (line - 1, line + 1))
