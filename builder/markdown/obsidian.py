"""Obsidian's own signs: `[[links]]`, `![[embeds|300]]`, `%%comments%%`, block ids, callouts.

A link of this kind becomes one to the file or the heading that it names; who draws the page finds
out which that is. What only Obsidian reads is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import Match
from urllib.parse import quote

from mistune import BlockParser, BlockState, InlineParser, InlineState, Markdown

from builder.patterns import late

_LINK = (
    r"(?P<wiki_embed>!?)\[\[(?P<wiki_target>[^\[\]|\n#^]*)(?P<wiki_at>#[^\[\]|\n]+)?"
    r"(?:\|(?P<wiki_alias>[^\[\]\n]*))?\]\](?!\()"
)
#: A row of a matrix, or what says where the contents go.
_NO_NAME = late(r"[\s\d.,;+-]*|_?toc_?", re.IGNORECASE)
_COMMENT = r"(?<![\w%])%%(?!%)[^%\n]+%%(?!%)"
_COMMENT_BLOCK = r"^ {0,3}%%(?!%)"
_BLOCK_ID = r"(?:(?<=\s)|(?<![\s\S]))\^(?P<id_of_block>[A-Za-z0-9-]{3,})[ \t]*\Z"
#: Behind a card that stands on one line.
_ANKI_END = r"(?<=\s)ENDI[ \t]*\Z"

_SIZE = late(r"(\d+)(?:x(\d+))?$")
_SHOWN = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif", ".bmp")
_CALLOUT = late(r"\[!(?P<kind>[\w -]+)\][+-]?[ \t]*(?P<title>[^\n]*)(?P<rest>\n|$)")

#: A comment of several lines is shorter than this.
_LONGEST = 2000


def obsidian(md: Markdown) -> None:
    """Teach the Markdown library what Obsidian's users write."""
    md.block.register("obsidian_comment", _COMMENT_BLOCK, _parse_comment, before="list")
    md.inline.register("wiki_link", _LINK, _parse_link, before="link", start_chars=("!", "["))
    md.inline.register("obsidian_note", _COMMENT, _parse_nothing, before="escape", start_chars="%")
    md.inline.register("block_id", _BLOCK_ID, _parse_id, before="escape", start_chars="^")
    md.inline.register("anki_end", _ANKI_END, _parse_nothing, before="escape", start_chars="E")


def _parse_comment(_block: BlockParser, match: Match[str], state: BlockState) -> int | None:
    at = state.src.find("%%", match.end(), match.end() + _LONGEST)
    end = state.find_line_end_at(at)
    if at < 0 or state.src[at + 2 : end].strip():
        return None
    state.append_token({"type": "block_html", "raw": "<!-- -->\n"})
    return end


def _parse_nothing(_inline: InlineParser, match: Match[str], state: InlineState) -> int:
    state.append_token({"type": "text", "raw": ""})
    return match.end()


def _parse_id(_inline: InlineParser, match: Match[str], state: InlineState) -> int:
    html = f'<span id="^{match["id_of_block"]}"></span>'
    state.append_token({"type": "inline_html", "raw": html})
    return match.end()


def _parse_link(_inline: InlineParser, match: Match[str], state: InlineState) -> int | None:
    target, at = match["wiki_target"].rstrip("\\").strip(), (match["wiki_at"] or "").strip()
    if not at and _NO_NAME.fullmatch(target):
        return None
    url = quote(target, safe="/:.") + (f"#{quote(at.rpartition('#')[2], safe='^')}" if at else "")
    text = match["wiki_alias"] or target + at.replace("#", " › " if target else "", 1)
    if match["wiki_embed"] and target.lower().endswith(_SHOWN):
        token = _image(url, target, match["wiki_alias"] or "")
    else:
        token = {"type": "link", "children": [{"type": "text", "raw": text}], "attrs": {"url": url}}
    state.append_token(token)
    return match.end()


def wiki_links(line: str) -> Iterator[tuple[int, int, bool, str, str]]:
    """Yield where a name begins and ends, whether it is embedded, target and heading.

    So it does for each `[[link]]` in a line; columns count from 1.
    """
    for match in re.finditer(_LINK, line) if "[[" in line else ():
        target, at = match["wiki_target"].rstrip("\\").strip(), (match["wiki_at"] or "").strip()
        if at or not _NO_NAME.fullmatch(target):
            end = match.end("wiki_at" if at else "wiki_target") + 1
            embedded, heading = bool(match["wiki_embed"]), at.rpartition("#")[2]
            yield match.start("wiki_target") + 1, end, embedded, target, heading


def _image(url: str, name: str, said: str) -> dict[str, object]:
    """Return an image; a number behind its name is its width."""
    size = _SIZE.match(said)
    at = f"#={size[1]}x{size[2] or ''}" if size else ""
    text = said if said and not size else name.rpartition("/")[2]
    children = [{"type": "text", "raw": text}]
    return {"type": "image", "children": children, "attrs": {"url": url + at}}


def titled(text: str) -> str:
    """Return the first paragraph of a quote, with the title of a callout in bold."""
    match = _CALLOUT.match(text)
    if not match:
        return text
    title = match["title"].strip() or match["kind"].strip().capitalize()
    return f"**{title}**{'  ' if match['rest'] else ''}{match['rest']}{text[match.end() :]}"
