"""What one line of Markdown says; most are text alone, and need no library to tell."""

from __future__ import annotations

from functools import lru_cache

from builder.patterns import late

#: Without any of these a line of Markdown is what it says.
_MARKUP = late(r"""[^\w \-,.:;?!/()%+#@'"，。、；：？！（）《》“”‘’…—·→×]|_|://|www\.""")


def is_plain(line: str) -> bool:
    """Tell whether a line of Markdown is certainly text alone; most are."""
    return not _MARKUP.search(line)


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Return inline Markdown as plain text, for titles, context and search."""
    if is_plain(text):
        return text.strip()
    from builder.markdown import without_markup

    return without_markup(text)
