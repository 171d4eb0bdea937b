"""Reading any bytes, and writing an output folder without harming what is not ours."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from builder import encoding, files
from builder.files import InputError, Output
from builder.model import Artifact, Problem, Source


def artifacts(name: str, **contents: str) -> Output:
    made = [Artifact(path.replace("__", "/"), text.encode()) for path, text in contents.items()]
    return Output(name, tuple(made))


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != files.MANIFEST
    }


@pytest.mark.parametrize(
    "data",
    [
        "张量\n".encode(),
        "张量\n".encode("utf-8-sig"),
        "张量\n".encode("gb18030"),
        "张量\n".encode("utf-16"),
        "张量\n".encode("utf-16-be"),
        "张量\n".encode("utf-16-le"),
        "张量\r\n".encode(),
        "张量\r".encode(),
    ],
)
def test_text_is_read_in_any_usual_encoding(data: bytes) -> None:
    assert encoding.decode(data) == "张量\n"


DANISH = "## Hvad er en gradient?\n\nDen går på tværs af “kurverne” – og bliver større.\n"
GERMAN = "## Was heißt Überanpassung?\n\nDas Netz lernt die Übungen auswendig.\n"
CHINESE = "## 什么是 x 的梯度？\n\n它指向上升最快的方向，a 与 b。\n"


@pytest.mark.parametrize("text", [DANISH, GERMAN, CHINESE])
@pytest.mark.parametrize("name", ["utf-8", "utf-16-le", "utf-16-be", "cp1252", "gb18030"])
def test_encodings_are_told_apart_by_what_stands_in_them(text: str, name: str) -> None:
    if (name == "gb18030" and text != CHINESE) or (name == "cp1252" and text == CHINESE):
        pytest.skip("nobody writes that")
    for ends in ("\n", "\r\n", "\r"):
        assert encoding.decode(text.replace("\n", ends).encode(name)) == text


@pytest.mark.parametrize(
    "data", [b"\x00" * 10, b"a\x00b\n", b"\xff\xfe\xd8", b"\x89PNG\x0d\x0a\x1a\x0a\x00"]
)
def test_what_is_no_text_is_none(data: bytes) -> None:
    assert encoding.decode(data) is None


def test_a_file_of_many_megabytes_is_a_problem_and_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.md").open("wb") as file:
        file.truncate(files.LARGEST + 1)
    problem = files.read_source(tmp_path / "a.md", "a.md")
    assert isinstance(problem, Problem)
    assert (problem.code, problem.span.line) == ("file-too-large", 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to the superuser")
def test_a_closed_folder_is_a_problem_and_the_rest_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# a", "utf-8")
    (tmp_path / "closed").mkdir(mode=0)
    found = files.find_notes([tmp_path], [], tmp_path / "dist")
    (tmp_path / "closed").chmod(0o700)
    assert [path.name for path in found] == ["a.md", "closed"]


def test_a_folder_in_the_place_of_a_note_is_a_problem(tmp_path: Path) -> None:
    problem = files.read_source(tmp_path, "a.md")
    assert isinstance(problem, Problem)
    assert problem.code == "unreadable-file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_what_is_called_as_a_note_and_is_none_is_a_problem_each(tmp_path: Path) -> None:
    (tmp_path / "a.md").symlink_to(tmp_path / "gone.md")
    os.mkfifo(tmp_path / "b.md")
    (tmp_path / "c.md").mkdir()
    (tmp_path / "d.md").symlink_to(tmp_path / "d.md")
    (tmp_path / "node.md").mkdir()
    (tmp_path / "node.md/1.md").write_text("# a", "utf-8")
    found = files.find_notes([tmp_path], [], tmp_path / "dist")
    assert [path.name for path in found] == ["a.md", "b.md", "c.md", "d.md", "1.md"]
    read = [files.read_source(path, path.name) for path in found]
    said = [problem.message for problem in read if isinstance(problem, Problem)]
    assert said == [
        "cannot be read: this is a link to a file that is not there",
        "cannot be read: this is a pipe or a device",
        "cannot be read: this is a folder without notes",
        "cannot be read: this is a link to a file that is not there",
    ]


def test_a_file_that_is_no_text_is_a_problem_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes("好\n张\0量\n".encode())
    problem = files.read_source(tmp_path / "a.md", "a.md")
    assert isinstance(problem, Problem)
    assert (problem.code, problem.span.line, problem.span.column) == ("undecodable-file", 2, 2)


def test_lines_are_those_of_an_editor() -> None:
    source = Source("a.md", "one\x0c\u2028still one\ntwo\n")
    assert len(source.lines) == 2
    assert source.line(2) == "two"


def test_notes_are_found_in_natural_order(tmp_path: Path) -> None:
    for name in ("10.md", "2.md", "b/1.markdown", ".git/x.md", "dist/y.md", "drafts/z.md", "p.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("# a", "utf-8")
    found = files.find_notes([tmp_path], ["drafts/**"], tmp_path / "dist")
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "2.md",
        "10.md",
        "b/1.markdown",
    ]


def test_a_place_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="neither a file nor a folder"):
        files.find_notes([tmp_path / "nothing"], [], tmp_path)


def test_files_of_an_earlier_build_are_replaced_and_taken_away(tmp_path: Path) -> None:
    files.write(tmp_path, (artifacts("site", a="1", sub__b="1"), artifacts("deck", d="1")))
    (tmp_path / "mine").write_text("mine", "utf-8")
    files.write(tmp_path, (artifacts("site", a="2", c="2"),))
    assert tree(tmp_path) == {"a": "2", "c": "2", "d": "1", "mine": "mine"}
    assert not (tmp_path / "sub").exists()


@pytest.mark.parametrize("path", ["a", "a__b"])
def test_a_stranger_in_the_way_stops_everything(tmp_path: Path, path: str) -> None:
    (tmp_path / "a").write_text("mine", "utf-8")
    with pytest.raises(InputError, match="was not written by this tool"):
        files.write(tmp_path, (artifacts("site", **{"0": "new", path: "new"}),))
    assert tree(tmp_path) == {"a": "mine"}


def test_force_replaces_a_stranger(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine", "utf-8")
    files.write(tmp_path, (artifacts("site", a="new"),), force=True)
    assert tree(tmp_path) == {"a": "new"}


def test_a_manifest_cannot_reach_outside_the_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "mine").write_text("mine", "utf-8")
    said = {"files": {"../mine": "site", str(tmp_path / "mine"): "site"}}
    (out / files.MANIFEST).write_text(json.dumps(said), "utf-8")
    files.write(out, (artifacts("site", a="1"),))
    assert (tmp_path / "mine").read_text("utf-8") == "mine"


def test_an_interrupted_build_leaves_whole_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.write(tmp_path, (artifacts("site", a="old", b="old"),))
    moved = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        if target == tmp_path / "b":
            raise KeyboardInterrupt
        return moved(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write(tmp_path, (artifacts("site", a="new", b="new", c="new"),))
    monkeypatch.undo()
    assert tree(tmp_path) == {"a": "new", "b": "old"}
    files.write(tmp_path, (artifacts("site", a="newer"),))
    assert tree(tmp_path) == {"a": "newer"}


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(InputError, match="cannot write"):
        files.write_file(tmp_path / "file" / "a", b"")
