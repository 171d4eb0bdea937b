"""Class names misspelt in the comments of code that spells them right elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from builder.model import Mention, Note, Snippet
from builder.patterns import late

_COMMENT = late(r"(?:^|\s)#(?P<words>.*)")
_CLASS = late(r"(?<![A-Za-z0-9_])[A-Z][a-z]+[A-Za-z]{5,}(?![A-Za-z0-9_])")


def find(note: Note) -> Iterator[Mention]:
    """Yield the words of comments that are one letter off another of the same code."""
    for snippet in note.snippets:
        if snippet.kind == "code" and "#" in snippet.code:
            yield from _in_comments(note, snippet)


def _in_comments(note: Note, snippet: Snippet) -> Iterator[Mention]:
    words = _CLASS.findall(snippet.code)
    often = {word for word in words if words.count(word) > 1}
    for row, line in enumerate(snippet.code.split("\n")):
        comment = _COMMENT.search(line)
        for match in _CLASS.finditer(line, comment.start("words")) if comment else ():
            word = match[0]
            if word not in often and any(_is_one_letter_off(word, other) for other in often):
                indent = snippet.indents[row] if row < len(snippet.indents) else 0
                number, column = snippet.span.line + row, match.start() + indent + 1
                span = note.source.span(number, column, number, column + len(word))
                yield Mention(span, text=word, name=f"torch.nn.{word}")


def _is_one_letter_off(word: str, other: str) -> bool:
    """Tell whether one letter was taken for another; endings such as a plural's are no slips."""
    if len(word) != len(other) or word.lower() == other.lower():
        return False
    return sum(a != b for a, b in zip(word, other, strict=True)) == 1
