"""Addresses that nobody marked: `https://...` in a sentence is a link, and ends where it does."""

from __future__ import annotations

import re
from re import Match
from urllib.parse import unquote

from mistune import InlineParser, InlineState, Markdown
from mistune.util import escape_url

#: Chinese belongs to an address behind what divides one alone: `/wiki/卷积`, but not `/p/1讲得好`.
_URL = (
    r"(?<![0-9A-Za-z])https?://[0-9A-Za-z]"
    r"(?:[0-9A-Za-z_.~:/?#@!&'()+,;=%-]|(?<=[/=_-])[\u4e00-\u9fff]+)*"
)
#: What ends a sentence ends no address.
_END = re.compile(r"[.,:;!?'_~]+\Z")
_ESCAPED = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")


def bare_urls(md: Markdown) -> None:
    """Teach the Markdown library addresses; it asks at each `h`, so only where there is one."""
    md.inline.register("bare_url", _URL, _link, before="emphasis", start_chars="h")


def _link(inline: InlineParser, match: Match[str], state: InlineState) -> int:
    url = _ended(match[0])
    end = match.start() + len(url)
    if state.in_link or state.depth >= inline.max_nested_level:
        inline.process_text(url, state)
        return end
    shown = {"type": "text", "raw": _readable(url)}
    attrs = {"url": escape_url(url)}
    # The library takes the link off again where all of it turns out to be the text of another.
    token = {"type": "link", "children": [shown], "attrs": attrs, "_autolink": url}
    state.append_token(token)
    return end


def _ended(url: str) -> str:
    """Return an address without what belongs to the sentence around it."""
    while True:
        shorter = _END.sub("", url)
        if shorter.endswith(")") and shorter.count(")") > shorter.count("("):
            shorter = shorter[:-1]
        if shorter == url:
            return url
        url = shorter


def _readable(url: str) -> str:
    """Return an address as people read it: with letters in place of their escapes."""
    return _ESCAPED.sub(_letters, url)


def _letters(match: Match[str]) -> str:
    try:
        letters = unquote(match[0], errors="strict")
    except UnicodeDecodeError:
        return match[0]
    return letters if letters.isprintable() else match[0]
