"""Questions that are asked twice, word for word or nearly, anywhere in the course.

Cards are compared by the words they share, each weighted by how rare it is (tf-idf and cosine, as
in Manning, Raghavan, Schütze: Introduction to Information Retrieval, 6.2 and 6.3), and by how much
of what one asks the other treats. Chinese is taken by pairs of characters, so no dictionary is
needed. Only cards of which one treats what the other asks are compared, so that ten thousand of
them take seconds.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count, groupby
from typing import Final, TypeAlias

from builder.lint.links import leads_to
from builder.lint.page import Known, unread
from builder.lint.shape import is_vague
from builder.model import Card, Note, Problem
from builder.patterns import late
from builder.plain import plain

#: Cards this much alike are near-duplicates, in two notes and in one: the cards of one note share
#: its subject anyway. Found by trial, on notes whose near-duplicates a reader had named.
_ELSEWHERE, _BESIDE = 0.63, 1.2
#: Whatever the answers say, questions less alike than this are not asked twice.
_LEAST: Final = 0.2
#: Words in more cards than this bring no two of them together.
_COMMON: Final = 40

_WORD = late(r"[a-z][a-z0-9_]+|[\u4e00-\u9fff]+")
#: What questions are made of, and what says nothing of their subject.
_FILLER = late(
    "请?解释一下|为什么|什么是|是什么|有什么|什么|有哪些|哪些|如何|怎么|怎样|常见的?|常用的?|主要|方法|方式|"
    "处理|使用|实现|进行|区别|作用|问题|相关|介绍|简述|理解|可以|作为|以及|中的?|典型代表|系列|"
    "[的和与在有吗呢及或对用了是层]"
)
_EVERYWHERE = """
    pytorch torch nn the of and is are to in what how why which for does do an it its be can or on
    with as by from that this you there when who where we one two not no if than then into at my
    hvad hvorfor hvordan er en et og af til den det de som der på med for at
"""
_STOP = frozenset(_EVERYWHERE.split())


def doubled(known: Known) -> Iterator[Problem]:
    """Yield questions that are asked word for word a second time."""
    first: dict[tuple[str, tuple[str, ...]], Card] = {}
    for card in known.course.cards:
        key = " ".join(plain(card.question).lower().split()), card.context[-1:]
        if before := first.setdefault(key, card) is not card and first[key]:
            message = f"`{plain(card.question)}` is asked already at {before.span}"
            help_ = "keep the better answer, or say in the question what is different"
            yield Problem("doubled-question", card.span, message, help_, "warning")


def alike(known: Known) -> Iterator[Problem]:
    """Yield questions that are nearly asked elsewhere already.

    Of two cards that link to one another the author knows, and has said how they differ. So he has
    where their headings name what each of them is about.
    """
    owned = [(note, card) for note in known.course.notes for card in note.cards]
    cards = tuple(card for _, card in owned)
    texts, rarity = _texts(owned)
    for place, near in _candidates(texts):
        one = _opened(texts[place], rarity)
        scores = {other: _likeness(one, texts[other], rarity) for other in near}
        fits = {
            other: score
            for other, score in scores.items()
            if score >= _limit(cards[place], cards[other])
            and not _are_parallel(cards[place], cards[other])
            and not leads_to(*owned[place], *owned[other])
            and not leads_to(*owned[other], *owned[place])
        }
        if fits:
            yield from _alike(cards[place], cards[max(fits, key=lambda it: (fits[it], -it))])


def _limit(card: Card, other: Card) -> float:
    return _BESIDE if card.span.path == other.span.path else _ELSEWHERE


def _are_parallel(card: Card, other: Card) -> bool:
    """Tell whether two cards ask the same of two things, which the headings above them name."""
    asked, there = set(_terms(plain(card.question))), set(_terms(plain(other.question)))
    if not asked - there or not there - asked:
        return False
    return asked - there <= _named_above(card) and there - asked <= _named_above(other)


def _named_above(card: Card) -> set[str]:
    return set(_terms(" ".join(card.context)))


def _alike(card: Card, before: Card) -> Iterator[Problem]:
    if plain(card.question) != plain(before.question) or card.context[-1:] != before.context[-1:]:
        message = f"this is much like `{plain(before.question)}` at {before.span}"
        help_ = (
            "make one card of the two, or link one to the other and let each ask what is its own"
        )
        yield Problem("near-duplicate", card.span, message, help_, "warning")


#: Words by their numbers, and how often each of them comes: far smaller than a dictionary.
_Counts: TypeAlias = "tuple[array[int], array[int]]"


@dataclass(frozen=True, slots=True)
class _Text:
    """The words of a card's question, and of all of it; of all cards they are held at once.

    `treated` are the words that are asked for, or more than mentioned. `total` is how rare the
    words of the question are together; `size` and `length` are those of the vectors of the
    question and of all words.
    """

    asked: _Counts
    whole: _Counts
    treated: array[int]
    total: float
    size: float
    length: float


@dataclass(frozen=True, slots=True)
class _Opened:
    """The words of the card that is compared with many others, where they are found at once.

    `question` and `whole` are vectors of length one, `shares` are the words' shares of the
    question.
    """

    shares: dict[int, float]
    question: dict[int, float]
    whole: dict[int, float]
    treated: frozenset[int]


def _texts(cards: list[tuple[Note, Card]]) -> tuple[list[_Text], list[float]]:
    """Return the words of cards, and how rare each word is, by its number."""
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    counted: list[tuple[_Counts, _Counts]] = []
    found_in: Counter[int] = Counter()
    for (_, card), answer in zip(cards, _answers(cards), strict=True):
        asked = Counter(numbers[term] for term in _terms(_asked(card)))
        whole = asked + Counter(numbers[term] for term in _terms(answer))
        found_in.update(whole.keys())
        counted.append((_counts(asked), _counts(whole)))
    rarity = [math.log((len(cards) + 1) / found_in[number]) for number in range(len(numbers))]
    return [_text(asked, whole, rarity) for asked, whole in counted], rarity


def _counts(found: Counter[int]) -> _Counts:
    return array("I", found.keys()), array("I", found.values())


def _text(asked: _Counts, whole: _Counts, rarity: list[float]) -> _Text:
    treated = {*asked[0], *(term for term, times in zip(*whole, strict=True) if times > 1)}
    total = sum(rarity[term] for term in asked[0]) or 1.0
    sizes = (math.hypot(*_weights(counts, rarity)) or 1.0 for counts in (asked, whole))
    return _Text(asked, whole, array("I", treated), total, *sizes)


def _weights(counts: _Counts, rarity: list[float]) -> Iterator[float]:
    return (_weight(times) * rarity[term] for term, times in zip(*counts, strict=True))


def _opened(text: _Text, rarity: list[float]) -> _Opened:
    return _Opened(
        {term: rarity[term] / text.total for term in text.asked[0]},
        _unit(text.asked, text.size, rarity),
        _unit(text.whole, text.length, rarity),
        frozenset(text.treated),
    )


def _unit(counts: _Counts, length: float, rarity: list[float]) -> dict[int, float]:
    """Return a vector of length one."""
    weights = (weight / length for weight in _weights(counts, rarity))
    return dict(zip(counts[0], weights, strict=True))


def _asked(card: Card) -> str:
    """Return a question; one that means nothing alone, with what stands above it."""
    question = plain(card.question)
    return f"{card.context[-1]} {question}" if card.context and is_vague(question) else question


def _answers(cards: list[tuple[Note, Card]]) -> Iterator[str]:
    """Yield what is said in the answers of cards; of one note at a time are the lines held."""
    for _, owned in groupby(cards, lambda one: one[0].source.path):
        own = list(owned)
        lines = unread(own[0][0]).source.lines
        for _, card in own:
            yield "\n".join(lines[card.answer.line - 1 : card.answer.end_line])


def _terms(text: str) -> Iterator[str]:
    for word in _WORD.findall(_FILLER.sub(" ", text.lower())):
        if word > "\u4e00":
            yield from (word[i : i + 2] for i in range(max(len(word) - 1, 1)))
        elif word not in _STOP:
            yield word


@cache
def _weight(count: int) -> float:
    return 1 + math.log(count)


def _candidates(texts: list[_Text]) -> Iterator[tuple[int, set[int]]]:
    """Yield each card with the earlier ones that treat what it asks, or ask what it treats."""
    asks: defaultdict[int, list[int]] = defaultdict(list)
    treats: defaultdict[int, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        near = {it for term in text.asked[0] if len(treats[term]) <= _COMMON for it in treats[term]}
        near |= {it for term in text.treated if len(asks[term]) <= _COMMON for it in asks[term]}
        if near:
            yield place, near
        for places, terms in ((asks, text.asked[0]), (treats, text.treated)):
            for term in terms:
                if len(places[term]) <= _COMMON:
                    places[term].append(place)


def _likeness(one: _Opened, other: _Text, rarity: list[float]) -> float:
    """Return how alike two cards are: questions, all words, and how far each treats the other's.

    A question that is only a part of a wide one has little of its own covered, and counts less.
    """
    covered = _cover(one, other.treated), _covered(one, other, rarity)
    by_question = 0.25 * max(covered) + 0.5 * min(covered)
    by_question += 0.6 * _cosine(one.question, other.asked, other.size, rarity)
    # Answers that are alike are rare, and take long to compare.
    if by_question <= _LEAST:
        return by_question
    return by_question + 1.5 * _cosine(one.whole, other.whole, other.length, rarity)


def _cover(one: _Opened, treated: array[int]) -> float:
    """Return the share of a question that another card asks or treats too."""
    return sum(map(one.shares.__getitem__, one.shares.keys() & treated))


def _covered(one: _Opened, other: _Text, rarity: list[float]) -> float:
    """Return the share of another card's question that this one asks or treats too."""
    return sum(map(rarity.__getitem__, one.treated.intersection(other.asked[0]))) / other.total


def _cosine(one: dict[int, float], other: _Counts, length: float, rarity: list[float]) -> float:
    if one.keys().isdisjoint(other[0]):
        return 0.0
    both = ((one[term], term, times) for term, times in zip(*other, strict=True) if term in one)
    return sum(weight * _weight(times) * rarity[term] for weight, term, times in both) / length
