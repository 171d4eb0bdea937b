"""The bytes of a note as text that can be changed and written back: mark, encoding, line breaks."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass, replace

from builder.model import Edit
from builder.patterns import late

#: Marks in front of a file, with the encoding that they tell of; without a mark the others.
_ENCODINGS = (
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (b"", "utf-8"),
    (b"", "gb18030"),
    (b"", "cp1252"),
    (b"", "utf-16-le"),
    (b"", "utf-16-be"),
)
_LINE_BREAK = late(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Raw:
    """The text of a file with its own line breaks, and how it is written as bytes."""

    text: str
    encoding: str
    mark: bytes = b""

    @staticmethod
    def of(data: bytes, text: str) -> Raw | None:
        """Return what `data` holds if it was read as `text` and can be written again as it is."""
        for mark, encoding in _ENCODINGS:
            if data.startswith(mark):
                raw = _decoded(data, mark, encoding)
                if raw and raw.normal == text and raw.bytes == data:
                    return raw
        return None

    @property
    def bytes(self) -> bytes:
        """The file as it is written."""
        return self.mark + self.text.encode(self.encoding)

    @property
    def normal(self) -> str:
        """The text as sources have it, where a line break is one character."""
        return _LINE_BREAK.sub("\n", self.text)

    def with_edits(self, edits: Iterable[Edit]) -> Raw:
        """Return the text with other text in these places, which are in order and apart."""
        starts = [0, *(match.end() for match in _LINE_BREAK.finditer(self.text))]
        pieces, done = [], 0
        for edit in edits:
            start = starts[edit.span.line - 1] + edit.span.column - 1
            end = starts[edit.span.end_line - 1] + edit.span.end_column - 1
            pieces += [self.text[done:start], edit.text.replace("\n", self._line_break(start))]
            done = end
        return replace(self, text="".join([*pieces, self.text[done:]]))

    def _line_break(self, near: int) -> str:
        """Return the line break that the file has at a place, or before it."""
        match = _LINE_BREAK.search(self.text, near) or _LINE_BREAK.search(self.text)
        return match[0] if match else "\n"


def _decoded(data: bytes, mark: bytes, encoding: str) -> Raw | None:
    try:
        return Raw(data[len(mark) :].decode(encoding), encoding, mark)
    except UnicodeDecodeError:
        return None
