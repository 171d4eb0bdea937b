"""The time and memory of building a site, side by side with its peers in one run.

    python benchmarks/site.py NOTES [ROUNDS]

NOTES is a folder of Markdown notes. Peers that are not installed are left out: `zensical` and
`mkdocs` (with Material) are looked for on PATH, `hugo` too, which is given a theme of three lines.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
MKDOCS = """site_name: notes
docs_dir: notes
use_directory_urls: false
theme:
  name: material
  language: zh
  font: false
markdown_extensions:
  - pymdownx.highlight
  - pymdownx.superfences
  - pymdownx.arithmatex: {generic: true}
plugins:
  - search: {lang: [zh, en]}
"""
HUGO = (
    '<!doctype html><html lang="zh"><title>{{ .Title }}</title><body>{{ .Content }}</body></html>\n'
)


@dataclass(frozen=True)
class Peer:
    name: str
    command: tuple[str, ...]
    out: Path
    #: A note that is changed before each run.
    edited: Path | None = None

    def pages(self) -> int:
        """Return how many pages lie there: who writes none is quick."""
        return sum(1 for _ in self.out.rglob("*.html"))


def peers(given: Path, work: Path) -> Iterator[Peer]:
    notes = work / "notes"
    shutil.copytree(given, notes)
    site = ("site", "--notes", str(notes), "--out", str(work / "ours"), "--no-verify", "--quiet")
    ours = (sys.executable, "-m", "builder", *site)
    yield Peer("proofdeck, first build", (*ours, "--no-cache"), work / "ours")
    cache = ("--cache-dir", str(work / "cache"))
    yield Peer("proofdeck, nothing changed", (*ours, *cache), work / "ours")
    edited = min(notes.rglob("*.md"))
    yield Peer("proofdeck, one note changed", (*ours, *cache), work / "ours", edited)
    (work / "mkdocs.yml").write_text(MKDOCS)
    if found := shutil.which("zensical"):
        command = (found, "build", "-f", str(work / "mkdocs.yml"), "--clean")
        yield Peer("Zensical", command, work / "site")
    if found := shutil.which("mkdocs"):
        command = (
            found,
            "build",
            "-q",
            "-f",
            str(work / "mkdocs.yml"),
            "-d",
            str(work / "material"),
        )
        yield Peer("Material for MkDocs", command, work / "material")
    if found := shutil.which("hugo"):
        layouts = work / "hugo/layouts/_default"
        layouts.mkdir(parents=True)
        for name in ("single.html", "list.html"):
            (layouts / name).write_text(HUGO)
        (work / "hugo/config.toml").write_text('baseURL = "/"\ntitle = "notes"\n')
        shutil.copytree(given, work / "hugo/content")
        # To Hugo all that lies beside an `index.md` is a part of it, and no page.
        for file in tuple((work / "hugo/content").rglob("index.md")):
            file.rename(file.with_name("_index.md"))
        yield Peer(
            "Hugo, bare theme", (found, "--quiet", "-s", str(work / "hugo")), work / "hugo/public"
        )


def measure(peer: Peer) -> tuple[float, float, int]:
    """Run a command; return its user CPU and system CPU in seconds, and its memory in bytes."""
    if peer.edited:
        with peer.edited.open("a", encoding="utf-8") as note:
            note.write("\n又一句话。\n")
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    null = subprocess.DEVNULL
    process = subprocess.Popen(peer.command, env=env, stdout=null, stderr=null, cwd=peer.out.parent)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        print(f"{peer.name} ended with {status}", file=sys.stderr)
    return used.ru_utime, used.ru_stime, used.ru_maxrss * 1024


def main() -> None:
    notes, rounds = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as folder:
        found = tuple(peers(notes, Path(folder)))
        best: dict[str, tuple[float, float, int]] = {}
        for _ in range(rounds):
            for peer in found:
                best[peer.name] = min(best.get(peer.name, (1e9, 0.0, 0)), measure(peer))
        pages = {peer.name: peer.pages() for peer in found}
    print(
        "| | user CPU, s | system CPU, s | memory, MiB | pages |\n| --- | --: | --: | --: | --: |"
    )
    for name, (user, system, memory) in best.items():
        print(f"| {name} | {user:.1f} | {system:.1f} | {memory / 2**20:.0f} | {pages[name]} |")


if __name__ == "__main__":
    main()
