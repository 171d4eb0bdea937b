"""Which Anki note a card is: by its id, by its place, or known again after it was reworded."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from base64 import b32encode
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from typing import Final, TypeAlias, TypeVar

from builder import links
from builder.deck.lock import Entry, Lock
from builder.deck.notetypes import note_type
from builder.deck.renames import can_be, renames
from builder.model import Card, Course, Note, Problem, Span
from builder.patterns import late

#: An answer this long, and still the same, is the same card, whatever is asked.
_TELLING: Final = 24

_EXCERPT: Final = 80
_COMMENT = late(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Seen:
    """A card and all that it can be known again by."""

    note: Note
    card: Card
    type: str
    id: str | None
    file: str
    context: tuple[str, ...]
    question: str
    answer: str
    whole: str
    copy: int
    is_heading: bool = True


@dataclass(frozen=True, slots=True)
class Identity:
    """A card, its guid, and what was shipped of it before; `renamed` where it had to be guessed.

    `candidates` are what it was, or was not, where that is open.
    """

    seen: Seen
    guid: str
    entry: Entry | None = None
    renamed: bool = False
    candidates: tuple[Entry, ...] = ()


def former_files(it: Identity) -> tuple[str, ...]:
    """Return the files that a card was in before, the oldest first."""
    known = (*it.entry.files, it.entry.file) if it.entry else ()
    return tuple(dict.fromkeys(file for file in known if file != it.seen.file))


def moved(cards: Iterable[Identity]) -> Mapping[str, str]:
    """Return where most of the cards are now that were in a file before; by that file."""
    found: dict[str, Counter[str]] = {}
    for it in cards:
        for file in former_files(it):
            found.setdefault(file, Counter())[it.seen.file] += 1
    return {file: counts.most_common(1)[0][0] for file, counts in sorted(found.items())}


def anchors(cards: Iterable[Identity]) -> Mapping[Span, tuple[str, ...]]:
    """Return what cards were found by on the pages of their notes, by their places.

    A card that comes back has lost what another card got in the meantime.
    """
    stayed = [
        (it.seen, it.entry, it.entry.anchors or implied(it.seen, it.entry.question))
        for it in cards
        if it.entry and it.entry.file == it.seen.file
    ]
    taken = {(it.file, name) for it, entry, names in stayed if not entry.retired for name in names}
    return {
        it.card.span: tuple(n for n in names if not entry.retired or (it.file, n) not in taken)
        for it, entry, names in stayed
    }


def implied(seen: Seen, question: str) -> tuple[str, ...]:
    """Return the anchors of a card that the lock need not tell; most headings have just one."""
    return (links.slug(question),) if seen.is_heading else ()


def guid(project: str, *parts: str) -> str:
    """Return the guid that is made from `parts`; no other project makes the same."""
    digest = hashlib.sha256("\x1f".join((project, *parts)).encode()).digest()
    return b32encode(digest[:10]).decode().lower()


def identify(course: Course, lock: Lock, *, accept: bool = False) -> tuple[Identity, ...]:
    """Return the identity of every card, in the order of the notes.

    `accept` takes the likeliest where several cards may be the same one in other words.
    """
    cards = tuple(_seen(course))
    live = [entry for entry in lock.entries if not entry.retired]
    match = _Match(list(cards), live, [entry for entry in lock.entries if entry.retired])
    renamed = match.settle(accept=accept)
    taken = {entry.guid for entry in lock.entries}
    found = []
    for seen in cards:
        entry = match.found.get(id(seen))
        name = entry.guid if entry else _fresh(lock.project, seen, taken)
        candidates = match.open.get(id(seen), ())
        found.append(Identity(seen, name, entry, id(seen) in renamed, candidates))
    return tuple(found)


def _fresh(project: str, seen: Seen, taken: set[str]) -> str:
    """Return a guid from where a card stands; one that a reworded card took away is passed by."""
    first = ("id", seen.id) if seen.id else (seen.file, *seen.context, seen.question)
    names = (
        guid(project, seen.type, *first, str(number))
        for number in count(1 if seen.id else seen.copy)
    )
    name = next(name for name in names if name not in taken)
    taken.add(name)
    return name


def file_of(note: Note) -> str:
    """Return what the lock calls the file of a note."""
    return unicodedata.normalize("NFC", note.source.name)


def _seen(course: Course) -> Iterator[Seen]:
    copies: Counter[Hashable] = Counter()
    for note in course.notes:
        file = file_of(note)
        lines = replace(note.source).lines  # the note's own would stay
        above = cache(lambda context: tuple(map(_line, context)))
        for card, is_heading in cards_of(note):
            context, question = above(card.context), _line(card.question)
            answer = _answer(lines, card)
            copies[file, context, question] += 1
            yield Seen(
                note=note,
                card=card,
                type=note_type(card.kind).key,
                id=card.id,
                file=file,
                context=context,
                question=question,
                answer=_excerpt(answer),
                whole=hashlib.sha256(answer.encode()).hexdigest()[:12],
                copy=copies[file, context, question],
                is_heading=is_heading,
            )


def cards_of(note: Note) -> Iterator[tuple[Card, bool]]:
    """Yield the cards of a note, and whether each is asked by a heading."""
    for section in note.sections:
        for card in section.cards:
            yield card, card is section.card


def _line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _answer(lines: tuple[str, ...], card: Card) -> str:
    text = "\n".join(lines[card.answer.line - 1 : card.answer.end_line])
    return _line(_COMMENT.sub("", text) if "<!--" in text else text)


def _excerpt(answer: str) -> str:
    """Return the beginning and the end: enough to know an answer by, and short."""
    half = _EXCERPT // 2
    return answer if len(answer) <= _EXCERPT else f"{answer[:half]}…{answer[1 - half :]}"


_Item = TypeVar("_Item", Seen, Entry)
_Key: TypeAlias = Callable[[Seen | Entry], Hashable]


def _place(it: Seen | Entry) -> tuple[Hashable, ...]:
    return it.file, it.context, it.question, it.copy


#: By what a card is known for certain, the surest first. Each settles what it tells apart.
_CERTAIN: Final[tuple[_Key, ...]] = (
    lambda it: it.id and ("id", it.id),
    lambda it: it.guid if isinstance(it, Entry) else it.id,
    lambda it: (it.file, it.context, it.question, it.whole),
    _place,
)
#: ... and by what it is known again elsewhere, or in other words.
_MOVED: Final[tuple[_Key, ...]] = (
    lambda it: (it.file, it.context[-1:], it.question, it.whole),
    lambda it: (it.file, it.question, it.whole),
    lambda it: (it.context, it.question, it.whole, it.copy),
    lambda it: (it.context[-1:], it.question, it.whole),
    lambda it: (it.question, it.whole),
    lambda it: len(it.answer) >= _TELLING and (it.file, it.whole),
    lambda it: len(it.answer) >= _TELLING and it.whole,
)

_Pair: TypeAlias = tuple[Seen, Entry]


@dataclass
class _Match:
    """Cards and entries that have not found each other yet, and those that have."""

    cards: list[Seen]
    live: list[Entry]
    retired: list[Entry]
    found: dict[int, Entry] = field(default_factory=dict)
    open: dict[int, tuple[Entry, ...]] = field(default_factory=dict)

    def settle(self, *, accept: bool) -> set[int]:
        """Find all that can be found; return the cards that had to be known again."""
        for key in _CERTAIN:
            self._join(_by(key, self.cards, self.live))
        # What was retired comes back by its own name only.
        for key in _CERTAIN:
            self._join(_by(key, self.cards, self.retired))
        certain = set(self.found)
        for key in _MOVED:
            self._join(_by(key, self.cards, self.live))
        self._alike(accept=accept)
        return set(self.found) - certain

    def _alike(self, *, accept: bool) -> None:
        cards, entries = self.cards, self.live
        told = renames(list(cards), list(entries), accept=accept)
        self.open = {
            id(cards[at]): tuple(entries[other] for other in others)
            for at, others in told.open.items()
        }
        self._join((cards[at], entries[other]) for at, other in told.sure.items())

    def _join(self, pairs: Iterable[_Pair]) -> None:
        found = {id(card): entry for card, entry in pairs}
        if not found:
            return
        self.found |= found
        guids = {entry.guid for entry in self.found.values()}
        self.cards = [card for card in self.cards if id(card) not in self.found]
        self.live = [entry for entry in self.live if entry.guid not in guids]
        self.retired = [entry for entry in self.retired if entry.guid not in guids]


def _by(key: _Key, cards: Iterable[Seen], entries: Iterable[Entry]) -> Iterator[_Pair]:
    """Yield the cards and entries that alone have the same key."""
    if not (named := _unique(cards, key)):
        return
    known = _unique(entries, key)
    for name, card in named.items():
        if name in known and can_be(card, known[name]):
            yield card, known[name]


def _unique(items: Iterable[_Item], key: _Key) -> dict[Hashable, _Item]:
    named = [(name, item) for item in items if (name := key(item))]
    times = Counter(name for name, _ in named)
    return {name: item for name, item in named if times[name] == 1}


def problems(lock: Lock, cards: tuple[Identity, ...], *, breaking: bool) -> Iterator[Problem]:
    """Yield what keeps a card from being told apart from another, or from what it was."""
    ids: dict[Hashable, Seen] = {}
    places: dict[Hashable, Seen] = {}
    before = {name: entry for entry in lock.entries for name in _names(entry) if not entry.retired}
    for identity in cards:
        seen = identity.seen
        if identity.candidates:
            yield _ambiguous(identity)
        if seen.id:
            if (other := ids.setdefault(seen.id, seen)) is not seen:
                yield _same_id(seen, other)
        elif (other := places.setdefault(_place(seen)[:-1], seen)) is not seen:
            yield _same_question(seen, other)
        if not (breaking or identity.entry):
            known = (before[name] for name in _names(seen) if name in before)
            yield from (_other_type(seen, entry) for entry in known if entry.type != seen.type)


def _names(it: Seen | Entry) -> tuple[Hashable, ...]:
    return (("id", it.id),) if it.id else (_place(it),)


#: Fewer cards may all have been written anew.
_A_DECK: Final = 3


def foreign(lock: Lock, cards: tuple[Identity, ...]) -> Problem | None:
    """Return what is wrong with a lock that knows none of the cards."""
    live = [entry for entry in lock.entries if not entry.retired]
    if len(live) < _A_DECK or any(it.entry or it.candidates for it in cards):
        return None
    return Problem(
        "lock-foreign",
        Span(lock.path, 1),
        f"none of the {len(lock.entries)} cards that this lock remembers is in these notes",
        "take the lock of these notes; `--breaking` ships them as new cards of this deck",
    )


def _ambiguous(identity: Identity) -> Problem:
    first, *more = identity.candidates
    others = f", or `{more[0].question}`" if more else ""
    return Problem(
        "ambiguous-rename",
        identity.seen.card.span,
        f"this may be the card that was `{first.question}`{others}, or a new one",
        f"write `<!-- id: {first.guid} -->` below it if it is `{first.question}`, or any other id "
        "if it is new; `--accept-renames` takes the likeliest for all",
    )


def _same_id(seen: Seen, other: Seen) -> Problem:
    return Problem(
        "duplicate-id",
        seen.card.span,
        f"`{seen.id}` is the id of another card too, at {other.card.span}",
        "give one of them an id of its own",
    )


def _same_question(seen: Seen, other: Seen) -> Problem:
    return Problem(
        "duplicate-question",
        seen.card.span,
        f"the same question stands at {other.card.span}, under the same headings",
        "tell them apart with `<!-- id: ... -->` below one of them, or word it otherwise",
        "warning",
    )


def _other_type(seen: Seen, entry: Entry) -> Problem:
    return Problem(
        "card-kind-changed",
        seen.card.span,
        f"learners have this card as {entry.type}, and it is {seen.type} now, which is a new card "
        "to Anki: their reviews would stay with the old one",
        "change it back, or make a new card of it with `--breaking`",
    )
