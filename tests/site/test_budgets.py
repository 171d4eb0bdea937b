"""What a page weighs over what its author wrote, with everything that comes with it."""

from __future__ import annotations

import gzip
import posixpath
import re
import subprocess
import sys
from base64 import b32encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from builder import pipeline
from builder.markdown import Renderer, parse
from builder.model import Course, Note, Snippet, Source, Verdict
from builder.site.math import Formulas
from tests.site.courses import RAN_ON, course, failed, made, note, passed

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
LIMIT, FONT, REQUESTS = 12_000, 60_000, 6
#: What a page of this course may need of that: the next idea must find room.
OURS = 10_700
#: A tool and its script, on pages that are nobody's notes.
TOOLS = ("search.html", "practice.html")
_OTHERWISE = re.compile("<noscript>.*?</noscript>")
_ASSET = re.compile(
    r'<(?:script|link rel="(?:stylesheet|icon|preload)")[^>]*? (?:src|href)="([^"]+)"'
)


def weight(content: bytes) -> int:
    return len(gzip.compress(content))


def comes_with(files: dict[str, bytes], path: str) -> list[str]:
    """Return what a page asks for before its reader does anything, but for its images."""
    urls = _ASSET.findall(_OTHERWISE.sub("", files[path].decode()))
    return [posixpath.normpath(posixpath.join(posixpath.dirname(path), url)) for url in urls]


def light(files: dict[str, bytes], path: str) -> int:
    """Return what comes with a page, without the picture in its tab and the font of formulas."""
    names = (it for it in comes_with(files, path) if not it.endswith((".svg", ".woff2")))
    return sum(weight(files[name]) for name in names)


def written(each: Note) -> bytes:
    """Return what a note itself says, as HTML without a frame."""
    formulas = Formulas()
    drawn = Renderer(math=lambda tex, display: formulas.html(tex, display, ""))
    html = drawn.blocks(parse(Source(each.source.path, each.source.text, each.source.name)))
    return re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL).encode()


def examined(read: Course) -> Course:
    """Return a course with what a build knows of it: who each card is, and what became of code.

    Every twentieth piece of it is a failure.
    """

    def verdict(number: int, snippet: Snippet) -> Verdict:
        if number % 20 == 19:
            return failed(snippet, 1, "`torch.nn` has no `MSEloss`", "did you mean `MSELoss`?")
        return passed(snippet, stdout="" if number % 3 else f"tensor([{number}.])\n")

    snippets = [snippet for each in read.notes for snippet in each.snippets]
    found = tuple(verdict(number, snippet) for number, snippet in enumerate(snippets))
    digests = ((card.span, sha256(str(card.span).encode()).digest()) for card in read.cards)
    guids = tuple((span, b32encode(digest[:10]).decode().lower()) for span, digest in digests)
    return replace(read, verdicts=found, verified=True, environment=RAN_ON, guids=guids)


def read(notes: Path, out: Path) -> Course:
    return pipeline.read(pipeline.settings((notes,), out, None)).course


def test_what_is_added_to_the_notes_of_this_course(tmp_path: Path) -> None:
    whole = examined(read(ROOT / "notes", tmp_path))
    files = made(whole)
    for each in whole.notes:
        path = f"notes/{each.source.name.removesuffix('.md')}.html"
        added = weight(files[path]) - weight(written(each)) + light(files, path)
        assert added <= OURS, (path, added)
        assert len(comes_with(files, path)) < REQUESTS
    fonts = [weight(content) for path, content in files.items() if path.endswith(".woff2")]
    assert sum(fonts) <= FONT


def test_every_kind_of_page_is_light() -> None:
    tagged = replace(note("a.md", "# 题\n\n答\n"), tags=("x",))
    files = made(course(tagged))
    for path in (path for path in files if path.endswith(".html")):
        limit = LIMIT + (5_000 if path in TOOLS else 0)
        weighs = weight(files[path]) + light(files, path)
        assert weighs <= limit, (path, weighs)
        assert len(comes_with(files, path)) < REQUESTS, path


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the generator in ../shared")
def test_generated_pages_are_light_in_all(tmp_path: Path) -> None:
    generator = str(SHARED / "tools/gen_pages.py")
    command = [sys.executable, generator, str(tmp_path / "notes"), "100"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    files = made(read(tmp_path / "notes", tmp_path / "out"))
    pages = [path for path in files if re.fullmatch(r"notes/ch\d+/p\d+\.html", path)]
    assert len(pages) == 100
    for path in pages:
        assert weight(files[path]) + light(files, path) <= LIMIT, path
