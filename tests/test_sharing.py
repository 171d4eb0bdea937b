"""Work that several processes share: the same comes out, whatever becomes of the others."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from builder import check, pipeline, sharing
from builder.deck import Lock, lock
from builder.kept import Kept
from builder.sharing import Shared

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

COUNT = 40


@pytest.fixture(autouse=True)
def forks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Share from the first thing that nobody knew; return the processes that were forked."""
    monkeypatch.setattr(sharing, "_LEAST", 0.0)
    monkeypatch.setattr(sharing, "_FEW", 1)
    monkeypatch.setattr(sharing, "_ENOUGH", COUNT)
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    found: list[int] = []
    fork = os.fork

    def forked() -> int:
        pid = fork()
        found.append(pid)
        return pid

    monkeypatch.setattr(os, "fork", forked)
    return found


def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "notes.sqlite", (), lambda: 3)


def making(known: Kept, then: Callable[[int], object] = lambda _number: None) -> Shared[object]:
    """Return what makes squares that are kept, and does something after each."""

    def square(number: int) -> object:
        key = str(number).encode()
        if (found := known.get(key)) is None:
            found = number * number, os.getpid()
            known.put(key, found)
            then(number)
        return found

    return Shared(known, COUNT, square)


def squares(shared: Shared[object]) -> tuple[list[int], set[int]]:
    """Return what was made, in order, and who made it."""
    with shared:
        found = [it for it in shared if isinstance(it, tuple)]
    return [square for square, _ in found], {maker for _, maker in found}


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended, and was seen to end."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


ALL = [number * number for number in range(COUNT)]


def test_others_make_the_last_and_all_come_in_order(tmp_path: Path, forks: list[int]) -> None:
    found, makers = squares(making(kept(tmp_path), lambda _number: time.sleep(0.005)))
    assert found == ALL
    assert makers == {os.getpid(), *forks}
    assert all(map(is_gone, forks))


def test_one_that_made_enough_is_relieved(
    tmp_path: Path, forks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "_ENOUGH", 3)
    found, makers = squares(making(kept(tmp_path), lambda _number: time.sleep(0.02)))
    assert found == ALL
    assert len(forks) > 2
    assert makers <= {os.getpid(), *forks}
    assert all(map(is_gone, forks))


def test_what_is_known_is_not_shared(tmp_path: Path, forks: list[int]) -> None:
    before = kept(tmp_path)
    squares(making(before))
    before.save()
    forks.clear()
    assert squares(making(kept(tmp_path)))[0] == ALL
    assert forks == []


def test_nothing_is_lost_with_one_that_dies(tmp_path: Path) -> None:
    caller = os.getpid()

    def die(number: int) -> None:
        if os.getpid() != caller and number % 3 == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    assert squares(making(kept(tmp_path), die))[0] == ALL


def test_a_fault_of_ours_is_told_by_the_caller_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(number: int) -> None:
        if number == COUNT - 1:
            raise ValueError(number)

    with pytest.raises(ValueError, match=str(COUNT - 1)):
        squares(making(kept(tmp_path), fail))
    assert capfd.readouterr() == ("", "")


def test_who_leaves_ends_the_others_at_once(tmp_path: Path, forks: list[int]) -> None:
    caller = os.getpid()

    def stay(number: int) -> None:
        if os.getpid() != caller:
            time.sleep(600)
        elif number == 2:
            raise KeyboardInterrupt

    before = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        squares(making(kept(tmp_path), stay))
    assert time.monotonic() - before < 60
    assert len(forks) == 2
    assert all(map(is_gone, forks))


def test_one_that_is_told_to_stop_does_so_alone(tmp_path: Path) -> None:
    caller = os.getpid()

    def stop(_number: int) -> None:
        if os.getpid() != caller:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(600)

    assert squares(making(kept(tmp_path), stop))[0] == ALL


def test_where_nothing_can_be_forked_one_does_all(
    tmp_path: Path, forks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert squares(making(Kept(tmp_path / "one", (), lambda: 1)))[0] == ALL
    assert forks == []

    def refuse() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", refuse)
    assert squares(making(kept(tmp_path)))[0] == ALL
    monkeypatch.delattr(os, "fork")
    assert squares(making(Kept(tmp_path / "other", (), lambda: 3)))[0] == ALL


def test_no_cache_no_others(tmp_path: Path, forks: list[int]) -> None:
    assert squares(making(Kept(None, (), lambda: 3)))[0] == ALL
    (tmp_path / "file").write_text("in the way", "utf-8")
    assert squares(making(kept(tmp_path / "file")))[0] == ALL
    assert forks == []


NOTE = """\
# Chapter {number}

## What is {number}, and [before it]({before}.md)?

`x[::{number}]` and ![gone](gone{number}.png)

```python
print({number})
```

##

## Nothing to say about {number}
"""


def test_a_build_that_is_shared_makes_the_same(
    tmp_path: Path, forks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "proofdeck.toml").write_text('[site]\nurl = "https://notes.example/"\n', "utf-8")
    notes = tmp_path / "notes"
    notes.mkdir()
    for number in range(30):
        text = NOTE.format(number=number, before=number - 1)
        (notes / f"{number}.md").write_text(text, "utf-8")
    monkeypatch.setattr(check, "processors", lambda: 3)

    def made(cache: Path | None, *, bare: bool) -> tuple[object, ...]:
        (tmp_path / "proofdeck.lock").write_text(lock.dump(Lock("0" * 32)), "utf-8")
        where = pipeline.settings((), None, tmp_path / "proofdeck.toml")
        if cache:
            where = pipeline.keeping(where, cache, no_cache=False)
        course = pipeline.read(where, bare=bare).course
        done = pipeline.make(where, course, ("deck", "site"), now=1_700_000_000)
        return tuple(map(course.whole, course.notes)), done.course.problems, done.outputs

    plain = made(None, bare=False)
    assert forks == []
    assert made(tmp_path / "whole", bare=False) == plain
    assert len(forks) == 6
    assert made(tmp_path / "bare", bare=True) == plain
    assert len(forks) == 12
    assert made(tmp_path / "bare", bare=True) == plain
    assert len(forks) == 12
