"""The Anki note types: their fields and faces, which can never change once a deck was shipped.

Anki knows a note type by its id, a field and a template by the ids they carry. Another list of
fields is another note type to it, and every card that a learner has would stay with the old one:
so all types have all fields, two of them spare, and what is new goes into those.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Final, NamedTuple, assert_never

from builder.model import Kind
from builder.patterns import late


class Fields(NamedTuple):
    """What the fields of one Anki note hold, in HTML; the order is permanent."""

    question: str = ""
    answer: str = ""
    context: str = ""
    code: str = ""
    output: str = ""
    source: str = ""
    verdict: str = ""
    extra: str = ""
    id: str = ""
    reverse: str = ""
    spare_1: str = ""
    spare_2: str = ""


#: The names of the fields as Anki shows them.
FIELDS: Final = tuple(name.replace("_", " ").title() for name in Fields._fields)


@dataclass(frozen=True, slots=True)
class Face:
    """One card that a note makes: what Anki calls it, and the files it is written in.

    `file` stands for `templates/card/<file>.front.html` and `<file>.back.html`.
    """

    name: str
    file: str


@dataclass(frozen=True, slots=True)
class NoteType:
    """`key` stands in the lock and in every id; it and the names are permanent."""

    key: str
    name: str
    faces: tuple[Face, ...]
    cloze: bool = False


BASIC: Final = NoteType(
    "basic", "Proofdeck Basic", (Face("Card", "basic"), Face("Reverse", "reverse"))
)
CLOZE: Final = NoteType("cloze", "Proofdeck Cloze", (Face("Cloze", "cloze"),), cloze=True)
OUTPUT: Final = NoteType("output", "Proofdeck Output", (Face("Output", "output"),))

#: A note type is shipped where a card uses it.
NOTE_TYPES: Final = (BASIC, CLOZE, OUTPUT)


def note_type(kind: Kind) -> NoteType:
    """Return the note type that a kind of card is made of."""
    match kind:
        case Kind.BASIC | Kind.REVERSED:
            return BASIC
        case Kind.CLOZE:
            return CLOZE
        case Kind.OUTPUT:
            return OUTPUT
        case _:
            assert_never(kind)


_GAP = late(r"\{\{c(\d+)::")


def faces(key: str, fields: Fields) -> tuple[int, ...]:
    """Return which cards Anki makes of a note: of one with deletions, one for each number."""
    if key == CLOZE.key:
        return tuple(sorted({int(number) - 1 for number in _GAP.findall(fields.question)} - {-1}))
    if not fields.question:
        return ()
    return (0, 1) if key == BASIC.key and fields.reverse else (0,)


@dataclass(frozen=True, slots=True)
class Look:
    """A note type as it is shipped: the texts of its faces, front and back, and its css."""

    type: NoteType
    faces: tuple[tuple[str, str], ...]
    css: str

    @property
    def hash(self) -> str:
        """A hash of all that Anki would take over from a newer package."""
        return hash_of(self.type, FIELDS, self.faces, self.css)


def hash_of(*what: object) -> str:
    """Return a hash of what is shipped: where it is another, a learner's Anki takes it over."""
    return hashlib.sha256(repr(what).encode()).hexdigest()[:16]


def look(kind: NoteType, templates: Mapping[str, str], language: str) -> Look:
    """Return a note type dressed in the files of `templates/card/`, given by their names.

    Each side says what language it is in: Chinese and Japanese share letters that they draw
    differently.
    """

    def side(face: Face, name: str) -> str:
        return templates[f"{face.file}.{name}.html"].replace("LANGUAGE", escape(language))

    faces = tuple((side(face, "front"), side(face, "back")) for face in kind.faces)
    return Look(kind, faces, templates["card.css"] + _code_colours())


_NIGHT = (".nightMode", ".night_mode")
_RULE = late(r"^pre (\.\w+) \{ (.+?) \}", re.MULTILINE)


@cache
def _code_colours() -> str:
    """Return the rules for tokens, those of one colour together; the rest is card.css's."""
    return "".join(_colour_rules())


def _colour_rules() -> Iterator[str]:
    from builder.markdown import DARK, LIGHT, stylesheet

    for style, above in ((LIGHT, (".card",)), (DARK, _NIGHT)):
        alike: dict[str, list[str]] = {}
        for token, rule in _RULE.findall(stylesheet(style, "pre")):
            alike.setdefault(rule, []).append(token)
        for rule, tokens in alike.items():
            selectors = ",".join(f"{place} pre {token}" for token in tokens for place in above)
            yield f"{selectors}{{{rule}}}\n"
