"""Plain text without headings, where `7. what is asked` on a line of its own is a question.

The numbers must run on through the file; one may come twice, and a few may be missing. Steps inside
an answer, which begin at 1 again, stay in it. A question stands between blank lines. Where lines
with a question mark are numbered, or many lines from the top of a note, their answers may also
begin right below. Where all have a question mark, the numbers may begin again, and the line above
each first is context. Keys with numbers on them, `1️⃣`, need no blank lines. Numbers in brackets,
`(7)`, are those of questions where nearly all such lines have a question mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from builder.parsing import answered
from builder.parsing.document import IN_TEXT, Mark, Region
from builder.parsing.numbering import split_number
from builder.patterns import late

#: A number, or stars that may stand before one.
_SIGN = late(r"(?: |\u3000{0,4})\d|\*\*")
_LINE = late(
    r"(?: |\u3000{0,4})(?P<number>\d{1,4})\\?(?P<sign>[.．](?!\d)|[、)）])"
    r"(?P<space>[ \t\u3000\xa0]*)(?P<text>\S.*)?$"
)
#: As word processors write it: `**3****、What is it?**`.
_BOLD = late(r"\*\*(?P<text>(?:(?!\*\*).)+)\*\*")
#: `● `: what stands before questions in place of a number; `1️⃣`: a key with one on it.
_ORNAMENT = r"[●◆★■▶►▲◇☆※◎][ \t\u3000]*"
#: Around a question; inside it they are what is asked about.
_ORNAMENTS = late(
    rf"^(?P<number>\d{{1,4}}[.．、)）][ \t\u3000]*)?(?:{_ORNAMENT})+|(?:{_ORNAMENT})+$"
)
_KEY = late(rf"(?:(?:(?:[0-9]\ufe0f?\u20e3)+|\U0001f51f)[ \t]*|{_ORNAMENT})\S")
_BRACKETS = late(r"[（(][ ]?\d{1,3}[ ]?[)）][ \t\u3000]*\S")
_INDENTED = late(r"(?: {2,8}|\t)(?=\S)")
#: A question mark, or room for the letter of a choice: `Which of these is true? ( )`.
_ASKS = late(r"(?:[?？][\s)）”\"]*(?:【[^【】]{1,16}】\s*)?|[(（][\s\u3000_]*[)）][\s.。:：]*)$")
_ONE = ("1", "1️⃣")
#: A name of what follows is no sentence.
_ENDS = late(r"[.。!！?？;；,，]$")

#: Fewer lines than this are a list in a text, not a list of questions.
_FEWEST = 3
#: So many lines of a note, from its top, are what it consists of.
_MANY = 8
#: More numbers than this are not missing by mistake.
_GAP = 3


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each numbered line that goes on where the one before left off."""
    lines = tuple(_numbered_lines(region))
    asking = _asking(region, lines)
    if not lines and not asking:
        yield from _in_brackets(region)
        return
    found = tuple(_run([(*one, True) for one in lines if _stands_alone(region, one[0])]))
    standing = [(*one, _stands(region, *one)) for one in lines]
    closer, longest = tuple(_run(standing)), _longest(standing)
    if len(longest) >= _MANY and len(longest) * 2 > len(closer) * 3:
        closer = longest
    if len(closer) > len(found) and _is_whole(region, closer):
        found = closer
    found = asking if len(asking) > len(found) else found
    every = tuple(line for line, _ in lines)
    if len(every) > len(found) and _counts_through([number for _, number in lines]):
        is_asked = _most_ask(region, every) and _have_answers(region, every)
        found = every if is_asked else found
    if _are_enough(region, found) and (_most_ask(region, found) or _have_answers(region, found)):
        marks = _marks(region, found)
        yield from _with_names(region, marks) if found == asking else marks
    else:
        yield from _in_brackets(region)


def few(region: Region) -> Iterator[Mark]:
    """Yield a mark for each of the numbered questions that a text begins with, be it one alone.

    That is too little for a note, but not for one of several chapters that are written so.
    """
    lines = tuple(_numbered_lines(region))
    if not lines:
        return
    found = tuple(line for line, _ in lines)
    if not all(_asks(region, line) for line in found):
        return
    run_on = all(b == a + 1 for (_, a), (_, b) in pairwise(lines))
    if run_on and region.is_blank(region.first, found[0] - 1):
        yield from _marks(region, found)


def _are_enough(region: Region, found: tuple[int, ...]) -> bool:
    """Tell whether there are several; two will do if both have a question mark and an answer.

    One question mark is enough where the text begins with the first of them.
    """
    if len(found) != _FEWEST - 1:
        return len(found) >= _FEWEST
    ends = (found[1] - 1, region.last)
    begins = region.is_blank(region.first, found[0] - 1)
    asking = [_asks(region, line) for line in found]
    return (any(asking) if begins else all(asking)) and not any(
        region.is_blank(line + 1, end) for line, end in zip(found, ends, strict=True)
    )


def _in_brackets(region: Region) -> Iterator[Mark]:
    """Yield a mark for each line with a number in brackets that stands alone, if most ask."""
    matches = (line for line, _ in region.matching(_BRACKETS))
    found = tuple(line for line in matches if _stands_alone(region, line))
    asking = sum(_asks(region, line) for line in found)
    if len(found) >= _FEWEST and (asking * 4 >= len(found) * 3 or _begin(region, found)):
        yield from _marks(region, found)


def _begin(region: Region, found: tuple[int, ...]) -> bool:
    """Tell whether a note begins with the first of some lines, and their numbers count through."""
    numbers = [int(re.sub(r"\D", "", region.source.line(line)[:6])) for line in found]
    is_first = region.is_blank(region.first, found[0] - 1)
    return is_first and _counts_through(numbers) and _have_answers(region, found)


def _asking(region: Region, lines: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    """Return the lines with keys, or those with numbers, if all of them have a question mark."""
    keys = tuple(line for line, _ in region.matching(_KEY) if _asks(region, line))
    if len(keys) >= _FEWEST:
        return keys
    found = tuple(line for line, number in lines if _stands(region, line, number))
    return found if all(_asks(region, line) for line in found) else ()


def _with_names(region: Region, marks: tuple[Mark, ...]) -> Iterator[Mark]:
    """Yield questions with what names each stretch of them, if all stretches have a name."""
    firsts = [mark.line for mark in marks if split_number(mark.text)[0] in _ONE]
    names = {line: _name(region, line) for line in firsts}
    is_named = len(names) > 1 and all(names.values())
    for mark in marks:
        if is_named and (name := names.get(mark.line)):
            yield name
        yield mark


def _name(region: Region, line: int) -> Mark | None:
    """Return the line above a question, a paragraph of its own or right above, as context."""
    above = line - 1 if region.source.line(line - 1).strip() else line - 2
    text = region.source.line(above).strip() if above >= region.first else ""
    is_alone = above <= region.first or not region.source.line(above - 1).strip()
    if not text or _ENDS.search(text) or not (is_alone or above == line - 1):
        return None
    return Mark(above, above, IN_TEXT - 1, text, asks=False)


def _asks(region: Region, line: int) -> bool:
    return bool(_ASKS.search(_unbold(region.source.line(line))))


def _have_answers(region: Region, found: tuple[int, ...]) -> bool:
    """Tell whether something stands below two in five; a list of things has nothing below them."""
    empty = sum(region.is_blank(line + 1, behind - 1) for line, behind in pairwise(found))
    return empty * 5 <= (len(found) - 1) * 3


def _most_ask(region: Region, found: tuple[int, ...]) -> bool:
    return sum(_asks(region, line) for line in found) * 2 >= len(found)


def _is_whole(region: Region, found: tuple[int, ...]) -> bool:
    """Tell whether most lines ask, or there are many and the note begins with them."""
    if _most_ask(region, found):
        return True
    return len(found) >= _MANY and region.said(region.first, found[0] - 1) <= 1


def _run(lines: list[tuple[int, int, bool]]) -> Iterator[int]:
    """Yield the lines whose numbers run on, and leave out lists that begin at 1 among them.

    With each line comes its number, and whether it may ask wherever it stands; where no list has
    begun, one with the number that is expected may as well. A list of lines right below each other
    ends where a line stands apart.
    """
    last = {number: line for line, number, may_ask in lines if may_ask}
    expected, step = None, None
    above, is_tight = 0, False
    for line, number, may_ask in lines:
        is_next = number == expected
        comes_again = last.get(number, 0) > line and not (is_tight and line > above + 1)
        is_tight, above = line == above + 1, line
        if step == number and (not is_next or comes_again or not may_ask):
            step += 1
        elif (is_next and not step) or (
            may_ask and (is_next or expected is None or _skips(last, line, number, expected))
        ):
            expected, step = number + 1, None
            yield line
        elif number == 1:
            step = 2
        elif may_ask and not step and expected and number == expected - 1:
            yield line


def _longest(lines: list[tuple[int, int, bool]]) -> tuple[int, ...]:
    """Return the lines of the longest run through a note, whatever lists begin at 1 among them.

    Of two runs of one length it is that with more lines that may ask wherever they stand, and that
    goes on less often in the middle of a list. It is best to begin where the numbers do.
    """
    best: dict[int, tuple[float, int]] = {}
    before: list[int] = []
    for index, (_, number, may_ask) in enumerate(lines):
        worth = 1.0 if may_ask else 0.3
        score, above = (worth if index else worth + 1, -1)
        for step in range(1, _GAP + 2):
            so_far, end = best.get(number - step, (0.0, -1))
            is_of_other = index > 0 and lines[index - 1][1] == number - 1 and end != index - 1
            gained = so_far + worth - 0.4 * (step - 1) - 0.25 * is_of_other
            if end >= 0 and gained > score:
                score, above = gained, end
        before.append(above)
        is_first = number in best and above < 0
        if number not in best or (score >= best[number][0] and not is_first):
            best[number] = score, index
    at = max(best.values(), default=(0.0, -1))[1]
    found: list[int] = []
    while at >= 0:
        found.append(lines[at][0])
        at = before[at]
    return tuple(reversed(found))


def _skips(last: dict[int, int], line: int, number: int, expected: int) -> bool:
    """Tell whether the few numbers that are left out come nowhere below."""
    missing = range(expected, number)
    return 0 < len(missing) <= _GAP and all(last.get(one, 0) < line for one in missing)


def _numbered_lines(region: Region) -> Iterator[tuple[int, int]]:
    """Yield the numbered lines; where those of the first sign count through, no others."""
    found = [
        (line, match, "**" if text.startswith("**") else "")
        for line, text in ((line, match.string) for line, match in region.matching(_SIGN))
        if (match := _LINE.match(_unbold(text)))
    ]
    if not found:
        return
    signed = [(line, _sign(match), int(match["number"])) for line, match, _ in found]
    starred = [(line, stars + _sign(match), int(match["number"])) for line, match, stars in found]
    for line, _, number in _of_first(signed) or _of_first(starred) or signed:
        yield line, number


def _of_first(lines: list[tuple[int, str, int]]) -> list[tuple[int, str, int]]:
    """Return the lines with the sign of the first, if they count through, farther than others."""
    numbers: dict[str, list[int]] = {}
    for _, sign, number in lines:
        numbers.setdefault(sign, []).append(number)
    first = next(iter(numbers), "")
    longest = [sign for sign, counted in numbers.items() if _counts_through(counted)]
    if first not in longest:
        return []
    if any(len(numbers[sign]) >= len(numbers[first]) for sign in longest if sign != first):
        return []
    return [line for line in lines if line[1] == first]


def _sign(match: re.Match[str]) -> str:
    """Return what stands behind a number: `1. ` is another sign than `1.`, where text follows."""
    return match["sign"] + (" " if match["space"] or not match["text"] else "")


def _counts_through(numbers: list[int]) -> bool:
    return len(numbers) >= _FEWEST and numbers == list(range(1, len(numbers) + 1))


def _unbold(text: str) -> str:
    """Return a line without the stars around it, and those that end here and begin again."""
    if not text.startswith("**"):
        return text
    whole = _BOLD.fullmatch(text.replace("****", "").rstrip())
    return whole["text"] if whole else text


def _stands_alone(region: Region, line: int) -> bool:
    """A question has a blank line before it, unless it begins the file, and one behind it."""
    if line > region.first and region.source.line(line - 1).strip():
        return False
    is_over = not region.source.line(line + 1).strip()
    return is_over or bool(_indent(region, line) and _asks(region, line))


def _stands(region: Region, line: int, number: int) -> bool:
    """Tell whether a line may ask what stands right below it; a note may begin with its name."""
    below = region.source.line(line + 1).strip() if line < region.last else ""
    if (next_ := _LINE.match(below)) and int(next_["number"]) == number + 1:
        return False
    is_first = line == region.first + 1 or not region.source.line(line - 1).strip()
    return is_first or bool(below and _asks(region, line))


def _indent(region: Region, line: int) -> int:
    """Return how far the line below a question is indented."""
    match = _INDENTED.match(region.source.line(line + 1)) if line < region.last else None
    return len(match[0].expandtabs(4)) if match else 0


def _marks(region: Region, found: tuple[int, ...]) -> tuple[Mark, ...]:
    ends = (*(line - 1 for line in found[1:]), region.last)
    return tuple(_mark(region, line, end) for line, end in zip(found, ends, strict=True))


def _mark(region: Region, line: int, last: int) -> Mark:
    text = _ORNAMENTS.sub(r"\g<number>", _unbold(region.source.line(line).strip()))
    below = next((n for n in range(line, last) if region.source.line(n + 1).strip()), line)
    mark = Mark(line, line, IN_TEXT, text, own=True, indent=_indent(region, below))
    return answered.with_choices(region, mark, last)
