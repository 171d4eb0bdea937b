"""Which encoding the bytes of a note are in: by its mark, or by what stands in them.

Bytes that are UTF-8 are UTF-8. Of the others, UTF-16 without a mark shows by the zeros beside its
line breaks. GB18030 and Windows-1252 would each take much of the other's text; what tells them
apart is that Chinese bytes come in pairs, and that accented letters stand alone between plain ones.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_RUN = re.compile(rb"[\x80-\xff]+")
#: What Windows-1252 has for words in the languages of western Europe, and its quotes and dashes.
_WESTERN = frozenset(
    "ÆØÅæøåÄÖÜäöüßÉéÈèÊêËëÀàÂâÇçÎîÏïÔôÙùÛûÑñÁáÍíÓóÚúÃãÕõŒœÐðÞþÝý“”‘’„‚–—…«»°§´¿¡€£©®·µ±×²³½¼¾•\xa0"
)
#: So much of a text must be letters, digits and their usual signs to be taken for one.
_ENOUGH: Final = 0.95
#: How much is looked at, in bytes.
_SAMPLE: Final = 1 << 16


def of(data: bytes) -> tuple[bytes, str]:
    """Return the mark at the beginning of a file and the encoding behind it."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return mark, encoding
    if b"\0" in data:
        return b"", _wide(data) or "utf-8"
    try:
        data.decode()
    except UnicodeDecodeError:
        return b"", "cp1252" if _is_western(data) else "gb18030"
    return b"", "utf-8"


def decode(data: bytes) -> str | None:
    """Return the text of a file, its line breaks all as one sign; None for what is no text."""
    mark, encoding = of(data)
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text.replace("\r\n", "\n").replace("\r", "\n")


def _wide(data: bytes) -> str | None:
    """Return the UTF-16 that makes a text of bytes without a mark, if one does."""
    if len(data) % 2:
        return None
    sample = data[:_SAMPLE]
    for encoding in ("utf-16-le", "utf-16-be"):
        text = sample.decode(encoding, "replace")
        usual = sum(map(_is_usual, text))
        plain = sum(char < "\x80" for char in text)
        # Zeros belong to plain characters; a word such as `一` may have one too.
        if usual >= _ENOUGH * len(text) and plain > sum(not ord(char) & 0xFF for char in text):
            return encoding
    return None


def _is_usual(char: str) -> bool:
    if char < "\x80":
        return char.isprintable() or char in "\t\n\r"
    return "\u4e00" <= char <= "\u9fff" or (
        unicodedata.category(char)[0] in "LPS" and unicodedata.east_asian_width(char) != "N"
    )


def _is_western(data: bytes) -> bool:
    runs = list(_RUN.finditer(data[:_SAMPLE]))
    alone = sum(1 for run in runs if len(run[0]) == 1)
    try:
        letters = b"".join(run[0] for run in runs).decode("cp1252")
    except UnicodeDecodeError:
        return False
    return alone >= 0.8 * len(runs) and sum(map(_WESTERN.__contains__, letters)) >= (
        _ENOUGH * len(letters)
    )
