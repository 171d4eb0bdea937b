"""Marks to sections: what stands under each, what stands above it, and whether it is a card."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from builder import markdown
from builder.config import FrontMatter
from builder.model import Block, Card, Section, Source, Span
from builder.parsing import clozes, furniture, outputs, rows, snippets
from builder.parsing.choice import is_question
from builder.parsing.code import looks_like_prose
from builder.parsing.document import IN_TEXT, Mark, Region
from builder.parsing.foreword import (
    is_foreword,
    is_history,
    is_links,
    is_properties,
    only_lists,
    title_key,
)
from builder.parsing.holding import only_asks, why_held_back
from builder.parsing.numbering import asks_by_number, behind_label, named, without_label
from builder.parsing.part import Find
from builder.patterns import late
from builder.plain import plain

#: What in a section makes cards by itself.
PARTS: tuple[Find, ...] = (rows.find, outputs.find)

_ID = late(r"<!--\s*id:\s*(?P<id>\S+)\s*-->")
#: So many questions below a title are a list of them.
_FEWEST = 3
#: More than any line is indented by.
_ANY = 1000
_COMMENT = late(r"<!--.*?-->|%%[^%\n]+%%\s*$")
_ALL_HIDDEN = late(_COMMENT.pattern, re.DOTALL)
#: A question with the call of a footnote would be another question.
_CALL = late(r"(?<=\S)[ ]?\[\^[^\[\]\s]+\]")
_OPENS = late(r" {0,3}:{3,}[ \t]*\{?[\w-]")
_HR = late(r"\s*<hr\b[^<>]*>\s*$", re.IGNORECASE)
_WORD = late(r"[^\W_]|[$`\[<]")
#: What Notion writes behind the name of a page.
_EXPORTED = late(r"(?<=\S) [0-9a-f]{32}$")
#: Behind a heading: its id and classes, `{#views .wide}`, and the sign that links to it.
_ATTRIBUTES = late(r"(?<=\S)[ \t]*(?:\{:?[ \t]*[#.][\w-]+[^{}]*\}|\[[¶#]\]\([#][^()]*\)|¶)[ \t]*$")


@dataclass(frozen=True, slots=True)
class _Part:
    """A mark with the marks above it and the lines below it."""

    mark: Mark
    above: tuple[Mark, ...]
    last: int


def sections(
    region: Region,
    marks: tuple[Mark, ...],
    front: FrontMatter,
    is_missing: Callable[[str], bool],
) -> tuple[Section, ...]:
    """Return the sections of a note, in the order of the file."""
    found: list[tuple[Section, Mark]] = []
    for part in _parts(region, marks):
        section = _section(region, part, len(found))
        if section.level or section.blocks:
            found.append((section, part.mark))
    levels = [section.level for section, _ in found[1:]]
    first = next((n for n, (it, _) in enumerate(found) if 0 < it.level < IN_TEXT), -1)
    titles = frozenset(title_key(section.title) for section, _ in found) - {""}
    judged = (
        _judge(
            section,
            behind > section.level,
            front,
            is_missing,
            titles,
            _as_title(mark, section, marks) if number == first and behind > section.level else mark,
        )
        for number, ((section, mark), behind) in enumerate(zip(found, (*levels, 0), strict=False))
    )
    return tuple(map(_readable, judged))


def _readable(section: Section) -> Section:
    """Leave out what no reader is to see."""
    if not any(map(_is_unseen, section.blocks)):
        return section
    return replace(section, blocks=tuple(b for b in section.blocks if not _is_unseen(b)))


def _as_title(mark: Mark, section: Section, marks: tuple[Mark, ...]) -> Mark:
    """Below the title of a note it is said what the note is: that answers nothing.

    So it is, whatever it says, above a list of questions.
    """
    shows = mark.level > 1 and any(b.kind in ("table", "code") for b in section.blocks)
    lists = not shows and any(
        _lists(mark, marks, asks) for asks in (is_question, _asks_by_number, _is_in_text)
    )
    is_about = is_foreword(section.blocks, asks=is_question(mark))
    return replace(mark, asks=mark.asks and not lists and not is_about)


def _lists(title: Mark, marks: tuple[Mark, ...], asks: Callable[[Mark], bool]) -> bool:
    """Tell whether most of what stands below a title asks, and the title does not."""
    asking = sum(map(asks, marks))
    return not asks(title) and asking >= _FEWEST and asking * 2 > len(marks) - 1


def _asks_by_number(mark: Mark) -> bool:
    return asks_by_number(mark.text)


def _is_in_text(mark: Mark) -> bool:
    return mark.level == IN_TEXT


def _parts(region: Region, marks: tuple[Mark, ...]) -> Iterator[_Part]:
    """Yield each mark with its lines; text between two that is of neither comes by itself."""
    above: tuple[Mark, ...] = ()
    yield _text(region.first, (marks[0].line if marks else region.last + 1) - 1, above)
    for mark, end in region.extents(marks):
        above = tuple(other for other in above if _is_above(other, mark))
        yield _Part(mark, above, mark.last or end)
        if mark.end(otherwise=end) < end:
            yield _text(mark.end(otherwise=end) + 1, end, above)
        above = (*above, mark)


def _is_above(other: Mark, mark: Mark) -> bool:
    """Tell whether one mark is context for another: `# Question 8` is none for `## Question 9`."""
    return other.level < mark.level and not (
        mark.level < IN_TEXT
        and _asks_by_number(other)
        and _asks_by_number(mark)
        and "." not in f"{_numbered(mark.text)[0]}"
    )


def _text(first: int, last: int, above: tuple[Mark, ...]) -> _Part:
    return _Part(Mark(first, first - 1, 0, "", own=bool(above)), above, last)


def _section(region: Region, part: _Part, index: int) -> Section:
    source, mark = region.source, part.mark
    number, title = _numbered(mark.text)
    blocks = _blocks(region, mark, part.last)
    body = _body(source, mark, _last_seen(blocks, part.last))
    if mark.level == 1 and body and is_properties(blocks[:1]) and blocks[1:]:
        body, blocks = _said(source, blocks[0].span.end_line + 1, part.last), blocks[1:]
    return Section(
        span=source.span(mark.line, 1, max(mark.end_line, mark.line)),
        title=title,
        level=mark.level,
        blocks=blocks,
        body=body,
        snippets=tuple(snippets.find(source, blocks, index)),
        context=tuple(_question(other) for other in part.above),
        number=number,
    )


def _question(mark: Mark) -> str:
    return plain(_numbered(mark.text)[1])


@lru_cache(maxsize=64)
def _numbered(asked: str) -> tuple[str | None, str]:
    """Return the number of a mark and what it asks; a heading that only counts is its own name."""
    text, _ = furniture.without_tags(_COMMENT.sub("", asked).strip())
    text = _CALL.sub("", _EXPORTED.sub("", _ATTRIBUTES.sub("", text)))
    number, title = behind_label(text)
    title = without_label(title)
    says_something = bool(_WORD.search(title))
    return (number, title) if says_something or not named(text) else (None, named(text))


def _body(source: Source, mark: Mark, last: int) -> Span | None:
    """Return the place of what stands below a mark, or behind it on its line."""
    if mark.start is None:
        return _said(source, mark.end_line + 1, last)
    line, column = mark.start
    if source.line(line)[column - 1 :].strip():
        found = source.body(line, _said_last(source, line, last))
        return replace(found, column=column) if found else None
    return _said(source, line + 1, last)


def _last_seen(blocks: tuple[Block, ...], last: int) -> int:
    """Return the last line, down to line `last`, that is not of comments behind all else.

    Nor is it of a list of links to other pages that stands below a rule.
    """
    if len(blocks) > 2 and _is_line(blocks[-2]) and is_links(blocks[-1]):
        last = blocks[-2].span.line - 1
    for block in reversed(blocks):
        if block.kind != "html" or _ALL_HIDDEN.sub("", block.text).strip():
            break
        last = min(last, block.span.line - 1)
    return last


def _is_line(block: Block) -> bool:
    return block.kind == "rule" or (block.kind == "html" and bool(_HR.match(block.text)))


def _said(source: Source, first: int, last: int) -> Span | None:
    """Return the place of what is said on some lines, without rules, comments and tags around."""
    last = _said_last(source, first, last)
    while first < last and furniture.is_nothing(source.line(first)):
        first += 1
    return source.body(first, last)


def _said_last(source: Source, first: int, last: int) -> int:
    while last > first and furniture.is_nothing(source.line(last)):
        if furniture.ends_box(source.line(last)) and _closes(source, first, last):
            break
        last -= 1
    return last


def _closes(source: Source, first: int, last: int) -> bool:
    """Tell whether `:::` on line `last` ends a box that begins below the first line that says."""
    while first < last and furniture.is_nothing(source.line(first)):
        first += 1
    depth = 0
    for line in range(first, last):
        text = source.line(line)
        depth += bool(_OPENS.match(text)) - (depth > 0 and furniture.ends_box(text))
    return depth > 0


def _blocks(region: Region, mark: Mark, last: int) -> tuple[Block, ...]:
    """Return the blocks between a mark and line `last`, with code that nobody fenced as code."""
    first, column = mark.start or (mark.end_line + 1, 1)
    runs = region.runs_within(first, last)
    if not runs and not mark.own:
        return _outdented(region.source, region.part(first, last).blocks)
    read = partial(markdown.parse, region.source, among=region.blocks, indent=mark.indent)
    pieces: list[Block] = []
    for run in runs:
        pieces += read(first, run.first - 1, cut=column - 1)
        pieces.append(markdown.code_block(region.source, run.first, run.last, run.code))
        first, column = run.last + 1, 1
    pieces += read(first, last, cut=column - 1)
    return _outdented(region.source, tuple(pieces))


def _outdented(source: Source, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Read as text what the Markdown library takes for code only because it is indented."""
    found: list[Block] = []
    for block in blocks:
        if block.kind == "code" and not block.fenced and looks_like_prose(block.text):
            lines = block.span.line, block.span.end_line
            found += markdown.parse(source, *lines, indent=_ANY, among=blocks)
        else:
            found.append(block)
    return tuple(found)


def _says_nothing(blocks: tuple[Block, ...]) -> bool:
    """Tell whether readers see only properties and rules, or nothing, such as a set-up."""
    blocks = tuple(block for block in blocks if block.kind != "rule")
    is_hidden = all(b.kind == "html" and not _ALL_HIDDEN.sub("", b.text).strip() for b in blocks)
    return is_hidden or is_properties(blocks)


def _judge(
    section: Section,
    has_children: bool,
    front: FrontMatter,
    is_missing: Callable[[str], bool],
    titles: frozenset[str],
    mark: Mark,
) -> Section:
    """Make a card of a section, or say why it is none; what only holds others is neither."""
    known = frozenset[str]() if is_question(mark) else titles
    if only_lists(section.title, section.blocks, known):
        return replace(section, blocks=())
    if is_history(section.title, section.blocks):
        return section
    if has_children and (section.body is None or _says_nothing(section.blocks)):
        return section
    section, rest = _parted(section, front)
    found = clozes.cards(section, rest, marks=front.cloze == "marks")
    if found:
        return _with_clozes(section, found, front, mark)
    if not section.level or not mark.asks or (section.inside and not rest):
        return section
    shown = _readable(section).blocks
    if has_children and not is_question(mark) and only_asks(shown):
        return section
    held = why_held_back(section.span, section.title, shown, is_missing)
    if held or section.body is None:
        return replace(section, held_back=held)
    return replace(section, card=_card(section, section.body, front, mark))


def _parted(section: Section, front: FrontMatter) -> tuple[Section, tuple[Block, ...]]:
    """Return a section with the cards that rows and fences in it make, and its other blocks."""
    made = tuple(part for find in PARTS for part in find(section, front.cards))
    if not made:
        return section, section.blocks
    used = {block.span for part in made for block in part.used}
    rest = tuple(block for block in section.blocks if block.span not in used)
    cards = sorted((replace(part.card, tags=front.tags) for part in made), key=lambda c: c.span)
    return replace(section, inside=tuple(cards)), rest


def _with_clozes(
    section: Section, cards: tuple[Card, ...], front: FrontMatter, mark: Mark
) -> Section:
    """A section with one card for its heading, or with one for each paragraph or list."""
    cards = tuple(replace(card, tags=front.tags) for card in cards)
    if cards[0].span != section.span or not section.level:
        return replace(section, inside=(*section.inside, *cards))
    return replace(section, card=replace(cards[0], id=_explicit_id(section, mark)))


def _card(section: Section, answer: Span, front: FrontMatter, mark: Mark) -> Card:
    return Card(
        span=section.span,
        question=section.title,
        answer=answer,
        blocks=tuple(_shown(section.blocks)),
        snippets=section.snippets,
        context=section.context,
        number=section.number,
        kind=mark.kind,
        tags=(*front.tags, *_tags(mark, section.blocks)),
        id=_explicit_id(section, mark),
    )


def _shown(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Yield the blocks that a card shows: not its tags, nor a rule or a way back behind it."""
    last = next((n for n in reversed(range(len(blocks))) if not _ends(blocks[n])), -1)
    for number, block in enumerate(blocks):
        is_end = number > last and block.kind != "html"
        if not is_end and not _is_unseen(block):
            yield block


def _ends(block: Block) -> bool:
    """Tell whether a block says nothing where nothing follows it."""
    says_nothing = block.kind == "paragraph" and all(
        map(furniture.is_nothing, block.text.splitlines())
    )
    return says_nothing or block.kind in ("rule", "html")


def _is_unseen(block: Block) -> bool:
    return block.kind == "paragraph" and furniture.is_unseen(block.text)


def _explicit_id(section: Section, mark: Mark) -> str | None:
    """Return what `<!-- id: ... -->` says, below the question or behind it."""
    texts = (mark.text, *(block.text for block in section.blocks if block.kind == "html"))
    found = (_ID.search(text) for text in texts)
    written = next((match["id"] for match in found if match), None)
    return written or furniture.block_id(_COMMENT.sub("", mark.text)) or _id_behind(section, mark)


def _id_behind(section: Section, mark: Mark) -> str | None:
    """Return the block id of an answer of one paragraph that is marked in the text."""
    texts = [
        b.text for b in section.blocks if b.kind != "html" and not furniture.is_nothing(b.text)
    ]
    last = section.blocks[-1].text if section.blocks else ""
    is_one = len(texts) == 1 or furniture.is_nothing(last)
    return furniture.block_id(last) if mark.level == IN_TEXT and is_one else None


def _tags(mark: Mark, blocks: tuple[Block, ...]) -> tuple[str, ...]:
    """Return the tags of a question, and those that stand by themselves below it."""
    _, found = furniture.without_tags(_COMMENT.sub("", mark.text).strip())
    alone = (b.text for b in blocks if b.kind == "paragraph" and furniture.is_tags(b.text))
    return furniture.as_tags((*found, *(tag for text in alone for tag in text.split())))
