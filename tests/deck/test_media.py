"""Pictures and sounds of a folder of notes, as they arrive at a learner's."""

from __future__ import annotations

import io
import re
from base64 import b64encode
from pathlib import Path

import pytest
from PIL import Image

from builder import pipeline
from builder.deck import Release
from tests.deck.learner import Learner
from tests.deck.pixels import png

pytestmark = pytest.mark.anki

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9"/></svg>'


def build(folder: Path, text: str, **files: bytes) -> Release:
    """Build a note that stands in a folder `a`, with files whose names have `/` for `__`."""
    given = {"notes/a/n.md": text.encode(), "proofdeck.toml": b'title = "T"\n', **files}
    for name, content in given.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    where = pipeline.settings((), None, folder / "proofdeck.toml")
    made = pipeline.make(where, pipeline.read(where).course, ("deck",))
    assert made.release
    assert made.release.package
    return made.release


def shown(learner: Learner, release: Release) -> list[str]:
    """Return what the answers show, each image by what is in its file, once all is well."""
    assert release.package
    learner.take(release.package.content)
    assert list(learner.faults()) == []
    media = Path(learner.collection.media.dir())
    names = [re.findall(r'<img[^>]*src="([^"]*)"', card.answer) for card in learner.cards()]
    return [(media / name).read_bytes().hex() for found in names for name in found]


def test_files_of_one_name_are_told_apart(tmp_path: Path, learner: Learner) -> None:
    text = "# T\n\n## Q?\n\n![1](x.png) ![2](../b/x.png) ![3](../b/X.png) ![4](x.png)\n"
    one, two, three = (png(2, 2, grey) for grey in (1, 2, 3))
    files = {"notes/a/x.png": one, "notes/b/x.png": two, "notes/b/X.png": three}
    found = shown(learner, build(tmp_path, text, **files))
    assert found == [it.hex() for it in (one, two, three, one)]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("<../my pics/图 一.png>", "my pics/图 一.png"),
        ("../my%20pics/%E5%9B%BE%20%E4%B8%80.png", "my pics/图 一.png"),
        ("<../100%.png>", "100%.png"),
        ("../100%25.png", "100%.png"),
        ("../100%2525.png", "100%25.png"),
        ("../up.PNG", "up.PNG"),
        ("../a.png?raw=true#pic_center=30x40", "a.png"),
        ("../a'b&c.png", "a'b&c.png"),
    ],
)
def test_a_file_of_any_name_is_found(
    tmp_path: Path, learner: Learner, written: str, name: str
) -> None:
    text = f"# T\n\n## Q?\n\n![it]({written})\n"
    assert shown(learner, build(tmp_path, text, **{f"notes/{name}": png(3, 3, 7)})) == [
        png(3, 3, 7).hex()
    ]


def test_an_image_in_its_address_becomes_a_file(tmp_path: Path, learner: Learner) -> None:
    held = b64encode(png(5, 5, 50)).decode()
    drawn = b64encode(SVG.replace(b"<path", b"<script>go()</script><path")).decode()
    text = (
        f"# T\n\n## Q?\n\n![i](data:image/png;base64,{held}) ![d][1]\n\n"
        f'<img src="data:image/svg+xml;base64,{drawn}">\n\n<a href="data:text/html,x">no</a>\n\n'
        f"[1]: <data:image/png;base64,{held}>\n"
    )
    release = build(tmp_path, text)
    assert shown(learner, release) == [it.hex() for it in (png(5, 5, 50), png(5, 5, 50), SVG)]
    assert "data:" not in learner.cards()[0].answer


def test_a_damaged_image_is_no_file_of_the_learners(tmp_path: Path, learner: Learner) -> None:
    text = "# T\n\n## Q?\n\nIt is ![one](one.png) ![two](two.png) ![three](three.svg)\n"
    files = {"notes/a/one.png": b"", "notes/a/two.png": b"<html>", "notes/a/three.svg": b"GIF"}
    release = build(tmp_path, text, **files)
    assert shown(learner, release) == []
    assert learner.cards()[0].answer.count('<span class="missing">') == 3
    assert list(Path(learner.collection.media.dir()).iterdir()) == []


@pytest.mark.parametrize(
    "written",
    [
        "![it](d.mp3)",
        "![](d.mp3?raw=1)",
        '<audio src="d.mp3" controls></audio>',
        'Hear <audio controls autoplay><source src="d.mp3" type="audio/mpeg"></audio> it.',
    ],
)
def test_a_sound_is_played_however_it_is_written(
    tmp_path: Path, learner: Learner, written: str
) -> None:
    text = f"# T\n\n## Q?\n\nA.\n\n{written}\n\n<audio src='gone.mp3'></audio>\n"
    shown(learner, build(tmp_path, text, **{"notes/a/d.mp3": b"ID3"}))
    answer = learner.cards()[0].answer
    assert answer.count("[anki:play:a:0]") == 1
    assert answer.count('<span class="missing">') == 1
    assert "audio" not in answer.split("</style>")[-1]


def test_what_can_be_shown_of_a_kind_is_shown(tmp_path: Path, learner: Learner) -> None:
    file = io.BytesIO()
    frames = [Image.new("L", (6, 4), grey) for grey in (0, 99, 200)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    text = "# T\n\n## Q?\n\n![a](a.gif) ![b](b.svg) ![c](really.jpg) ![d](d.mp3)\n"
    files = {"a.gif": file.getvalue(), "b.svg": SVG, "really.jpg": png(4, 4, 4), "d.mp3": b"ID3"}
    release = build(tmp_path, text, **{f"notes/a/{name}": it for name, it in files.items()})
    assert shown(learner, release) == [it.hex() for it in (file.getvalue(), SVG, png(4, 4, 4))]
    assert "[anki:play:a:0]" in learner.cards()[0].answer
