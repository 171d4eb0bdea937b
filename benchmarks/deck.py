"""How long a deck takes, beside the naive way and two other tools, in one run.

`python benchmarks/deck.py FOLDER [CARDS ...]` works in FOLDER, where it makes notes and, once, an
environment for each peer. Each line is one command: seconds of CPU, seconds by the clock, MiB, all
its processes together. Commands take turns, and the median of three turns is told.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
PEERS = {"mad": ("markdown-anki-decks", "click<8.1"), "ankdown": ("ankdown",)}
TURNS = 3
#: As in a real folder: a file holds a chapter.
A_FILE = 50

NAIVE = """
import pathlib, re, sys, genanki, mistune
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

class Renderer(mistune.HTMLRenderer):
    def block_code(self, code, info=None):
        return highlight(code, get_lexer_by_name(info or "text"), HtmlFormatter())

markdown = mistune.create_markdown(renderer=Renderer(), plugins=["table"])
face = {"name": "Card", "qfmt": "{{Q}}", "afmt": "{{FrontSide}}<hr>{{A}}"}
model = genanki.Model(1234567890, "QA", [{"name": "Q"}, {"name": "A"}], [face])
deck = genanki.Deck(1234567891, "Bench")
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.md")):
    for part in re.split(r"^## ", file.read_text("utf-8"), flags=re.M)[1:]:
        question, _, answer = part.partition("\\n")
        deck.add_note(genanki.Note(model, [markdown(question), markdown(answer)]))
genanki.Package(deck).write_to_file(sys.argv[2])
"""


def card(chance: random.Random, number: int) -> tuple[str, str]:
    """Return a question and an answer with a list, a table and ten lines of code."""
    a, b, c = (chance.randint(2, 64) for _ in range(3))
    words = ["张量", "梯度", "计算图", "优化器", "学习率", "注意力", "显存", "量化", "损失", "采样"]
    prose = " ".join(chance.choice(words) for _ in range(40))
    code = (
        f"import torch\nx{number} = torch.randn({a}, {b}, requires_grad=True)\n"
        f"w = torch.ones({b}, {c})\ndef f(t):\n    return (t @ w).sum() * {chance.random():.3f}\n"
        f"loss = f(x{number})\nloss.backward()\nassert x{number}.grad.shape == ({a}, {b})\n"
        f"print({{'loss': float(loss), 'shape': tuple(x{number}.shape)}})"
    )
    table = f"| 项 | 值 |\n|---|---|\n| a | {a} |\n| b | {b} |"
    said = f"{prose}。\n\n- 第一点: `relu`\n- 第二点: ({a}, {b})"
    answer = f"{said}\n\n{table}\n\n```python\n{code}\n```\n"
    return f"{chance.choice(words)} 与 {chance.choice(words)} 有什么关系 (#{number})?", answer


def notes(folder: Path, count: int) -> None:
    """Write the same cards as every tool wants them."""
    chance = random.Random(7)
    cards = [card(chance, number) for number in range(count)]
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("notes", "mad", "mad-out", "ankdown/Bench"):
        (folder / name).mkdir(parents=True)
    for at in range(0, count, A_FILE):
        text = f"# Chapter {at // A_FILE}\n\n" + "\n".join(
            f"## {question}\n\n{answer}" for question, answer in cards[at : at + A_FILE]
        )
        for name in ("notes", "mad"):
            (folder / name / f"{at // A_FILE:04}.md").write_text(text, "utf-8")
    lines = (f"{question}\n\n%\n\n{answer}\n%\n\nbench\n\n" for question, answer in cards)
    (folder / "ankdown/Bench/bench.md").write_text("---\n".join(lines), "utf-8")
    (folder / "naive.py").write_text(NAIVE, "utf-8")


@dataclass(frozen=True)
class Command:
    """What is measured; `before` puts things as they must stand, and is not measured."""

    name: str
    words: tuple[str, ...]
    before: Callable[[], None] = lambda: None


def commands(folder: Path, tools: Path) -> Iterator[Command]:
    """Yield what is compared."""
    ours = (sys.executable, "-m", "builder", "deck", "--notes", "notes", "--no-verify", "-q")
    out = folder / "dist"

    def cold() -> None:
        shutil.rmtree(out, ignore_errors=True)
        shutil.rmtree(folder / "cache", ignore_errors=True)

    def touch() -> None:
        file = folder / "notes/0000.md"
        file.write_text(file.read_text("utf-8").replace("第一点", "第一点！", 1), "utf-8")

    yield Command("naive", (sys.executable, "naive.py", "notes", "naive.apkg"))
    yield Command("proofdeck, first build", ours, cold)
    yield Command("proofdeck, nothing changed", ours)
    yield Command("proofdeck, one card changed", ours, touch)
    if (tools / "mad/bin/mdankideck").exists():
        yield Command("markdown-anki-decks", (str(tools / "mad/bin/mdankideck"), "mad", "mad-out"))
    if (tools / "ankdown/bin/ankdown").exists():
        words = (str(tools / "ankdown/bin/ankdown"), "-r", "ankdown", "-p", "bench", "--highlight")
        yield Command("ankdown --highlight", words)


def run(command: Command, folder: Path) -> tuple[float, float, float]:
    """Return seconds of CPU, seconds by the clock, and MiB at most, of a process and its own."""
    command.before()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache")}
    # As where it is installed: nothing is compiled anew in each process.
    environment |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    start = time.perf_counter()
    process = subprocess.Popen(
        command.words,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr
    room, done = 0, 0
    while not done:
        time.sleep(0.01)
        others = sum(_size(pid, "Private_") for pid in _below(process.pid))
        room = max(room, _size(process.pid, "Rss:") + others)
        done, status, used = os.wait4(process.pid, os.WNOHANG)
    if os.waitstatus_to_exitcode(status):
        said = process.stderr.read().decode()
        print(f"  {command.name} failed: {said.strip().splitlines()[-1:]}")
    return _cpu(used), time.perf_counter() - start, max(used.ru_maxrss, room) / 1024


def _below(pid: int) -> Iterator[int]:
    """Yield the processes that one has begun, where the system tells."""
    with suppress(OSError):
        for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
            yield child
            yield from _below(child)


def _size(pid: int, what: str) -> int:
    """Return the KiB that a process has, or has for itself alone, where the system tells."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith(what))
    return 0


def _cpu(used: resource.struct_rusage) -> float:
    return used.ru_utime + used.ru_stime


def install(tools: Path) -> None:
    """Put each peer into an environment of its own, once."""
    for name, packages in PEERS.items():
        if not (tools / name).exists():
            venv.create(tools / name, with_pip=True)
            pip = [str(tools / name / "bin/pip"), "install", "-q", *packages]
            subprocess.run(pip, check=False)


def main(place: str, *counts: str) -> None:
    """Measure and print."""
    folder = Path(place).resolve()
    install(folder / "tools")
    for count in map(int, counts or ("1000", "10000")):
        work = folder / str(count)
        notes(work, count)
        rows = [
            (command, list[tuple[float, float, float]]())
            for command in commands(work, folder / "tools")
        ]
        for _ in range(TURNS):
            for command, found in rows:
                found.append(run(command, work))
        print(f"{count} cards {'cpu s':>28} {'wall s':>8} {'MiB':>6}")
        for command, found in rows:
            cpu, wall, size = (median(column) for column in zip(*found, strict=True))
            print(f"  {command.name:<32} {cpu:>6.2f} {wall:>8.2f} {size:>6.0f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
