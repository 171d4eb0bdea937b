"""How long `build serve` takes from a save to the word that an open page is to be loaded anew.

    python benchmarks/serve.py NOTES [ROUNDS]

NOTES is a folder of Markdown notes; a copy of it is served, with `--no-verify`, and one note after
another is saved with a sentence more. The clock says how long an author waits; the CPU seconds of
the server, for one save, say how much of that was work.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).parent.parent
#: Seconds of peace between two saves: pages that only mention a note are made in them.
PAUSE = 4.0


@contextmanager
def server(notes: Path) -> Iterator[tuple[int, int]]:
    """Serve notes; give the port and the process."""
    command = (sys.executable, "-m", "builder", "serve", "--no-verify", "--notes", str(notes))
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        found = re.search(r"http://[\d.]+:(\d+)/", process.stdout.readline())
        assert found
        yield int(found[1]), process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def used(pid: int) -> float:
    """Return the CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def event(events: HTTPResponse) -> bytes:
    """Return the next word about a page."""
    while not (line := events.readline()).startswith(b"data:"):
        assert line
    return line


def wait(port: int, pid: int, note: Path, page: str) -> tuple[float, float]:
    """Save a note; return the seconds until its page hears of it, and those of CPU."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"/@live/events?page={quote('/' + page)}")
    events = connection.getresponse()
    before = event(events)
    beside = note.with_name(f".{note.name}.part")
    beside.write_text(note.read_text("utf-8") + "\n又一句话。\n", "utf-8")
    worked, start = used(pid), time.perf_counter()
    beside.replace(note)
    while event(events) == before:
        pass
    found = time.perf_counter() - start, used(pid) - worked
    connection.close()
    return found


def main() -> None:
    given, rounds = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 9
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "notes"
        shutil.copytree(given, notes)
        found = sorted(notes.rglob("*.md"))
        times = []
        with server(notes) as (port, pid):
            time.sleep(PAUSE)
            for n in range(rounds):
                note = found[n * len(found) // rounds]
                name = note.relative_to(notes).with_suffix(".html").as_posix()
                times.append(wait(port, pid, note, f"notes/{name}"))
                time.sleep(PAUSE)
    waited, worked = zip(*times, strict=True)
    print("| notes | median, ms | slowest, ms | CPU, ms |\n| --: | --: | --: | --: |")
    row = (statistics.median(waited), max(waited), statistics.median(worked))
    print(f"| {len(found):,} | {' | '.join(f'{1000 * it:.0f}' for it in row)} |")


if __name__ == "__main__":
    main()
