"""Characters that look like Python's own and are not, and which of its own is meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Sort: TypeAlias = Literal["fullwidth", "quote", "space", "nothing"]

_WIDE = {chr(c): chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F) if not chr(c - 0xFEE0).isalpha()}
_WIDE |= {"、": ",", "。": ".", "【": "[", "】": "]", "〔": "[", "〕": "]", "–": "-", "—": "-"}
_OPENING = {"“": "”", "‘": "’", "「": "」", "＂": "＂", "＇": "＇", "”": "”", "’": "’"}
_SPACES = frozenset("\u00a0\u3000\u2002\u2003\u2007\u2009\u202f")
_NOTHING = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f")
_INDENTATION = re.compile(rf"(?m)^[ \t{''.join(_NOTHING)}]+")
_STRING = re.compile(r"(?i)(?:[rbuft]{0,2})('''|\"\"\"|'|\")")


@dataclass(frozen=True, slots=True)
class Odd:
    """One such character: where it stands (from 0), what it is, and what is meant by it."""

    offset: int
    character: str
    meant: str
    sort: Sort

    @property
    def name(self) -> str:
        """It in words: "full-width comma `，` (U+FF0C)"."""
        words = unicodedata.name(self.character, "character").lower()
        words = words.replace("fullwidth", "full-width")
        shown = f" `{self.character}`" if self.sort in ("fullwidth", "quote") else ""
        return f"{words}{shown} (U+{ord(self.character):04X})"


def odd_characters(code: str) -> Iterator[Odd]:
    """Every such character that stands outside strings and comments, in order."""
    offset = 0
    while offset < len(code):
        character = code[offset]
        if character == "#":
            offset = _line_end(code, offset)
        elif match := _STRING.match(code, offset):
            offset = _string_end(code, match.end(), match.group(1))
        elif character.isalpha() or character == "_":
            offset = _word_end(code, offset)
        elif character in _OPENING and (end := _closing(code, offset)):
            quote = '"' if '"' not in code[offset:end] else "'"
            yield Odd(offset, character, quote, "quote")
            yield Odd(end, code[end], quote, "quote")
            offset = end + 1
        else:
            yield from _single(offset, character)
            offset += 1


def mended(code: str, odd: tuple[Odd, ...]) -> str:
    """The code with what is meant in place of each; every other character stays in its column."""
    characters = list(code)
    for one in odd:
        characters[one.offset] = one.meant or " "
    invisible = {one.offset for one in odd if not one.meant}
    for line in _INDENTATION.finditer(code) if invisible else ():
        _keep_indentation(characters, line, invisible)
    return "".join(characters)


def _keep_indentation(characters: list[str], line: re.Match[str], invisible: set[int]) -> None:
    """Put form feeds for what has no width in front of a line; they begin no indentation."""
    front = range(line.start(), line.end())
    feeds = [offset for offset in front if offset in invisible]
    blanks = [characters[offset] for offset in front if offset not in invisible]
    characters[line.start() : line.end()] = ["\f"] * len(feeds) + blanks


def _single(offset: int, character: str) -> Iterator[Odd]:
    if character in _WIDE:
        yield Odd(offset, character, _WIDE[character], "fullwidth")
    elif character in _SPACES:
        yield Odd(offset, character, " ", "space")
    elif character in _NOTHING:
        yield Odd(offset, character, "", "nothing")


def _line_end(code: str, offset: int) -> int:
    end = code.find("\n", offset)
    return len(code) if end < 0 else end


def _word_end(code: str, offset: int) -> int:
    while offset < len(code) and (code[offset].isalnum() or code[offset] == "_"):
        offset += 1
    return offset


def _string_end(code: str, offset: int, quote: str) -> int:
    """Behind a string's end; a string on one line ends with its line at the latest."""
    while offset < len(code):
        if code[offset] == "\\":
            offset += 2
        elif code.startswith(quote, offset):
            return offset + len(quote)
        elif code[offset] == "\n" and len(quote) == 1:
            return offset
        else:
            offset += 1
    return offset


def _closing(code: str, offset: int) -> int:
    """Where the quote that opens at an offset is closed, within its line; 0 for nowhere."""
    line = code[offset + 1 : _line_end(code, offset)]
    closers = {_OPENING[code[offset]], code[offset]}
    ends = [line.find(closer) for closer in closers if closer in line]
    return offset + 1 + min(ends) if ends else 0
