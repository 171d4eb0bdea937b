"""What is kept from build to build: never seen in what is made, whatever became of it."""

from __future__ import annotations

import pickle
import shutil
import sqlite3
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from pathlib import Path

import pytest

from builder import kept, model, pipeline
from builder.deck import Lock, lock
from builder.kept import Kept, key_of
from builder.model import Block, Course, Span

ROOT = Path(__file__).parent.parent
NOW = 1_700_000_000
LOCK = lock.dump(Lock("0" * 32))

NOTE = """\
---
tags: [a]
---
# 张量

## What is it?

`x[::2]` and $x^2$, ![drawn](a.png), [there](other.md#another)[^1]

| a | b |
|---|---|
| 1 | **2** |

```python
print(1)  # 一
```

[^1]: A foot-note.

## {{c1::Gaps::hint}} stay?

The {{c1::first}} and `{{c2::second}}`.

## Nothing but a picture

![](gone.png)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a project of a few notes: one with everything, and one of the course's."""
    notes = tmp_path / "notes"
    notes.mkdir()
    shutil.copy(next((ROOT / "notes").rglob("*.md")), notes / "course.md")
    (notes / "all.md").write_text(NOTE, "utf-8")
    (notes / "other.md").write_text("# Other\n\n## Another?\n\nYes.\n", "utf-8")
    (tmp_path / "proofdeck.toml").write_text('[site]\nurl = "https://notes.example/"\n', "utf-8")
    return tmp_path


def made(folder: Path, cache: Path | None = None) -> tuple[object, ...]:
    """Return all that a build comes to; `cache` is where it keeps what it read."""
    where = pipeline.settings((), None, folder / "proofdeck.toml")
    if cache:
        where = pipeline.keeping(where, cache, no_cache=False)
    (folder / "proofdeck.lock").write_text(LOCK, "utf-8")
    reading = pipeline.read(where)
    done = pipeline.make(where, reading.course, ("deck", "site"), now=NOW)
    files = [(it.path, it.content) for output in done.outputs for it in output.artifacts]
    return reading.course, files, done.release and done.release.lock, done.course.problems


def test_the_first_build_the_second_and_one_without_a_cache_make_the_same(
    folder: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    plain = made(folder)
    assert made(folder, cache) == plain
    assert made(folder, cache) == plain
    assert (cache / "notes.sqlite").stat().st_size > 10_000


def test_bare_notes_make_the_same_deck_and_get_their_blocks_again(
    folder: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    course, files, lock, _ = made(folder)
    assert isinstance(course, Course)
    assert isinstance(files, list)
    for damaged in (False, False, True):
        where = pipeline.settings((), None, folder / "proofdeck.toml")
        where = pipeline.keeping(where, cache, no_cache=False)
        (folder / "proofdeck.lock").write_text(LOCK, "utf-8")
        bare = pipeline.read(where, bare=True).course
        assert not any(section.blocks for note in bare.notes for section in note.sections)
        if damaged:
            with sqlite3.connect(cache / "notes.sqlite") as db:
                db.execute("UPDATE kept SET value = x'00'")
        assert tuple(map(bare.whole, bare.notes)) == course.notes
        done = pipeline.make(where, bare, ("deck",), now=NOW)
        assert done.release
        assert done.release.lock == lock
        assert done.release.package
        assert (done.release.package.path, done.release.package.content) in files


def test_bare_notes_are_verified_as_whole_ones_are(folder: Path, tmp_path: Path) -> None:
    (folder / "notes/course.md").unlink()
    cache = tmp_path / "cache"
    plain = pipeline.settings((), None, folder / "proofdeck.toml")
    where = pipeline.keeping(plain, cache, no_cache=False)
    found = [
        pipeline.verify(each, cache_dir=cache, bare=each is where).course
        for each in (plain, where, where)
    ]
    assert {course.found for course in found} == {found[0].found}
    assert {course.mentions for course in found} == {found[0].mentions}
    assert all(tuple(map(it.whole, it.notes)) == found[0].notes for it in found)
    assert (cache / "notes.sqlite").stat().st_size > 10_000


def test_what_has_changed_is_made_anew(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    made(folder, cache)
    note = folder / "notes/all.md"
    for text in (NOTE.replace("first", "last"), NOTE.replace("[a]", "[b]"), NOTE[:200]):
        note.write_text(text, "utf-8")
        assert made(folder, cache) == made(folder)


def test_links_follow_what_they_lead_to(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    made(folder, cache)
    other = folder / "notes/other.md"
    other.write_text("# Other\n\n## Another one?\n\nYes.\n\n## Another?\n\nNo.\n", "utf-8")
    assert made(folder, cache) == made(folder)
    other.rename(folder / "notes/else.md")
    assert made(folder, cache) == made(folder)


def test_a_picture_that_comes_and_goes_is_seen(folder: Path, tmp_path: Path) -> None:
    from PIL import Image

    cache = tmp_path / "cache"
    made(folder, cache)
    for colour in ("red", "blue"):
        for name in ("gone.png", "a.png"):
            Image.new("RGB", (8, 8), colour).save(folder / "notes" / name)
        assert made(folder, cache) == made(folder)
        assert made(folder, cache) == made(folder)
    (folder / "notes/gone.png").unlink()
    assert made(folder, cache) == made(folder)


def test_another_program_takes_nothing_over(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key_of("note", "text")
    assert key_of("note", "text") == before
    monkeypatch.setattr(kept, "_own_version", lambda: "another")
    assert key_of("note", "text") != before


def test_damage_is_made_good(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    plain = made(folder, cache)
    file = cache / "notes.sqlite"
    for value in (b"", b"nothing", zlib.compress(b"\x80\x05nothing")):
        with sqlite3.connect(file) as db:
            db.execute("UPDATE kept SET value = ?", (value,))
        assert made(folder, cache) == plain
    file.write_bytes(b"no database at all" * 1000)
    assert made(folder, cache) == plain
    assert made(folder, cache) == plain
    assert file.stat().st_size > 10_000


def test_a_folder_that_cannot_be_written_is_done_without(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    assert made(folder, tmp_path / "file") == made(folder)


class Harm:
    """What runs code when it is read, if it is."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("harm",)


def test_no_code_is_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "notes.sqlite"
    store = Kept(file, (Block, Span))
    store.put(b"good", Block("rule", Span("a.md", 1)))
    store.put(b"bad", "text")
    store.save()
    with sqlite3.connect(file) as db:
        harm = zlib.compress(pickle.dumps(Harm()))
        db.execute("UPDATE kept SET value = ? WHERE key = ?", (harm, b"bad"))
    again = Kept(file, (Block, Span))
    assert again.get(b"good") == Block("rule", Span("a.md", 1))
    assert again.get(b"bad") is None
    assert capsys.readouterr().out == ""


class Early(Enum):
    """As some versions of Python 3.11 take a member apart: by a function, which is none of ours."""

    ONE = "one"

    def __reduce_ex__(self, _protocol: object) -> tuple[object, ...]:
        return getattr, (type(self), self.name)


def test_members_of_enumerations_come_back_whatever_python_does(tmp_path: Path) -> None:
    known = Kept(tmp_path / "notes.sqlite", (Early,))
    known.put(b"key", (Early.ONE, Early.ONE))
    assert known.get(b"key") == (Early.ONE, Early.ONE)


def test_several_builds_may_write_at_once(tmp_path: Path) -> None:
    types = [it for it in vars(model).values() if isinstance(it, type)]

    def build(number: int) -> None:
        for turn in range(20):
            store = Kept(tmp_path / "notes.sqlite", types)
            store.put(b"%d-%d" % (number, turn), Span("a.md", number))
            store.put(b"same", Span("a.md", 1))
            store.save()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(build, range(4)))
    store = Kept(tmp_path / "notes.sqlite", types)
    names = [b"%d-%d" % (number, turn) for number in range(4) for turn in range(20)]
    assert all(store.get(name) for name in (*names, b"same"))


def test_what_nobody_asks_for_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "notes.sqlite"
    old = Kept(file)
    old.put(b"old", "old")
    old.put(b"used", "used")
    old.save()
    today = kept._today()
    monkeypatch.setattr(kept, "_today", lambda: today + 40)
    later = Kept(file)
    assert later.get(b"used") == "used"
    later.save()
    monkeypatch.setattr(kept, "_today", lambda: today + 70)
    latest = Kept(file)
    latest.put(b"new", "new")
    latest.save()
    assert (latest.get(b"old"), latest.get(b"used")) == (None, "used")


def test_another_version_of_what_makes_values_makes_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mistune").mkdir()
    (tmp_path / "mistune/__init__.py").write_text("")
    (tmp_path / "mistune-1.0.dist-info").mkdir()
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    assert kept._installed("mistune") == ["mistune-1.0.dist-info"]
    assert kept._installed("nowhere") == []


#: Runs `build`, and then says what it loaded.
RUN = """
import atexit, sys
libraries = ("mistune", "nh3", "pygments")
atexit.register(lambda: print([name for name in libraries if name in sys.modules]))
from builder.__main__ import main
main()
"""


def test_a_build_that_knows_all_loads_no_library_of_markdown(folder: Path, tmp_path: Path) -> None:
    (folder / "notes/all.md").write_text("# Sums\n\n## Why?\n\n`x[::2]` and $x$\n", "utf-8")
    (folder / "notes/course.md").unlink()
    words = ["deck", "--no-verify", "-q", "--cache-dir", str(tmp_path / "cache")]
    first, second = (
        subprocess.run(
            [sys.executable, "-c", RUN, *words, "--config", str(folder / "proofdeck.toml")],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    )
    assert first == "['mistune', 'nh3', 'pygments']\n"
    assert second == "[]\n"
