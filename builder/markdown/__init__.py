"""The only room that knows the Markdown library: text to blocks with places, blocks to HTML."""

from builder.markdown.blocks import code_block, parse, walk
from builder.markdown.highlight import highlight, stylesheet
from builder.markdown.html import Renderer, escape, images, plain
from builder.markdown.info import attributes, language

__all__ = [
    "Renderer",
    "attributes",
    "code_block",
    "escape",
    "highlight",
    "images",
    "language",
    "parse",
    "plain",
    "stylesheet",
    "walk",
]
