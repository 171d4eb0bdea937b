"""Which Anki note a card is: by its id, by its place, or known again after it was reworded."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from base64 import b32encode
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Final, TypeAlias, TypeVar

from builder.deck.lock import Entry, Lock
from builder.deck.notetypes import note_type
from builder.model import Card, Course, Note, Problem

#: How alike a question and an answer must be on average, of 100, in the same file and in another;
#: how alike each must be for itself; and by how much a pair must be more alike than any other
#: that the two could make. Of 10,841 pairs of different cards of one file, one reached 75.
_SAME_FILE, _ELSEWHERE, _EACH, _CLEARLY = 75.0, 82.0, 50.0, 5.0
#: An answer this long, and still the same, is the same card, whatever is asked.
_TELLING: Final = 24

_EXCERPT: Final = 80
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SPACE = re.compile(r"\s+")


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


@dataclass(frozen=True, slots=True)
class Identity:
    """A card, its guid, and what was shipped of it before; `renamed` where it had to be guessed."""

    seen: Seen
    guid: str
    entry: Entry | None = None
    renamed: bool = False


def guid(project: str, *parts: str) -> str:
    """Return the guid that is made from `parts`; no other project makes the same."""
    digest = hashlib.sha256("\x1f".join((project, *parts)).encode()).digest()
    return b32encode(digest[:10]).decode().lower()


def identify(course: Course, lock: Lock) -> tuple[Identity, ...]:
    """Return the identity of every card, in the order of the notes."""
    cards = tuple(_seen(course))
    live = [entry for entry in lock.entries if not entry.retired]
    match = _Match(list(cards), live, [entry for entry in lock.entries if entry.retired])
    renamed = match.settle()
    taken = {entry.guid for entry in lock.entries}
    found = []
    for seen in cards:
        entry = match.found.get(id(seen))
        name = entry.guid if entry else _fresh(lock.project, seen, taken)
        found.append(Identity(seen, name, entry, id(seen) in renamed))
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


def _seen(course: Course) -> Iterator[Seen]:
    copies: Counter[Hashable] = Counter()
    for note in course.notes:
        for card in note.cards:
            file = unicodedata.normalize("NFC", note.source.name)
            context, question = tuple(map(_line, card.context)), _line(card.question)
            answer = _answer(note, card)
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
            )


def _line(text: str) -> str:
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _answer(note: Note, card: Card) -> str:
    text = "\n".join(note.source.lines[card.answer.line - 1 : card.answer.end_line])
    return _line(_COMMENT.sub("", text))


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
    lambda it: (it.file, it.context, it.question, it.whole),
    _place,
)
#: ... and by what it is known again elsewhere, or in other words.
_MOVED: Final[tuple[_Key, ...]] = (
    lambda it: (it.file, it.question, it.whole),
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

    def settle(self) -> set[int]:
        """Find all that can be found; return the cards that had to be known again."""
        for key in _CERTAIN:
            self._join(_by(key, self.cards, self.live))
        # What was retired comes back by its own name only.
        for key in _CERTAIN:
            self._join(_by(key, self.cards, self.retired))
        certain = set(self.found)
        for key in _MOVED:
            self._join(_by(key, self.cards, self.live))
        self._join(_alike(self.cards, self.live))
        return set(self.found) - certain

    def _join(self, pairs: Iterable[_Pair]) -> None:
        self.found |= {id(card): entry for card, entry in pairs}
        guids = {entry.guid for entry in self.found.values()}
        self.cards = [card for card in self.cards if id(card) not in self.found]
        self.live = [entry for entry in self.live if entry.guid not in guids]
        self.retired = [entry for entry in self.retired if entry.guid not in guids]


def _can_be(card: Seen, entry: Entry) -> bool:
    """An author who gives another id, or another note type, means another card."""
    return card.type == entry.type and (not card.id or not entry.id or card.id == entry.id)


def _by(key: _Key, cards: Iterable[Seen], entries: Iterable[Entry]) -> Iterator[_Pair]:
    """Yield the cards and entries that alone have the same key."""
    named, known = _unique(cards, key), _unique(entries, key)
    for name, card in named.items():
        if name in known and _can_be(card, known[name]):
            yield card, known[name]


def _unique(items: Iterable[_Item], key: _Key) -> dict[Hashable, _Item]:
    named = [(name, item) for item in items if (name := key(item))]
    times = Counter(name for name, _ in named)
    return {name: item for name, item in named if times[name] == 1}


def _alike(cards: list[Seen], entries: list[Entry]) -> Iterator[_Pair]:
    """Yield the pairs that are like each other, and clearly more so than like any other."""
    likeness = _likeness(cards, entries)
    rivals: dict[Hashable, list[float]] = {}
    for (card, entry), score in likeness.items():
        rivals.setdefault(("card", card), []).append(score)
        rivals.setdefault(("entry", entry), []).append(score)
    for (card, entry), score in likeness.items():
        others = sorted(rivals["card", card])[:-1] + sorted(rivals["entry", entry])[:-1]
        is_best = score == max(rivals["card", card]) == max(rivals["entry", entry])
        if is_best and score >= max(others, default=0.0) + _CLEARLY:
            yield cards[card], entries[entry]


def _likeness(cards: list[Seen], entries: list[Entry]) -> dict[tuple[int, int], float]:
    """Return how alike cards and entries are, by their indexes, where that is enough."""
    from rapidfuzz import fuzz, process

    questions = [entry.question for entry in entries]
    likeness = {}
    for at, card in enumerate(cards if entries else ()):
        near = process.extract(
            card.question, questions, scorer=fuzz.ratio, score_cutoff=_EACH, limit=None
        )
        for _, question, other in near:
            entry = entries[other]
            answer = fuzz.ratio(card.answer, entry.answer, score_cutoff=_EACH)
            score = (question + answer) / 2
            enough = _SAME_FILE if card.file == entry.file else _ELSEWHERE
            if answer and score >= enough and _can_be(card, entry):
                likeness[at, other] = score - enough
    return likeness


def problems(lock: Lock, cards: tuple[Identity, ...], *, breaking: bool) -> Iterator[Problem]:
    """Yield what keeps a card from being told apart from another, or from what it was."""
    ids: dict[Hashable, Seen] = {}
    places: dict[Hashable, Seen] = {}
    before = {name: entry for entry in lock.entries for name in _names(entry) if not entry.retired}
    for identity in cards:
        seen = identity.seen
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
