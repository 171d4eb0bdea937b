"""The only room that knows the Markdown library: text to blocks with places, blocks to HTML."""

from builder.markdown.blocks import code_block, parse, walk
from builder.markdown.cloze import has_deletions, marks_as_deletions, texts
from builder.markdown.cloze import numbers as deletions
from builder.markdown.highlight import highlight, stylesheet
from builder.markdown.html import Renderer, escape, images, plain
from builder.markdown.info import attributes, language
from builder.markdown.rows import Row, rows, table_of, text_block

__all__ = [
    "Renderer",
    "Row",
    "attributes",
    "code_block",
    "deletions",
    "escape",
    "has_deletions",
    "highlight",
    "images",
    "language",
    "marks_as_deletions",
    "parse",
    "plain",
    "rows",
    "stylesheet",
    "table_of",
    "text_block",
    "texts",
    "walk",
]
