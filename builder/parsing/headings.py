"""Headings of any level as questions: `# ...` to `######`, underlined, and first in list items."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import takewhile

from builder.model import Block, Source
from builder.parsing import answered, details, furniture, signs, titled
from builder.parsing.choice import is_question
from builder.parsing.document import Mark, Region
from builder.parsing.foreword import is_property
from builder.parsing.numbering import split_number
from builder.patterns import late

#: A question of its own below a heading that only counts: bold, or with a question mark.
_ASKED = late(r"\s*(?:>[ \t]*)?(?:\*\*(?P<bold>(?:(?!\*\*).)+)\*\*|(?P<text>.*\S[?？]))\s*$")
#: What `Front:` asks a pair of its own answers.
_PAIR = late(rf"\W*(?:{'|'.join(asks for asks, *_ in signs.TOGETHER)})[ \t*_]*[:：]", re.IGNORECASE)

#: What answers the heading above it.
_MARKED = late(signs.marks(rf"(?:A|{signs.ANSWERS})") + r"(?=[^\s:：])", re.IGNORECASE)
_FIRST = late(r"[*_]{0,3}A\b", re.IGNORECASE)
_SECOND = late(r"[ \t>*_-]*B[ \t]*[:：.、)]", re.IGNORECASE)

#: In lines: so far below a number its question may begin, behind properties.
_PROPERTIES = 8
#: Nothing but that an answer follows: `**Answer:**`.
_ANNOUNCED = late(rf"{signs.marks(signs.ANSWERS)}$", re.IGNORECASE)

#: In lines: a question that goes on below its heading is no longer, down to its `%`.
_LONGEST = 12
_COUNTED = late(r"\d{1,4}[.)][ \t]+\S")
_UNDER = late(r"={3,}[ \t]*$")
_ENDED = late(r"[?？!！.。:：]$")
#: Code that somebody took out, and said why: `# x = [1, 2]  # fails`.
_REMARK = late(r"[A-Za-z_][\w.]*(?:\[[^\]]*\])?[ ]*(?:=(?!=)|\()[^#]*[ ]#[ ]*\S")
#: What is no text of a question: another heading, code, a list, a table, a quote.
_NO_QUESTION = late(r"#{1,6}[ \t]|`{3}|~{3}|[-*+][ \t]|[|>$<]|!\[")
_HTML = late(
    r"^[ \t]*<h(?P<level>[1-6])\b[^<>]*>(?P<text>(?:(?!</?h[1-6]\b).){1,300}?)</h(?P=level)>",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_TAG = late(r"<[^<>]*>")
_SIGNS = late(r"[ \t]*#{1,6}[ \t]+\S")
#: What stands before a heading in a list; the number is that of the question.
_ITEM = late(r"[ \t]*(?:[-*+]|(?P<number>\d{1,4}[.)]))[ \t]+(?=#{1,6}[ \t])")


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each heading that is not inside something else.

    A comment of code that nobody fenced looks like a heading of the first level, and is none. One
    in a fold that hides an answer is a part of the answer, and so is one that only says that the
    answer is below: then the text below `### Question` asks.
    """
    marks = tuple(_headings(region))
    done = 0
    for index, mark in enumerate(marks):
        if index < done:
            continue
        if announced := _announced(region, marks, index):
            yield announced[0]
            done = index + 1 + announced[1]
            continue
        done = index + 1 + _answering(region, marks, index)
        last = marks[index + 1].line - 1 if index + 1 < len(marks) else region.last
        behind = marks[index + 1] if done > index + 1 else None
        found = _labelled(region, mark, behind, last) or _asked_below(region.source, mark)
        found = found or titled.find(region, mark, last)
        yield _marked(region, found or mark, last) if not behind else found or mark


def _answering(region: Region, marks: tuple[Mark, ...], index: int) -> int:
    """Return how many headings right behind one only say that its answer is below them.

    They stand beside `### Question` or deeper, or below a heading with nothing else below it.
    """
    mark, first = marks[index], index + 1
    level = marks[first].level if first < len(marks) else 0
    if not level:
        return 0
    below = mark.end_line + 1, marks[first].line - 1
    is_deeper = level > mark.level and region.is_blank(*below)
    if not is_deeper and (level < mark.level or not _asks_below(mark)):
        is_named = level > mark.level and titled.counts(mark)
        if not is_named or not answered.is_answer_label(marks[first].text):
            return 0
    behind = (marks[n] for n in range(first, len(marks)))
    count = sum(
        takewhile(bool, (it.level == level and answered.is_answer_label(it.text) for it in behind))
    )
    is_part = first + count < len(marks) and marks[first + count].level > mark.level
    if not count or (is_part and not _asks_below(mark)):
        return 0
    return count + _parts(marks, first + count, level, alone=_is_alone(mark, marks))


def _announced(region: Region, marks: tuple[Mark, ...], index: int) -> tuple[Mark, int] | None:
    """Return a heading with nothing but `**Answer:**` below it, and how many headings answer it.

    These are the deeper ones that follow; the heading is a question by itself.
    """
    mark, first = marks[index], index + 1
    if first >= len(marks) or marks[first].level <= mark.level or not is_question(mark):
        return None
    lines = range(mark.end_line + 1, marks[first].line)
    said = [line for line in lines if region.source.line(line).strip()]
    if len(said) != 1 or not _ANNOUNCED.match(region.source.line(said[0]).strip()):
        return None
    start = (said[0] + 1, 1)
    return replace(mark, own=True, start=start), _parts(marks, first, mark.level, alone=False)


def _is_alone(mark: Mark, marks: tuple[Mark, ...]) -> bool:
    """Tell whether a note is one card: `### Question`, on top, and all else is below it."""
    if mark != marks[0] or not answered.is_label(mark.text):
        return False
    return all(it.level >= mark.level and not answered.is_label(it.text) for it in marks[1:])


def _parts(marks: tuple[Mark, ...], first: int, level: int, *, alone: bool) -> int:
    """Return how many headings from one on are parts of the answer above them."""
    last = first
    while last < len(marks) and (alone or marks[last].level > level):
        last += 1
    return last - first


def _asks_below(mark: Mark) -> bool:
    """Tell whether a heading only announces that it is asked below it."""
    return answered.is_label(mark.text) or only_counts(mark)


def _labelled(region: Region, mark: Mark, answer: Mark | None, last: int) -> Mark | None:
    """Return `### Question` with the text below it, down to its answer or the fold around it."""
    if answer and region.is_blank(mark.end_line + 1, last):
        end, start = answer.end_line, (answer.end_line + 1, 1)
        return replace(mark, end_line=end, own=True, start=start)
    if not _asks_below(mark):
        is_named = answer and titled.counts(mark)
        if not is_named or not titled.asks(region, mark.end_line + 1, last):
            return None
    body = region.part(mark.end_line + 1, last)
    folds = () if answer else tuple(details.find(body))
    hidden = () if answer else tuple(details.answers(body))
    if not answer and (len(folds) != 1 or len(hidden) != 1):
        return None
    asked = answered.said(region, body.first, hidden[0].start - 1 if hidden else last)
    if not asked:
        return None
    question = asked if answered.is_label(mark.text) else titled.joined(mark, asked)
    if answer:
        end, start = answer.end_line, (answer.end_line + 1, 1)
        return replace(mark, end_line=end, text=question, own=True, start=start)
    return replace(folds[0], line=mark.line, level=mark.level, text=question)


def _marked(region: Region, mark: Mark, last: int) -> Mark:
    """Return a heading whose answer begins with `A:` or the like as a question answered behind it.

    `A:` above `B:` is the first of several choices.
    """
    below = next(
        (n for n in range(mark.end_line + 1, last + 1) if region.source.line(n).strip()), 0
    )
    match = _MARKED.match(region.source.line(below)) if below and not mark.start else None
    if not match or (_FIRST.match(match.string) and _has_choices(region, below, last)):
        return mark
    return replace(mark, start=(below, match.end() + 1), own=True)


def _has_choices(region: Region, first: int, last: int) -> bool:
    return any(_SECOND.match(region.source.line(n)) for n in range(first + 1, last + 1))


def only_counts(mark: Mark) -> bool:
    """Tell whether a heading is nothing but a number: `## Question 4`, `## 4.`."""
    number, title = split_number(mark.text)
    return number is not None and not re.search(r"[^\W_]", title)


def _headings(region: Region) -> Iterator[Mark]:
    found = tuple(_with_tags(region, mark) for mark in _of_blocks(region))
    under, html = tuple(_underlined(region)), tuple(_of_html(region))
    if found or under:
        html = tuple(mark for mark in html[:1] if mark.level == 1)
        html = tuple(replace(m, asks=False) for m in html if m.line < (*found, *under)[0].line)
    if under or html:
        yield from sorted((*found, *under, *html), key=lambda mark: mark.line)
    else:
        yield from found


def _with_tags(region: Region, mark: Mark) -> Mark:
    """Return a heading with the tags right below it, if they say that it is a card."""
    below = region.source.line(mark.end_line + 1) if mark.end_line < region.last else ""
    if "#" not in below or not furniture.is_tags(below) or not furniture.asks(tuple(below.split())):
        return mark
    text = f"{mark.text} {below.strip()}"
    return replace(mark, end_line=mark.end_line + 1, text=text, own=True)


def _of_html(region: Region) -> Iterator[Mark]:
    """Yield a mark for each `<h2>` at the beginning of a line.

    Beside headings of Markdown it is only the title above them.
    """
    if not region.text.holds(("<h",)):
        return
    for block in region.blocks:
        if block.kind != "html" or "<summary" in block.text:
            continue
        for match in _HTML.finditer(block.text):
            text = " ".join(_TAG.sub("", match["text"]).split())
            first = block.span.line + block.text.count("\n", 0, match.start())
            last = first + match[0].count("\n")
            if text:
                yield Mark(first, last, int(match["level"]), text, own=True)


def _underlined(region: Region) -> Iterator[Mark]:
    """Yield a mark for each `2. Views` with `====` below it, which Markdown takes for an item."""
    for line, match in region.matching(_COUNTED):
        if _UNDER.match(region.source.line(line + 1)):
            yield Mark(line, line + 1, 1, match.string.strip(), own=True)


def _of_blocks(region: Region) -> list[Mark]:
    found: list[Mark] = []
    hidden = {line for fold in details.answers(region) for line in fold}
    in_items = _begin_items(region)
    for block in region.blocks:
        line = block.span.line
        if line in hidden or region.is_code(line):
            continue
        if block.kind == "heading" and not (block.level == 1 and _REMARK.match(block.text)):
            mark = Mark(line, block.span.end_line, block.level, block.text.strip())
            found.append(_answered_below(region, mark) or _divided(region, mark) or mark)
        elif block.kind == "list" and in_items:
            found += _in_items(region.source, block)
        elif block.kind == "list" and found and (behind := _behind(region, block, found[-1].level)):
            found[-1] = replace(found[-1], own=True)
            found += behind
    return found


def _behind(region: Region, block: Block, level: int) -> tuple[Mark, ...]:
    """Return the headings that an indent has brought into the last item of a list.

    The first of them is as high as the heading above the list, so that it ends what is below that;
    one that is deeper, or in another item, is a part of the item.
    """
    *others, last = block.children or (block,)
    heads = [it for it in last.children[1:] if it.kind == "heading" and _stands_out(region, it)]
    if not heads or any(it.kind == "heading" for item in others for it in item.children):
        return ()
    if heads[0].level > level:
        return ()
    return tuple(_brought(region.source, head) for head in heads)


def _stands_out(region: Region, block: Block) -> bool:
    """Tell whether a heading stands behind a blank line, and is no comment of a program."""
    line = block.span.line
    if region.source.line(line - 1).strip() or region.is_code(line):
        return False
    is_comment = block.level == 1 and bool(region.source.line(line + 1).strip())
    return not is_comment and bool(_SIGNS.match(region.source.line(line)))


def _brought(source: Source, head: Block) -> Mark:
    line = head.span.line
    text = source.line(line).expandtabs(4)
    width = len(text) - len(text.lstrip())
    return Mark(line, line, head.level, head.text.strip(), own=True, indent=width)


def _begin_items(region: Region) -> bool:
    """Tell whether headings begin items of lists: several, and in a numbered list most of them."""
    headed = 0
    for block in region.blocks:
        if block.kind != "list":
            continue
        some = sum(1 for _ in _in_items(region.source, block))
        is_counted = bool(_COUNTED.match(region.source.line(block.span.line).lstrip()))
        headed += some if not is_counted or some * 2 >= len(block.children) else 0
    return headed > 1


@lru_cache(maxsize=1)
def _is_divided(text: str) -> bool:
    return bool(re.search(r"\n%[ \t]*\n", text))


def _divided(region: Region, mark: Mark) -> Mark | None:
    """Return a heading that asks together with the text down to a line of nothing but `%`."""
    source = region.source
    if not _is_divided(source.text):
        return None
    asked: list[str] = []
    for line in range(mark.end_line + 1, min(region.last, mark.end_line + _LONGEST) + 1):
        text = source.line(line).strip()
        if text == "%" and not source.line(line - 1).strip() and not source.line(line + 1).strip():
            divider = " " if _ENDED.search(mark.text) else ": "
            question = divider.join([mark.text, " ".join(asked)]) if asked else mark.text
            return Mark(mark.line, line, mark.level, question, own=True)
        if _NO_QUESTION.match(text):
            return None
        asked += [text] if text else []
    return None


def _in_items(source: Source, block: Block) -> Iterator[Mark]:
    """Yield a mark for each item that begins with a heading, `1. ### What is it?`."""
    for item in block.children:
        first = item.children[0] if item.children else None
        match = _ITEM.match(source.line(first.span.line)) if first else None
        if first and match and first.kind == "heading" and first.text.strip():
            line, text = first.span.line, (match["number"] or "") + first.text.strip()
            width = len(match[0].expandtabs(4))
            yield Mark(line, line, first.level, text, own=True, indent=width)


def _answered_below(region: Region, mark: Mark) -> Mark | None:
    """Return `## Question 4` with all that is asked below it, down to what is marked as answer."""
    number, title = split_number(mark.text)
    if title or not number:
        return None
    found = answered.below(region, mark.end_line + 1, region.last)
    if not found:
        return None
    asked, start = found
    return Mark(
        mark.line, start[0] - 1, mark.level, titled.joined(mark, asked), own=True, start=start
    )


def _asked_below(source: Source, mark: Mark) -> Mark | None:
    """Return `## Question 4` with the question that stands on the first line below it."""
    number, title = split_number(mark.text)
    if title or not number:
        return None
    lines = range(mark.end_line + 1, mark.end_line + _PROPERTIES)
    said = (n for n in lines if source.line(n).strip() and not is_property(source.line(n)))
    below = next(said, 0)
    match = _ASKED.match(source.line(below)) if below else None
    if not match or _PAIR.match(match.string):
        return None
    question = (match["bold"] or match["text"]).strip()
    return Mark(mark.line, below, mark.level, titled.joined(mark, question), own=True)
