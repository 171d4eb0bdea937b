"""Lines that say nothing: rules, comments, tags, block ids, addresses, ways back, farewells."""

from __future__ import annotations

import re
from functools import lru_cache

from builder.parsing import signs
from builder.patterns import late

_TAG = r"[#](?=[\w/-]*[^\W\d])[\w/-]+"
#: What people draw lines with.
_LINE = r"(?:(?:[-*_][ \t]*){3,}|\#{7,}|={7,}|~{7,}|[⸺⸻]+)"
#: A link to another page, and what says that it leads to the one before, behind or above.
_LINK = r"[←⬅↑⬆«‹◀]?\ufe0f?[ ]?\[[^\[\]]*\]\([^()\n]*\)[ ]?[→➡»›▶]?\ufe0f?"
_LEADS = (
    r"[←⬅↑⬆«‹◀→➡»›▶]|\b(?:prev(?:ious)?|next|forrige|næste)\b[ ]*"
    r"(?:[:：\]]|(?:page|chapter|lesson|part|kapitel|side|del)\b)"
    r"|\b(?:back|up|home|tilbage|op)[ ](?:to|til)\b|[上下]一[页篇章节]|返回"
)
_WAYS = (
    rf"[*_]{{0,2}}(?=[^\n]*(?:{_LEADS})){_LINK}(?:(?:[ \t|·•/*_–—-]|&nbsp;)+{_LINK})*[*_]{{0,2}}"
)
_RULE = late(rf"\s*{_LINE}\s*$")
_NOTHING = late(
    rf"""\s*(?:
      {_LINE} | <!--.*--> | (?:{_TAG}\s*)+ | \^[A-Za-z0-9-]{{3,}}
    | \[[^\[\]^\n][^\[\]\n]*\]:[ \t]+(?:https?://|<|[./#])\S*(?:[ \t]+["'(][^\n]*)?
    | :{{3,}}[ \t]*(?:\{{?[\w-]+\}}?(?:[ \t]+{signs.OPENS})?)?
    | (?:\*\*|__)?{signs.ANSWERS}[ ]?
      (?:[:：](?:\*\*|__)?|(?:\*\*|__)[:：])
    | <br\s*/?> | (?:&[en]?m?b?sp;\s*)+ | </?(?:div|center|p|a)\b[^<>]*>(?:\s*</a>)?
    | (?:[-*+][ ])?\{{:[^{{}}\n]*\}} | \([\w.-]+\)= | (?:\[\#[^\[\]\n]+\]\(\)\s*)+
    | {_WAYS}
    | (?:</?(?:b|strong|em|i)>\s*)+ | \[\[?_?TOC_?\]\]?
    | [-*+>]?\s*(?:\*\*|<b>)?\[[^\[\]]*(?:top|toc|返回|回到|目录|顶部|tilbage|⬆|↑)[^\[\]]*\]
      \(\#[^()]*\)(?:\*\*|</b>)?
    | (?:<(?:b|p|div)\b[^<>]*>\s*)?\(?<a\b[^<>]*href=["']?\#[^<>]*>
      [^<>]*(?:top|toc|返回|回到|目录|顶部|tilbage|⬆|↑|↥)[^<>]*</a>\)?(?:\s*</(?:b|p|div)>)?
    | (?:[-*+]\s+)?(?:\*\*|__)(?:status|difficulty|confidence|(?:last[ ])?reviewed|tags?
      |sværhedsgrad|难度|掌握程度|标签|维护者|最后更新|更新时间|问题反馈|文档版本)(?:\s*[:：]\s*(?:\*\*|__)|(?:\*\*|__)\s*[:：])[^\n]{{0,60}}
    | (?:\*\*|__)(?:第[一二三四五六七八九十\d]{{1,3}}(?:部分|[章节篇])|part[ ]\d+)
      [^*_\n]{{0,30}}(?:\*\*|__)
    | [^\w\n]{{0,6}}(?:(?:thanks|thank[ ]you)[ ]for[ ](?:reading|your)|tak[ ]for[ ](?:at|læs)
      |happy[ ]learning|感谢(?:您的|你的|大家的)?(?:阅读|观看)|全文完|觉得有(?:用|帮助)
      |希望(?:这个|这些|以上)?(?:回答|内容|解释|总结|分析|说明)(?:能|可以|对)
      |如果(?:您|你)(?:还有(?:其他|任何|更多|别的)?(?:问题|疑问)|希望我|愿意[，,]我可以)
      |欢迎(?:关注|点赞|star))[^\n]{{0,60}}
    )\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
_HEADING = late(r" {0,3}#{1,6}[ \t]")
_BOX_END = late(r" {0,3}:{3,}[ \t]*$")
_TAGS = late(rf"\s*(?:{_TAG}\s*)+$")
_CONTENTS = r"\s*\[\[?_?(?i:TOC)_?\]\]?\s*$"
_UNSEEN = late("|".join((_TAGS.pattern, _RULE.pattern, _CONTENTS)))
_BEHIND = late(rf"(?:(?:^|(?<=\s)){_TAG}\s*)+$")
_BEFORE = late(rf"(?:{_TAG}\s+)+")
_BLOCK_ID = late(r"(?:^|\s)\^(?P<id>[A-Za-z0-9-]{3,})\s*$")
_CARDS = late(r"#(?:flash)?cards?(?:[/-](?P<how>reversed?|spaced|inline))?(?:/|$)", re.IGNORECASE)


def is_nothing(line: str) -> bool:
    """Tell whether a line says nothing to a reader; a blank one too."""
    return not line.strip() or _says_nothing(line)


@lru_cache(maxsize=1024)
def _says_nothing(line: str) -> bool:
    return bool(_NOTHING.match(line))


def is_rule(line: str) -> bool:
    """Tell whether a line only divides: `---`, `########`, `⸻`."""
    return bool(_RULE.match(line))


def is_heading(line: str) -> bool:
    """Tell whether a line begins as a heading does."""
    return bool(_HEADING.match(line))


def ends_box(line: str) -> bool:
    """Tell whether a line ends a box of colons: `:::`."""
    return bool(_BOX_END.match(line))


def is_tags(text: str) -> bool:
    """Tell whether a text is nothing but tags."""
    return bool(_TAGS.match(text))


def is_unseen(text: str) -> bool:
    """Tell whether nobody reads a text: nothing but tags, a line, or where the contents go."""
    return bool(_UNSEEN.match(text))


def without_tags(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a question without the tags and the block id around it, and the tags."""
    text = _BLOCK_ID.sub("", text).strip()
    if "#" not in text:
        return text, ()
    behind = _BEHIND.search(text)
    before = _BEFORE.match(text)
    start = before.end() if before else 0
    end = behind.start() if behind and behind.start() >= start else len(text)
    bare = text[start:end].strip()
    return (bare, tuple((text[:start] + text[end:]).split())) if bare else (text, ())


def block_id(text: str) -> str | None:
    """Return the block id that a text ends in."""
    found = _BLOCK_ID.search(text)
    return found["id"] if found else None


def asks(tags: tuple[str, ...]) -> bool:
    """Tell whether one of the tags says that this is a card."""
    return any(_CARDS.match(tag) for tag in tags)


def is_reversed(tags: tuple[str, ...]) -> bool:
    """Tell whether one of the tags says that it is a card both ways."""
    found = (_CARDS.match(tag) for tag in tags)
    return any(match and (match["how"] or "").lower().startswith("reverse") for match in found)


def as_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Return tags as a card has them: what says that it is one goes, `/` divides levels."""
    bare = (_CARDS.sub("", tag).lstrip("#").strip("/").replace("/", "::") for tag in tags)
    return tuple(tag for tag in bare if tag)
