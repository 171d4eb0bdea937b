"""The only room that knows the Markdown library: text to blocks with places, blocks to HTML."""

from builder.markdown.blocks import code_block, parse, walk
from builder.markdown.highlight import highlight, stylesheet
from builder.markdown.html import Renderer, escape, plain

__all__ = ["Renderer", "code_block", "escape", "highlight", "parse", "plain", "stylesheet", "walk"]
