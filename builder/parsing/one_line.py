"""Question and answer on one line: `question :: answer`, and `:::` for a card both ways.

The colons divide only with a space on at least one side, outside code and addresses, so that
`std::vector` stays prose. In a note of flashcards that has no colons, `;;` and `;;;` divide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from builder.markdown import without_code
from builder.model import Kind
from builder.parsing.document import IN_TEXT, Mark, Region, only_with
from builder.parsing.furniture import is_nothing
from builder.patterns import late

_ITEM = late(r"^[ \t]*(?:(?:[-*+]|\d+[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)?[ \t]*")
#: In a note of flashcards the colons need no space beside them.
_FLASHCARDS = late(
    r"^(?:(?:#{1,6}[ \t].*)?[ \t]*#flashcards?(?:/\S*)?[ \t\xa0]*$"
    r"|tags:.*\bflashcards?\b|[ \t]+- flashcards?(?:/\S*)?[ \t\xa0]*$)",
    re.MULTILINE,
)
#: What Logseq and Dataview keep of a page or a block, and directives of Sphinx: no question.
_KEPT = late(
    r"[ \t]*(?:[-*+][ \t]+)?(?:\.\. [\w-]+|card-[\w-]+|logseq\.[\w.-]+|query-[\w-]+|hl-[\w-]+"
    r"|ls-type|id|collapsed|tags?|alias(?:es)?|title|type|icon|public|template(?:-[\w-]+)?"
    r"|created(?:-at)?|updated(?:-at)?"
    r"|background-color|heading|file(?:-path)?|exclude-from-[\w-]+|up|down|prev(?:ious)?|next|parent"
    r"|related|deck|cssclass(?:es)?):: ",
    re.IGNORECASE,
)
#: `feeds:: [[metrics]]`: a property of the note, as Dataview reads it.
_PROPERTY = late(r"[ \t]*(?:[-*+][ \t]+)?[a-z][\w-]*::[ \t]+(?P<link>\[)?")
_CLOSE = late(r"(?<=[^\s:]):{2,3}(?=[^\s:])")
_COLONS = late(".*?::")
_SEMICOLONS = late(".*?;;")
_BY_SEMICOLONS = late(r"(?<!;);{2,3}(?!;)")
_DIVIDER = late(r"(?:(?<=\s):{2,3}(?!:|[a-z][\w-]*\s*(?:[{(]|$))|(?<![:\s]):{2,3}(?=\s))")


@only_with("::", ";;")
def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each line of its own, or list item, that the colons divide."""
    is_close = is_of_flashcards(region.source.text)
    by_semicolons = is_close and "::" not in region.source.text
    for line, signs in region.matching(_SEMICOLONS if by_semicolons else _COLONS):
        text = signs.string
        bare = without_code(text)
        match = _BY_SEMICOLONS.search(bare) if by_semicolons else _divider(bare, is_close)
        lead = _ITEM.match(text)
        if not match or not lead or _is_property(region, line) or not _stands_alone(region, line):
            continue
        question, answer = text[lead.end() : match.start()].strip(), text[match.end() :]
        if question and answer.strip():
            column = match.end() + len(answer) - len(answer.lstrip()) + 1
            kind = Kind.REVERSED if len(match[0]) == 3 else Kind.BASIC
            yield Mark(line, line, IN_TEXT, question, True, (line, column), line, kind=kind)


def _divider(text: str, is_close: bool) -> re.Match[str] | None:
    return _DIVIDER.search(text) or (_CLOSE.search(text) if is_close else None)


@lru_cache(maxsize=1)
def is_of_flashcards(text: str) -> bool:
    """Tell whether a note says by its tags that it holds flashcards."""
    return bool(_FLASHCARDS.search(text))


def _is_property(region: Region, line: int) -> bool:
    """Tell whether a line is what a program keeps, or a word with a link, or stands beside such."""
    if is_kept(region.source.line(line)):
        return True
    beside = (_PROPERTY.match(region.source.line(n)) for n in (line, line - 1, line + 1))
    own, *others = beside
    return bool(own) and any(match and match["link"] for match in (own, *others))


def is_kept(line: str) -> bool:
    """Tell whether a line is what a program keeps of a page or a block: `collapsed:: true`."""
    return bool(_KEPT.match(line))


def _stands_alone(region: Region, line: int) -> bool:
    """A paragraph of several lines is prose, unless each of them is such a card or an item."""

    def other(number: int) -> bool:
        text = region.source.line(number)
        is_item = bool(_ITEM.match(text)[0].strip())  # type: ignore[index]
        return not (is_nothing(text) or is_item or "::" in text or ";;" in text)

    is_item = bool(_ITEM.match(region.source.line(line))[0].strip())  # type: ignore[index]
    return is_item or not (other(line - 1) or other(line + 1))
