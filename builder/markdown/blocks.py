"""Text to blocks: what stands in a source, and where exactly."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

from mistune import BlockState, InlineParser, Markdown
from mistune.plugins import import_plugin

from builder.markdown import cells
from builder.markdown.cloze import cloze
from builder.markdown.definitions import definitions
from builder.markdown.emphasis import cjk_emphasis
from builder.markdown.footnotes import footnotes
from builder.markdown.formulas import formulas
from builder.markdown.lines import LineParser, state_at
from builder.markdown.literal import literal_signs
from builder.markdown.mended import mended
from builder.markdown.obsidian import obsidian
from builder.markdown.tables import even_rows
from builder.markdown.token import Token
from builder.markdown.urls import bare_urls
from builder.model import Block, Note, Source, Span
from builder.patterns import late
from builder.plain import is_plain

PLUGINS = (
    "table",
    "mistune.plugins.table.table_in_list",
    "mistune.plugins.table.table_in_quote",
    "task_lists",
    "strikethrough",
    "mark",
    formulas,
    footnotes,
    literal_signs,
    cjk_emphasis,
    cloze,
    definitions,
    obsidian,
)

_KINDS = {
    "block_code": "code",
    "block_html": "html",
    "block_math": "math",
    "block_quote": "quote",
    "block_text": "paragraph",
    "thematic_break": "rule",
}
#: What has a text, and nothing else.
_TEXTS = frozenset({"paragraph", "block_text"})


class _Inline(InlineParser):
    """The library's, which would sort the signs that begin a rule for each piece of text."""

    #: What reads text with an address in it.
    with_urls: InlineParser | None = None

    def __call__(self, s: str, env: MutableMapping[str, Any]) -> list[dict[str, Any]]:
        if is_plain(s):
            return [{"type": "literal", "raw": s}]
        if self.with_urls and "://" in s:
            return self.with_urls(s, env)
        return super().__call__(s, env)

    def _get_fast_trigger_re(self, chars: set[str]) -> re.Pattern[str]:
        return self._fast_trigger_re or super()._get_fast_trigger_re(chars)


class _Markdown(Markdown):
    """The library's, which would read the texts of all tokens before one of them is rendered."""

    def render_state(self, state: BlockState) -> str | list[dict[str, Any]]:
        if not self.renderer:
            return super().render_state(state)
        return self.renderer.render_tokens(state.tokens, state)


def create(renderer: Any = None) -> Markdown:
    """Return the Markdown library as this project uses it; `renderer` reads the texts of tokens."""
    plugins = [import_plugin(plugin) for plugin in PLUGINS]
    inline = _Inline()
    Markdown(renderer, block=LineParser(), inline=inline, plugins=[*plugins, bare_urls])
    both = _Inline()
    both.with_urls = inline
    return _Markdown(renderer, block=LineParser(), inline=both, plugins=plugins)


_READER = create()


def parse(
    source: Source,
    first: int = 1,
    last: int | None = None,
    *,
    cut: int = 0,
    indent: int = 0,
    among: tuple[Block, ...] = (),
) -> tuple[Block, ...]:
    """Return the blocks of lines `first` to `last` of a source, in the order of their lines.

    `cut` characters of the first line are not read, nor are up to `indent` spaces and `>` before
    each line. The definitions of links and footnotes that the blocks `among` know are known.
    """
    last = len(source.lines) if last is None else last
    if last < first:
        return ()
    lines = list(mended(source)[0][first - 1 : last])
    if cut and lines:
        lines[0] = lines[0][cut:]
    if indent:
        lines = [_outdented(line, indent) for line in lines]
    state = state_at(first, _definitions(among))
    state.process("\n".join(even_rows(lines)) + "\n")
    _READER.block.parse(state)
    for hook in _READER.before_render_hooks:
        hook(_READER, state)
    return _blocks(state.tokens, source, last, dict(state.env))


def _definitions(blocks: tuple[Block, ...]) -> dict[str, Any] | None:
    token = blocks[0].token if blocks else None
    if not isinstance(token, Token) or not token.env:
        return None
    return {key: value for key, value in token.env.items() if key.startswith("ref_")}


def code_block(source: Source, first: int, last: int, code: str) -> Block:
    """Return lines that are Python as a block of code, though nothing in the text marks them."""
    token = {"type": "block_code", "raw": code + "\n"}
    return Block(
        "code", source.span(first, 1, last), code + "\n", info="python", token=Token(token, {})
    )


def _outdented(line: str, indent: int) -> str:
    """Take off what stands before the lines of a box: spaces, or the sign of a quote."""
    match = re.match(rf">[ \t]?|\t| {{1,{indent}}}", line)
    return line[match.end() :] if match else line


#: A longer paragraph, with more signs than this among its characters, is no text of a person's.
LONG, _DENSE = 20_000, 0.2
_SIGNS = late(r"[^\w\s,.;:!?，。；：！？、（）()%-]")


def is_dense(block: Block) -> bool:
    """Tell whether a block has so many signs that it is shown as it stands, and not read.

    The Markdown library takes the square of their number for some of them.
    """
    text = block.text
    if block.kind not in ("paragraph", "heading") or len(text) <= LONG:
        return False
    return sum(1 for _ in _SIGNS.finditer(text)) > _DENSE * len(text)


def walk(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Yield every block, each before what it contains."""
    for block in blocks:
        yield block
        if block.children:
            yield from walk(block.children)


def code_lines(note: Note) -> frozenset[int]:
    """Return the lines of a note that are code."""
    blocks = (block for section in note.sections for block in walk(section.blocks))
    spans = (block.span for block in blocks if block.kind == "code")
    return frozenset(line for span in spans for line in range(span.line, span.end_line + 1))


def _blocks(
    tokens: Sequence[dict[str, Any]], source: Source, last: int, env: dict[str, Any]
) -> tuple[Block, ...]:
    """Turn tokens into blocks; each ends where the next of its kin begins, or with `last`."""
    found = [token for token in tokens if token["type"] != "blank_line"]
    if not found:
        return ()
    line = last
    for token in reversed(found):
        if "line" not in token:
            token["line"] = _first_line(token, line)
        line = token["line"]
    # The library puts a list before the quote it follows, against the order of the text.
    found.sort(key=itemgetter("line"))
    lines = [token["line"] for token in found]
    ends = [*(line - 1 for line in lines[1:]), last]
    return tuple(
        [
            _block(token, source, max(end, line), env)
            for token, line, end in zip(found, lines, ends, strict=True)
        ]
    )


def _first_line(token: dict[str, Any], otherwise: int) -> int:
    """A list item has no line of its own: it begins with what it contains."""
    lines = [child["line"] for child in token.get("children", ()) if "line" in child]
    return min(lines, default=otherwise)


def _block(token: dict[str, Any], source: Source, end: int, env: dict[str, Any]) -> Block:
    kind: str = token["type"]
    text: str = token.get("raw") or token.get("text") or ""
    span = _span(token, source, end)
    if kind in _TEXTS:
        return Block(_KINDS.get(kind, kind), span, text, token=Token(token, env))
    attrs = token.get("attrs") or {}
    info: str = attrs.get("info") or ""
    if info.startswith("{"):
        info, options = cells.read(info, text)
        text = "".join(text.splitlines(keepends=True)[options:])
        span = replace(span, line=min(span.line + options, span.end_line))
    nested = () if kind == "table" else token.get("children", ())
    return Block(
        _KINDS.get(kind, kind),
        span,
        text,
        attrs.get("level", 0),
        info,
        token.get("style") == "fenced",
        _blocks(nested, source, end, env) if nested else (),
        Token(token, env),
    )


def _span(token: dict[str, Any], source: Source, end: int) -> Span:
    line: int = token["line"]
    if token["type"] == "block_code":
        first = line + 1 if token.get("style") == "fenced" else line
        count = str(token["raw"]).removesuffix("\n").count("\n") + 1
        return source.span(first, 1, min(first + count - 1, max(len(source.lines), first)))
    return source.body(line, end) or source.span(line)
