"""Which card became which where question, answer and place changed: by likeness, one to one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

#: How alike a card and an entry must be, of 100, in the same file and in another; how alike
#: question and answer must be each for itself; and by how much a pair must be more alike than any
#: other that the two could make. Of 14,000 pairs of different cards of one file one reaches 73.
_SAME_FILE, _ELSEWHERE, _EACH, _CLEARLY = 80.0, 85.0, 50.0, 5.0
#: What the one of question and answer counts for that is more alike: an author who rewords one of
#: the two leaves the other nearly as it was.
_STRONGER: Final = 0.65
#: What the same headings above count for: they decide between cards that are equally alike.
_HEADINGS: Final = 10.0


class Words(Protocol):
    """What a card and its entry in the lock are compared by."""

    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def id(self) -> str | None: ...  # noqa: D102
    @property
    def file(self) -> str: ...  # noqa: D102
    @property
    def context(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def question(self) -> str: ...  # noqa: D102
    @property
    def answer(self) -> str: ...  # noqa: D102


#: How alike cards and entries are, by their indexes; pairs that are not alike are not in it.
Likeness: TypeAlias = dict[tuple[int, int], float]
Pairs: TypeAlias = dict[int, int]


def can_be(card: Words, entry: Words) -> bool:
    """An author who gives another id, or another note type, means another card."""
    return card.type == entry.type and (not card.id or not entry.id or card.id == entry.id)


@dataclass(frozen=True, slots=True)
class Renames:
    """The pairs that are sure, and for the cards that may be one of several, which these are."""

    sure: Pairs
    open: Mapping[int, tuple[int, ...]]


def renames(cards: list[Words], entries: list[Words], *, accept: bool) -> Renames:
    """Tell which card is which entry, by their indexes; `accept` takes the likeliest of the rest.

    A card to which its author gave an id is what that says: it is nothing that may also be new.
    """
    likeness = _likeness(cards, entries)
    sure = _clear(likeness)
    named = {at for at, _ in likeness if cards[at].id and at not in sure}
    likeness = {pair: score for pair, score in likeness.items() if pair[0] not in named}
    sure = _clear(likeness)
    left = _without(likeness, sure)
    if accept:
        return Renames(sure | best(left), {})
    candidates: dict[int, tuple[int, ...]] = {}
    for card, entry in sorted(left, key=lambda pair: -left[pair]):
        candidates[card] = (*candidates.get(card, ()), entry)
    return Renames(sure, candidates)


def _likeness(cards: list[Words], entries: list[Words]) -> Likeness:
    if not (cards and entries):
        return {}
    from rapidfuzz import fuzz, process

    questions = [entry.question for entry in entries]
    found = {}
    for at, card in enumerate(cards):
        near = process.extract(
            card.question, questions, scorer=fuzz.ratio, score_cutoff=_EACH, limit=None
        )
        for _, question, other in near:
            entry = entries[other]
            answer = fuzz.ratio(card.answer, entry.answer, score_cutoff=_EACH)
            alike = min(question, answer) * (1 - _STRONGER) + max(question, answer) * _STRONGER
            over = alike - (_SAME_FILE if card.file == entry.file else _ELSEWHERE)
            if answer and over >= 0 and can_be(card, entry):
                above = fuzz.ratio("\n".join(card.context), "\n".join(entry.context))
                found[at, other] = over + _HEADINGS * above / 100
    return found


def _clear(likeness: Likeness) -> Pairs:
    """Return the pairs that are clearly more alike than any rival; each found may clear others."""
    found: Pairs = {}
    left = likeness
    while more := dict(_clearest(left)):
        found |= more
        left = _without(left, found)
    return found


def _without(likeness: Likeness, found: Pairs) -> Likeness:
    taken = set(found.values())
    return {(c, e): s for (c, e), s in likeness.items() if c not in found and e not in taken}


def _clearest(likeness: Likeness) -> Iterator[tuple[int, int]]:
    of_card: dict[int, list[float]] = {}
    of_entry: dict[int, list[float]] = {}
    for (card, entry), score in likeness.items():
        of_card.setdefault(card, []).append(score)
        of_entry.setdefault(entry, []).append(score)
    for scores in (*of_card.values(), *of_entry.values()):
        scores.sort(reverse=True)
    for (card, entry), score in likeness.items():
        if all(_leads(score, scores) for scores in (of_card[card], of_entry[entry])):
            yield card, entry


def _leads(score: float, scores: list[float]) -> bool:
    return score == scores[0] and (len(scores) == 1 or score >= scores[1] + _CLEARLY)


#: More than any likeness: two pairs are always better than one.
_A_PAIR: Final = 1000.0


def best(likeness: Likeness) -> Pairs:
    """Return the pairs that are the most, and together the most alike; each card and entry once."""
    found: Pairs = {}
    for group in _groups(likeness):
        cards = sorted({card for card, _ in group})
        entries = sorted({entry for _, entry in group})
        cost = [
            [-likeness[c, e] - _A_PAIR if (c, e) in group else 0.0 for e in entries] for c in cards
        ]
        found |= {
            cards[at]: entries[to]
            for at, to in _assigned(cost)
            if (cards[at], entries[to]) in group
        }
    return found


def _groups(pairs: Iterable[tuple[int, int]]) -> Iterator[set[tuple[int, int]]]:
    """Yield the pairs that hang together, through one card or entry or several."""
    near: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for pair in pairs:
        for end in (("card", pair[0]), ("entry", pair[1])):
            near.setdefault(end, []).append(pair)
    seen: set[tuple[int, int]] = set()
    for start in list(near.values()):
        group: set[tuple[int, int]] = set()
        todo = [pair for pair in start if pair not in seen]
        while todo:
            pair = todo.pop()
            if pair not in group:
                group.add(pair)
                todo += near["card", pair[0]] + near["entry", pair[1]]
        if group:
            seen |= group
            yield group


def _assigned(cost: list[list[float]]) -> Iterator[tuple[int, int]]:
    """Yield the cheapest one-to-one choice of columns for rows: the Hungarian method."""
    size = max(len(cost), len(cost[0]))
    square = [[*row, *[0.0] * (size - len(row))] for row in cost]
    square += [[0.0] * size for _ in range(size - len(cost))]
    row_price, column_price = [0.0] * (size + 1), [0.0] * (size + 1)
    row_of = [0] * (size + 1)  # by column; counted from 1, 0 is none
    for row in range(1, size + 1):
        row_of[0], came_from = row, [0] * (size + 1)
        slack, used, column = [float("inf")] * (size + 1), [False] * (size + 1), 0
        while row_of[column]:
            used[column], at = True, row_of[column]
            for to in (to for to in range(1, size + 1) if not used[to]):
                price = square[at - 1][to - 1] - row_price[at] - column_price[to]
                if price < slack[to]:
                    slack[to], came_from[to] = price, column
            nearest = min((to for to in range(1, size + 1) if not used[to]), key=slack.__getitem__)
            step = slack[nearest]
            for to in range(size + 1):
                if used[to]:
                    row_price[row_of[to]] += step
                    column_price[to] -= step
                else:
                    slack[to] -= step
            column = nearest
        while column:
            row_of[column] = row_of[came_from[column]]
            column = came_from[column]
    yield from (
        (row_of[to] - 1, to - 1)
        for to in range(1, size + 1)
        if row_of[to] <= len(cost) and to <= len(cost[0])
    )
