"""The words of the interface: one file `words.<language>.toml` for each language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Final

#: What is spoken where nobody wrote a file for the course's language.
OTHERWISE: Final = "en"


class Words:
    """What the site says, in one language.

    An entry is a sentence with `{names}` in it, or a table of `one` and `many` for sentences that
    count something, as `{n}`.
    """

    def __init__(self, templates: Mapping[str, str], language: str) -> None:
        wanted = (language, language.replace("_", "-").split("-")[0].lower(), OTHERWISE)
        name = next(name for name in map(_file, wanted) if name in templates)
        self._entries = tomllib.loads(templates[name])

    def table(self, entry: str) -> Mapping[str, str]:
        """Return the words that a script of ours shows, by their names."""
        return {name: str(words) for name, words in self._entries[entry].items()}

    def __call__(self, entry: str, **values: object) -> str:
        """Return the words of an entry, with values in the places of their names."""
        words = self._entries[entry]
        if isinstance(words, Mapping):
            words = words["one" if values.get("n") == 1 and "one" in words else "many"]
        return str(words).format(**values)


def _file(language: str) -> str:
    return f"words.{language}.toml"
