"""The Markdown library, taught to say on which line each block begins.

mistune builds the text of a quote or a list item line by line, one line of the source giving one
line of the child. So a child's state needs one number only: the line that its first line came
from. Every token gets `token["line"]`; the code of a fence begins on the line behind it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import MutableMapping
from itertools import accumulate
from re import Match, Pattern
from typing import Any, Self

from mistune import BlockParser, BlockState

from builder.markdown.mended import LENGTH
from builder.patterns import late

_EMPTY_ITEM = late(r" *(?:[*+-]|\d{1,9}[.)])[ \t]*\n?$")

_ENDS_OF_QUOTE = ["blank_line", "thematic_break", "fenced_code", "list", "block_html"]


class LineState(BlockState):
    """A block state that knows the source line of every offset in its text."""

    base = 1
    block_start: int | None = None
    item_start = 0
    rule: str | None = None
    _starts: list[int]

    def process(self, src: str) -> None:
        """Take the text to be parsed, and note where its lines begin."""
        super().process(src)
        self._starts = list(accumulate((len(line) + 1 for line in src.split("\n")), initial=0))

    def line_at(self, offset: int) -> int:
        """Return the source line that `offset` lies on."""
        return self.base + bisect_right(self._starts, offset) - 1

    def append_token(self, token: dict[str, Any]) -> None:
        """Add a token, with the line of the block that is being parsed."""
        start = self.cursor if self.block_start is None else self.block_start
        token.setdefault("line", self.line_at(start))
        super().append_token(token)

    def add_paragraph(self, text: str) -> None:
        """Begin a paragraph at the cursor, or go on with the one before."""
        count = len(self.tokens)
        super().add_paragraph(text)
        if len(self.tokens) > count:
            self.tokens[-1]["line"] = self.line_at(self.cursor)

    def child_state(self, src: str, lazy_line_starts: set[int] | None = None) -> Self:
        """Return the state for the inside of a quote or a list item."""
        child = self.__class__(self)
        if self.rule == "list":
            child.base = self.line_at(self.item_start)
            if _EMPTY_ITEM.match(self.get_line(self.item_start)):
                child.base += 1
            # The parser has already eaten the marker line of the item that follows.
            line = max(bisect_right(self._starts, self.cursor) - 2, 0)
            self.item_start = self._starts[line]
        elif self.block_start is not None:
            child.base = self.line_at(self.block_start)
        else:
            child.base = self.base
        child.process(src)
        if lazy_line_starts:
            child.lazy_line_starts = lazy_line_starts
        return child


class LineParser(BlockParser):
    """A block parser whose tokens carry their lines."""

    state_cls = LineState

    def compile_sc(self, rules: list[str] | None = None) -> Pattern[str]:
        """Return what finds one of some blocks; a heading is among those that end a quote.

        The library forgets it there, and takes the headings below a quote for its text.
        """
        return super().compile_sc([*rules, "atx_heading"] if rules == _ENDS_OF_QUOTE else rules)

    def _parse_indent_code_fast(self, state: BlockState) -> int | None:
        """Parse code that is indented; the library would look at every line for it."""
        is_indented = state.src[state.cursor] in " \t"
        return super()._parse_indent_code_fast(state) if is_indented else None

    def parse_method(self, m: Match[str], state: BlockState) -> int | None:
        """Parse one block, remembering where it begins."""
        assert isinstance(state, LineState)
        count = len(state.tokens)
        saved = state.block_start, state.rule, state.item_start
        state.block_start, state.rule, state.item_start = m.start(), m.lastgroup, m.start()
        try:
            end = super().parse_method(m, state)
            if end and m.lastgroup in ("list", "block_quote"):
                self._stamp_inserted(state, count, m.start())
            return end
        finally:
            state.block_start, state.rule, state.item_start = saved

    def parse_fenced_code(self, m: Match[str], state: BlockState) -> int | None:
        """Parse a fence; one whose length is known ends there, whatever stands in it."""
        info, known, length = m["fenced_3"].partition(LENGTH)
        if not known or not length.isdecimal():
            return super().parse_fenced_code(m, state)
        start = end = min(m.end() + 1, state.cursor_max)
        for _ in range(int(length)):
            end = min(state.find_line_end_at(end), state.cursor_max)
        indent = re.compile(f"^ {{0,{len(m['fenced_1'])}}}", re.MULTILINE)
        token = {
            "type": "block_code",
            "raw": indent.sub("", state.src[start:end]),
            "style": "fenced",
            "attrs": {"info": info.strip()},
        }
        state.append_token(token)
        closing = state.get_line(end).strip()
        is_closed = len(closing) > 2 and not closing.strip(m["fenced_2"][0])
        return state.find_line_end_at(end) if is_closed else max(end, start)

    @staticmethod
    def _stamp_inserted(state: LineState, count: int, start: int) -> None:
        """Lists and quotes are inserted among the tokens, past `append_token`."""
        for token in state.tokens[max(count - 1, 0) :]:
            if "line" not in token:
                token["line"] = state.line_at(start)
                return


def state_at(line: int, env: MutableMapping[str, Any] | None = None) -> LineState:
    """Return a fresh state whose first line is `line`; `env` brings link definitions along."""
    state = LineState()
    state.base = line
    if env is not None:
        state.env = env
    return state
