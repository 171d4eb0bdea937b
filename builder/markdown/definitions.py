"""Definition lists: a line or more of terms, and `: text` below it.

As in PHP Markdown Extra. The library's own reader forgets the lines of what it reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import Match
from typing import Any

from mistune import BlockParser, BlockState, HTMLRenderer, Markdown

from builder.markdown.lines import LineState
from builder.patterns import late

_START = r"^ {0,3}:[ \t]+(?=\S).*(?:\n|$)"
_MARKER = late(r" {0,3}:[ \t]+(?=\S)")
_INDENT = late(r"^(?: {1,4}|\t)", re.MULTILINE)

#: A paragraph of more lines than this is no list of terms.
_MOST_TERMS = 4


def definitions(md: Markdown) -> None:
    """Teach the Markdown library definition lists."""
    md.block.register("def_list", _START, _parse, before="paragraph")
    if isinstance(md.renderer, HTMLRenderer):
        md.renderer.register("def_list", lambda _renderer, text: f"<dl>\n{text}</dl>\n")
        md.renderer.register("def_list_head", lambda _renderer, text: f"<dt>{text}</dt>\n")
        md.renderer.register("def_list_item", lambda _renderer, text: f"<dd>{text}</dd>\n")


def _parse(block: BlockParser, match: Match[str], state: BlockState) -> int | None:
    assert isinstance(state, LineState)
    above = _paragraph_above(state)
    if above is None or above["text"].rstrip().count("\n") >= _MOST_TERMS:
        return None
    terms = above["text"].rstrip("\n").split("\n")
    children: list[dict[str, Any]] = [
        {"type": "def_list_head", "text": term.strip(), "line": above["line"] + number}
        for number, term in enumerate(terms)
    ]
    end = match.start()
    for start, end in _definitions(state, match.start()):
        children.append(_definition(block, state, start, end))
    _put(state, above["line"], children)
    return end


def _paragraph_above(state: LineState) -> dict[str, Any] | None:
    tokens = [token for token in state.tokens[-2:] if token["type"] != "blank_line"]
    return tokens[-1] if tokens and tokens[-1]["type"] == "paragraph" else None


def _definitions(state: LineState, start: int) -> Iterator[tuple[int, int]]:
    """Yield where each definition begins and ends; indented lines go on behind a blank one."""
    while start < state.cursor_max and _MARKER.match(state.src, start):
        end = pos = state.find_line_end_at(start)
        while pos < state.cursor_max and not _MARKER.match(state.src, pos):
            line = state.get_line(pos)
            if end < pos and line.strip() and not line.startswith(("  ", "\t")):
                break
            pos = state.find_line_end_at(pos)
            end = pos if line.strip() else end
        yield start, end
        start = pos


def _definition(block: BlockParser, state: LineState, start: int, end: int) -> dict[str, Any]:
    marker = _MARKER.match(state.src, start)
    assert marker
    text = _INDENT.sub("", state.src[marker.end() : end])
    state.block_start = start
    child = state.child_state(text)
    block.parse(child, block.list_rules)
    if len(child.tokens) == 1 and child.tokens[0]["type"] == "paragraph":
        child.tokens[0]["type"] = "block_text"
    return {"type": "def_list_item", "children": child.tokens, "line": state.line_at(start)}


def _put(state: LineState, line: int, children: list[dict[str, Any]]) -> None:
    """Put a list in the place of the paragraph that held its terms."""
    while state.tokens.pop()["type"] == "blank_line":
        pass
    above = len(state.tokens)
    while above and state.tokens[above - 1]["type"] == "blank_line":
        above -= 1
    if above and state.tokens[above - 1]["type"] == "def_list":
        state.tokens[above - 1]["children"] += children
        del state.tokens[above:]  # else each term would look past those of all before it
    else:
        state.append_token({"type": "def_list", "children": children, "line": line})
