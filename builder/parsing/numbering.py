"""Takes the numbering off a question: `01.`, `3.2`, `一、`, `（三）`, `Q12:`, `问题 3：`."""

from __future__ import annotations

import re

_CHINESE = "[零〇一二三四五六七八九十百两]+"
_SPACE = r"[ \t\u3000\xa0]*"
#: All that counts and says nothing.
_WORDS = re.compile(r"[\W\d_零〇一二三四五六七八九十百两]+")

_FORMS = tuple(
    re.compile(form + _SPACE)
    for form in (
        # 问题 3：  第 3 题  Question 4  Q12:
        rf"(?:问题|题目|面试题|问)\s*(\d+|{_CHINESE})\s*(?:[:：.、．]|$|(?=\s))",
        rf"第\s*(\d+|{_CHINESE})\s*[题问章节讲]\s*(?:[:：.、．]|$|(?=\s))",
        r"(?i:question|spørgsmål)\s+(\d+)\s*(?:[:：.)）、]|$|[–—-](?=\s))",
        r"(?i:day|dag|week|uge|lesson|lektion|chapter|kapitel|part|del|exercise|opgave|topic|card)"
        r"\s*(\d+)(?:\s*[:：]|\s*[.–—-](?=\s))",
        r"([①-⑳❶-❿㈠-㈩]|(?:[0-9]\ufe0f?\u20e3)+|\U0001f51f)",
        r"[Qq](\d+)\s*(?:[:：.)）、]|$|[–—-](?=\s)|(?=\s))",
        # （三） (3) 【3】
        rf"[（(【\[]\s*(\d+|{_CHINESE})\s*[)）】\]]",
        # 一、
        rf"({_CHINESE})\s*[、.．]",
        # 3.2  1.2.3.  but neither 3.2倍 nor 2.0 alone
        r"(\d+(?:\.\d+)+)(?:[.、．:：)）]|(?=\s))(?!\s*版)",
        # 01.  11、  7)   but not 3.5 and not 2.js
        r"(\d+)\s*(?:[、．)）]|[.:：](?![\d]))",
    )
)


def split_number(text: str) -> tuple[str | None, str]:
    """Return the number as it was written, without its punctuation, and the text behind it."""
    for form in _FORMS:
        if match := form.match(text):
            return match[1], text[match.end() :].strip()
    return None, text.strip()


def named(text: str) -> str:
    """Return what a heading says that only counts: `第一章`, `Question 4`; nothing for `14.`."""
    return text.strip() if _WORDS.sub("", text) else ""


def without_label(text: str) -> str:
    """Return what is asked behind `Question:`, which may be bold, or all of it."""
    whole = _BOLD.fullmatch(text)
    match = _LABEL.match(whole["text"] if whole else text)
    return match.string[match.end() :] if match else text


def asks_by_label(text: str) -> bool:
    """Tell whether a text says of itself that it is a question: `Q: ...`."""
    return bool(_LABEL.match(text))


def asks_by_number(text: str) -> bool:
    """Tell whether a heading is counted as a question is: `Q3`, `问题 3`, `Question 4`."""
    return bool(_ASKS.match(text))


_BOLD = re.compile(r"(?P<bold>\*\*|__)(?P<text>(?:(?!(?P=bold)).)+)(?P=bold)")
_WORD = r"(?i:q|question|spørgsmål|问题?|提问)"
_LABEL = re.compile(
    rf"(?:{_WORD}\s*[:：]|Q\.(?=\s)|(\*\*|__){_WORD}(?:\s*[:：]\s*\1|\1\s*[:：]))\s*(?=\S)"
)
_ASKS = re.compile(
    rf"(?i:q|question|spørgsmål|问题|面试题|题目|问)\s*\d+|第\s*(?:\d+|{_CHINESE})\s*题"
)
