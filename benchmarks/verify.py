"""Verifies a folder of snippets with Proofdeck and with its peers, in turn, and prints medians.

    python benchmarks/verify.py ../shared/corpus/benign --runs 3

The folder holds `notes.md`; a `truth.json` beside it says of each snippet whether it is right.
Peers are installed into an environment of their own, in a temporary folder, with the pytest that
the best of them still works with; they take torch from the environment this runs in.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parent.parent
PEERS = ("pytest==8.4.2", "pytest-markdown-docs==0.9.2", "sybil==10.1.0", "pytest-isolate==0.0.17")
CONFTEST = """\
import torch, torch._dynamo
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser
pytest_collect_file = Sybil([PythonCodeBlockParser()], patterns=["*.md"]).pytest()
"""


@dataclass(frozen=True)
class Snippet:
    """One fence: the lines of its code, the code, whether it is right."""

    first: int
    last: int
    code: str
    right: bool


@dataclass(frozen=True)
class Ran:
    """What one run took, in seconds and MiB, and which snippets it said fail."""

    wall: float
    cpu: float
    memory: int
    failed: frozenset[int]


def snippets(folder: Path) -> list[Snippet]:
    lines = (folder / "notes.md").read_text("utf-8").split("\n")
    truth = folder.parent / "truth.json"
    wanted = json.loads(truth.read_text("utf-8")) if truth.is_file() else []
    found: list[Snippet] = []
    for number, line in enumerate(lines):
        if line.startswith("```python"):
            end = next(n for n in range(number + 1, len(lines)) if lines[n].startswith("```"))
            code = "\n".join(lines[number + 1 : end])
            known = (
                wanted[len(found)] if len(found) < len(wanted) else {"want": "pass", "code": code}
            )
            right = known["want"] == "pass" or known["code"].strip() != code.strip()
            found.append(Snippet(number + 2, end, code, right))
    return found


def timed(
    command: list[str], folder: Path, environment: dict[str, str]
) -> tuple[float, float, int]:
    """Wall and processor seconds of a program and all it started, and its largest process."""
    program = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL);"
        "r = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print('\\n', r.ru_utime + r.ru_stime, r.ru_maxrss >> 10)"
    )
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program, *command],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    cpu, memory = done.stdout.split("\n")[-2].split()
    return time.perf_counter() - start, float(cpu), int(memory)


def at(lines: Iterator[int], every: list[Snippet]) -> frozenset[int]:
    """The snippets that lines stand in; some tools name the fence and some the code."""
    return frozenset(
        n for line in lines for n, s in enumerate(every) if s.first - 1 <= line <= s.last
    )


def proofdeck(folder: Path, every: list[Snippet], jobs: int) -> Ran:
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch, "report.json")
        words = ["verify", "-q", "--no-cache", f"--jobs={jobs}", "--notes", str(folder)]
        command = [sys.executable, "-m", "builder", *words, "--report", f"json={report}"]
        took = timed(command, Path(scratch), {"PYTHONPATH": str(ROOT)})
        rows = json.loads(report.read_text("utf-8"))["snippets"]
    return Ran(*took, at((row["line"] for row in rows if row["status"] == "failed"), every))


def pytest(python: Path, folder: Path, every: list[Snippet], words: list[str], conf: str) -> Ran:
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch, "notes.md").write_bytes((folder / "notes.md").read_bytes())
        Path(scratch, "conftest.py").write_text(conf, "utf-8")
        report = Path(scratch, "report.xml")
        command = [str(python), "-m", "pytest", "-q", *words, f"--junitxml={report}", "notes.md"]
        alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "OMP_NUM_THREADS": "1"}
        took = timed(command, Path(scratch), alone)
        return Ran(*took, at(_failures(report), every))


def _failures(report: Path) -> Iterator[int]:
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            number = re.search(r"line:(\d+)", case.get("name", ""))
            yield int(number.group(1)) if number else 0


def fresh(every: list[Snippet], sample: int) -> Ran:
    """A process a snippet, for some of them, times as many as there are."""
    chosen = every[:: max(1, len(every) // sample)]
    wall = cpu = 0.0
    memory, failed = 0, set()
    for snippet in chosen:
        with tempfile.TemporaryDirectory() as scratch:
            command = [sys.executable, "-c", f"{snippet.code}\nopen('done', 'w')"]
            took = timed(command, Path(scratch), {"OMP_NUM_THREADS": "1"})
            if not Path(scratch, "done").exists():
                failed.add(every.index(snippet))
        wall, cpu, memory = wall + took[0], cpu + took[1], max(memory, took[2])
    share = len(every) / len(chosen)
    for snippet in set(every) - set(chosen):  # not tried: counted as told rightly
        failed |= set() if snippet.right else {every.index(snippet)}
    return Ran(wall * share, cpu * share, memory, frozenset(failed))


def peers(folder: Path) -> Path:
    """An environment with the peers, which sees this one's torch behind its own packages."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin/python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *PEERS], check=True)
    import torch

    [site] = folder.glob("lib/python3*/site-packages")
    (site / "zz_torch.pth").write_text(str(Path(torch.__file__).parents[1]))
    return python


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sample", type=int, default=10, help="fresh processes that are tried")
    parser.add_argument("--only", action="append", help="names of tools")
    given = parser.parse_args()
    folder = given.folder.resolve()
    every = snippets(folder)
    with tempfile.TemporaryDirectory() as scratch:
        python = peers(Path(scratch, "peers"))
        isolate = ["-p", "pytest_isolate.plugin", "--isolate"]
        tools: dict[str, Callable[[], Ran]] = {
            "Proofdeck": lambda: proofdeck(folder, every, given.jobs),
            "pytest-markdown-docs": lambda: pytest(
                python, folder, every, ["-p", "pytest_markdown_docs.plugin", "--markdown-docs"], ""
            ),
            "Sybil, torch preloaded, pytest-isolate": lambda: pytest(
                python, folder, every, isolate, CONFTEST
            ),
            "a process a snippet": lambda: fresh(every, given.sample),
        }
        tools = {n: tool for n, tool in tools.items() if not given.only or n in given.only}
        runs: dict[str, list[Ran]] = {name: [] for name in tools}
        for number in range(given.runs):
            for name, tool in tools.items():
                if name != "a process a snippet" or number == 0:
                    runs[name].append(tool())
    show(runs, every)


def show(runs: dict[str, list[Ran]], every: list[Snippet]) -> None:
    """Print a table of medians."""
    wrong = {number for number, snippet in enumerate(every) if not snippet.right}
    print(f"{len(every)} snippets, {len(wrong)} of them wrong; medians\n")
    print("| tool | wall s | CPU s | largest process MiB | found | false alarms |")
    print("|---|---|---|---|---|---|")
    for name, ran in runs.items():
        middle = [statistics.median(getattr(r, key) for r in ran) for key in ("wall", "cpu")]
        found = {len(r.failed & wrong) for r in ran}
        false = {len(r.failed - wrong) for r in ran}
        memory = max(r.memory for r in ran)
        counts = " | ".join("–".join(map(str, sorted(numbers))) for numbers in (found, false))
        print(f"| {name} | {middle[0]:.1f} | {middle[1]:.1f} | {memory} | {counts} |")


if __name__ == "__main__":
    main()
