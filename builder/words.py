"""What readers are told, in the language of a course: one file of `templates/words/` for each."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from builder.patterns import late

#: What is spoken where nobody wrote a file for the course's language.
OTHERWISE: Final = "en"
#: The tables of what the program says in English: a sentence, and the words for it.
MESSAGES: Final = "messages"

_HOLE = late(r"\{(\w+)\}")


class Words:
    """What is said in one language.

    An entry is a sentence with `{names}` in it, or a table of `one` and `many` for sentences that
    count something, as `{n}`. `templates` holds the files by their names, such as `words/en.toml`.
    """

    def __init__(self, templates: Mapping[str, str], language: str) -> None:
        wanted = (language, language.replace("_", "-").split("-")[0].lower(), OTHERWISE)
        name = next(name for name in map(_file, wanted) if name in templates)
        self._entries = tomllib.loads(templates[name])
        self._known: dict[str, str] = {}

    def table(self, entry: str) -> Mapping[str, str]:
        """Return the words that a script of ours shows, by their names."""
        return {name: str(words) for name, words in self._entries[entry].items()}

    def __call__(self, entry: str, **values: object) -> str:
        """Return the words of an entry, with values in the places of their names."""
        words = self._entries[entry]
        if isinstance(words, dict):
            words = words["one" if values.get("n") == 1 and "one" in words else "many"]
        return str(words).format(**values)

    def message(self, text: str) -> str:
        """Return a message, a help or a reason in this language, as it is where it has no words."""
        if text not in self._known:
            self._known[text] = next(self._said(text), text)
        return self._known[text]

    def _said(self, text: str) -> Iterator[str]:
        for literal, pattern, words in self._messages:
            if literal in text and (match := pattern.fullmatch(text)):
                parts = {name: self.message(part) for name, part in match.groupdict().items()}
                yield _filled(words, parts)

    @cached_property
    def _messages(self) -> tuple[tuple[str, re.Pattern[str], str], ...]:
        """The sentences known, those with most words of their own first: they fit best."""
        listed = [
            pair for kind in self._entries.get(MESSAGES, {}).values() for pair in kind.items()
        ]
        known = sorted(listed, key=lambda pair: -len(_HOLE.sub("", pair[0])))
        return tuple((_literal(said), _pattern(said), words) for said, words in known)


def _file(language: str) -> str:
    return f"words/{language}.toml"


def _filled(words: str, parts: Mapping[str, str]) -> str:
    """A sentence of code may have braces of its own, so only names of parts are replaced."""
    return _HOLE.sub(lambda hole: parts.get(hole[1], hole[0]), words)


def _literal(said: str) -> str:
    """Return the longest piece of a sentence that is always there."""
    return max(_HOLE.split(said)[::2], key=len)


def _pattern(said: str) -> re.Pattern[str]:
    """Return what a sentence looks like when it is filled in; in back-ticks stands one name."""
    pieces = _HOLE.split(said)
    for at in range(1, len(pieces), 2):
        quoted = pieces[at - 1].endswith("`") and pieces[at + 1].startswith("`")
        pieces[at] = f"(?P<{pieces[at]}>{'[^`]+' if quoted else '.+?'})"
    pieces[::2] = [re.escape(piece) for piece in pieces[::2]]
    return re.compile("".join(pieces), re.DOTALL)
