"""Bold and italic beside Chinese punctuation: `**注意：**后文`.

CommonMark decides by the characters around a run of stars whether it may open or close. Its rule
for punctuation takes spaces between words for granted, so it refuses what Chinese authors write
every day. This plugin steps in only where that rule refuses, and only beside a CJK character.
"""

from __future__ import annotations

from re import Match

from mistune import InlineParser, InlineState, Markdown

from builder.patterns import late

_CJK = late(
    "[\u1100-\u11ff\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf"
    "\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff“”‘’…—·]"
)
_PATTERN = (
    r"(?<![*\\])(?P<cjk_mark>\*\*|\*)(?![*\s])"
    r"(?P<cjk_text>(?:`[^`\n]*`|\\.|[^*\\`\n])+?)"
    r"(?<![\s*\\])(?P=cjk_mark)(?!\*)"
)


def cjk_emphasis(md: Markdown) -> None:
    """Teach the Markdown library emphasis beside Chinese punctuation."""
    md.inline.register("cjk_emphasis", _PATTERN, _parse, before="emphasis", start_chars="*")


def _parse(inline: InlineParser, match: Match[str], state: InlineState) -> int | None:
    text = match["cjk_text"]
    before = state.src[match.start() - 1] if match.start() else "\n"
    after = state.src[match.end()] if match.end() < len(state.src) else "\n"
    refused = [side for side in ((before, text[0]), (after, text[-1])) if _refused(*side)]
    if not refused or not all(_CJK.match(out) or _CJK.match(edge) for out, edge in refused):
        return None
    child = state.copy()
    child.src = text
    kind = "strong" if match["cjk_mark"] == "**" else "emphasis"
    state.append_token({"type": kind, "children": inline.render(child)})
    return match.end()


def _refused(outside: str, edge: str) -> bool:
    """Would CommonMark refuse stars between these two characters?"""
    return _is_punctuation(edge) and not outside.isspace() and not _is_punctuation(outside)


def _is_punctuation(char: str) -> bool:
    return not char.isspace() and not char.isalnum()
