"""Boxes that ask, `??? question "..."`, `> [!question]`, `:::spoiler What is it?`, or that answer.

A box asks by its kind, or where readers open it and its title has a question mark. One that only
says that an answer is inside, `??? success "Answer"`, answers the box or the paragraph above it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from builder.model import Block
from builder.parsing import details, signs
from builder.parsing.document import IN_TEXT, Mark, Region
from builder.parsing.furniture import ends_box, is_nothing
from builder.patterns import late

#: How the first and the last line of a box may begin.
_SIGN = late(r"\?\?\?|!!!|>[ \t]*\[!| {0,3}:{3}|[ \t]*(?:<[ACDEFST]|\[(?:details|spoiler)=)")
_FOLD = late(
    r"^(?P<sign>\?\?\?\+?|!!!)[ \t]+(?P<kind>[\w-]+)[^\"]*(?:\"(?P<text>[^\"]+)\")?[ \t]*$"
)
_CALLOUT = late(r"^>[ \t]*\[!(?P<kind>[\w-]+)\](?P<sign>[+-]?)[ \t]*(?P<text>.*)$")
_CONTAINER = late(
    r" {0,3}(?P<sign>:{3,})[ \t]*(?:\{(?P<role>[\w-]+)\}|(?P<kind>[\w-]+))[ \t]*"
    r"(?:\[(?P<label>.+)\]|(?P<text>[^\s\[{].*))[ \t]*$"
)
_DIRECTIVE = late(r"\{(?P<kind>[\w-]+)\}[ \t]+(?P<text>\S.*)$")
#: Of mdBook, and of Quarto.
_ADMONISH = late(r"admonish[ \t]+(?P<kind>[\w-]+)\b.*?\btitle=\"(?P<text>[^\"]+)\".*$")
_CALLOUT_OF_QUARTO = late(
    r" {0,3}(?P<sign>:{3,})[ \t]*\{[ \t]*\.callout-(?P<kind>[\w-]+)(?P<fold>[^{}]*\bcollapse=)?"
    r"[^{}]*?\btitle=\"(?P<text>[^\"]+)\"(?P<behind>[^{}]*\bcollapse=)?[^{}]*\}[ \t]*$"
)
_OPTION = late(r"[ \t]*(?::[\w-]+:.*|-{3}[ \t]*)?$")
#: `<Accordion title="...">`, `[details="..."]`: boxes of sites and forums.
_TAG = late(
    r"[ \t]*(?:<(?P<tag>(?:Accordion|Collaps|Expand|Spoiler|Toggle|Disclosure|FAQ)[\w.]*)\b[^<>]*?"
    r"\b(?:title|summary|label|header|question)=|\[(?P<name>details|spoiler)=)"
    r"(?P<quote>[\"'])(?P<text>(?:(?!(?P=quote)).)+)(?P=quote)[^<>\n]*[>\]][ \t]*$"
)
#: Fewer boxes are remarks.
_FEWEST = 3
#: In lines: a box between tags is no longer.
_LONGEST = 400
#: So many containers with other signs stand inside one at most.
_DEEPEST = 20
_ASKING = frozenset({"question", "faq", "help", "quiz", "exercise", "flashcard"})
_OPENING = frozenset({"details", "spoiler", "dropdown", "collapse", "toggle", "accordion"})
#: Without a title.
_ANSWERING = frozenset({"success", "answer", "solution"})
_ANSWER = late(rf"(?i)\W*{signs.OPENS}")
_ASKED = late(r"[?？]\W{0,3}$")
#: A title that only says that it is asked below.
_LABEL = late(r"(?i)\W*(?:question|exercise|problem|quiz|task|opgave|øvelse|spørgsmål)?[\W\d]*")


@dataclass(frozen=True, slots=True)
class _Box:
    """A box from its first line to the one that closes it, and what of it is inside."""

    line: int
    kind: str
    title: str
    start: int
    last: int
    closes: int
    indent: int = 0
    opens: bool = False

    @property
    def asks(self) -> bool:
        if self.kind in _ASKING or self.kind == "details":
            return True
        return self.opens and bool(_ASKED.search(self.title))

    @property
    def answers(self) -> bool:
        says = bool(self.title) and bool(_ANSWER.fullmatch(self.title))
        return says or (not self.title and self.kind in _ANSWERING)


def find(region: Region) -> Iterator[Mark]:
    """Yield a mark for each box that asks something, or that answers what stands above it."""
    found = sorted(_boxes(region), key=lambda box: box.line)
    all_ask = _all_ask(region, found)
    above: _Box | None = None
    for box in found:
        if above and box.line <= above.closes:
            continue
        if box.answers:
            is_below = above and region.is_blank(above.closes + 1, box.line - 1)
            if mark := _answered(region, above if is_below else None, box):
                yield mark
                above = None
                continue
        if above:
            yield from _asked(above)
        above = box if box.asks or (all_ask and box.opens) else None
    if above:
        yield from _asked(above)


def opened(region: Region) -> Iterator[Mark]:
    """Yield a mark for each box that answers: what is inside it, and what it says of itself."""
    for box in sorted(_boxes(region), key=lambda box: box.line):
        if box.answers or box.kind in _ANSWERING:
            yield _mark(box, box.line, box.title or box.kind)


def _all_ask(region: Region, found: list[_Box]) -> bool:
    """Tell whether a text is made of boxes that readers open by their titles, and of several."""
    outer: list[_Box] = []
    for box in found:
        if not outer or box.line > outer[-1].closes:
            outer.append(box)
    if len(outer) < _FEWEST or any(box.answers or not (box.opens and box.title) for box in outer):
        return False
    gaps = zip(outer, (*outer[1:], None), strict=True)
    return all(
        region.is_blank(box.closes + 1, behind.line - 1 if behind else region.last)
        for box, behind in gaps
    )


def _asked(box: _Box) -> Iterator[Mark]:
    if box.title:
        yield _mark(box, box.line, box.title)


def _mark(box: _Box, first: int, question: str) -> Mark:
    """Return what is inside a box as the answer of what is asked from line `first` on."""
    return Mark(
        first,
        box.line,
        IN_TEXT,
        question,
        own=True,
        start=(box.start, 1),
        last=box.last,
        closes=box.closes if box.closes > box.last else None,
        indent=box.indent,
    )


def _answered(region: Region, above: _Box | None, box: _Box) -> Mark | None:
    """Return what is asked by the box or the paragraph above another, answered by that."""
    if above:
        lines = range(above.start, above.last + 1)
        title = [] if _LABEL.fullmatch(above.title) else [above.title]
    else:
        lines, title = details.above(region, box.line), []
    said = (region.source.line(line).strip().removeprefix(">").strip() for line in lines)
    question = " ".join((*title, *(text for text in said if not is_nothing(text))))
    return _mark(box, above.line if above else lines[0], question) if question else None


def _boxes(region: Region) -> Iterator[_Box]:
    lines = [(line, match.string) for line, match in region.matching(_SIGN)]
    closings = [line for line, text in lines if ends_box(text)]
    for line, text in lines:
        if match := _FOLD.match(text):
            opens = match["sign"] != "!!!"
            yield _inside(region, line, match, r"(?: {4}|\t)", indent=4, opens=opens)
        elif match := _CALLOUT.match(text):
            yield _inside(region, line, match, r">[ \t]?", indent=2, opens=bool(match["sign"]))
        elif match := _CONTAINER.match(text):
            yield from _container(region, line, match, closings)
        elif match := _CALLOUT_OF_QUARTO.match(text):
            yield from _of_quarto(region, line, match, closings)
        elif match := _TAG.match(text):
            yield from _tagged(region, line, match)
    for block in region.blocks:
        info = block.info.strip() if block.fenced else ""
        if match := _DIRECTIVE.match(info) or _ADMONISH.match(info):
            yield from _directive(region, block, match)


def _inside(
    region: Region, line: int, match: re.Match[str], inside: str, *, indent: int, opens: bool
) -> _Box:
    """Return a box of the lines below its first that stand inside it, or are blank."""
    last = line
    for below in range(line + 1, region.last + 1):
        here = region.source.line(below)
        if re.match(inside, here):
            last = below
        elif here.strip() or inside.startswith(">"):
            break
    title, kind = (match["text"] or "").strip(), match["kind"].lower()
    return _Box(line, kind, title, line + 1, last, last, indent, opens)


def _container(
    region: Region, line: int, match: re.Match[str], closings: list[int]
) -> Iterator[_Box]:
    """Yield a container if it has an end: as many colons as it began with."""
    if close := _close(region, line, match["sign"], closings):
        kind = (match["kind"] or match["role"]).lower()
        title = (match["label"] or match["text"]).strip()
        start = _behind_options(region, line + 1, close)
        opens = kind in _OPENING or _is_dropdown(region, line + 1, start)
        yield _Box(line, kind, title, start, close - 1, close, opens=opens)


def _close(region: Region, line: int, sign: str, closings: list[int]) -> int:
    at = bisect_right(closings, line)
    below = closings[at : at + _DEEPEST]
    return next((n for n in below if region.source.line(n).strip() == sign), 0)


def _of_quarto(
    region: Region, line: int, match: re.Match[str], closings: list[int]
) -> Iterator[_Box]:
    if close := _close(region, line, match["sign"], closings):
        opens = bool(match["fold"] or match["behind"])
        title = match["text"].strip()
        yield _Box(line, match["kind"], title, line + 1, close - 1, close, opens=opens)


def _directive(region: Region, block: Block, match: re.Match[str]) -> Iterator[_Box]:
    """Yield a fence that is a box: "```{dropdown} What is it?"."""
    line, last = block.span.line - 1, block.span.end_line
    start = _behind_options(region, line + 1, last)
    kind = match["kind"].lower()
    opens = kind in _OPENING or kind in _ASKING or "collapsible=true" in block.info
    if opens or _is_dropdown(region, line + 1, start):
        yield _Box(line, kind, match["text"].strip(), start, last, last + 1, opens=True)


def _behind_options(region: Region, first: int, last: int) -> int:
    while first < last and _OPTION.match(region.source.line(first)):
        first += 1
    return first


def _is_dropdown(region: Region, first: int, last: int) -> bool:
    return any("dropdown" in region.source.line(line) for line in range(first, last))


def _tagged(region: Region, line: int, match: re.Match[str]) -> Iterator[_Box]:
    """Yield what stands between a tag with a title and its end."""
    end = f"</{match['tag']}>" if match["tag"] else f"[/{match['name']}]"
    below = range(line + 1, min(region.last, line + _LONGEST) + 1)
    close = next((n for n in below if end in region.source.line(n)), 0)
    if close:
        yield _Box(line, "tag", match["text"].strip(), line + 1, close - 1, close, opens=True)
