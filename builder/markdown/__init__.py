"""The only room that knows the Markdown library: text to blocks with places, blocks to HTML."""

from builder.markdown.blocks import LONG, code_block, code_lines, is_dense, parse, walk
from builder.markdown.cloze import has_deletions, marks_as_deletions, texts
from builder.markdown.cloze import numbers as deletions
from builder.markdown.cloze import unclosed as unclosed_deletions
from builder.markdown.depth import DEEPEST, too_deep
from builder.markdown.highlight import DARK, LIGHT, colours, highlight, stylesheet
from builder.markdown.html import Renderer, escape, images, without_markup
from builder.markdown.info import attributes, language
from builder.markdown.marks import Mark
from builder.markdown.mended import Open, mended
from builder.markdown.obsidian import wiki_links
from builder.markdown.rows import Row, rows, table_of, text_block
from builder.markdown.sentences import has_signs, is_sentence
from builder.markdown.spots import Spots
from builder.markdown.ticks import without_code
from builder.markdown.token import Token

__all__ = [
    "DARK",
    "DEEPEST",
    "LIGHT",
    "LONG",
    "Mark",
    "Open",
    "Renderer",
    "Row",
    "Spots",
    "Token",
    "attributes",
    "code_block",
    "code_lines",
    "colours",
    "deletions",
    "escape",
    "has_deletions",
    "has_signs",
    "highlight",
    "images",
    "is_dense",
    "is_sentence",
    "language",
    "marks_as_deletions",
    "mended",
    "parse",
    "rows",
    "stylesheet",
    "table_of",
    "text_block",
    "texts",
    "too_deep",
    "unclosed_deletions",
    "walk",
    "wiki_links",
    "without_code",
    "without_markup",
]
