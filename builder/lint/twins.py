"""Questions that are asked twice, word for word or nearly, anywhere in the course.

Cards are compared by the words they share, each weighted by how rare it is (tf-idf and cosine, as
in Manning, Raghavan, Schütze: Introduction to Information Retrieval, 6.2 and 6.3). Chinese is taken
by pairs of characters, so no dictionary is needed. Only cards that share rare words are compared,
so that ten thousand of them take seconds.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Final

from builder.markdown import plain
from builder.model import Card, Course, Note, Problem

#: Cosines above these are near-duplicates, in one note and in two. Cards of one note share its
#: subject anyway.
_ALIKE, _ELSEWHERE = 0.45, 0.25
#: Words in more cards than this bring no two of them together.
_COMMON: Final = 60
#: A word of the question counts as much as this many of the answer.
_QUESTION: Final = 4
#: How much of an answer is looked at, in characters.
_BEGINNING: Final = 400

_WORD = re.compile(r"[a-z_][a-z0-9_]{1,}|\d+|[\u4e00-\u9fff]+")
_EVERYWHERE = """
    什么 有什 么区 区别 如何 何在 怎么 么样 为什 哪些 有哪 可以 一个 我们 以及 进行 使用 中的 的是
    pytorch torch nn the of and is are to in what how why which for does do an
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
    """Yield questions that are nearly asked elsewhere already."""
    cards = course.cards
    vectors = _vectors([_words(note, card) for note in course.notes for card in note.cards])
    for place, others in sorted(_pairs(vectors).items()):
        other, score = max(others.items(), key=lambda it: (it[1], -it[0]))
        card, before = cards[place], cards[other]
        limit = _ALIKE if card.span.path == before.span.path else _ELSEWHERE
        if score < limit or plain(card.question) == plain(before.question):
            continue
        message = f"this is much like `{plain(before.question)}` at {before.span}"
        help_ = "make one card of the two, or let each ask what the other does not"
        yield Problem("near-duplicate", card.span, message, help_, "warning")


def _words(note: Note, card: Card) -> Counter[str]:
    lines = note.source.lines[card.answer.line - 1 : card.answer.end_line]
    counts = Counter(_terms("\n".join(lines)[:_BEGINNING]))
    for term in _terms(plain(card.question)):
        counts[term] += _QUESTION
    return counts


def _terms(text: str) -> Iterator[str]:
    for word in _WORD.findall(text.lower()):
        pairs = [word[i : i + 2] for i in range(len(word) - 1)] if word > "\u4e00" else [word]
        yield from (pair for pair in pairs or [word] if pair not in _STOP)


def _vectors(counts: list[Counter[str]]) -> list[dict[str, float]]:
    """Return a unit vector of weighted words for each card."""
    cards = Counter(term for count in counts for term in count)
    found = []
    for count in counts:
        weights = {
            term: (1 + math.log(number)) * math.log(len(counts) / cards[term])
            for term, number in count.items()
            if cards[term] > 1
        }
        alone = [
            math.log(len(counts)) * (1 + math.log(n)) for t, n in count.items() if cards[t] == 1
        ]
        length = math.hypot(*weights.values(), *alone) or 1.0
        found.append({term: weight / length for term, weight in weights.items()})
    return found


def _pairs(vectors: list[dict[str, float]]) -> dict[int, dict[int, float]]:
    """Return, for each card, the earlier ones that share rare words, with their cosines."""
    where: defaultdict[str, list[int]] = defaultdict(list)
    found: dict[int, dict[int, float]] = {}
    for place, vector in enumerate(vectors):
        near = {other for term in vector for other in where[term] if len(where[term]) <= _COMMON}
        scores = {other: _cosine(vector, vectors[other]) for other in near}
        if scores:
            found[place] = scores
        for term in vector:
            where[term].append(place)
    return found


def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
    small, large = (one, other) if len(one) < len(other) else (other, one)
    return sum(weight * large.get(term, 0.0) for term, weight in small.items())
