"""Questions that go on below their line, with choices perhaps, down to what is marked as answer."""

from __future__ import annotations

import re

from builder.parsing.document import Region
from builder.parsing.furniture import is_nothing

#: In lines: a question with choices is no longer, down to its answer.
_LONGEST = 30
#: Fewer lines with a letter before them are no choices.
_FEWEST = 2
_ANSWER = re.compile(
    r"(?:\*\*|__)?(?:correct |korrekte? |rigtigt? )?"
    r"(?:answer|svar|(?:官方|参考|标准|正确)?(?:答案解析|答案|解答|解析))"
    r"(?:\s*[:：]\s*(?:\*\*|__)?|(?=\s+[a-h]\b[.):]?\W*$))\s*(?P<answer>)",
    re.IGNORECASE,
)
_BOLD = re.compile(r"^(?P<bold>\*\*|__)(?P<text>(?:(?!(?P=bold)).)+)(?P=bold)$")
_BULLET = re.compile(r"[-*+][ \t]+(?:\[[ xX]\][ \t]+)?")
_CHOICE = re.compile(r"(?:[-*+][ \t]+)?[（(]?[A-Ha-h](?:[.、．:：)）]|$)")
#: What ends a question with choices, or is none: another heading, code, a rule, a fold.
_CLOSES = re.compile(r"#{1,6}[ \t]|`{3}|~{3}|[-*_]{3,}$|<(?:details|summary)|\?\?\?")


def below(region: Region, first: int, last: int) -> tuple[str, tuple[int, int]] | None:
    """Return what is asked from line `first` on, and the line and column its answer begins at."""
    asked: list[str] = []
    for line in range(first, min(last, first + _LONGEST - 1) + 1):
        text = region.source.line(line).strip()
        if (match := _ANSWER.match(text)) and asked:
            column = region.source.line(line).index(text) + match.start("answer") + 1
            return " ".join(asked), (line, column)
        if _CLOSES.match(text):
            return None
        asked += [] if is_nothing(text) else [_BOLD.sub(r"\g<text>", _BULLET.sub("", text))]
    return None


def choices(region: Region, first: int, last: int) -> tuple[str, tuple[int, int]] | None:
    """Return the same, where several of the lines are choices: `A. ...`, `B. ...`."""
    found = below(region, first, last)
    lines = range(first, found[1][0]) if found else range(0)
    counted = sum(bool(_CHOICE.match(region.source.line(line).strip())) for line in lines)
    return found if counted >= _FEWEST else None
