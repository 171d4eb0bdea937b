"""The whole road on real documents, where they are at hand: `../shared/seeds` and their labels."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.deck.learner import Learner

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
SEEDS = SHARED / "seeds"

pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="needs the documents in ../shared/seeds")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the output of `build` on all documents, which are broken and end it with 1."""
    folder = tmp_path_factory.mktemp("seeds")
    before = {path: path.read_bytes() for path in SEEDS.iterdir()}
    done = run("--notes", str(SEEDS), "--out", str(folder), "--cache-dir", str(folder / "cache"))
    assert done.returncode == 1, done.stderr
    assert {path: path.read_bytes() for path in SEEDS.iterdir()} == before
    return folder


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "builder", *words]
    return subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)


def scored(what: str, text: str, folder: Path) -> str:
    """Return what the labels' own tool says."""
    (folder / f"{what}.json").write_text(text, "utf-8")
    tool = (sys.executable, SHARED / "tools/score.py", what, folder / f"{what}.json")
    done = subprocess.run(tool, check=True, capture_output=True, text=True)
    return done.stdout


def test_every_question_is_read_as_a_careful_human_reads_it(tmp_path: Path) -> None:
    said = scored("cards", run("cards", "--notes", str(SEEDS), "--format", "json").stdout, tmp_path)
    assert "wanted 49, made 49, matched 49, same question 49, same context 49" in said


def test_defects_are_caught_without_a_false_alarm(out: Path, tmp_path: Path) -> None:
    said = scored("verify", (out / "report.json").read_text("utf-8"), tmp_path)
    last = said.splitlines()[-1].split()
    figures = dict(zip(last[::2], last[1::2], strict=True))
    caught, provable = map(int, figures["caught"].split("/"))
    assert (caught, provable) == (11, 11), said
    assert int(figures["passed"].split("/")[0]) >= 14, said
    assert figures["unseen"] == "0", said
    assert (figures["alarms"], figures["flagged"]) == ("0", "0"), said


def test_the_pruning_example_comes_out_as_what_it_is(out: Path) -> None:
    found = [p for p in problems(out) if "004" in p["path"] and 368 <= p["line"] <= 493]
    missing = Counter(p["message"].split("`")[-2] for p in found if p["code"] == "unknown-name")
    lines = (SEEDS / found[0]["path"].rsplit("/", 1)[-1]).read_text("utf-8").splitlines()
    used = Counter(
        word for line in lines for word in ("conv2d", "max_pool2d") if f"prune.{word}(" in line
    )
    assert missing == used
    assert [p["line"] for p in found if p["code"] == "unmatched-bracket"] == [491]


def test_wide_commas_are_named_with_the_mend(out: Path) -> None:
    found = [p for p in problems(out) if "002" in p["path"] and p["line"] == 16]
    assert [(p["code"], p["fix"]["text"]) for p in found] == [("fullwidth-punctuation", ",")] * 2


def problems(out: Path) -> list[dict[str, Any]]:
    report = json.loads((out / "report.json").read_text("utf-8"))
    return [problem for snippet in report["snippets"] for problem in snippet["problems"]]


def test_a_real_anki_takes_the_deck(out: Path, tmp_path: Path) -> None:
    pytest.importorskip("anki")
    learner = Learner(tmp_path)
    log = learner.take((out / "seeds.apkg").read_bytes())
    assert log.counts == (96, 0, 0, 0)
    assert list(learner.faults()) == []


def test_each_document_has_a_page(out: Path) -> None:
    pages = {path.name for path in (out / "notes").glob("*.html")}
    names = {path.name for path in SEEDS.iterdir()}
    assert pages == {f"{name}.html" for name in names}
