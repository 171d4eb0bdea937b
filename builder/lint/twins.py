"""Questions that are asked twice, word for word or nearly, anywhere in the course.

Cards are compared by the words they share, each weighted by how rare it is (tf-idf and cosine, as
in Manning, Raghavan, Schütze: Introduction to Information Retrieval, 6.2 and 6.3), and by how much
of what one asks the other treats. Chinese is taken by pairs of characters, so no dictionary is
needed. Only cards of which one treats what the other asks are compared, so that ten thousand of
them take seconds.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from sys import intern
from typing import Final

from builder.lint.links import leads_to
from builder.lint.shape import is_vague
from builder.model import Card, Course, Note, Problem
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

_Exists = Callable[[Note, str], bool]


def doubled(course: Course, _exists: _Exists) -> Iterator[Problem]:
    """Yield questions that are asked word for word a second time."""
    first: dict[tuple[str, tuple[str, ...]], Card] = {}
    for card in course.cards:
        key = " ".join(plain(card.question).lower().split()), card.context[-1:]
        if before := first.setdefault(key, card) is not card and first[key]:
            message = f"`{plain(card.question)}` is asked already at {before.span}"
            help_ = "keep the better answer, or say in the question what is different"
            yield Problem("doubled-question", card.span, message, help_, "warning")


def alike(course: Course, _exists: _Exists) -> Iterator[Problem]:
    """Yield questions that are nearly asked elsewhere already.

    Of two cards that link to one another the author knows, and has said how they differ. So he has
    where their headings name what each of them is about.
    """
    owned = [(note, card) for note in course.notes for card in note.cards]
    cards = tuple(card for _, card in owned)
    texts, rarity = _texts(owned)
    for place, near in _candidates(texts):
        scores = {other: _likeness(texts[place], texts[other], rarity) for other in near}
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


@dataclass(frozen=True, slots=True)
class _Text:
    """The weighted words of a question, and how often all words of a card come in it.

    `question` is a vector of length one, `asked` are the words' shares of the question. The words
    of `whole` are weighed only where they are compared, since the weights of all cards take more
    room than the notes; `length` is that of their vector.
    """

    question: dict[str, float]
    asked: dict[str, float]
    whole: dict[str, int]
    length: float

    @property
    def treated(self) -> Iterator[str]:
        """The words that are asked for, or more than mentioned."""
        return (term for term, count in self.whole.items() if count > 1 or term in self.asked)


def _texts(cards: list[tuple[Note, Card]]) -> tuple[list[_Text], dict[str, float]]:
    """Return the words of cards, and how rare each word is."""
    questions = [Counter(_terms(_asked(card))) for _, card in cards]
    wholes = [
        asked + Counter(_terms(_answer(*owned)))
        for asked, owned in zip(questions, cards, strict=True)
    ]
    found_in = Counter(term for whole in wholes for term in whole)
    rarity = {term: math.log((len(cards) + 1) / count) for term, count in found_in.items()}
    texts = [
        _Text(_vector(asked, rarity), _shares(asked, rarity), whole, _length(whole, rarity))
        for asked, whole in zip(questions, wholes, strict=True)
    ]
    return texts, rarity


def _shares(asked: Counter[str], rarity: dict[str, float]) -> dict[str, float]:
    total = sum(rarity[term] for term in asked) or 1.0
    return {term: rarity[term] / total for term in asked}


def _asked(card: Card) -> str:
    """Return a question; one that means nothing alone, with what stands above it."""
    question = plain(card.question)
    return f"{card.context[-1]} {question}" if card.context and is_vague(question) else question


def _answer(note: Note, card: Card) -> str:
    return "\n".join(note.source.lines[card.answer.line - 1 : card.answer.end_line])


def _terms(text: str) -> Iterator[str]:
    for word in _WORD.findall(_FILLER.sub(" ", text.lower())):
        if word > "\u4e00":
            yield from (intern(word[i : i + 2]) for i in range(max(len(word) - 1, 1)))
        elif word not in _STOP:
            yield intern(word)


def _vector(counts: Counter[str], rarity: dict[str, float]) -> dict[str, float]:
    """Return a unit vector of weighted words."""
    length = _length(counts, rarity)
    return {term: _weight(count) * rarity[term] / length for term, count in counts.items()}


def _length(counts: Counter[str], rarity: dict[str, float]) -> float:
    return math.hypot(*(_weight(count) * rarity[term] for term, count in counts.items())) or 1.0


@cache
def _weight(count: int) -> float:
    return 1 + math.log(count)


def _candidates(texts: list[_Text]) -> Iterator[tuple[int, set[int]]]:
    """Yield each card with the earlier ones that treat what it asks, or ask what it treats."""
    asks: defaultdict[str, list[int]] = defaultdict(list)
    treats: defaultdict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        near = {it for term in text.asked if len(treats[term]) <= _COMMON for it in treats[term]}
        near |= {it for term in text.treated if len(asks[term]) <= _COMMON for it in asks[term]}
        if near:
            yield place, near
        for term in text.asked:
            asks[term].append(place)
        for term in text.treated:
            treats[term].append(place)


def _likeness(one: _Text, other: _Text, rarity: dict[str, float]) -> float:
    """Return how alike two cards are: questions, all words, and how far each treats the other's.

    A question that is only a part of a wide one has little of its own covered, and counts less.
    """
    covered = _cover(one, other), _cover(other, one)
    by_question = 0.25 * max(covered) + 0.5 * min(covered)
    by_question += 0.6 * _cosine(one.question, other.question)
    # Answers that are alike are rare, and take long to compare.
    if by_question <= _LEAST:
        return by_question
    return by_question + 1.5 * _in_all(one, other, rarity)


def _cover(one: _Text, other: _Text) -> float:
    """Return the share of a question that the other card asks or treats too."""
    asked, whole = other.asked, other.whole
    treated = (it for term, it in one.asked.items() if whole.get(term, 0) > 1 or term in asked)
    return sum(treated, 0.0)


def _in_all(one: _Text, other: _Text, rarity: dict[str, float]) -> float:
    """Return the cosine of all words of two cards."""
    if len(other.whole) <= len(one.whole):
        one, other = other, one
    return sum(
        (_weight(count) * rarity[term] / one.length)
        * (_weight(there) * rarity[term] / other.length)
        for term, count in one.whole.items()
        if (there := other.whole.get(term))
    )


def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
    small, large = (one, other) if len(one) < len(other) else (other, one)
    return sum(weight * large.get(term, 0.0) for term, weight in small.items())
