"""What stands below the title of a note before it begins: contents, bylines, properties.

It answers nothing, so the title stays the title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from builder.markdown import rows, walk
from builder.model import Block
from builder.parsing.furniture import is_nothing
from builder.parsing.numbering import split_number
from builder.patterns import late

_IN_PAGE = late(r"\[[^\[\]]*\]\(#[^()]*\)|\[TOC\]|\[\[_?TOC_?\]\]", re.IGNORECASE)
_ONE_LINK = late(r"\[[^\[\]]*\]\([^()]*\)|\[\[[^\[\]]*\]\]")
_LABEL = late(
    r"^[^\w\n]{0,6}(?:table of contents?|contents?|toc|目\s?录|索引|indhold(?:sfortegnelse)?)"
    r"[^\w\n]{0,6}$",
    re.IGNORECASE | re.MULTILINE,
)
_BREAK = late(r"<br\s*/?>", re.IGNORECASE)
_FILLER = late(r"[\s\W\d_]+")
_PROPERTY = late(
    r"(?:created(?: time| by| at)?|last edited(?: time| by)?|updated|status|tags?|type|date|author"
    r"|authors|url|category|source|link|priority|reviewed|course|version|作者|日期|时间|标签|分类|来源"
    r"|状态|创建时间|更新时间|更新|版权|链接|类型|题型|难度(?:分布)?|考点|考频|频率|分值|公司|difficulty|level"
    r"|topics?|points|oprettet|forfatter|dato|kilde|emne|niveau)\s*[:：].*$",
    re.IGNORECASE,
)
#: What names a list of changes, and what each of them bears.
_HISTORY = late(
    r"\W*(?:(?:更新|修订|修改|版本|变更)(?:记录|日志|历史)"
    r"|(?:change|version|revision)[ ]?(?:log|history)|ændringer|ændringslog)\W*",
    re.IGNORECASE,
)
_DATED = late(r"\d{4}[-/.年]\d{1,2}|^\W*v?\d+\.\d+")
_FIELD = late(
    r"[ ]{0,3}(?:[-*+][ \t]+)?(?P<bold>\*\*|__)[^\s*_:：][^*_:：]{0,20}"
    r"(?:(?P=bold)\s*[:：]|[:：]\s*(?P=bold))[ \t]*\S"
)
_INTRODUCES = late(
    r"(?:本文|本篇|本仓库|本项目|本笔记|本文档|以下|下面|这里|这是|我[给为帮](?:你|大家)|内容|整理|收集|汇总|转载|原文|版权|声明|更新|持续更新|文章目录"
    r"|this (?:document|note|article|list|page|file|repo(?:sitory)?|post|collection|is an? )"
    r"|these (?:are|notes|questions|(?:flash)?cards|exercises)|work through|(?:estimated )?time\s*:"
    r"|an? (?:curated |short )?(?:list|collection|set|deck) of"
    r"|(?:below|here) (?:are|is)|my (?:own |personal )?(?:notes|cards|deck)"
    r"|notes (?:on|of|for|from)"
    r"|questions (?:on|for|from|and)|(?:last )?updated|by [A-Z]"
    r"|(?:mine )?noter (?:fra|til|om)|her (?:er|kommer)|dette (?:er|dokument)|denne (?:note|fil)"
    r"|disse )",
    re.IGNORECASE,
)

#: What a sentence says of the text that it stands in.
_ANNOUNCES = late(
    r"(?:本[文章节篇]|这篇文章|这篇博客|本教程)(?:将|会|主要|旨在|介绍|梳理|总结|整理|分享|记录)"
    r"|\b(?:this|the present) (?:article|post|chapter|note|page|document|tutorial)"
    r" (?:will|covers|describes|explains|introduces|summari[sz]es|collects)\b"
    r"|\bin this (?:article|post|chapter|tutorial),? (?:we|i|you)\b",
    re.IGNORECASE,
)
#: In letters: what is shorter may begin anything.
_NAME = 4
#: Fewer lines are no list.
_FEWEST = 3
_SLANTED = late(r"(?P<sign>[*_])(?![*_\s])[^*_\n?？]+(?P=sign)")
#: A text longer than this says something, however it begins.
_LONGEST = 240


def is_contents(blocks: Iterable[Block]) -> bool:
    """Tell whether blocks are only a table of contents: links into the page itself."""
    return _is_contents(_text(blocks))


def only_lists(title: str, blocks: tuple[Block, ...], titles: frozenset[str]) -> bool:
    """Tell whether blocks only list what a note is divided into: by links, or as its `titles`.

    Below `Contents` a list may say more than the titles, as long as some items begin with one.
    """
    text = _text(blocks)
    if _is_contents(text) or _is_index(text, titles):
        return True
    is_list = bool(blocks) and all(block.kind in ("list", "rule") for block in blocks)
    return is_list and bool(_LABEL.fullmatch(title)) and _names_some(text, titles)


def _names_some(text: str, titles: frozenset[str]) -> bool:
    """Tell whether one line in three, of several, begins with one of `titles`."""
    lines = [title_key(line[:_LONGEST]) for line in text.splitlines() if line.strip()]
    named = sum(any(line[:n] in titles for n in range(_NAME, len(line) + 1)) for line in lines)
    return len(lines) >= _FEWEST and named * 3 >= len(lines)


def _is_contents(text: str) -> bool:
    if "[" not in text or not _IN_PAGE.search(text := _BREAK.sub("", text)):
        return False
    rest = (line for line in _IN_PAGE.sub("", text).splitlines() if not is_nothing(line))
    return not _FILLER.sub("", _LABEL.sub("", "\n".join(rest)))


def is_links(block: Block) -> bool:
    """Tell whether a block is a list of nothing but links."""
    items = [_text((item,)).strip() for item in block.children] if block.kind == "list" else []
    return bool(items) and all(map(_ONE_LINK.fullmatch, items))


def _is_index(text: str, titles: frozenset[str]) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < _FEWEST:
        return False
    others = len(lines) // 10
    for line in lines:
        others -= title_key(split_number(line)[1]) not in titles
        if others < 0:
            return False
    return True


def title_key(text: str) -> str:
    """Return what is the same of a title wherever it is written."""
    return _FILLER.sub("", text).casefold()


def is_foreword(blocks: tuple[Block, ...], *, asks: bool = False) -> bool:
    """Tell whether blocks only say what a note is, who wrote it and what is in it.

    Below a title that asks nothing a quote does, too, and so does one line in italics.
    """
    said = [block for block in blocks if block.kind not in ("rule", "html")]
    rest = [it for it in said if not _is_about(it) and (asks or not _is_summary(it))]
    if not asks and _leads_in(said):
        return True
    return not rest or is_contents(rest)


def _leads_in(blocks: list[Block]) -> bool:
    """Tell whether a few paragraphs say what the article will say: `本文将介绍 ...`."""
    return (
        len(blocks) <= _FEWEST
        and all(b.kind == "paragraph" for b in blocks)
        and any(_ANNOUNCES.search(block.text) for block in blocks)
    )


def is_property(line: str) -> bool:
    """Tell whether a line says something about a text, `**Difficulty:** hard`, and not in it."""
    return bool(_PROPERTY.match(line.replace("*", "").strip()))


def is_field(line: str) -> bool:
    """Tell whether a line is one of those that a table was written out to: `**Topic**: graphs`."""
    return bool(_FIELD.match(line))


def is_properties(blocks: tuple[Block, ...]) -> bool:
    """Tell whether blocks hold nothing but properties, and at least one."""
    said = [block for block in blocks if block.kind not in ("rule", "html")]
    if not all(block.kind in ("paragraph", "quote") for block in said):
        return False
    lines = [line for line in _text(said).splitlines() if line.strip()]
    return bool(lines) and all(map(is_property, lines))


def is_history(title: str, blocks: tuple[Block, ...]) -> bool:
    """Tell whether a section only says when a text was changed, below a heading that names it."""
    if not _HISTORY.fullmatch(title):
        return False
    lines = [line for line in _text(blocks).splitlines() if line.strip()]
    return bool(lines) and all(_DATED.search(line) for line in lines)


def _is_summary(block: Block) -> bool:
    """Tell whether a block is a quote, or one line in italics as a subtitle is."""
    if block.kind == "paragraph":
        return len(block.text) < _LONGEST and bool(_SLANTED.fullmatch(block.text.strip()))
    return block.kind == "quote" and len(_text((block,))) < 2 * _LONGEST


def _is_about(block: Block) -> bool:
    text = _text((block,)).strip().lstrip("*_")
    if block.kind in ("quote", "paragraph") and len(text) < _LONGEST and _INTRODUCES.match(text):
        return True
    if block.kind != "paragraph":
        return block.kind == "list" and is_contents((block,))
    lines = [line for line in text.splitlines() if line.strip()]
    return bool(_LABEL.match(text)) or all(
        is_nothing(line) or is_property(line) or _BADGES.match(line) for line in lines
    )


#: Images that are links, as many repositories have them below their names.
_BADGES = late(r"\s*(?:\[!\[[^\[\]]*\]\([^()]*\)\]\([^()]*\)\s*)+$")


def _text(blocks: Iterable[Block]) -> str:
    kinds = ("paragraph", "heading")
    return "\n".join(
        " ".join(cell for row in rows(b) for cell in row.cells) if b.kind == "table" else b.text
        for b in walk(tuple(blocks))
        if b.kind in kinds or b.kind == "table"
    )
