from __future__ import annotations

from dataclasses import replace

import pytest

from builder.deck import lock
from builder.deck.lock import Chapter, Entry, Lock, Style

ENTRY = Entry(
    guid="b2",
    type="basic",
    question="什么是\u2028张量？",
    context=("张量",),
    file="01-tensors.md",
    answer="多维数组",
    whole="0f",
    hash="ab",
    mod=1_760_000_000,
    born=1_760_000_000,
)
LOCK = Lock(
    "4f1c",
    "Torch 笔记",
    (Chapter("01-tensors.md", "Torch 笔记::01 张量"),),
    (Style("basic", "cd", 1_760_000_000),),
    (ENTRY, replace(ENTRY, guid="a1", copy=2, id="what", retired=True)),
)


def test_a_lock_survives_being_written() -> None:
    text = lock.dump(LOCK)
    read, problems = lock.parse(text, LOCK.path)
    assert problems == ()
    assert read == replace(LOCK, entries=LOCK.entries[::-1])
    assert lock.dump(read) == text


def test_a_lock_reads_well_in_a_diff() -> None:
    assert lock.dump(LOCK).splitlines()[2:5] == [
        'lock {"format": 1, "project": "4f1c", "deck": "Torch 笔记"}',
        'chapter {"file": "01-tensors.md", "deck": "Torch 笔记::01 张量"}',
        'type {"type": "basic", "hash": "cd", "mod": 1760000000}',
    ]
    cards = [line for line in lock.dump(LOCK).split("\n") if line.startswith("card")]
    assert len(cards) == 2
    assert cards == sorted(cards)


def test_what_an_editor_adds_to_a_file_is_no_problem() -> None:
    text = "\ufeff" + lock.dump(LOCK).replace("\n", "\r\n")
    read, problems = lock.parse(text, LOCK.path)
    assert problems == ()
    assert len(read.entries) == 2


@pytest.mark.parametrize(
    ("was", "became", "code", "place", "said"),
    [
        ('card {"guid": "a1"', '<<<<<<< HEAD\ncard {"guid": "a1"', "lock-conflict", "6:1", "merge"),
        ('"format": 1', '"format": 2', "lock-version", "3:1", "newer version"),
        ("lock {", "[[package]]\n{", "lock-broken", "3:1", "`[[package]]` begins no line"),
        ('"mod": 1760000000}', '"mod": 17600', "lock-broken", "5:50", "this line is damaged"),
        ('"mod": 1760000000}', '"mod": "now"}', "lock-broken", "5:6", "lacks something"),
        ('"mod": 1760000000}', '"mod": 1, "more": 2}', "lock-broken", "5:6", "has too much"),
        ('{"guid": "b2"', '{"guid": "a1"', "lock-broken", "7:1", "stands on line 6 too"),
        ("lock {", "# {", "lock-broken", "1:1", "no line that begins with `lock`"),
    ],
)
def test_what_cannot_be_used_is_said(
    was: str, became: str, code: str, place: str, said: str
) -> None:
    text = lock.dump(LOCK)
    assert was in text
    _, problems = lock.parse(text.replace(was, became, 1), "proofdeck.lock")
    assert problems
    assert problems[0].code == code
    assert str(problems[0].span) == f"proofdeck.lock:{place}"
    assert said in problems[0].message


def test_an_empty_file_is_no_lock() -> None:
    _, problems = lock.parse("", "proofdeck.lock")
    assert [problem.code for problem in problems] == ["lock-broken"]


def test_one_conflict_is_one_problem() -> None:
    card = lock.dump(LOCK).split("\n")[5]
    conflict = f"<<<<<<< HEAD\n{card}\n=======\n{card}\n>>>>>>> theirs\n"
    _, problems = lock.parse(lock.dump(LOCK).replace(f"{card}\n", conflict), "proofdeck.lock")
    assert [problem.code for problem in problems] == ["lock-conflict"]
