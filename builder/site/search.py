"""The index of the search: what the reader's browser asks for, a small piece at a time.

A piece is a script that hands over a value, since a page that was opened by a double click may
fetch nothing else. `index.js` names every place. A query then asks for the lists of its grams,
which say where it may stand, and for the texts of those places, which say where it does: each hit
that is shown was seen to hold the query.
"""

from __future__ import annotations

import json
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, pairwise
from typing import Final

from builder.model import Artifact
from builder.patterns import late

#: About so many characters are in one piece of texts, and of lists, of which a query needs more.
_TEXTS, _LISTS = 12_000, 4_000
#: From here on two characters tell as much as three letters do, and make a gram.
_WIDE: Final = "\u2e80"
#: Ends a text; no query has it.
_END: Final = "\n\n"
#: Stands between what is not to be shown together; no query has it, either.
APART: Final = "\u2063"
#: Lists are differences of numbers, each a character from here on; the last is added to the next.
_ZERO, _MORE = 48, 0xD7FF
_FAR = _MORE - _ZERO
#: Signs that stand a little higher or lower; each is one sign where it does not.
_SMALL = late("[²³¹ʰ-ʸˡ-ˣᴬ-ᵪᶜ-ᶿ⁰-ₜ]")


@dataclass(frozen=True, slots=True)
class Place:
    """A section as it is found; `text` is without its code. No heading means the page itself.

    `code` is its code, and behind it the source of each formula, `APART`.
    """

    anchor: str
    number: str
    heading: str
    tags: tuple[str, ...]
    text: str
    code: str


class Index:
    """Collects the places of a site, page by page, in the order in which they are shown."""

    def __init__(self) -> None:
        self._pages: list[list[object]] = []
        self._count = 0
        self._tags: dict[str, int] = {}
        self._texts = _Pieces(_TEXTS)
        #: Half a million numbers in a thousand pages: a list would take twice the room.
        self._lists: defaultdict[str, array[int]] = defaultdict(partial(array, "I"))

    def add(self, path: str, title: str, places: Iterable[Place]) -> None:
        """Add a page."""
        page: list[object] = [path, title]
        lists = self._lists
        self._pages.append(page)
        for number, place in enumerate(places, self._count):
            page.append(self._short(place))
            self._count += 1
            texts = _spaced(place.text), _spaced(place.code)
            self._texts.add(number, _json(texts))
            for kind, text in enumerate(texts):
                mark = 2 * number + kind
                for gram in _grams(folded(text)):
                    lists[gram].append(mark)

    def _short(self, place: Place) -> object:
        """Most places are only a heading that is its own anchor, and the index is read by all."""
        tags = tuple(self._tags.setdefault(tag, len(self._tags)) for tag in place.tags)
        if place.anchor == place.heading and not place.number and not tags:
            return place.heading
        return place.heading, place.anchor, place.number, tags

    def files(self, words: Mapping[str, str]) -> Iterator[Artifact]:
        """Yield the pieces, once; `words` are those that the search shows.

        What was yielded is forgotten: of a large site the index is a good part of all memory.
        """
        lists = _Pieces(_LISTS)
        for first, grams in groupby(sorted(self._lists), key=lambda gram: gram[0]):
            entries = (f"{_json(gram)}:{_json(packed(self._lists.pop(gram)))}" for gram in grams)
            lists.add(ord(first), ",".join(entries))
        index = {
            "words": words,
            "tags": tuple(self._tags),
            "pages": self._pages,
            "texts": self._texts.starts,
            "lists": lists.starts,
        }
        yield _script("index", _json(index))
        for name, pieces, left, right in (("text", self._texts, *"[]"), ("list", lists, *"{}")):
            for n in range(len(pieces.items)):
                items, pieces.items[n] = pieces.items[n], []
                yield _script(f"{name}-{n}", left + ",\n".join(items) + right)


@dataclass
class _Pieces:
    """Items in pieces of about one size; `starts` are the keys of the first of each."""

    limit: int
    items: list[list[str]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    size: int = 0

    def add(self, key: int, item: str) -> None:
        if not self.items or self.size >= self.limit:
            self.items.append([])
            self.starts.append(key)
            self.size = 0
        self.items[-1].append(item)
        self.size += len(item)


def folded(text: str) -> str:
    """Return text as it is compared: without capitals, and as the browser does it.

    A page shows a formula's `²` as a 2 that stands higher: whoever writes `x2` finds it.
    """
    small = _SMALL.sub(lambda sign: unicodedata.normalize("NFKC", sign[0]), text)
    return small.lower().replace("ς", "σ")


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _grams(text: str) -> set[str]:
    ended = text + _END
    return {
        ended[at : at + 2] if sign >= _WIDE else ended[at : at + 3] for at, sign in enumerate(text)
    }


def packed(numbers: Iterable[int]) -> str:
    """Return ascending numbers as the browser reads them."""
    steps = [number - before for before, number in pairwise((0, *numbers))]
    return "".join([_step(step) if step >= _FAR else chr(_ZERO + step) for step in steps])


def _step(step: int) -> str:
    more, rest = divmod(step, _FAR)
    return chr(_MORE) * more + chr(_ZERO + rest)


#: Once for all: `dumps` would make one for each of the many small values.
_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _script(name: str, value: str) -> Artifact:
    return Artifact(f"assets/search/{name}.js", f'found("{name}",{value})\n'.encode())
