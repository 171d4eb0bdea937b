"""Takes the numbering off a question: `01.`, `3.2`, `一、`, `（三）`, `Q12:`, `问题 3：`."""

from __future__ import annotations

import re
from functools import lru_cache

from builder.patterns import late

#: A letter of Chinese, Japanese, Korean: a wide range by itself takes a millisecond to compile.
_HAN = r"[^\W\d_\x00-\u10ff]"
_CHINESE = "[零〇一二三四五六七八九十百两]+"
_ONES = "零一二三四五六七八九"
_BELOW_100 = late(r"(?:(?P<tens>[二三四五六七八九])?(?P<ten>十))?(?P<ones>[一二三四五六七八九])?")
_SPACE = r"[ \t\u3000\xa0]*"
#: `(5 points)` behind a number.
_WORTH = r"\s*(?:[(（]\s*\d+(?:[.,]\d+)?\s*(?:p|po?in?ts?|pts?|marks?|%|分)\.?\s*[)）])?\s*"
#: All that counts and says nothing.
_WORDS = late(r"[\W\d_零〇一二三四五六七八九十百两]+")

_FORMS = "|".join(
    (
        # 问题 3：  第 3 题  Question 4  Q12:
        rf"(?:问题|题目|面试题|例题|考点|知识点|[问题例])\s*(\d+|{_CHINESE})\s*(?:[:：.、．]|$|(?=\s))",
        rf"第\s*(\d+|{_CHINESE})\s*(?:部分|[题问章节讲篇课])\s*(?:[:：.、．]|$|(?=\s))",
        rf"(?i:question|spørgsmål)\s*(?:#|n[or]\.?|number)?\s*(\d+){_WORTH}"
        r"(?:[:：.)）、]|$|[–—-](?=\s))",
        r"(?i:exercise|problem|task|(?:flash)?card|opgave|opg\.?|øvelse|øv\.?|kort)"
        rf"\s*#?(\d+){_WORTH}(?:[:：)）]|$|[.–—-](?=\s))",
        r"(?i:day|dag|week|uge|lesson|lektion|chapter|kapitel|part|del|topic)"
        r"\s*(\d+)(?:\s*[:：]|\s*[.–—-](?=\s))",
        r"([①-⒛❶-❿㈠-㈩]|(?:[0-9]\ufe0f?\u20e3)+|\U0001f51f)",
        rf"[Qq](?:[.#-]| )?(\d+){_WORTH}(?:[:：.)）、]|$|[–—-](?=\s|{_HAN})|(?=\s))",
        # No.3  #3
        rf"(?:(?i:no)\.|#)\s*(\d+)\s*(?:[:：.、．]|(?=\s|{_HAN}))",
        # （三） (3) 【3】 【问题3】
        rf"[（(【\[]\s*(?:[Qq]|问题|问|题目?)?\s*(\d+|{_CHINESE})\s*[)）】\]][.、．:：]?",
        # 一、
        rf"({_CHINESE})\s*(?:[、.．：]|，(?={_HAN}|[A-Za-z]))",
        # 3.2  1.2.3.  but neither 3.2倍 nor 2.0 alone
        r"(\d+(?:\.\d+)+)(?:\\?[.、．:：)）]|(?=\s))(?!\s*版)",
        # II.  but not V8.
        r"([IVX]{1,4})\.(?=\s)",
        # 01.  11、  7)  1\.  but not 3.5 and not 2.js
        r"(\d+)\s*(?:\\?[、．)）]|\\?[.:：](?![\d]))",
        # 01 | ...  1 · ...  1 - ...  1，...
        rf"(\d+)\s*(?:[|丨｜·•](?!\s*\d)|[，,。](?={_HAN})|(?<=\s)[–—-](?=\s+[^\W\d_]{{2}}))",
    )
)
#: One group of it is the number.
_FORM = late(f"(?:{_FORMS}){_SPACE}")
#: What may stand before a number, and is no part of it: stars, a link, an address, a colour.
_MARKUP = late(
    r"(?:(?P<empty><a\b[^<>]*>\s*</a>)|\*{1,3}(?=\S)|_{1,3}(?=\S)"
    r"|<(?:a|b|strong|em|i|u|span|font|mark|big)\b[^<>]*>|\[(?=[^\[\]]*\]\())[ \t]*",
    re.IGNORECASE,
)
#: What ends it again right behind the number: `**1.** What is it?`
_CLOSED = late(r"\s*(?:\*{1,3}|_{1,3}|</\w+>)[ \t]*(?=\S)")
#: A picture before a number is an ornament.
_ICON = late(r"(?:[\u2600-\u2775\u2794-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff]\ufe0f?)+\s*")


@lru_cache(maxsize=64)
def split_number(text: str) -> tuple[str | None, str]:
    """Return the number as it was written, without its punctuation, and the text behind it.

    It may be bold, a link or coloured like the text behind it, which stays so.
    """
    number, said = _split(text)
    if number is not None:
        return number, said
    rest = _ICON.sub("", text, count=1) if _ICON.match(text) else text
    opened: list[str] = []
    while match := _MARKUP.match(rest):
        opened += [] if match["empty"] else [match[0]]
        rest = rest[match.end() :]
        rest = rest[icon.end() :] if (icon := _ICON.match(rest)) else rest
    number, said = _split(rest) if rest != text else (None, "")
    if number is None:
        return None, text.strip()
    if opened and (closed := _CLOSED.match(said)):
        return number, "".join(opened[:-1]) + said[closed.end() :].strip()
    return number, "".join(opened) + said


def value(number: str) -> int | None:
    """Return what a number below a hundred counts, in digits or in Chinese: 十二 is 12."""
    if re.fullmatch(r"[0-9０-９]{1,4}", number):
        return int(number)
    if not number or not (match := _BELOW_100.fullmatch(number)):
        return None
    tens = _ONES.index(match["tens"]) if match["tens"] else 1
    ones = _ONES.index(match["ones"]) if match["ones"] else 0
    return 10 * tens + ones if match["ten"] else ones


def _split(text: str) -> tuple[str | None, str]:
    if match := _FORM.match(text):
        return match[match.lastindex or 0], text[match.end() :].lstrip("·• ").strip()
    return None, text.strip()


def named(text: str) -> str:
    """Return what a heading says that only counts: `第一章`, `Question 4`; nothing for `14.`."""
    return text.strip() if _WORDS.sub("", text) else ""


def without_label(text: str) -> str:
    """Return what is asked behind `Question:`, which may be bold, or all of it."""
    whole = _BOLD.fullmatch(text)
    said = whole["text"] if whole else text
    match = _LABEL.match(said) or _LABEL.match(_ICON.sub("", said, count=1))
    return match.string[match.end() :] if match else text


def behind_label(text: str) -> tuple[str | None, str]:
    """Return the number and the text of what may stand behind `Question:`, which `1.8` begins."""
    said = without_label(text)
    if said != text and begins_with_version(said):
        return None, said.strip()
    return split_number(said)


def begins_with_version(text: str) -> bool:
    """Tell whether what stands behind `Question:` begins with `1.8`, and goes on."""
    return bool(_VERSION.match(text))


def asks_by_label(text: str) -> bool:
    """Tell whether a text says of itself that it is a question: `Q: ...`."""
    return bool(_LABEL.match(text))


def asks_by_number(text: str) -> bool:
    """Tell whether a heading is counted as a question is: `Q3`, `问题 3`, `Question 4`."""
    return bool(_ASKS.match(text))


def asks_to_do(text: str) -> bool:
    """Tell whether a text begins with what somebody is asked to do: `Explain ...`."""
    return bool(_TO_DO.match(text))


#: Behind `Question:`, or `Q:`, such a number is no numbering: `Question: 1.8 or 2.0?`
_VERSION = late(r"\d+(?:\.\d+)+\s+\S")
_TO_DO = late(
    r"(?i)[\W_]*(?:explain|describe|name|list|compare|contrast|define|derive|discuss|design|walk|give|state"
    r"|show|prove|write|implement|compute|calculate|formulate|provide|outline|summari[sz]e|consider"
    r"|what|why|how|when|which|who|where|forklar|beskriv|nævn|sammenlign|definer|udled|vis|skriv"
    r"|beregn|bevis|redegør|diskut[eé]r|angiv|hvad|hvorfor|hvordan|hvornår|hvilke[nt]?)\b"
)
_BOLD = late(r"(?P<bold>\*\*|__)(?P<text>(?:(?!(?P=bold)).)+)(?P=bold)")
_WORD = r"(?i:q|question|spørgsmål|问题?|提问|题目|题干|面试题|面试官)"
_LABEL = late(
    rf"(?:{_WORD}\s*[:：]|Q\.(?=\s)|(\*\*|__){_WORD}(?:\s*[:：]\s*\1|\1\s*[:：])|【{_WORD}】[:：]?)"
    r"\s*(?=\S)"
)
_ASKS = late(
    rf"(?i:q|question|spørgsmål|问题|面试题|题目|问)[\s.#-]*\d+|第\s*(?:\d+|{_CHINESE})\s*题"
)
