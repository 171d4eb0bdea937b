"""What a build makes of a course and a lock: names, times, bytes, and what it refuses."""

from __future__ import annotations

import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from builder.config import DeckConfig
from builder.deck import Lock, Release, deck, file_name, lock
from builder.deck.chapters import Split
from builder.deck.content import tag
from builder.deck.notetypes import FIELDS, NOTE_TYPES
from builder.model import Course, Kind, Note, Status
from tests.deck.course import DAY_ONE, TEMPLATES, Author, course, note, picture, verified

ONE = "# 张量\n\n## One?\n\nAn answer.\n\n```python\nx = 1\ny = 2\n```\n"


def collection(release: Release) -> sqlite3.Connection:
    assert release.package
    with zipfile.ZipFile(io.BytesIO(release.package.content)) as archive:
        data = archive.read("collection.anki2")
    db = sqlite3.connect(":memory:")
    db.deserialize(data)
    return db


def fields(release: Release, nth: int = 0) -> dict[str, str]:
    """Return the fields of the first note, or of another."""
    every = "select flds from notes join cards on nid = notes.id and ord = 0 order by due"
    (values,) = collection(release).execute(every).fetchall()[nth]
    return dict(zip(FIELDS, values.split("\x1f"), strict=True))


def decks(release: Release) -> set[str]:
    (text,) = collection(release).execute("select decks from col").fetchone()
    return {found["name"] for found in json.loads(text).values()} - {"Default"}


def test_what_is_permanent_has_not_changed() -> None:
    """Another list of fields or templates splits the collection of everyone who has a deck."""
    assert FIELDS == (
        "Question", "Answer", "Context", "Code", "Output", "Source",
        "Verdict", "Extra", "Id", "Reverse", "Spare 1", "Spare 2",
    )  # fmt: skip
    assert [(t.key, t.name, t.cloze, [f.name for f in t.faces]) for t in NOTE_TYPES] == [
        ("basic", "Proofdeck Basic", False, ["Card", "Reverse"]),
        ("cloze", "Proofdeck Cloze", True, ["Cloze"]),
        ("output", "Proofdeck Output", False, ["Output"]),
    ]
    release = Author("0123456789abcdef").build(course(note("a.md", ONE)))
    (text,) = collection(release).execute("select models from col").fetchone()
    (model,) = json.loads(text).values()
    assert model["id"] == "2144550266"
    assert model["flds"][0]["id"] == 28373726905926
    assert model["tmpls"][0]["id"] == 9642286169792
    assert release.lock.entries[0].guid == "34ja62fmehjztsz2"


BUILD = """
import sys
from tests.deck.course import Author, course, note, verified
text = open(sys.argv[1], encoding="utf-8").read()
author = Author()
author.now = int(sys.argv[2])
author.package(verified(course(note("a.md", text))))
author.now = int(sys.argv[2])
sys.stdout.buffer.write(author.package(verified(course(note("a.md", text)))))
"""


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai"])
def test_a_build_is_the_same_bytes_in_any_zone_and_process(tmp_path: Path, zone: str) -> None:
    (tmp_path / "a.md").write_text(ONE, "utf-8")
    command = [sys.executable, "-c", BUILD, str(tmp_path / "a.md"), str(DAY_ONE)]
    made = [
        subprocess.run(
            command,
            env=os.environ | {"TZ": zone, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for seed in "12"
    ]
    assert made[0] == made[1]
    assert made[0] == Author().package(verified(course(note("a.md", ONE))))


def test_nothing_changes_on_another_day() -> None:
    author, given = Author(), verified(course(note("a.md", ONE)))
    first = author.build(given)
    second = author.build(given)
    assert second.package == first.package
    assert lock.dump(second.lock) == lock.dump(first.lock)
    assert str(second.forecast) == "1 unchanged"


def test_what_a_machine_adds_to_a_verdict_is_not_an_update() -> None:
    author, given = Author(), verified(course(note("a.md", ONE)))
    author.build(given)
    (verdict,) = given.verdicts
    slower = replace(verdict, seconds=9.0, cached=True, stdout="2\n", stand_ins=("a GPU",))
    there = author.build(replace(given, verdicts=(slower,)))
    assert str(there.forecast) == "1 unchanged"
    newer = replace(given.environment, packages=(("torch", "2.14.0"),))
    assert str(author.build(replace(given, environment=newer)).forecast) == "1 unchanged"


def test_what_could_not_be_run_here_leaves_no_mark() -> None:
    given = verified(course(note("a.md", ONE)))
    (verdict,) = given.verdicts
    for status in (Status.INCOMPLETE, Status.SKIPPED):
        other = replace(verdict, status=status, reason="needs a package that is not here")
        shown = fields(Author().build(replace(given, verdicts=(other,))))
        assert shown["Verdict"] == ""
        assert shown == fields(Author().build(course(note("a.md", ONE))))


def test_a_clock_that_runs_behind_holds_no_update_back() -> None:
    author = Author()
    author.build(course(note("a.md", ONE)))
    (before,) = author.lock.entries
    author.now = 1_000
    author.build(course(note("a.md", ONE.replace("answer", "Answer"))))
    (after,) = author.lock.entries
    assert after.mod == before.mod + 1
    assert after.born == before.born


def test_a_failed_snippet_is_marked_where_it_fails() -> None:
    shown = fields(Author().build(verified(course(note("a.md", ONE)), "y = 2")))
    assert '<pre class="code broken noted">' in shown["Answer"]
    assert '<span class="line fault">y' in shown["Answer"]
    assert "<b>第 2 行</b> <code>y</code> is not there" in shown["Answer"]
    assert shown["Verdict"] == '<span class="bad">✗ 代码有误 · 第 2 行</span>'


def test_the_words_are_in_the_language_of_the_course() -> None:
    given = replace(verified(course(note("a.md", ONE))), language="en")
    release = Author().build(given)
    assert fields(release)["Verdict"] == '<span class="ok">✓ code verified</span>'
    (text,) = collection(release).execute("select models from col").fetchone()
    assert 'lang=\\"en\\"' in text


def test_a_broken_card_can_be_held_back_and_comes_again() -> None:
    author, config = Author(), DeckConfig(broken="hold")
    text = ONE + "\n## Two?\n\nYes.\n"
    author.build(verified(course(note("a.md", text))), config)
    before = {entry.question: entry for entry in author.lock.entries}
    held = author.build(verified(course(note("a.md", text)), "y = 2"), config)
    assert str(held.forecast) == "1 unchanged, 1 held back"
    assert {entry.question: entry for entry in author.lock.entries} == before
    assert collection(held).execute("select count() from notes").fetchone() == (1,)
    assert str(author.build(verified(course(note("a.md", text))), config).forecast) == "2 unchanged"


def test_nothing_on_a_card_asks_the_network_for_anything() -> None:
    text = (
        "# T\n\n## Q ![far](https://example.org/a.png)?\n\n"
        '![near](b.png) ![gone](c.png) <img src="http://example.org/d.png"> '
        "[sound:e.mp3] `[latex]` [x](https://example.org/f)\n"
    )
    one = note("a.md", text)
    shown = fields(Author().build(course(one, assets=(picture(one, "b.png", b"near!"),))))
    assert shown["Question"] == 'Q <a class="missing" href="https://example.org/a.png">far</a>?'
    assert '<img src="6e656172.png" alt="near">' in shown["Answer"]
    assert '<span class="missing">gone</span>' in shown["Answer"]
    assert '<a class="missing" href="http://example.org/d.png">图片缺失</a>' in shown["Answer"]
    assert "&#91;sound:e.mp3]" in shown["Answer"]
    assert "<code>&#91;latex]</code>" in shown["Answer"]
    assert shown["Answer"].count("<img") == 1


def test_links_to_notes_lead_to_the_site() -> None:
    one = note(
        "one/a.md",
        "# A\n\n## Q?\n\nA tensor knows its device.\n\n"
        "[b](../b.md#x) [self](#q) [gone](c.md) [pdf](d.pdf) [odd](http://[::1)\n",
    )
    other = note("b.md", "# B\n\n## X?\n\nYes.\n")
    at = fields(Author().build(course(one, other), site_url="https://example.org/n/"))
    assert 'href="https://example.org/n/notes/b.html#x"' in at["Answer"]
    assert 'href="https://example.org/n/notes/one/a.html#q"' in at["Answer"]
    assert at["Answer"].count("href") == 2
    assert at["Source"] == '<a href="https://example.org/n/notes/one/a.html#q">原文</a>'
    nowhere = fields(Author().build(course(one, other)))
    assert "href" not in nowhere["Answer"] + nowhere["Source"]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (note("a.md", ONE), {"D", "D::张量"}),
        (note("01-a.md", ONE), {"D", "D::01 张量"}),
        (note("basics/2_a.md", ONE), {"D", "D::basics::2 张量"}),
        (replace(note("3.md", ONE), title="1. 张量"), {"D", "D::1. 张量"}),
        (note("a.md", ONE.replace("张量", "std::vector\t\x01 x")), {"D", "D::std:vector x"}),
        (note("a.md", ONE.replace("# 张量", "# D")), {"D"}),
        (
            note("a.md", ONE.replace("张量", "率 $\\alpha$、`x` 与 $\\sigma^2$")),
            {"D", "D::率 α、x 与 σ²"},
        ),
        (replace(note("x/a.md", ONE), deck="Own::Place"), {"D", "D::Own", "D::Own::Place"}),
    ],
)
def test_decks_are_called_after_folders_and_notes(given: Note, names: set[str]) -> None:
    release = Author().build(course(given), DeckConfig(name="D"))
    assert decks(release) >= {max(names, key=len), "D"}
    assert decks(release) <= names


def test_a_deck_keeps_the_name_that_learners_know() -> None:
    author = Author()
    author.build(course(note("a.md", ONE)))
    other = course(note("a.md", ONE.replace("# 张量", "# Tensors")))
    kept = author.build(other)
    assert decks(kept) == {"Torch 笔记", "Torch 笔记::张量"}
    assert [(p.code, p.severity) for p in kept.problems] == [("deck-name-kept", "note")]
    assert decks(author.build(other, breaking=True)) == {"Torch 笔记", "Torch 笔记::Tensors"}


def test_another_name_for_the_whole_deck_is_refused() -> None:
    author = Author()
    author.build(course(note("a.md", ONE)))
    before = author.lock
    refused = author.build(course(note("a.md", ONE)), DeckConfig(name="New"))
    assert (refused.package, refused.lock) == (None, before)
    assert [p.code for p in refused.problems] == ["deck-renamed"]
    accepted = author.build(course(note("a.md", ONE)), DeckConfig(name="New"), breaking=True)
    assert decks(accepted) == {"New", "New::张量"}
    assert accepted.lock.deck == "New"


def test_another_kind_of_card_is_refused_unless_it_may_be_new() -> None:
    author = Author()
    author.build(course(note("a.md", ONE)))
    cloze = course(note("a.md", ONE, kind=Kind.CLOZE))
    refused = author.build(cloze)
    assert [p.code for p in refused.problems] == ["card-kind-changed"]
    assert refused.package is None
    assert str(author.build(cloze, breaking=True).forecast) == "1 new, 1 retired"
    assert len({entry.guid for entry in author.lock.entries}) == 2


def test_no_card_is_no_deck() -> None:
    release = Author().build(Course("T", ()))
    assert release.package is None
    assert [(p.code, p.severity) for p in release.problems] == [("empty-deck", "warning")]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("PyTorch 面试笔记", "PyTorch 面试笔记.apkg"),
        ("a/b\\c\n", "a-b-c-.apkg"),
        ("Courses::Torch", "Courses-Torch.apkg"),
        ("../..", "-.apkg"),
        ("", "deck.apkg"),
        ("张" * 300, "张" * 66 + ".apkg"),
    ],
)
def test_a_package_has_a_name_that_every_system_takes(name: str, file: str) -> None:
    assert file_name(name) == file


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pytorch basics", "pytorch_basics"),
        ("a::::b", "a::b"),
        (":: a ::", "a"),
        ("全\u3000角", "全_角"),
        ("a\x1fb", "a_b"),
        (" ", ""),
    ],
)
def test_every_tag_is_one_that_anki_takes(text: str, expected: str) -> None:
    assert tag(text) == expected


def test_a_stage_looks_at_no_clock_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    given = course(note("a.md", ONE))
    made = [
        deck(given, DeckConfig(), Lock("p"), templates=TEMPLATES, now=DAY_ONE) for _ in range(2)
    ]
    assert made[0] == made[1]
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_on_purpose_is_explained_and_verified() -> None:
    broken = verified(course(note("a.md", ONE)), "y = 2")
    [verdict] = broken.verdicts
    told = replace(verdict, status=Status.PASSED, problems=(), announced=verdict.problems)
    shown = fields(Author().build(replace(broken, verdicts=(told,))))
    assert "<code>y</code> is not there" in shown["Answer"]
    assert "代码已运行验证" in shown["Verdict"]


def test_a_tag_with_a_space_is_pointed_out_and_shipped_without() -> None:
    text = "---\ntags: [torch basics, ok]\n---\n" + ONE
    one = note("a.md", text, tags=("torch basics", "ok"))
    release = Author().build(course(one))
    assert [(p.code, p.severity, str(p.span)) for p in release.problems] == [
        ("tag-with-space", "warning", "notes/a.md:2:8")
    ]
    (tags,) = collection(release).execute("select tags from notes").fetchone()
    assert tags.split() == ["ok", "torch_basics"]


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ("note", {"D", "D::basics", "D::basics::张量", "D::张量"}),
        ("folder", {"D", "D::basics"}),
        ("none", {"D"}),
    ],
)
def test_what_has_a_deck_of_its_own_can_be_said(split: Split, expected: set[str]) -> None:
    given = course(note("a.md", ONE), note("basics/b.md", ONE.replace("One", "Two")))
    found = decks(Author().build(given, DeckConfig(name="D", split=split)))
    assert found - {"D::basics"} == expected - {"D::basics"}
    assert ("D::basics" in found) >= (split == "folder")


def test_a_formula_and_what_closes_it_stay_on_one_line() -> None:
    text = "# T\n\n## Q?\n\n分成 $h$ 个，每个 $\\frac{d}{h}$。若 $a<b$，`\\(x\\)，`；$y$ 是。\n"
    shown = fields(Author().build(course(note("a.md", text))))["Answer"]
    assert re.findall(r'<span class="one">(.*?)</span>', shown) == [
        "\\(\\frac{d}{h}\\)。",
        "\\(a&lt;b\\)，",
        "\\(x\\)，",
    ]


@pytest.mark.parametrize(
    ("heading", "shown"),
    [
        ("率 $\\eta_t$ 与 \\(a<b\\)", "率 \\(\\eta_t\\) 与 \\(a&lt;b\\)"),
        ("`__init__` 与 *args", "__init__ 与 *args"),
        ('**Why** "$5" & `a < b`', 'Why "$5" &amp; a &lt; b'),
        ("1. [Views](other.md) of `$HOME`", "Views of $HOME"),
    ],
)
def test_headings_above_a_card_show_formulas_and_otherwise_what_they_say(
    heading: str, shown: str
) -> None:
    given = course(note("a.md", f"# T\n\n## {heading}\n\n### Q?\n\nYes.\n"))
    context = fields(Author().build(given))["Context"]
    assert context == f'T<span class="sep">›</span>{shown}'


LONG = "y = scaled_dot_product(query, key, value)"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("x = 1", "x = 1\n"),
        ("    x = 1", "    x = 1\n"),
        (LONG, f'<span class="line">{LONG}\n</span>'),
        (f"    {LONG}", f'<span class="line" style="--in:4"><i>    </i>{LONG}\n</span>'),
        (f"\t{LONG}", f'<span class="line" style="--in:4"><i>\t</i>{LONG}\n</span>'),
        ("# " + "长" * 15, "# " + "长" * 15 + "\n"),
        ("# " + "长" * 16, '<span class="line"># ' + "长" * 16 + "\n</span>"),
    ],
)
def test_a_long_line_knows_its_indent_and_keeps_its_blanks(line: str, shown: str) -> None:
    text = f"# T\n\n## Q?\n\n```text\nif a:\n{line}\n```\n"
    answer = fields(Author().build(course(note("a.md", text))))["Answer"]
    assert answer == f'<pre class="code"><code>if a:\n{shown}</code></pre>'


def test_the_indent_of_coloured_code_and_of_a_broken_line_is_known() -> None:
    text = f"# T\n\n## Q?\n\n```python\nif a:\n    '''{LONG}\n    {LONG}'''\n    b = 1\n```\n"
    answer = fields(Author().build(verified(course(note("a.md", text)), "b = 1")))["Answer"]
    blanks = '<span class="line" style="--in:4"><i>    </i><span class="sd">\'\'\''
    assert answer.count(blanks) == 1
    assert '<span class="line" style="--in:4"><span class="sd"><i>    </i>y' in answer
    assert '<span class="line fault" style="--in:4"><i>    </i>' in answer
    assert re.sub("<[^>]*>", "", answer).startswith(f"if a:\n    '''{LONG}\n    {LONG}'''\n")


FOLD = "<details><summary>All</summary>\n\nOf it.\n\n</details>"


@pytest.mark.parametrize(
    ("answer", "is_open"), [(FOLD, True), (f"A.\n\n{FOLD}", False), (f"{FOLD}\n\nB.", False)]
)
def test_an_answer_that_is_all_in_a_fold_is_open(answer: str, *, is_open: bool) -> None:
    shown = fields(Author().build(course(note("a.md", f"# T\n\n## Q\n\n{answer}\n"))))["Answer"]
    assert ("<details open" in shown) == is_open
    assert "<details" in shown


def test_what_is_wrong_twice_on_a_line_is_said_once() -> None:
    broken = verified(course(note("a.md", ONE)), "y = 2")
    [verdict] = broken.verdicts
    twice = replace(verdict, problems=verdict.problems * 2)
    shown = fields(Author().build(replace(broken, verdicts=(twice,))))
    assert shown["Answer"].count("is not there") == 1
