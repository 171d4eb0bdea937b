"""The sentences of a note, with all that is none blanked out, so that every place stays true."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from re import Match, Pattern

from builder.markdown import walk
from builder.model import Around, Block, Note, Source, Span
from builder.patterns import late
from builder.prose.denied import buries

_BLANK = "\0"
#: What no reader sees as words, or sees struck out; each begins with signs that are rare in text.
_HIDDEN = tuple(
    late(pattern, re.DOTALL)
    for pattern in (
        r"<!--.*?-->",
        r"<pre\b.*?</pre>",
        r"<script\b.*?</script>",
        r"<style\b.*?</style>",
        r"~~(?=\S)[^\n]+?~~",
        r"<del>.*?</del>",
        r"<s>.*?</s>",
    )
)
_CODE = late(r"(?<!`)(?P<ticks>`+)(?!`)(?P<code>[^\n]*?[^`\n])(?P=ticks)(?!`)")
#: Addresses, tags and formulas.
_ADDRESSES = tuple(
    late(pattern, re.MULTILINE)
    for pattern in (
        r"<[/A-Za-z][^<>]*>",
        r"\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)",
        r"\]:[ \t]*(?:https?:|[./#<])[^\n]*",
        r"https?://[^\s<>()（），。；、\"'\u4e00-\u9fff]+",
        r"www\.[^\s<>()（），。；、\u4e00-\u9fff]+",
        r"\$\$[^\0$]+?\$\$",
        r"\$(?=[^\s$])[^$\n]*(?<=\S)\$(?!\d)",
    )
)
#: What ends a sentence, on both sides of a place.
_END = late(r"[。！？!?；;]|\.(?=\s|$)|\n(?=\s*(?:\n|[-*+>#|]\s|\d+[.)、]))|\|")
_REACH = 240
_ITEM = late(r"[ \t>]*(?:[-*+]|\d+[.)、])[ \t]|[ \t]+\S")


@dataclass(frozen=True)
class Prose:
    """A note's text, as long as the source's: `plain` without code, `codes` are its places.

    `shown` is the text with the code. `sections` says for each line, from 1, which section it
    stands in, `gone` which of these tell by their headings of what is there no more.
    """

    source: Source
    shown: str
    plain: str
    codes: tuple[tuple[int, int], ...]
    starts: tuple[int, ...]
    sections: dict[int, int]
    gone: frozenset[int] = frozenset()

    @staticmethod
    def of(note: Note) -> Prose:
        """Blank out what is no sentence."""
        sections = {line: index for index, line in _lines(note)}
        lines = [
            line if number in sections else _BLANK * len(line)
            for number, line in enumerate(note.source.lines, 1)
        ]
        starts, at = [], 0
        for line in lines:
            starts.append(at)
            at += len(line) + 1
        text = _without(_HIDDEN, "\n".join(lines))
        codes = tuple(m.span("code") for m in _CODE.finditer(text) if _BLANK not in m["code"])
        plain = _without(_ADDRESSES, _CODE.sub(_blanked, text))
        headings = ((n, (*it.context, it.title)) for n, it in enumerate(note.sections))
        gone = frozenset(n for n, titles in headings if any(map(buries, titles)))
        return Prose(note.source, text, plain, codes, tuple(starts), sections, gone)

    def text(self, start: int, end: int) -> str:
        """Return a piece of the source within one line."""
        line, column = self.place(start)
        return self.source.line(line)[column - 1 : column - 1 + end - start]

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """Return the place of a piece within one line."""
        line, column = self.place(start)
        return self.source.span(line, column, line, column + end - start)

    def sentence(self, start: int, end: int) -> str:
        """Return the words around a piece, as far as its sentence goes.

        What a heading or a row of a table is about, the whole section says.
        """
        line, _ = self.place(start)
        if self.source.line(line).lstrip().startswith(("#", "|")):
            return self._section(self.plain, line)
        return _cut(self.plain, start, end)

    def around(self, start: int, end: int) -> Around:
        """Return by what the author may excuse a piece: the code around it counts here."""
        line, _ = self.place(start)
        is_gone = self.sections[line] in self.gone or buries(self._lead(line))
        match self.source.line(line).lstrip()[:1]:
            case "#":
                return Around(self._section(self.shown, line), is_gone)
            case "|":
                return Around(self.source.line(line), is_gone)
            case _:
                return Around(_cut(self.shown, start, end), is_gone)

    def _lead(self, line: int) -> str:
        """Return the line that announces the list which a line is part of."""
        if not _ITEM.match(self.source.line(line)):
            return ""
        while line > 1 and (_ITEM.match(self.source.line(line)) or not self.source.line(line)):
            line -= 1
        lead = self.source.line(line).rstrip()
        return lead if lead.endswith((":", "：")) else ""

    def _section(self, text: str, line: int) -> str:
        """Return the words of the section that a line stands in."""
        index = self.sections[line]
        lines = [number for number, section in self.sections.items() if section == index]
        first, last = min(lines), max(lines)
        end = self.starts[last] if last < len(self.starts) else len(text)
        return text[self.starts[first - 1] : end].replace(_BLANK, "")


def _cut(text: str, start: int, end: int) -> str:
    """Return what stands around a piece, as far as its sentence goes."""
    before, behind = text[max(start - _REACH, 0) : start], text[end : end + _REACH]
    cuts = [match.end() for match in _END.finditer(before)]
    end_of = _END.search(behind)
    left = before[cuts[-1] :] if cuts else before
    right = behind[: end_of.start()] if end_of else behind
    return f"{left} {right}".replace(_BLANK, "")


def _without(patterns: tuple[Pattern[str], ...], text: str) -> str:
    for pattern in patterns:
        text = pattern.sub(_blanked, text)
    return text


def _blanked(match: Match[str]) -> str:
    return re.sub(r"[^\n]", _BLANK, match[0])


def _lines(note: Note) -> Iterator[tuple[int, int]]:
    """Yield the lines that hold sentences, each behind the number of its section."""
    for index, section in enumerate(note.sections):
        code = {line for block in walk(section.blocks) for line in _code_lines(block)}
        code |= {line for snippet in section.snippets for line in _of(snippet.span)}
        heading = _of(section.span) if section.level else ()
        for line in (*heading, *(n for block in section.blocks for n in _of(block.span))):
            if line not in code:
                yield index, line


def _code_lines(block: Block) -> range:
    if block.kind not in ("code", "math"):
        return range(0)
    return range(block.span.line - block.fenced, block.span.end_line + 1 + block.fenced)


def _of(span: Span) -> range:
    return range(span.line, span.end_line + 1)
