"""Tables row by row, and definition lists term by term: what each says, as blocks of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from builder.markdown.tables import PIPE
from builder.markdown.token import Token
from builder.model import Block, Span


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table with its cells, and their names; or the term of a list, and what it means.

    `span` is the place of the row or the term, `answer` that of the row or the meaning.
    """

    span: Span
    answer: Span
    cells: tuple[str, ...]
    head: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()


def rows(block: Block) -> Iterator[Row]:
    """Yield the rows of a table or of a definition list."""
    if block.kind == "table":
        yield from _of_table(block)
    elif block.kind == "def_list":
        yield from _of_list(block)


def _of_table(block: Block) -> Iterator[Row]:
    parts = _token(block).fields["children"]
    head = tuple(_text(cell) for part in parts[:1] for cell in part["children"])
    body = parts[1]["children"] if len(parts) > 1 else ()
    for line, row in enumerate(body, block.span.line + 2):
        cells = tuple(_text(cell) for cell in row["children"])
        place = Span(block.span.path, line)
        yield Row(place, place, cells, head)


def _text(cell: dict[str, Any]) -> str:
    return str(cell["text"]).replace(f"\\{PIPE}", "|").replace(PIPE, "|").strip()


def _of_list(block: Block) -> Iterator[Row]:
    """Terms that stand together share what is said of them."""
    terms: list[Block] = []
    for is_term, group in groupby(block.children, key=lambda child: child.kind == "def_list_head"):
        if is_term:
            terms = list(group)
            continue
        said = tuple(group)
        blocks = tuple(inner for child in said for inner in child.children)
        span = replace(terms[0].span, end_line=terms[-1].span.end_line) if terms else block.span
        place = replace(said[0].span, end_line=said[-1].span.end_line)
        yield Row(span, place, (", ".join(term.text for term in terms),), blocks=blocks)


def text_block(text: str, span: Span, like: Block) -> Block:
    """Return inline text as a paragraph, with the definitions that `like` knows."""
    fields = {"type": "paragraph", "text": text}
    return Block("paragraph", span, text, token=Token(fields, _token(like).env))


def table_of(row: Row, columns: tuple[int, ...], like: Block) -> Block:
    """Return a table with a few cells of one row."""
    head, body = _token(like).fields["children"][:2]
    cells = body["children"][row.span.line - like.span.line - 2]["children"]
    fields = {
        **_token(like).fields,
        "children": [
            {**head, "children": [head["children"][n] for n in columns]},
            {**body, "children": [{"type": "table_row", "children": [cells[n] for n in columns]}]},
        ],
    }
    return Block("table", row.span, token=Token(fields, _token(like).env))


def _token(block: Block) -> Token:
    assert isinstance(block.token, Token)
    return block.token
