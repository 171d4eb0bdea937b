"""The course of this repository: written afresh, and linked to nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from builder.config import FrontMatter
from builder.files import read_source
from builder.model import Note, Source
from builder.parsing import parse

ROOT = Path(__file__).parent.parent
NOTES = sorted((ROOT / "notes").glob("*.md"))
SEEDS = ROOT.parent / "shared" / "seeds"

#: Shorter runs are terms, formulas, and what everybody says.
LONGEST_RUN = 30
LINES = 3
_CJK = re.compile(r"[\u3400-\u9fff\uff00-\uff5e\u3000-\u303f]+")


def read(path: Path) -> Note:
    source = read_source(path, path.name)
    assert isinstance(source, Source)
    note, _ = parse(source, FrontMatter())
    return note


def runs(text: str) -> set[str]:
    """Return all runs of Chinese of the length that would be a copy."""
    plain = "".join(_CJK.findall(text))
    return {plain[at : at + LONGEST_RUN] for at in range(len(plain) - LONGEST_RUN + 1)}


def triples(note: Note) -> set[tuple[str, ...]]:
    """Return what stands in the code in three lines that follow each other."""
    found = set()
    for snippet in note.snippets:
        lines = [line.split("#")[0].strip() for line in snippet.code.split("\n")]
        telling = [line for line in lines if line and not line.startswith(("import ", "from "))]
        found |= {tuple(telling[at : at + LINES]) for at in range(len(telling) - LINES + 1)}
    return found


def test_a_copy_would_be_seen(tmp_path: Path) -> None:
    sentence = "反向传播从损失出发，沿着计算图把梯度一层一层传回每一个参数，再由优化器更新它们。"
    assert runs(f"前言。{sentence}") & runs(f"{sentence}后记。")
    code = "## 题\n\n```python\nimport torch\na = 1  # {}\nb = a + 1\nprint(b)\n```\n"
    for name in ("一", "二"):
        (tmp_path / f"{name}.md").write_text(code.format(name), "utf-8")
    first, second = (triples(read(path)) for path in sorted(tmp_path.iterdir()))
    assert first & second == {("a = 1", "b = a + 1", "print(b)")}


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the documents to compare with are not here")
def test_nothing_is_copied() -> None:
    sources = [read(path) for path in sorted(SEEDS.iterdir()) if path.suffix in (".md", ".txt")]
    known = set().union(*(runs(note.source.text) for note in sources))
    code = set().union(*(triples(note) for note in sources))
    for path in NOTES:
        note = read(path)
        assert runs(note.source.text) & known == set(), path.name
        assert triples(note) & code == set(), path.name


def test_the_course_is_whole() -> None:
    """A file for each chapter of the outline, and about two hundred questions in all."""
    chapters = {path.name[:2] for path in NOTES}
    assert chapters == {f"{number:02}" for number in range(1, 18)}
    cards = [card for path in NOTES for card in read(path).cards]
    assert 180 <= len(cards) <= 230
    assert len({card.question for card in cards}) == len(cards)
