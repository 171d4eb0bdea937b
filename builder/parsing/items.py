"""Items of a list as questions: `- **What is a batch?**`, with the answer indented below.

They count where a note has no headings that ask something, and where most bold items of a note ask.
Where nearly all items have a question mark, they need not be bold; and where bold ones have, the
answer may begin on their line, `- **What is a batch?** A few samples.` Items that begin with a bold
number, `- **5.1** Name two`, ask where nearly all do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from builder.parsing.document import IN_TEXT, Mark, Region
from builder.patterns import late

_BOLD = r"(?P<bold>\*\*|__)(?P<text>(?:(?!(?P=bold)).)+)(?P=bold)(?P<behind>[ \t]*[?？])?"
_LINE = late(rf"^ ?[-*+][ \t]+{_BOLD}[ \t]*$", re.MULTILINE)
_PLAIN = late(
    r"^ ?[-*+][ \t]+(?P<text>[^\s*_\[].*[?？])(?P<behind>)[ \t]*$"
    r"(?=\n(?:[ \t]*\n){0,2}(?: {2,}|\t)[ \t]*\S)",
    re.MULTILINE,
)
_FULL = late(
    rf"^ ?(?:(?P<sign>[-*+]|\d{{1,3}}[.)、])[ \t]+)?{_BOLD}"
    r"[ \t]*[:：]?[ \t]*(?P<rest>[^\s*:：].*)$",
    re.MULTILINE,
)
#: Where the number alone is bold, `- **5.1** Name two`, an answer goes on to the next such item.
_COUNTED = late(
    r"^ ?[-*+][ \t]+(?P<bold>\*\*|__)(?P<number>\d{1,3}(?:\.\d{1,3}){0,2})[.)]?(?P=bold)"
    r"[.:)]?[ \t]+(?P<text>\S.*)$",
    re.MULTILINE,
)
_ANY = late(r"^ ?(?:[-*+]|\d{1,3}[.)、])[ \t]+\S", re.MULTILINE)
_ASKS = late(
    r"[?？]|什么|如何|怎么|怎样|为何|何为|哪些|吗$|多少|区别|(?:介绍|讲|谈|说|描述|解释|推导)一?[下讲谈说]?"
    r"|^(?:what|why|how|when|which|where|who|explain|describe|name|list|compare"
    r"|hvad|hvorfor|hvordan|hvornår|hvilken|hvilke|forklar|beskriv)\b",
    re.IGNORECASE,
)
_ASKED = late(r"[?？]\W{0,3}$")
#: Fewer are terms in an answer.
_FEWEST = 3
#: What an item is indented by at most.
_WIDTH = 4


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each item that asks; what is indented below it, or behind it, answers."""
    form = _form_of_note(region.source.text) or _form_of_list(region)
    for line, text in region.lines if form else ():
        rest = (region.source.line(below) for below in range(line + 1, line + 4))
        match = form.match("\n".join((text, *rest))) if form else None
        if match and form and (form is not _FULL or _asks_itself(match)):
            yield _mark(region, line, match, form)


@lru_cache(maxsize=1)
def _form_of_note(text: str) -> re.Pattern[str] | None:
    """Return the form of a note; it is asked for below each of its headings."""
    return next((form for form, asks in _FORMS if asks(text)), None) if _is_long(text) else None


def _is_long(text: str) -> bool:
    """Tell whether a text has signs enough for so many questions; to look for them takes long."""
    stars, asks = text.count("**") + text.count("__"), text.count("?") + text.count("？")
    return stars >= 2 * _FEWEST or asks >= _FEWEST


def _form_of_list(region: Region) -> re.Pattern[str] | None:
    """Return the form of a list of questions in a note that has other lists as well."""
    if not _may_have(region.source.text):
        return None
    lines = range(region.first, region.last + 1)
    text = "\n".join(region.source.line(line) for line in lines)
    return next((form for form, asks in _FORMS[1:] if asks(text)), None)


def _mark(region: Region, line: int, match: re.Match[str], form: re.Pattern[str]) -> Mark:
    if form is _COUNTED:
        asked = f"{match['number']}. {match['text'].strip()}"
        return Mark(line, line, IN_TEXT, asked, own=True, indent=_WIDTH)
    found = match.groupdict()
    asked = match["text"].strip() + (match["behind"] or "").strip()
    last = _last(region, line, form)
    if "rest" not in found:
        return Mark(line, line, IN_TEXT, asked, own=True, last=last, indent=_WIDTH)
    start = line, match.start("rest") + 1
    if not (sign := found["sign"]):
        return Mark(line, line, IN_TEXT, asked, own=True, start=start)
    number = f"{sign} " if sign[0].isdigit() else ""
    return Mark(line, line, IN_TEXT, number + asked, True, start, last, indent=_WIDTH)


@lru_cache(maxsize=1)
def _may_have(text: str) -> bool:
    """Tell whether a note has as many such questions as one list must have."""
    if not _is_long(text):
        return False
    asking = sum(_asks_itself(match) for match in _FULL.finditer(text))
    return asking >= _FEWEST or sum(1 for _ in _PLAIN.finditer(text)) >= _FEWEST


def _asks(text: str) -> bool:
    """Tell whether most bold items of a note ask something, so that all of them do."""
    found = [match["text"] + (match["behind"] or "") for match in _LINE.finditer(text)]
    asking = sum(bool(_ASKS.search(question.strip())) for question in found)
    return asking >= _FEWEST and asking * 2 >= len(found)


def _all_ask(text: str) -> bool:
    """Tell whether nearly all items of a text have a question mark, and something below them."""
    asking = sum(1 for _ in _PLAIN.finditer(text))
    return asking >= _FEWEST and asking * 4 >= sum(1 for _ in _ANY.finditer(text)) * 3


def _all_answer(text: str) -> bool:
    """Tell whether nearly all items of a text are bold questions with the answer on their line."""
    asking = sum(_asks_itself(match) for match in _FULL.finditer(text))
    return asking >= _FEWEST and asking * 4 >= sum(1 for _ in _ANY.finditer(text)) * 3


def _all_counted(text: str) -> bool:
    """Tell whether nearly all items begin with a bold number, and have something below them."""
    found = tuple(_COUNTED.finditer(text))
    if len(found) < _FEWEST:
        return False
    ends = (*(match.start() for match in found[1:]), len(text))
    full = sum(bool(text[it.end() : end].strip()) for it, end in zip(found, ends, strict=True))
    is_most = len(found) * 4 >= sum(1 for _ in _ANY.finditer(text)) * 3
    return is_most and full * 4 >= len(found) * 3


def _asks_itself(match: re.Match[str]) -> bool:
    return bool(_ASKED.search(match["text"] + (match["behind"] or "")))


#: What a line of a question looks like, and whether a note is written so.
_FORMS: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (_LINE, _asks),
    (_PLAIN, _all_ask),
    (_FULL, _all_answer),
    (_COUNTED, _all_counted),
)


def _last(region: Region, line: int, form: re.Pattern[str]) -> int:
    """Return the last line that is indented below an item, or goes on right below it."""
    last = line
    for below in range(line + 1, region.last + 1):
        text = region.source.line(below)
        goes_on = form is _FULL and below == last + 1 and not _ANY.match(text)
        if text.strip():
            if not (goes_on or text.startswith((" ", "\t"))) or form.match(text):
                break
            last = below
    return last
