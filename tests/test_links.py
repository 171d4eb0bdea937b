"""A vault: links and pictures found anywhere in it, on pages and on cards."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest

from builder import links, pipeline
from builder.links import Collection
from builder.model import Note, Source
from builder.parsing import parse
from tests.deck.pixels import png

FILES = {
    "notes/start.md": (
        "## What is a view?\n\n"
        "[[Base]], [[base#^owner|its owner]], [[deep/Base#Who owns it?]], [[#What is a view?]]\n"
        "[[gone]], ![[drawn.png|30]] ![a](pics/drawn.png) ![b](/img/top.png) ![c](drawn2.png)\n"
    ),
    "notes/base.md": "## Who owns it?\n\nThe storage. ^owner\n",
    "notes/deep/Base.md": "## Who owns it?\n\nAnother note.\n",
}


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pipeline.Settings:
    (tmp_path / "proofdeck.toml").write_text('title = "t"\n[site]\nurl = "https://e.org/"\n')
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for name in ("notes/attachments/pics/drawn.png", "img/top.png", "outside.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(png(3, 2, 1))
    monkeypatch.chdir(tmp_path)
    return pipeline.settings((), None, None)


def test_a_page_links_to_notes_by_their_names(where: pipeline.Settings) -> None:
    pages = pipeline.pages(where, pipeline.read(where).course)
    html = {page.path: page.content.decode("utf-8", "replace") for page in pages.all()}
    hrefs = re.findall(r'href="([^"]*)"[^>]*>(?:Base|its owner|deep/)', html["notes/start.html"])
    assert hrefs == ["base.html", "base.html#who-owns-it", "deep/Base.html#who-owns-it"]
    assert html["notes/start.html"].count('src="../assets/media/') == 3


def test_a_card_links_to_the_same_places(where: pipeline.Settings) -> None:
    made = pipeline.make(where, pipeline.read(where).course, ("deck",), now=1)
    assert made.release
    assert made.release.package
    with zipfile.ZipFile(io.BytesIO(made.release.package.content)) as package:
        database = package.read("collection.anki2").decode("utf-8", "replace")
    hrefs = re.findall(r"https://e.org/notes/[^\"<>]*", database)
    expected = ("base.html", "base.html#who-owns-it", "deep/Base.html#who-owns-it")
    assert {f"https://e.org/notes/{name}" for name in expected} <= set(hrefs)


def test_lint_says_what_is_not_there(where: pipeline.Settings) -> None:
    course = pipeline.read(where).course
    said = [(p.code, p.message) for p in pipeline.lint(where, course) if "link" in p.code]
    assert said == [("dead-link", "no note is called `gone`")]
    missing = [p.message for p in pipeline.lint(where, course) if p.code == "missing-image"]
    assert missing == ["the image `drawn2.png` is not there"]


@pytest.mark.parametrize("bare", [False, True])
def test_a_build_says_which_images_its_outputs_lack(
    where: pipeline.Settings, tmp_path: Path, *, bare: bool
) -> None:
    embeds = "```\n![no](code.png)\n```\n\n![[lost.png]] ![[base]] ![far](https://e.org/a.png)\n"
    (tmp_path / "notes/base.md").write_text(FILES["notes/base.md"] + embeds)
    where = pipeline.keeping(where, tmp_path / "cache", no_cache=False)
    for _ in range(2):
        made = pipeline.make(where, pipeline.read(where, bare=bare).course, ("deck",), now=1)
        assert [(p.code, str(p.span)) for p in pipeline.problems(made.course)] == [
            ("missing-image", "notes/base.md:8:4"),
            ("missing-image", "notes/start.md:4:74"),
        ]
    (tmp_path / "proofdeck.toml").write_text('[lint]\noff = ["missing-image"]\n')
    where = pipeline.settings((), None, None)
    made = pipeline.make(where, pipeline.read(where).course, ("deck",), now=1)
    assert pipeline.problems(made.course) == ()


def test_the_shortest_path_is_meant() -> None:
    notes = tuple(Note(Source(name, ""), name, ()) for name in ("x/æ.md", "y/z/æ.md", "b.txt"))
    collection = Collection(notes)
    assert collection.find(notes[2], "Æ") is notes[0]
    assert collection.find(notes[2], "z/æ.md") is notes[1]
    assert collection.find(notes[0], "B") is notes[2]
    assert collection.find(notes[0], "./b") is None


def test_an_id_behind_a_heading_means_that_heading() -> None:
    note, _ = parse(Source("a.md", "## Views {#v}\n\nThey share memory.\n"))
    assert links.Targets(note, links.lasting(note, {})).anchor("v") == "views"
