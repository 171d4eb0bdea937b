"""`build new`: a project that builds as it is."""

from __future__ import annotations

from pathlib import Path

import yaml

from builder import config
from builder.model import Source
from builder.new import project
from tests.test_cli import build


def test_what_is_made_builds(tmp_path: Path) -> None:
    ran = build(tmp_path, "new", "my notes")
    assert (ran.status, ran.err) == (0, "")
    assert "my notes/proofdeck.toml" in ran.out
    folder = tmp_path / "my notes"
    cache = ("--cache-dir", str(tmp_path / "cache"))
    ran = build(folder, "--strict", *cache)
    assert (ran.status, ran.err) == (0, "")
    assert "2 cards in 1 note, 0 held back" in ran.out
    assert "1 snippet and 1 claim: 2 passed" in ran.out
    assert "dist/my notes.apkg: 2 new" in ran.out
    assert build(folder, "--locked", *cache).status == 0
    assert build(folder, "lint", "--strict").status == 0
    assert "/dist/" in (folder / ".gitignore").read_text("utf-8")
    assert yaml.safe_load((folder / ".github/workflows/notes.yml").read_text("utf-8"))["jobs"]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    ran = build(tmp_path, "new", ".")
    assert ran.status == 2
    assert "is there already, and not empty" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_any_name_is_a_title() -> None:
    made = {file.path: file.content.decode() for file in project('say "a\\b"', "zh")}
    found, problems = config.parse(Source("proofdeck.toml", made["proofdeck.toml"]), ".", ("zh",))
    assert (problems, found.title, found.deck.name) == ((), 'say "a\\b"', 'say "a\\b"')
