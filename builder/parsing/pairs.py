"""Marked pairs: `Q:` and `A:`, `**Q1:**` and `**Answer**`, `问：` and `答：`.

The answer goes on to the next question mark. A question without an answer mark is none, unless
none of several has one: then what stands below each answers it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from builder.parsing import signs
from builder.parsing.document import IN_TEXT, Mark, Region
from builder.parsing.foreword import is_field
from builder.parsing.numbering import begins_with_version
from builder.patterns import late

_LEAD = r"^[ ]{0,3}(?:[-*+][ \t]+|>[ \t]*)?"
_NOTE = r"(?:[(（][^()（）\n]{1,30}[)）])"


@dataclass(frozen=True, slots=True)
class _Words:
    """What asks and what answers; fewer pairs are a part of some text."""

    question: re.Pattern[str]
    answer: re.Pattern[str]
    fewest: int = 1


def _question(words: str, signs_behind: str) -> re.Pattern[str]:
    """Return `Q:`, `**Q1:**`, `Q1 (5 points):`; behind a bold number no sign is needed."""
    return late(
        rf"{_LEAD}(?:(?P<bold>\*\*|__)?"
        rf"(?:{words}\s*(?P<number>{signs.COUNT})?|第\s*(?P<nth>{signs.COUNT})\s*题)\s*{_NOTE}?\s*"
        rf"(?:(?P<closed>(?P=bold))\s*)?(?:{_NOTE}\s*)?"
        rf"(?P<sign>{signs_behind}|(?(closed)(?(number)|(?!))|(?!)))"
        rf"|【{words}\s*(?P<counted>{signs.COUNT})?】[ \t]*[:：]?)(?P<rest>.*)$",
        re.IGNORECASE,
    )


def _answer(words: str) -> re.Pattern[str]:
    return late(rf"{_LEAD}{signs.marks(words)}(?P<rest>.*)$", re.IGNORECASE)


_ANSWERS = rf"(?:A|{signs.ANSWERS})"
_MAIN = _Words(
    _question(signs.ASKS, r"[:：.、]|(?(number)(?:[)）]|[–—-](?=\s))|(?!))"), _answer(_ANSWERS)
)
#: Below `Q. ...` alone: elsewhere it is the first of several choices.
_DOTTED = late(rf"{_LEAD}{_ANSWERS}[ \t]*\d*[ \t]*[.、)）][ \t]+(?P<rest>.*)$", re.IGNORECASE)
_TOGETHER = tuple(
    _Words(_question(asks, "[:：]"), _answer(answers), fewest)
    for asks, answers, fewest in signs.TOGETHER
)
#: Whether any of these words may be there.
_MAY_BE = late(
    rf"{_LEAD}(?:\*\*|__)?(?:{'|'.join(asks for asks, _, _ in signs.TOGETHER)})",
    re.IGNORECASE | re.MULTILINE,
)

#: Stars that end what is bold, which `2**3` does not.
_CLOSED = late(r"(?<=\S)(?:\*\*|__)(?=\s|$)")
#: The end of fenced code; its beginning is no text.
_FENCE = late(r"[ \t]*(?:`{3,}|~{3,})[ \t]*$")
#: In lines: longer code is no part of a question.
_LONGEST = 20
#: Fewer questions without an answer mark are something that a text asks.
_FEWEST = 3
_FEWEST_BOLD = 2
#: An answer on the line of its question; above `B:` it is the first of several choices.
_BESIDE = late(
    rf"(?<=[?？。.!！\s])[ \t]*(?:(?:A|Answer)[:：](?!.*[ ]B[:：])|{signs.ANSWERS}[:：])"
    r"[ \t]*(?=\S)"
)
_ASKED = late(r"[?？][*_]*[ \t]*$")


@dataclass(frozen=True, slots=True)
class _Question:
    line: int
    end_line: int
    number: str
    said: str
    sign: str

    @property
    def text(self) -> str:
        return self.number + self.said if self.said else ""


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each question mark, if answer marks follow any of them."""
    if not region.matching(_MAIN.question):
        yield from _together(region)
        return
    found = tuple(_marks(region, _MAIN))
    if any(mark.start for mark in found):
        yield from found
    else:
        yield from _together(region) or _unmarked(region)


def _together(region: Region) -> tuple[Mark, ...]:
    """Return the pairs of the first words that are there together, and often enough."""
    for words in _TOGETHER if _may_be(region.source.text) else ():
        found = tuple(mark for mark in _marks(region, words) if mark.start)
        if len(found) >= words.fewest:
            return found
    return ()


@lru_cache(maxsize=1)
def _may_be(text: str) -> bool:
    return bool(_MAY_BE.search(text))


def _unmarked(region: Region) -> Iterator[Mark]:
    """Yield a mark for each question, if there are several and all have text below them."""
    matches = region.matching(_MAIN.question)
    ends = [*(line - 1 for line, _ in matches[1:]), region.last]
    found = [_alone(region, *one, end) for one, end in zip(matches, ends, strict=False)]
    few = _FEWEST_BOLD if all(_is_bold(match) for _, match in matches) else _FEWEST
    if len(found) >= few and all(_has_text(region, mark) for mark in found):
        yield from found


def _alone(region: Region, line: int, match: re.Match[str], last: int) -> Mark:
    """Return a question with all lines of its paragraph, or with those up to its question mark."""
    end = next((n for n in range(line, last) if not region.source.line(n + 1).strip()), last)
    end = line if _is_bold(match) else end
    lines = range(line, end + 1)
    end = next((n for n in lines if _ASKED.search(region.source.line(n))), end)
    below = (
        region.source.line(n).strip().removeprefix(">").strip() for n in range(line + 1, end + 1)
    )
    text = " ".join((_asked(line, match).text, *below)).strip()
    return Mark(line, end, IN_TEXT, text, own=True, last=last)


def _is_bold(match: re.Match[str]) -> bool:
    """Tell whether all of the line is bold: then the question ends with it."""
    return bool(match["bold"]) and match["rest"].rstrip().endswith(match["bold"])


def _has_text(region: Region, mark: Mark) -> bool:
    return bool(mark.text) and not region.is_blank(mark.end_line + 1, mark.end(region.last))


def _marks(region: Region, words: _Words) -> Iterator[Mark]:
    if not region.matching(words.question):
        return
    question: _Question | None = None
    answered: Mark | None = None
    field = 0
    for line, text in region.lines:
        if match := words.question.match(text):
            yield from _ended(question, answered, line - 1)
            question, answered, field = _asked(line, match), None, 0
            if beside := _BESIDE.search(match["rest"]):
                question = replace(question, said=_unbold(match["rest"][: beside.start()], None))
                start = line, match.start("rest") + beside.end() + 1
                answered = Mark(line, line, IN_TEXT, question.text, own=True, start=start)
        elif question and not answered and (match := _answers(question, words, text)):
            answered = _answered(question, line, match)
            answered = replace(answered, start=(field, 1)) if field else answered
        elif question and question.said and not answered and (field or is_field(text)):
            field = field or line
        elif question and question.said and not answered and _FENCE.match(text):
            question = _with_code(region, question, line)
        elif question and not answered:
            question = _goes_on(question, line, text)
    yield from _ended(question, answered, region.last)


def _ended(question: _Question | None, answered: Mark | None, last: int) -> Iterator[Mark]:
    """Yield a question with its answer, or without one: that is for the author to know."""
    if answered:
        yield replace(answered, last=last)
    elif question and question.text:
        yield Mark(question.line, question.end_line, IN_TEXT, question.text, own=True, last=last)


def _asked(line: int, match: re.Match[str]) -> _Question:
    count = match["number"] or match["counted"] or match["nth"]
    bold = None if match["closed"] else match["bold"]
    said = _unbold(match["rest"], bold)
    number = f"问题 {count}: " if count else "问题：" if begins_with_version(said) else ""
    return _Question(line, line, number, said, match["sign"] or "")


def _answers(question: _Question, words: _Words, text: str) -> re.Match[str] | None:
    is_dotted = words is _MAIN and question.sign in (".", "、", ")", "）")
    return words.answer.match(text) or (_DOTTED.match(text) if is_dotted else None)


def _goes_on(question: _Question, line: int, text: str) -> _Question | None:
    """A question may go on over some lines; one of several paragraphs is too much."""
    text = text.strip().removeprefix(">").strip()
    if not text:
        return question
    if question.said and line > question.end_line + 1:
        return None
    return replace(question, end_line=line, said=f"{question.said} {text}".strip())


def _with_code(region: Region, question: _Question, end: int) -> _Question:
    """Return a question with the fenced code below it, which ends on a line."""
    lines = (region.source.line(line).strip() for line in range(question.end_line + 1, end))
    code = [f"`{line}`" for line in lines if line and not line.startswith(("`", "~", ">"))]
    if len(code) > _LONGEST:
        return question
    return replace(question, end_line=end, said=" ".join((question.said, *code)))


def _answered(question: _Question, line: int, match: re.Match[str]) -> Mark:
    return Mark(
        question.line,
        question.end_line,
        IN_TEXT,
        question.text,
        own=True,
        start=(line, match.start("rest") + 1),
    )


def _unbold(text: str, bold: str | None) -> str:
    """Take off the stars that began before the question mark, and those around the question."""
    text = text.strip()
    if bold and text.startswith(bold) and text.count(bold) % 2:
        text = text.removeprefix(bold)
    elif bold and text.count(bold) == 1 and _CLOSED.search(text):
        text = _CLOSED.sub("", text)
    elif bold and text.endswith(bold) and text.count(bold) % 2:
        text = text.removesuffix(bold)
    whole = re.fullmatch(r"(\*\*|__)((?:(?!\1).)+)\1", text.strip())
    return whole[2].strip() if whole else text.strip()
