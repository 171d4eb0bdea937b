"""Bold lines as questions: `**1. What is a batch?**`, alone on the line.

They count where a note has no headings that ask something. A bold line is a question if it is
numbered or ends in a question mark; it may go on over some lines. Where its number alone is bold,
`**2)** Name two.`, it stands between blank lines, with its answer below. Where a note without any
headings begins with a bold line and has others like it, they are its headings. Of a note that is
made of bold questions a few may have no sign. Questions in italics count where none is bold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from builder.parsing import answered
from builder.parsing.document import IN_TEXT, Mark, Region
from builder.parsing.numbering import split_number
from builder.patterns import late

_LINE = late(
    r"^[ ]{0,3}(?:[^\x00-\x7f\w]{1,3}[ \t]*)?(?P<outside>(?:\d+[.)、]|(?:[0-9]\ufe0f?\u20e3)+)"
    r"[ \t]*)?"
    r"(?P<bold>\*\*\*?|__)(?P<text>(?:(?!(?P=bold)).)+)(?P=bold)"
    r"(?P<behind>[ \t]*[?？])?[ \t]*(?:\\|<br[ ]?/?>)?$"
)
_HTML = late(
    r"^[ ]{0,3}(?P<outside>\d+[.)、][ \t]*)?<(?P<bold>b|strong)>(?P<text>[^<>]+)</(?P=bold)>"
    r"(?P<behind>[ \t]*[?？])?[ \t]*(?:<br[ ]?/?>)?[ \t]*$"
)
#: `*What is a batch?*`
_SLANTED = late(
    r"^[ ]{0,3}(?P<sign>[*_])(?![*_\s])(?P<text>(?:(?!(?P=sign)).)+[?？])(?P=sign)[ \t]*$"
)
_MARKED = late(r"^[ ]{0,3}(?:\d+[.)、][ \t]*)?\*\*[^*\n]+[?？][ \t]*\*\*[ \t]*$", re.MULTILINE)
#: How hard a question is may stand before it: `[M] Explain views.`
_COMMAND = late(
    r"(?:\[[^\[\]\s]{1,8}\][ ]*)?"
    r"(?:explain|describe|define|name|list|compare|state|derive|prove|show that"
    r"|forklar|beskriv|definer|nævn|angiv|sammenlign|vis at|udled|redegør)\b",
    re.IGNORECASE,
)
_NUMBER = r"^[ ]{0,3}\*\*(?P<number>\d{1,3}[.)、])"
#: `**2)** Name two.`, and in a note with such lines `**3) Views.** Name two.` as well.
_COUNTED = late(rf"{_NUMBER}\*\*[ \t]*(?P<rest>\S.*)$", re.MULTILINE)
_TERM = late(rf"{_NUMBER}[ \t]*(?P<term>[^*\n]+)\*\*(?P<rest>\S?[ \t]+\S.*)$")
_ASKED = late(r"[?？]\W{0,12}$")
#: `1. What is a batch?**`: the stars before it were lost.
_HALF = late(r"^[ ]{0,3}(?P<text>\d{1,3}[.)、][^*\n]*[?？])\*\*[ \t]*$")
#: Bold, and not to its end on this line.
_OPEN = late(r"^[ ]{0,3}(?:\d+[.)、][ \t]*)?\*\*(?=\S)(?:(?!\*\*).)+$")
_ITEM = late(r"[ ]{0,3}\d{1,3}[.)][ \t]+")
#: What code is indented by, further than the text around it.
_CODE = 4
#: Every line that is looked at has such a sign.
_SIGN = late(r".*?(?:\*\*|__|<(?:b|strong)>)")
#: In lines: a longer paragraph is no question.
_LONGEST = 4
#: Fewer bold lines in a note are remarks.
_FEWEST = 3


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each bold line that asks something; one or two among others are remarks."""
    if not region.matching(_SIGN) and not region.matching(_SLANTED):
        return
    found = tuple(_asking(region))
    if len(found) < _FEWEST - 1:
        slanted = tuple(_slanted(region))
        found = slanted if len(slanted) >= _FEWEST else found
    others = [it for it in _titles(region) if all(it.line != mark.line for mark in found)]
    is_counted = any(split_number(mark.text)[0] for mark in found)
    if len(found) < min(_FEWEST, len(others)) and not is_counted:
        return
    if _are_alike(region, found, others):
        found = tuple(sorted((*found, *others), key=lambda mark: mark.line))
    yield from (answered.with_choices(region, mark, end) for mark, end in region.extents(found))


def few(region: Region) -> Iterator[Mark]:
    """Yield a mark for each of the bold questions that a text begins with, be it one alone.

    Each must have a question mark; that is enough only for one of several chapters.
    """
    found = tuple(_asking(region))
    if found and region.is_blank(region.first, found[0].line - 1):
        yield from found if all(_ASKED.search(mark.text) for mark in found) else ()


def _slanted(region: Region) -> Iterator[Mark]:
    """Yield a mark for each question in italics that is a paragraph by itself."""
    for line, match in region.matching(_SLANTED):
        if line == region.first or not region.source.line(line - 1).strip():
            yield Mark(line, line, IN_TEXT, match["text"].strip(), own=True)


def _are_alike(region: Region, found: tuple[Mark, ...], others: list[Mark]) -> bool:
    """Tell whether a note is made of bold questions, some of which have no sign: `**Recall**`.

    What comes twice is a caption in answers, and numbers tell questions from captions anyway.
    """
    if len(found) < _FEWEST or len(others) * 2 > len(found):
        return False
    texts = {mark.text for mark in others}
    begins = region.is_blank(region.first, found[0].line - 1)
    return begins and len(texts) == len(others) and not any(split_number(m.text)[0] for m in found)


def _asking(region: Region) -> Iterator[Mark]:
    for line, last, text in _joined(region):
        if match := _LINE.match(text) or ("<" in text and _HTML.match(text)) or None:
            asked = (match["outside"] or "") + match["text"].strip()
            asked += (match["behind"] or "").strip()
        elif match := _HALF.match(text):
            asked = match["text"]
        elif not _is_counted(region.source.text) or not (asked := _counted(region, line, text)):
            continue
        number, question = split_number(asked)
        is_label = question.endswith((":", "："))
        if question and ((number and not is_label) or _asks(question, region)):
            yield Mark(line, last, IN_TEXT, asked, own=True, indent=_indent(region, text, last))


def _indent(region: Region, text: str, last: int) -> int:
    """Return what stands before the lines of an answer, if the question is an item of a list."""
    item = _ITEM.match(text)
    if item is None:
        return 0
    found = region.indent_below(last)
    return found if found < item.end() + _CODE else item.end()


@lru_cache(maxsize=1)
def _asks_often(text: str) -> bool:
    """Tell whether bold lines of a note have question marks; then others may command."""
    return len(_MARKED.findall(text)) >= _FEWEST - 1


def _asks(question: str, region: Region) -> bool:
    if _ASKED.search(question):
        return True
    return bool(_COMMAND.match(question)) and _asks_often(region.source.text)


def _joined(region: Region) -> Iterator[tuple[int, int, str]]:
    """Yield the lines with signs, and their numbers; what is bold over several is one of them."""
    done = 0
    for line, match in region.matching(_SIGN):
        if line <= done:
            continue
        text = match.string
        joined, last = text.rstrip(), line
        is_first = line == region.first or not region.source.line(line - 1).strip()
        while is_first and _OPEN.match(joined) and last - line < _LONGEST:
            last += 1
            below = region.source.line(last).strip() if last <= region.last else ""
            joined = f"{joined} {below}" if below else ""
        if last > line and _LINE.match(joined):
            yield line, last, joined
            done = last
        else:
            yield line, line, text


def titles(region: Region) -> Iterator[Mark]:
    """Yield a mark for each bold line, in a note that has bold lines in place of headings.

    The note begins with the first of them, and each stands behind a blank line.
    """
    found = tuple(_titles(region))
    if len(found) >= _FEWEST and region.is_blank(region.first, found[0].line - 1):
        yield from found


def _titles(region: Region) -> Iterator[Mark]:
    for line, match in region.matching(_LINE):
        is_first = line == region.first or not region.source.line(line - 1).strip()
        if is_first and not match["text"].rstrip().endswith((":", "：")):
            asked = (match["outside"] or "") + match["text"].strip()
            yield Mark(line, line, IN_TEXT, asked, own=True)


@lru_cache(maxsize=1)
def _is_counted(text: str) -> bool:
    """Tell whether numbers stand bold before questions that are not."""
    return bool(_COUNTED.search(text))


def _counted(region: Region, line: int, text: str) -> str:
    """Return what a line between blank ones asks behind its bold number."""
    around = region.source.line(line - 1), region.source.line(line + 1)
    if any(map(str.strip, around)):
        return ""
    if match := _COUNTED.match(text):
        return f"{match['number']} {match['rest'].strip()}"
    match = _TERM.match(text)
    return f"{match['number']} {match['term'].strip()}{match['rest'].rstrip()}" if match else ""
