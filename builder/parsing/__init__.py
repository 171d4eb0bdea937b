"""Source to note: the cards and snippets in it, and what is wrong with how it is written.

Each way of writing notes is a file of its own here, with a function `find`, and one entry in a
tuple below. Headings come first. In a note without any, and below a heading whose text is made of
nothing else, the first of the other ways that finds something is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from builder import markdown
from builder.config import FrontMatter
from builder.model import Note, Problem, Section, Source
from builder.parsing import (
    admonitions,
    allowing,
    asked,
    beside,
    bold,
    chapters,
    choice,
    clozes,
    counted,
    details,
    divided,
    enclosed,
    fences,
    furniture,
    gaps,
    headings,
    indented,
    items,
    labelled,
    numbered,
    one_line,
    pairs,
    part,
    quizzes,
    quoted,
    rows,
    ruled,
    tagged,
    titled,
)
from builder.parsing.document import Mark, Region, Style
from builder.parsing.foreword import is_contents, is_field, is_foreword
from builder.parsing.one_line import is_of_flashcards
from builder.parsing.sections import sections
from builder.plain import plain

#: Ways that may be met below a heading too: each says both where the question and the answer are.
PAIRS: tuple[Style, ...] = (
    tagged.find,
    enclosed.find,
    details.find,
    admonitions.find,
    pairs.find,
    divided.find,
    one_line.find,
)

#: Ways that a whole note is written in, or no part of it: an answer goes on to the next question.
LISTS: tuple[Style, ...] = (
    bold.find,
    items.find,
    numbered.find,
    quizzes.find,
    labelled.find,
    quoted.find,
    indented.find,
    asked.find,
)


#: So many cards make up for a line among them that is none.
_FEW = 4
#: Of so many that one alone has something below it, this was said of the question.
_MANY = 10
#: Fewer questions in a list below a heading are a part of its answer.
_FEWEST = 3


def parse(
    source: Source,
    front: FrontMatter = FrontMatter(),
    is_missing: Callable[[str], bool] = lambda _url: False,
) -> tuple[Note, tuple[Problem, ...]]:
    """Return the note that a source says, and every problem in it, in the order of the file.

    `is_missing` tells whether the file of an image, as the note writes it, is not there.
    """
    region = Region.of(source, front.end_line + 1)
    marks = ruled.ended(region, tuple(_marks(region, front.cards)))
    found = sections(region, marks, front, is_missing)
    title = front.title or _title(found) or _stem(source)
    note = Note(source, title, found, front.tags, front.deck, front.language, front.lint_off)
    note = replace(note, verifying=front.verify, allowed=tuple(allowing.find(source, found)))
    held_back = (section.held_back for section in found if section.held_back)
    problems = (
        *held_back,
        *fences.unclosed(source),
        *fences.dense(region),
        *fences.deep(region),
        *details.unclosed(region),
        *clozes.broken(region),
        *(
            problem
            for section in found
            for problem in rows.unanswered(source, section, front.cards)
        ),
    )
    return note, tuple(sorted(problems, key=lambda problem: problem.span))


def images(note: Note) -> tuple[str, ...]:
    """Return the addresses of the images and sounds that a note shows, as it writes them."""
    return markdown.images(block for section in note.sections for block in section.blocks)


def _marks(region: Region, named: tuple[str, ...]) -> Iterator[Mark]:
    heads = gaps.filled(region, counted.pointed(tuple(headings.find(region))))
    heads = tuple(choice.chosen(heads, named))
    if not named:
        is_deck = is_of_flashcards(region.source.text) and any(region.marks(_pairs))
        if is_deck:
            heads = tuple(_not_of_decks(region, heads))
        heads = tuple(choice.tagged(heads, tuple(tagged.find(region))))
        if is_deck:
            heads = tuple(replace(head, asks=choice.is_tagged(head)) for head in heads)
    in_text = not named or "pairs" in named
    heads = () if in_text and _are_comments(region, heads) else heads
    if in_text and len(heads) < 2:
        heads = chapters.below(heads[0], region) if heads else region.marks(chapters.find)
    if not heads:
        yield from _without_headings(region) if in_text else ()
        return
    above = region.part(region.first, heads[0].line - 1)
    if in_text and not above.is_blank(above.first, above.last):
        yield from beside.joined(above, above.marks(_pairs), _in_order(above))
    bodies = [region.part(head.end_line + 1, end) for head, end in region.extents(heads)]
    lists = tuple(_written_in(heads, bodies))
    styles = (_pairs, *lists) if in_text else ()
    few = _few(heads, bodies) if in_text else {}
    for head, body in zip(heads, bodies, strict=True):
        tries = (_whole(find, head, body) if head.asks else body.marks(find) for find in styles)
        found = next(filter(None, tries), ()) or (_listed(head, body) if in_text else ())
        found = found or few.get(head.line, ())
        if len(found) == 1 and _is_counted(head, body, found[0]):
            mark = found[0]
            yield replace(
                mark, line=head.line, level=head.level, text=titled.joined(head, mark.text)
            )
            continue
        leads = found and not body.is_blank(body.first, found[0].line - 1)
        yield replace(head, asks=False) if leads else head
        yield from _closed(body, found)


def _are_comments(region: Region, heads: tuple[Mark, ...]) -> bool:
    """Tell whether headings are comments of code in a note that is a long list of questions.

    The note begins with the list, few of its lines look like headings, and code stands beside each.
    """
    if not heads or len(heads) > _MANY or any(head.level > 2 for head in heads):
        return False
    if region.is_blank(region.first, heads[0].line - 1):
        return False
    beside = (region.source.line(h.line - 1) + region.source.line(h.end_line + 1) for h in heads)
    if not all(map(str.strip, beside)):
        return False
    lines = region.marks(numbered.find)
    begins = len(lines) >= _MANY and region.said(region.first, lines[0].line - 1) <= 1
    return begins and lines[0].line < heads[0].line and len(heads) * _FEW < len(lines)


def _without_headings(region: Region) -> tuple[Mark, ...]:
    """Return the questions of a note, or of a part of it, that has no headings."""
    lists = _in_order(region)
    if pairs := region.marks(_pairs):
        return _closed(region, beside.joined(region, pairs, lists))
    styles = (*lists, bold.titles, asked.captions)
    return _closed(region, next(filter(None, map(region.marks, styles)), ()))


def _not_of_decks(region: Region, heads: tuple[Mark, ...]) -> Iterator[Mark]:
    """Yield headings, without the tag where it is of the deck: `# Loss #flashcards` above pairs."""
    for head, end in region.extents(heads):
        is_deck = choice.names_deck(head) and region.part(head.end_line + 1, end).marks(_pairs)
        yield replace(head, text=furniture.without_tags(head.text)[0]) if is_deck else head


def _in_order(region: Region) -> tuple[Style, ...]:
    """Return the lists, numbered lines first where these ask and the bold ones do not.

    So they are where a note begins with many of them, and with no bold one.
    """
    lines, captions = region.marks(numbered.find), region.marks(bold.find)
    if not lines or not captions or captions[0].line < lines[0].line or _ask(captions):
        return LISTS
    begins = len(lines) > _FEW and region.said(region.first, lines[0].line - 1) <= 1
    if not begins and not _ask(lines):
        return LISTS
    return (numbered.find, *(find for find in LISTS if find is not numbered.find))


def _ask(marks: tuple[Mark, ...]) -> bool:
    """Tell whether most marks ask something by themselves."""
    return sum(map(choice.is_question, marks)) * 2 > len(marks)


def _is_counted(head: Mark, body: Region, mark: Mark) -> bool:
    """Tell whether a heading only counts the one question below it: `### Card 3`."""
    return headings.only_counts(head) and body.is_blank(body.first, mark.line - 1)


def _closed(region: Region, found: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """Return marks; where of several only one has an answer, what follows it is none either."""
    if len(found) <= _FEW or any(mark.last for mark in found):
        return found
    full = _full(region, found)
    if sum(full) > 1 or (any(full[:-1]) and len(found) < _MANY):
        return found
    return tuple(replace(mark, last=mark.end_line) for mark in found)


def _full(region: Region, marks: tuple[Mark, ...]) -> list[bool]:
    """Tell of each mark whether something is said between it and the next."""
    return [not region.is_blank(mark.end_line + 1, end) for mark, end in region.extents(marks)]


def _pairs(region: Region) -> Iterator[Mark]:
    """Yield what all ways together find; one that begins inside another is a part of it.

    Only an answer without an end, `A: ...`, ends where another way of asking begins a paragraph.
    """
    found = sorted(
        ((mark, find is pairs.find) for find in PAIRS for mark in region.marks(find)),
        key=lambda one: one[0].line,
    )
    kept: list[Mark] = []
    is_open = False
    for mark, goes_on in found:
        if kept and mark.line <= kept[-1].end(otherwise=kept[-1].end_line):
            if not is_open or goes_on or not region.is_blank(mark.line - 1, mark.line - 1):
                continue
            kept[-1] = replace(kept[-1], last=mark.line - 1)
        kept.append(mark)
        is_open = goes_on
    yield from kept


def _written_in(heads: tuple[Mark, ...], bodies: list[Region]) -> Iterator[Style]:
    """Yield the lists for which the headings of a note ask nothing: below most one begins at once.

    The others may be a foreword or a conclusion, but no questions.
    """
    found = [find for find in LISTS if any(body.marks(find) for body in bodies)]
    if not found:
        return
    both = zip(heads, bodies, strict=True)
    full = [(h, b) for n, (h, b) in enumerate(both) if not _says_nothing(b, is_first=not n)]
    without = [(head, body) for head, body in full if not _whole(_pairs, head, body)]
    for find in found:
        other = [head for head, body in without if not _whole(find, head, body)]
        if len(full) > len(other) * 2 and not any(map(choice.is_question, other)):
            yield find


def _says_nothing(body: Region, *, is_first: bool) -> bool:
    if body.is_blank(body.first, body.last) or is_contents(body.blocks):
        return True
    return is_first and is_foreword(body.blocks)


def _whole(find: Style, head: Mark, body: Region) -> tuple[Mark, ...]:
    """Return the marks of a style if a body is made of them and of nothing else.

    A paragraph may lead to several, and a line in four be none, below a heading that asks nothing
    itself. One fold alone below a heading is how authors hide the answer of the heading, and a list
    in which nothing asks answers a heading that does.
    """
    found = body.marks(find)
    if not found:
        return ()
    done = body.first - 1
    last = found[0].line - 1 if not choice.is_question(head) else done
    if (len(found) > 1 and _leads(body, last)) or _are_fields(body, last):
        done = last
    spare = 0 if choice.is_question(head) else len(found) // _FEW
    for first, mark in zip((done, *(it.end(body.last) for it in found)), found, strict=False):
        spare -= body.said(first + 1, mark.line - 1)
    spare -= body.said(found[-1].end(body.last) + 1, body.last)
    is_answer = len(found) == 1 and found == body.marks(details.find)
    is_answer = is_answer and (choice.is_question(head) or not choice.is_question(found[0]))
    if len(found) == 1 and choice.is_question(head):
        is_answer = is_answer or found == body.marks(admonitions.find)
    if find in LISTS and choice.is_question(head):
        is_answer = not any(map(choice.is_question, found))
    return () if is_answer or spare < 0 else found


def _listed(head: Mark, body: Region) -> tuple[Mark, ...]:
    """Return the questions of a list below a heading that asks nothing.

    Whatever the other headings of the note are: `## Interview questions` at its end is such a one.
    """
    for find in () if choice.is_question(head) or not head.asks else LISTS:
        found = _whole(find, head, body)
        if len(found) < _FEWEST:
            continue
        asking = (
            _asks_at_all(mark) and (is_full or bool(mark.start))
            for mark, is_full in zip(found, _full(body, found), strict=True)
        )
        if sum(asking) * _FEW >= len(found) * 3:
            return found
    return ()


def _asks_at_all(mark: Mark) -> bool:
    """Tell whether a question mark is anywhere in a line: `What is it? Explain.`"""
    return choice.is_question(mark) or "?" in mark.text or "？" in mark.text


def _few(heads: tuple[Mark, ...], bodies: list[Region]) -> dict[int, tuple[Mark, ...]]:
    """Return the questions of chapters that hold one or two, by the line of the heading.

    Several must be written so, and most of these questions have an answer.
    """
    return _few_of(numbered.few, heads, bodies) or _few_of(bold.few, heads, bodies)


def _few_of(
    find: Style, heads: tuple[Mark, ...], bodies: list[Region]
) -> dict[int, tuple[Mark, ...]]:
    found: dict[int, tuple[Mark, ...]] = {}
    full = 0
    for head, body in zip(heads, bodies, strict=True):
        marks = () if choice.is_question(head) or not head.asks else body.marks(find)
        said = _full(body, marks) if marks else []
        if any(said):
            found[head.line], full = marks, full + sum(said)
    total = sum(map(len, found.values()))
    return found if len(found) >= _FEWEST and full * 3 >= total * 2 else {}


def _are_fields(body: Region, last: int) -> bool:
    """Tell whether lines above a question are nothing but fields, as exports have them."""
    lines = (body.source.line(line) for line in range(body.first, last + 1))
    return all(not line.strip() or is_field(line) for line in lines)


def _leads(body: Region, last: int) -> bool:
    """Tell whether lines hold a paragraph, or end in a colon: they lead to what follows."""
    blocks = body.part(body.first, last).blocks
    if len(blocks) > 1 and part.leads(blocks[-1]):
        return True
    return sum(b.kind == "paragraph" for b in blocks) == 1 and all(
        block.kind in ("paragraph", "html", "rule") for block in blocks
    )


def _title(found: tuple[Section, ...]) -> str:
    """Return the one heading of the first level that asks nothing, if a note has such a one."""
    tops = [section for section in found if section.level == 1]
    return plain(tops[0].title) if len(tops) == 1 and not tops[0].card else ""


def _stem(source: Source) -> str:
    return re.sub(r" [0-9a-f]{32}$", "", source.name.rsplit("/", 1)[-1].rsplit(".", 1)[0])
