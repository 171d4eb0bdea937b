"""A site that stands: not drawn again, and never one that another build would not have written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from builder import pipeline
from builder.model import Problem, Status, Verdict

NOTE = """\
# 张量

## What is $x^2$?

A square, ![drawn](a.png) and [another](other.md#why), but not $\\frac{1$.

```python
print(1)
```

## Nothing but a picture

![](gone.png)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a project of two notes."""
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "all.md").write_text(NOTE, "utf-8")
    (notes / "other.md").write_text("# Other\n\n## Why?\n\nBecause.\n", "utf-8")
    (tmp_path / "proofdeck.toml").write_text('title = "T"\n', "utf-8")
    return tmp_path


def build(
    folder: Path, cache: Path | None = None, out: str = "dist", verdict: Verdict | None = None
) -> tuple[bool, tuple[Problem, ...]]:
    """Write the site; return whether it was drawn, and what is wrong with it."""
    where = pipeline.settings((), folder / out, folder / "proofdeck.toml")
    where = pipeline.keeping(where, cache, no_cache=cache is None)
    course = pipeline.read(where).course
    if verdict:
        snippet = course.notes[0].snippets[0]
        course = replace(course, verdicts=(replace(verdict, snippet=snippet),))
    done = pipeline.make(where, course, ("site",))
    pipeline.write(where, done)
    return bool(done.outputs[0].artifacts), pipeline.problems(done.course)


def files(folder: Path) -> dict[str, bytes]:
    """Return all that lies in a folder."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_a_site_that_stands_is_not_drawn_again(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    _, wrong = build(folder, cache)
    assert "bad-math" in {problem.code for problem in wrong}
    before = files(folder / "dist")
    for _ in range(2):
        assert build(folder, cache) == (False, wrong)
        assert files(folder / "dist") == before
    build(folder, out="fresh")
    assert files(folder / "fresh") == before


def _touch(dist: Path) -> None:
    page = dist / "notes/all.html"
    page.write_bytes(page.read_bytes()[::-1])


PICTURE: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
CHANGES: Final[dict[str, Callable[[Path], object]]] = {
    "a page is gone": lambda folder: (folder / "dist/notes/all.html").unlink(),
    "somebody wrote a page": lambda folder: _touch(folder / "dist"),
    "a note": lambda folder: (folder / "notes/other.md").write_text("# Other\n\n## Why?\n\nSo.\n"),
    "a note more": lambda folder: (folder / "notes/more.md").write_text("# More\n\nText.\n"),
    "a note's name": lambda folder: (folder / "notes/other.md").rename(folder / "notes/z.md"),
    "the configuration": lambda folder: (folder / "proofdeck.toml").write_text('title = "U"\n'),
    "a picture": lambda folder: (folder / "notes/a.png").write_bytes(PICTURE),
    "the only picture": lambda folder: (folder / "notes/gone.png").write_bytes(PICTURE),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_site_is_drawn_again_where_anything_changed(
    folder: Path, tmp_path: Path, change: str
) -> None:
    cache = tmp_path / "cache"
    build(folder, cache)
    CHANGES[change](folder)
    was_drawn, _ = build(folder, cache)
    assert was_drawn
    build(folder, out="fresh")
    assert files(folder / "dist") == files(folder / "fresh")
    was_drawn, _ = build(folder, cache)
    assert not was_drawn


def test_a_verdict_counts_and_how_long_it_took_does_not(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    snippet = (
        pipeline.read(pipeline.settings((), None, folder / "proofdeck.toml"))
        .course.notes[0]
        .snippets[0]
    )
    passed = Verdict(snippet, Status.PASSED, stdout="1\n", seconds=1.0)
    assert build(folder, cache)[0]
    assert build(folder, cache, verdict=passed)[0]
    assert not build(folder, cache, verdict=replace(passed, seconds=2.0, cached=True))[0]
    assert build(folder, cache, verdict=replace(passed, stdout="2\n"))[0]


def test_without_a_cache_all_is_drawn(folder: Path) -> None:
    assert build(folder)[0]
    assert build(folder)[0]
