"""Blocks to HTML: the author's text sanitised, our own code and formulas put in behind it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from functools import cache
from html import escape as _escape
from html import unescape
from itertools import groupby
from typing import Any
from zlib import crc32

from mistune import BlockState, HTMLRenderer

from builder.markdown import cloze, footnotes, spots
from builder.markdown.blocks import create, is_dense
from builder.markdown.breaks import keep_breaks
from builder.markdown.gaps import closing, for_anki, opening
from builder.markdown.highlight import highlight
from builder.markdown.info import language
from builder.markdown.marks import Mark, in_table, marked, shown, without
from builder.markdown.obsidian import titled
from builder.markdown.sanitise import Url, is_allowed, sanitiser
from builder.markdown.spots import Spots
from builder.markdown.tables import PIPE
from builder.markdown.token import Token
from builder.model import Block
from builder.patterns import late
from builder.plain import is_plain

#: Makes the HTML of one code block.
Code = Callable[[Block], str]
#: Makes the HTML of a formula from its TeX source; true for one that stands alone.
Math = Callable[[str, bool], str]
#: What a formula says, as text.
Said = Callable[[str], str]

_NONE: dict[Any, Any] = {}

_SLOT = late("\ue000(\\d+)\ue001")
#: `![a tensor|300](a.png)` of Obsidian.
_SIZE_IN_TEXT = late(r"\|(\d+)(?:x(\d+))?$")
_SIZE = late(r"#(?:pic_\w+)?=?(\d+)?x(\d+)?$")
#: A sound is written as an image is.
_SOUND = late(r"\.(?:mp3|ogg|oga|wav|m4a|flac|opus)(?:[?#].*)?$", re.IGNORECASE)
#: `<img style="zoom:50%">` of Typora.
_ZOOM = late(
    r"(<img\b[^<>]*?)\sstyle=([\"'])[^\"'<>]*?\bzoom:\s*(\d{1,3}%)[^\"'<>]*\2", re.IGNORECASE
)
_TAG = late(r"<[^>]*>")
_INSIDE_A_WORD = late(
    r"</?(?:a|abbr|b|bdi|bdo|code|del|em|i|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup"
    r"|tt|u|var|wbr)\b[^>]*>"
)
_CJK = (
    "[\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]"
)
#: A line break between Chinese characters, and the space that is written behind `**注意：**` so
#: that every reader of Markdown takes it for bold: the sign before it is wide enough. What
#: goes stands first, and is looked back from: so only breaks and spaces are ever tried.
_NO_GAP = late(f"(?:\n(?<={_CJK}\n)| (?<=[，。、；：！？）]</strong> ))(?={_CJK})")
#: Few texts have such a place, and the pattern of those takes long to compile.
_MAY_GAP = late(r"(?:\n|</strong> )[^\x00-\x7f]")


def escape(text: str) -> str:
    """Return plain text as HTML."""
    return _escape(text, quote=True)


def plain_code(block: Block) -> str:
    """Return a code block as HTML, coloured by the language of its fence."""
    code = highlight(block.text, language(block.info))
    return f'<pre class="code"><code>{code}</code></pre>\n'


def plain_math(tex: str, display: bool) -> str:
    """Return a formula as its TeX source between the delimiters that MathJax knows."""
    left, right = ("\\[", "\\]") if display else ("\\(", "\\)")
    return f"{left}{escape(tex)}{right}"


class Renderer:
    """Turns blocks and inline text into HTML, in one way for one output.

    `code` and `math` make the HTML of code and formulas; `url` rewrites links and images.
    `said` is what a formula says where text alone is asked for.
    What an author wrote passes the sanitiser; what `code` and `math` return does not. Deletions
    are marked, or with `anki` left to it: `{{c1::<b>text</b>::hint}}`.
    """

    def __init__(
        self,
        code: Code = plain_code,
        math: Math = plain_math,
        url: Url = lambda _name, value: value,
        *,
        said: Said = str,
        anki: bool = False,
    ) -> None:
        self._anki = anki
        self._writer = _Writer(code, math, said, anki=anki)
        self._markdown = create(self._writer)
        self._writer.read = self._markdown.inline
        self._sanitise = sanitiser(url)

    def blocks(self, blocks: Iterable[Block]) -> str:
        """Return the HTML of blocks, one after another."""
        return self._finish(self._html(tuple(blocks)))

    def with_gap(self, blocks: Iterable[Block], number: int) -> str:
        """Return the HTML of blocks in which the deletions of one number are left out."""
        self._writer.gap = number
        try:
            return self.blocks(blocks)
        finally:
            self._writer.gap = 0

    def blocks_and_text(
        self, blocks: Iterable[Block], marks: Sequence[Mark] = (), spotted: Spots = _NONE
    ) -> tuple[str, str]:
        """Return the HTML of blocks, and what it says; code says nothing."""
        slots, clean = self._clean(self._html(tuple(blocks), marks, spotted))
        said = _filled(spots.without(without(clean)), [said for _, said in slots])
        whole = spots.filled(shown(clean, marks), spotted)
        return _filled(whole, [html for html, _ in slots]), _text(said)

    def _html(
        self, blocks: tuple[Block, ...], marks: Sequence[Mark] = (), spotted: Spots = _NONE
    ) -> str:
        """Return the HTML of blocks as they were written, with the footnotes that they call."""
        called = footnotes.fresh({})
        self._writer.begin(blocks)
        alike = groupby(blocks, key=lambda block: id(_token(block).env))
        html = "".join(self._alike(tuple(some), called, marks, spotted) for _, some in alike)
        notes = "".join(footnotes.items(self._markdown, called))
        return html + (f'<ol class="footnotes">\n{notes}</ol>\n' if notes else "")

    def inline(self, text: str, line: int = 0, marks: Sequence[Mark] = ()) -> str:
        """Return the HTML of one line of Markdown, without a paragraph around it."""
        if found := [mark for mark in marks if mark.line == line]:
            return shown(self.inline(marked(text, line, found)), found)
        if is_plain(text):
            return text.strip()
        state = BlockState()
        state.tokens = [{"type": "block_text", "text": text}]
        return self._finish(str(self._markdown.render_state(state)))

    def _alike(
        self,
        blocks: tuple[Block, ...],
        called: dict[str, Any],
        marks: Sequence[Mark],
        spotted: Spots,
    ) -> str:
        """Return the HTML of blocks around which the same is defined."""
        env = _token(blocks[0]).env
        called.update((key, it) for key, it in env.items() if key not in _CALLED)
        state = BlockState()
        state.env = called
        state.tokens = [
            token
            for block in blocks
            for token in (*spots.before(block, spotted), _fresh(block, marks, spotted))
        ]
        return str(self._markdown.render_state(state))

    def _finish(self, html: str) -> str:
        slots, clean = self._clean(html)
        whole = _filled(clean, [html for html, _ in slots])
        return for_anki(whole) if self._anki else whole

    def _clean(self, html: str) -> tuple[list[tuple[str, str]], str]:
        slots, self._writer.slots = self._writer.slots, []
        return slots, self._sanitise(_NO_GAP.sub("", html) if _MAY_GAP.search(html) else html)


def _filled(html: str, slots: list[str]) -> str:
    return _SLOT.sub(lambda m: slots[int(m[1])] if int(m[1]) < len(slots) else "", html)


def _text(html: str) -> str:
    """Return what HTML says; a word that is partly bold is one, two cells of a table are not."""
    return unescape(_TAG.sub(" ", _INSIDE_A_WORD.sub("", html)))


#: What is not part of a text at its ends.
_SPACE = " \r\n\t\f"
#: Tokens that become pieces of ours.
_OURS = frozenset({"block_code", "block_math", "inline_math"})


class _Writer(HTMLRenderer):
    """Leaves a slot for each piece of ours, so that the sanitiser sees only the author's HTML."""

    #: Reads the text of a token: its signs, and the tokens between them.
    read: Callable[[str, MutableMapping[str, Any]], list[dict[str, Any]]]

    def __init__(self, code: Code, math: Math, said: Said, *, anki: bool) -> None:
        super().__init__(escape=False)
        self._known: dict[str, Callable[..., str]] = {}
        #: HTML, and what it says as HTML.
        self.slots: list[tuple[str, str]] = []
        self._among: tuple[Block, ...] = ()
        self._mark = ""
        #: The number of the deletions that are left out.
        self.gap = 0
        self._code = code
        self._math = math
        self._said = said
        self._anki = anki

    def begin(self, blocks: tuple[Block, ...]) -> None:
        """Take what calls the footnotes from now on."""
        self._among, self._mark = blocks, ""

    def _slot(self, html: str, said: str = "") -> str:
        self.slots.append((html, said))
        return f"\ue000{len(self.slots) - 1}\ue001"

    def render_token(self, token: dict[str, Any], state: BlockState) -> str:
        """Return the HTML of one token; the library looks each method up anew, and slowly."""
        kind = token["type"]
        if kind in _OURS:
            return self._of_ours(token, kind)
        method = self._known.get(kind)
        if method is None:
            method = self._known[kind] = self._get_method(kind)
        attrs = token.get("attrs") or _NONE
        if "raw" in token:
            return method(token["raw"], **attrs)
        if "children" in token:
            inside = [self.render_token(child, state) for child in token["children"]]
            return method("".join(inside), **attrs)
        if "text" in token:
            return method(self._inside(token["text"].strip(_SPACE), state), **attrs)
        return method(**attrs)

    def render_tokens(self, tokens: Iterable[dict[str, Any]], state: BlockState) -> str:
        """Return the HTML of tokens, one after another."""
        return "".join([self.render_token(token, state) for token in tokens])

    def _inside(self, text: str, state: BlockState) -> str:
        """Return the HTML of a text inside a block."""
        return text if is_plain(text) else self.render_tokens(self.read(text, state.env), state)

    def _of_ours(self, token: dict[str, Any], kind: str) -> str:
        if kind == "block_code":
            return self._slot(self._code(token["block"]))
        return self._formula(str(token["raw"]).strip(), display=kind == "block_math")

    def _formula(self, tex: str, *, display: bool) -> str:
        tex = cloze.in_formula(tex, _in_anki if self._anki else self._in_gap)
        return self._slot(self._math(tex, display), escape(self._said(tex)))

    def _in_gap(self, deletion: cloze.Deletion, tex: str) -> str:
        return r"[\,\ldots\,]" if deletion.number == self.gap else tex

    def cloze(self, text: str, number: int, hint: str) -> str:
        """Return a deletion: a mark, or what Anki makes a gap of."""
        if self._anki:
            return opening(number) + text + closing(hint)
        if number == self.gap:
            return f'<mark class="cloze gap">[{escape(hint) or "…"}]</mark>'
        title = f' title="{escape(hint)}"' if hint else ""
        return f'<mark class="cloze"{title}>{text}</mark>'

    def footnote_ref(self, key: str, index: int) -> str:
        """Return the number of a footnote; the link is none of the author's and passes `url` by."""
        del key
        name = f"{self._called_in()}-{index}"
        link = f'<a href="#fn-{name}">{index}</a>'
        return self._slot(f'<sup class="footnote-ref" id="fnref-{name}">{link}</sup>')

    def footnote_item(self, text: str, key: str, index: int) -> str:
        """Return a footnote with the way back."""
        del key
        name = f"{self._called_in()}-{index}"
        back = self._slot(f' <a class="footnote-back" href="#fnref-{name}">↩</a>')
        inside = text.rstrip()
        whole = f"{inside[:-4]}{back}</p>" if inside.endswith("</p>") else inside + back
        return f'<li id="fn-{name}">{whole}</li>\n'

    def _called_in(self) -> str:
        """Return what tells the footnotes of these blocks from others; few have any."""
        self._mark = self._mark or _mark(self._among)
        return self._mark

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        """Return a cell, aligned by an attribute: `style` does not pass the sanitiser."""
        # A heading that says nothing is none.
        tag, aligned = "th" if head and text else "td", f' align="{align}"' if align else ""
        return f"  <{tag}{aligned}>{text}</{tag}>\n"

    def block_html(self, html: str) -> str:
        """Return HTML as it is, but for what editors write of an image's size."""
        return super().block_html(_ZOOM.sub(_zoomed, html))

    def inline_html(self, html: str) -> str:
        """Return what may stay as it is, and all else, such as `List<int>`, as text."""
        html = _ZOOM.sub(_zoomed, html)
        return html if is_allowed(html) else _escape(html, quote=False)

    def literal(self, text: str) -> str:
        """Return a sign that marks nothing."""
        return text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Return an image, with the size that some editors write behind its address."""
        html = super().image(text, url, title)
        if _SOUND.search(url):
            named = html.replace("<img", "<audio controls", 1).replace(" alt=", " title=", 1)
            return f"{named.removesuffix('/>').rstrip()}></audio>"
        size = _SIZE.search(url) or _SIZE_IN_TEXT.search(text)
        if not size:
            return html
        html = html.replace(f'alt="{text}"', f'alt="{_SIZE_IN_TEXT.sub("", text)}"')
        sides = zip(("width", "height"), size.groups(), strict=True)
        said = "".join(f' {side}="{pixels}"' for side, pixels in sides if pixels)
        return html.replace("<img", f"<img{said}", 1)

    def task_list_item(self, text: str, checked: bool = False) -> str:
        """Return an item with a sign that needs no name, as a form's box would."""
        sign = "☑ " if checked else "☐ "
        at = len("<p>") if text.startswith("<p>") else 0
        return f'<li class="task-list-item">{text[:at]}{sign}{text[at:]}</li>\n'


#: What a text has called of what is defined around it.
_CALLED = ("footnotes", "footnote_indexes")


def _mark(blocks: tuple[Block, ...]) -> str:
    """Return what tells the footnotes of a text from all others on a page, in every build."""
    return f"{crc32(''.join(map(_all_text, blocks)).encode('utf-8', 'replace')):08x}"


def _zoomed(match: re.Match[str]) -> str:
    return f'{match[1]} width="{match[3]}"'


def _in_anki(deletion: cloze.Deletion, tex: str) -> str:
    return opening(deletion.number) + tex + closing(deletion.hint)


def _token(block: Block) -> Token:
    assert isinstance(block.token, Token)
    return block.token


def _fresh(block: Block, marks: Sequence[Mark], spotted: Spots = _NONE) -> dict[str, Any]:
    """Return a copy of a block's token: the Markdown library eats the ones it renders."""
    token = dict(_token(block).fields)
    if block.kind == "code":
        token["block"] = block
    elif is_dense(block):
        token["children"] = [{"type": "literal", "raw": _escape(token.pop("text"), quote=False)}]
        return token
    elif block.kind == "paragraph":
        token["text"] = keep_breaks(marked(token["text"], block.span.line, marks))
    elif block.kind == "html":
        token["raw"] = marked(token["raw"], block.span.line, marks)
    elif block.kind == "def_list_head":
        token["text"] = spots.in_term(token["text"], block.span.line, spotted)
    if block.children:
        token["children"] = [_fresh(child, marks, spotted) for child in block.children]
        if block.kind == "quote" and "text" in (first := token["children"][0]):
            first["text"] = titled(first["text"])
    elif "children" in token:
        token["children"] = [_copy(child) for child in token["children"]]
        if block.kind == "table":
            in_table(token, block.span.line, marks)
            spots.in_rows(token["children"], block.span.line, spotted)
    return token


def _copy(token: dict[str, Any]) -> dict[str, Any]:
    copy = dict(token)
    if "text" in copy:
        copy["text"] = copy["text"].replace(f"\\{PIPE}", "|").replace(PIPE, "|")
    if "children" in copy:
        copy["children"] = [_copy(child) for child in copy["children"]]
    return copy


_PLAIN = Renderer(math=lambda tex, _display: escape(tex))


def without_markup(text: str) -> str:
    """Return inline Markdown as plain text."""
    return unescape(_TAG.sub("", _PLAIN.inline(text))).strip()


def images(blocks: Iterable[Block]) -> tuple[str, ...]:
    """Return the addresses of the images and sounds that blocks show, each once."""
    showing = [block for block in blocks if _SHOWS.search(_all_text(block))]
    if not showing:
        return ()
    alone = [_ALONE.fullmatch(block.text.strip()) for block in showing]
    if all(alone):
        return tuple(dict.fromkeys(found[1] for found in alone if found))
    renderer, seen = _looker()
    seen.clear()
    renderer.blocks(showing)
    return tuple(seen)


@cache
def _looker() -> tuple[Renderer, dict[str, None]]:
    """Return what renders, and what it saw; to make one takes longer than to use it."""
    seen: dict[str, None] = {}

    def note(name: str, value: str) -> str:
        if name == "src":
            seen[value] = None
        return value

    return Renderer(url=note), seen


#: A paragraph that is an image, with an address that is what it says: most images stand so.
_ALONE = late(r"!\[[^\]\[`$\\<&]*\]\(([\w./-]+)\)", re.ASCII)
_SHOWS = late(r"!\[|<(?:img|audio|source)\b", re.IGNORECASE)


def _all_text(block: Block) -> str:
    """Return the text of a block and what it contains; tables keep theirs to themselves."""
    if block.kind == "table" and isinstance(block.token, Token):
        return str(block.token.fields.get("children"))
    return block.text + "".join(_all_text(child) for child in block.children)
