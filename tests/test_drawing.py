"""Only pages in which something changes are drawn again, and the site is as if all had been."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from builder import check, pipeline
from builder.model import Asset, Course, Note, Problem, Status, Verdict
from builder.site.drawing import Drawing, Drawn

NOTES: Final = {
    "1.md": "# First\n\n## What is $x^2$?\n\nA square, see [there](2.md#why).\n",
    "2.md": "---\ntags: [even]\n---\n# Second\n\n## Why?\n\nBecause $\\sqrt[3]{y}$.\n\n"
    "```python\nprint(1)\n```\n\n```python\nprint(2)\n```\n",
    "3.md": "# Third\n\nAn ![image](a.png), and `code`.\n\n"
    "## {{c1::Gaps::hint}} stay?\n\nThe {{c2::gap}}.\n",
    "4.md": "# Fourth\n\n| a | b |\n|---|---|\n| $\\widetilde{abc}$ | $\\frac{1$ |\n\n"
    "[[Fifth]] [[six]]\n",
    "5.md": "# Fifth\n\n## One\n\n1\n\n## Two\n\n2\n",
    "folder/six.md": "# Sixth\n\nText <b>with</b> HTML[^1]\n\n[^1]: A foot-note.\n",
}
PICTURE: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a project of six notes."""
    for name, text in NOTES.items():
        path = tmp_path / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "proofdeck.toml").write_text('title = "T"\n', "utf-8")
    return tmp_path


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the notes whose pages are drawn, as they are drawn."""
    names: list[str] = []
    draw = Drawing._drawn

    def heard(self: Drawing, note: Note, *around: Note | None) -> Drawn:
        names.append(note.source.name)
        return draw(self, note, *around)

    monkeypatch.setattr(Drawing, "_drawn", heard)
    # Others, who help where it takes long, would not be heard.
    monkeypatch.setattr(check, "processors", lambda: 1)
    return names


def unjudged(course: Course) -> Course:
    """Return the course as it is: nothing was run."""
    return course


def build(
    folder: Path, cache: Path | None, judged: Callable[[Course], Course] = unjudged
) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    """Return the files of the site, and what is wrong."""
    where = pipeline.settings((), None, folder / "proofdeck.toml")
    where = pipeline.keeping(where, cache, no_cache=cache is None)
    course = judged(pipeline.read(where, bare=bool(where.kept)).course)
    done = pipeline.make(where, course, ("site",))
    files = {it.path: it.content for output in done.outputs for it in output.artifacts}
    return files, pipeline.problems(done.course)


def put(name: str, text: str) -> Callable[[Path], object]:
    """Return an edit that writes a note, or another file of the project."""
    return lambda folder: (folder / name).write_text(text, "utf-8")


def edited(name: str, before: str, after: str) -> Callable[[Path], object]:
    """Return an edit of a few words."""

    def edit(folder: Path) -> None:
        path = folder / "notes" / name
        text = path.read_text("utf-8")
        assert before in text
        path.write_text(text.replace(before, after), "utf-8")

    return edit


#: One after another: what is done, and the notes whose pages show it.
EDITS: Final[dict[str, tuple[Callable[[Path], object], list[str]]]] = {
    "nothing": (lambda _: None, []),
    "a sentence": (edited("1.md", "A square", "A quadrat"), ["1.md"]),
    "a title, which the next and the one before show": (
        edited("2.md", "# Second", "# No $z$ 2"),
        ["1.md", "2.md", "3.md"],
    ),
    "a heading that a link leads to": (edited("2.md", "## Why?", "## How?"), ["1.md", "2.md"]),
    "a heading that nothing leads to": (edited("5.md", "## Two", "## Three"), ["5.md"]),
    "the order of headings": (
        edited("5.md", "## One\n\n1\n", "## Four\n\n4\n\n## One\n\n1\n"),
        ["5.md"],
    ),
    "a tag that another note has": (
        edited("3.md", "# Third", "---\ntags: [even]\n---\n# Third"),
        ["3.md"],
    ),
    "a tag that takes the path of another": (
        edited("3.md", "[even]", "[Even]"),
        ["2.md", "3.md"],
    ),
    "a card": (edited("3.md", "{{c2::gap}}", "{{c2::other}} {{c3::gap}}"), ["3.md"]),
    "a picture that was missing": (
        lambda folder: (folder / "notes/a.png").write_bytes(PICTURE),
        ["3.md"],
    ),
    "another picture": (
        lambda folder: (folder / "notes/a.png").write_bytes(PICTURE + b"\0"),
        ["3.md"],
    ),
    "a formula that no other page has": (edited("4.md", "\\widetilde{abc}", "\\aleph"), ["4.md"]),
    "the name of a note that a link means": (
        lambda folder: shutil.move(
            folder / "notes/folder/six.md", folder / "notes/folder/sixth.md"
        ),
        ["4.md", "5.md", "folder/sixth.md"],
    ),
    "a note between two": (
        put("notes/40.md", "# Between\n"),
        ["5.md", "40.md", "folder/sixth.md"],
    ),
    "a note that is gone": (
        lambda folder: (folder / "notes/2.md").unlink(),
        ["1.md", "3.md"],
    ),
    "the name of the course": (
        put("proofdeck.toml", 'title = "U"\n'),
        ["1.md", "3.md", "4.md", "5.md", "40.md", "folder/sixth.md"],
    ),
    "its language": (
        put("proofdeck.toml", 'title = "U"\nlanguage = "en"\n'),
        ["1.md", "3.md", "4.md", "5.md", "40.md", "folder/sixth.md"],
    ),
}


def test_what_an_edit_changes_is_drawn_and_nothing_else(
    folder: Path, tmp_path: Path, drawn: list[str]
) -> None:
    cache = tmp_path / "cache"
    build(folder, cache)
    assert drawn == list(NOTES)
    for name, (edit, changed) in EDITS.items():
        edit(folder)
        fresh = build(folder, None)
        drawn.clear()
        found = build(folder, cache)
        assert (name, drawn) == (name, changed)
        assert (name, found) == (name, fresh)


def ran(course: Course, printed: str = "1\n", seconds: float = 1, **more: object) -> Course:
    """Return the course with a verdict on the first piece of its second note."""
    snippet = course.notes[1].snippets[0]
    found = Verdict(snippet, Status.PASSED, stdout=printed, seconds=seconds)
    return replace(course, verified=True, verdicts=(replace(found, **more),))  # type: ignore[arg-type]


def drew(course: Course, content: bytes) -> Course:
    """Return the course with a figure that this piece drew."""
    name = f"{len(content):016}.png"
    return ran(course, figures=(Asset(course.notes[1].source.path, name, name, content),))


def guided(course: Course) -> Course:
    """Return the course with what Anki knows its first card by."""
    card = course.notes[0].cards[0]
    return replace(ran(course), guids=((card.span, "guid"),))


def anchored(course: Course) -> Course:
    """Return the course with another anchor that its second note's card had before."""
    card = course.notes[1].cards[0]
    return replace(ran(course), anchors=((card.span, ("whence",)),))


JUDGED: Final[dict[str, tuple[Callable[[Course], Course], list[str]]]] = {
    "what was printed": (lambda course: ran(course, "2\n"), ["2.md"]),
    "how long it took": (lambda course: ran(course, "2\n", 2), []),
    "a figure": (lambda course: drew(course, PICTURE), ["2.md"]),
    "another": (lambda course: drew(course, PICTURE + b"\0"), ["2.md"]),
    "what Anki knows a card by": (guided, ["1.md"]),
    "an anchor of old": (anchored, ["2.md"]),
}


def test_what_was_found_out_and_what_the_lock_knows_counts(
    folder: Path, tmp_path: Path, drawn: list[str]
) -> None:
    cache = tmp_path / "cache"
    build(folder, cache, ran)
    for name, (judged, changed) in JUDGED.items():
        fresh = build(folder, None, judged)
        drawn.clear()
        found = build(folder, cache, judged)
        assert (name, drawn) == (name, changed)
        assert (name, found) == (name, fresh)


def test_what_is_wrong_with_a_page_is_told_though_it_was_drawn_before(
    folder: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    build(folder, cache)
    edited("1.md", "A square", "A quadrat")(folder)
    assert "bad-math" in {problem.code for problem in build(folder, cache)[1]}
