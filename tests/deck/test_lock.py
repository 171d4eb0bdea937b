from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from builder.config import DeckConfig
from builder.deck import lock
from builder.deck.lock import Chapter, Entry, Lock, Style
from tests.deck.course import Author, course, note

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
        ('"4f1c"', '""', "lock-broken", "3:1", "does not say which"),
        ('"mod": 1760000000}', '"mod": -1}', "lock-broken", "5:6", "lacks something"),
        ('"mod": 1760000000}', f'"mod": {10**30}}}', "lock-broken", "5:6", "lacks something"),
        ("# end\n", "", "lock-broken", "7:1", "cut off"),
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


def test_of_a_merge_with_several_conflicts_one_thing_is_said() -> None:
    header, *_, card = lock.dump(LOCK).split("\n")[2:6]
    text = lock.dump(LOCK)
    for line, other in ((header, header.replace("4f1c", "77")), (card, card[:40])):
        conflict = f"<<<<<<< HEAD\n{line}\n||||||| base\n=======\n{other}\n>>>>>>> theirs\n"
        text = text.replace(f"{line}\n", conflict)
    (problem,) = lock.parse(text, "proofdeck.lock")[1]
    assert (problem.code, problem.span.line) == ("lock-conflict", 3)
    half = text.replace("<<<<<<< HEAD\n", "")
    (problem,) = lock.parse(half, "proofdeck.lock")[1]
    assert (problem.code, problem.span.line) == ("lock-conflict", 4)


@pytest.mark.parametrize("line", [3, 4, 5])
def test_a_line_that_stands_twice_is_one_problem(line: int) -> None:
    lines = lock.dump(LOCK).split("\n")
    twice = "\n".join((*lines[:line], *lines[line - 1 :]))
    (problem,) = lock.parse(twice, "proofdeck.lock")[1]
    assert (problem.code, problem.span.line) == ("lock-broken", line + 1)
    assert ("`mod`" in problem.help) == lines[line - 1].startswith("type")


def test_a_lock_that_was_cut_off_is_refused_wherever_that_was() -> None:
    text = lock.dump(LOCK)
    for end in range(len(text) - 1):
        _, problems = lock.parse(text[:end], "proofdeck.lock")
        assert len(problems) == 1 or text[:end].endswith("# end"), text[:end]


def test_a_lock_from_before_there_was_an_end_is_taken() -> None:
    old = lock.dump(LOCK).replace(" The last line is `# end`.", "").replace("# end\n", "")
    read, problems = lock.parse(old, LOCK.path)
    assert (len(read.entries), problems) == (2, ())


LONG = "一个张量是元素类型相同的多维数组，它还记得自己在哪个设备上。"


@pytest.mark.parametrize("name", ["", "Another course"])
def test_the_lock_of_other_notes_is_refused(name: str) -> None:
    author = Author()
    author.build(
        course(note("a.md", f"# A\n\n## 甲？\n\n一。\n\n## 乙？\n\n二。\n\n## 丙？\n\n{LONG}\n"))
    )
    before = author.lock
    other = course(note("b.md", "# B\n\n## What?\n\nSomething.\n"))
    release = author.build(other, DeckConfig(name=name))
    assert [(p.code, p.severity) for p in release.problems] == [("lock-foreign", "error")]
    assert (release.package, release.lock) == (None, before)


def test_a_lock_from_the_future_is_pointed_out_and_holds_no_update_back() -> None:
    author = Author()
    author.build(course(note("a.md", "# A\n\n## What?\n\nSomething.\n")))
    (before,) = author.lock.entries
    author.now -= 10 * 86_400
    release = author.build(course(note("a.md", "# A\n\n## What?\n\nSomething else.\n")))
    assert [(p.code, p.severity) for p in release.problems] == [("lock-ahead", "warning")]
    assert "2025-10-10" in release.problems[0].message
    assert author.lock.entries[0].mod == before.mod + 1


def test_the_changes_of_two_people_merge(tmp_path: Path) -> None:
    texts = {
        name: f"# {name}\n\n## {name} 是什么？\n\n{LONG}{name}\n"
        for name in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
    }

    def build(lock: Lock, **edits: str) -> Lock:
        author = Author()
        author.lock = lock
        author.build(course(*(note(f"{n}.md", t) for n, t in (texts | edits).items())))
        return author.lock

    base = build(Lock("4f1c"))
    ours = build(base, 甲=texts["甲"].replace("设备", "机器"))
    theirs = build(base, 亥=texts["亥"].replace("设备", "机器"))
    sides = (("ours", ours), ("base", base), ("theirs", theirs))
    for name, locked in sides:
        (tmp_path / name).write_text(lock.dump(locked), "utf-8")
    command = ["git", "merge-file", "-p", *(str(tmp_path / name) for name, _ in sides)]
    merged = subprocess.run(command, capture_output=True, check=True)
    read, problems = lock.parse(merged.stdout.decode(), "proofdeck.lock")
    assert problems == ()
    answers = {entry.question[0]: entry.answer for entry in read.entries}
    assert [name for name in texts if "机器" in answers[name]] == ["甲", "亥"]
