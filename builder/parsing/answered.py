"""Questions that go on below their line, with choices perhaps, down to what is marked as answer."""

from __future__ import annotations

import re
from dataclasses import replace

from builder.parsing import signs
from builder.parsing.document import Mark, Region
from builder.parsing.foreword import is_property
from builder.parsing.furniture import is_nothing
from builder.patterns import late

#: In lines: a question with choices is no longer, down to its answer.
_LONGEST = 30
#: Fewer lines with a letter before them are no choices.
_FEWEST = 2
_ANSWER = late(
    rf"(?:{signs.marks(signs.ANSWERS)}|{signs.ANSWERS}(?=\s+[a-h]\b[.):]?\W*$)\s*)", re.IGNORECASE
)
_BOLD = late(r"^(?P<bold>\*\*|__)(?P<text>(?:(?!(?P=bold)).)+)(?P=bold)$")
#: Headings that only say that a question, or its answer, is below.
_ASKS = late(
    r"(?i)\W*(?:题目|题干|问题|题目描述|问题描述|question|problem|front|spørgsmål|opgave|forside)\W*"
)
#: The same before what is asked, in bold: `**Scenario / Question** *(Easy)*: ...`.
_LABEL = late(
    r"^(?P<bold>\*\*|__)(?:[^\W\d_]{1,20} / )?"
    r"(?:题目|题干|问题|question|scenario|problem|spørgsmål|opgave)"
    r"(?:[:：](?P=bold)|(?P=bold)[ ]?(?:\*?[(（][^()（）\n]{1,20}[)）]\*?)?[:：])\s*",
    re.IGNORECASE,
)
_ANSWERS = late(
    rf"(?i)\W*(?:(?:(?:strong|ideal|good|best|full|detailed|godt?|fuldt?) )?{signs.ANSWERS}"
    r"|explanation|forklaring|back|bagside|extra)\W*"
)
#: What places a paragraph of HTML.
_PLACED = late(r"^<(?:p|div|center)\b[^<>]*>\s*|\s*</(?:p|div|center)>$", re.IGNORECASE)
_FENCE = late(r"`{3}|~{3}")
_QUOTED = late(r"^>[ \t]?")
_BULLET = late(r"^[-*+][ \t]+(?:\[[ xX]\][ \t]+)?")
_CHOICE = late(r"(?:[-*+][ \t]+)?[（(]?[A-Ha-h](?:[.、．:：)）]|$)")
#: What ends a question with choices, or is none: another heading, code, a rule, a fold.
_CLOSES = late(r"#{1,6}[ \t]|`{3}|~{3}|[-*_]{3,}$|<(?:details|summary)|\?\?\?")


def below(region: Region, first: int, last: int) -> tuple[str, tuple[int, int]] | None:
    """Return what is asked from line `first` on, and the line and column its answer begins at."""
    asked: list[str] = []
    for line in range(first, min(last, first + _LONGEST - 1) + 1):
        text = region.source.line(line).strip()
        if (match := _ANSWER.match(text)) and asked:
            column = region.source.line(line).index(text) + match.end() + 1
            return " ".join(asked), (line, column)
        if _CLOSES.match(text):
            return None
        asked += (
            []
            if is_nothing(text) or is_property(text) or _is_label(text)
            else [_BOLD.sub(r"\g<text>", _BULLET.sub("", text))]
        )
    return None


def with_choices(region: Region, mark: Mark, last: int) -> Mark:
    """Return a question with the choices below it, down to what is marked as answer."""
    found = _choices(region, mark.end_line + 1, last)
    if not found:
        return mark
    asked, start = found
    return replace(mark, end_line=start[0] - 1, text=f"{mark.text} {asked}", start=start)


def _choices(region: Region, first: int, last: int) -> tuple[str, tuple[int, int]] | None:
    """Return the same, where several of the lines are choices: `A. ...`, `B. ...`."""
    found = below(region, first, last)
    lines = range(first, found[1][0]) if found else range(0)
    counted = sum(bool(_CHOICE.match(region.source.line(line).strip())) for line in lines)
    return found if counted >= _FEWEST else None


def _is_label(text: str) -> bool:
    """Tell whether a line in bold only says that a question is below."""
    return bool(_BOLD.match(text)) and is_label(text)


def is_label(text: str) -> bool:
    """Tell whether a heading only says that a question is below."""
    return bool(_ASKS.fullmatch(text))


def is_answer_label(text: str) -> bool:
    """Tell whether a heading only says that an answer is below."""
    return bool(_ANSWERS.fullmatch(text))


def said(region: Region, first: int, last: int) -> str:
    """Return what some lines ask, on one line, code in back-ticks; nothing where it is too long."""
    asked: list[str] = []
    is_code = False
    if last - first >= _LONGEST:
        return ""
    for line in range(first, last + 1):
        text = _PLACED.sub("", region.source.line(line).strip())
        if _FENCE.match(text):
            is_code = not is_code
        elif is_code and text:
            asked.append(f"`{text}`" if "`" not in text else text)
        elif not is_nothing(text) and not is_property(text) and not _is_label(text):
            asked.append(_LABEL.sub("", _BULLET.sub("", _QUOTED.sub("", text))))
    return " ".join(filter(None, asked))
