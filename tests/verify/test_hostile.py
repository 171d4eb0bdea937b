"""Snippets that mean harm: each gets its true verdict, its neighbours theirs, and nothing is left.

They harm nobody even where the sandbox fails. The whole program runs as a session of its own under
a guard that kills it in the end. Each snippet first looks whether it stands in a process group of
its own, apart from the test's, and otherwise says so and stops. None signals all or its caller's
group by number 0 or -1; there are at most 64 processes, gone after 5 seconds; at most 512 MB of
memory are touched, against a limit of 256 MB; disks fill only as a quota; no address outside
loopback is named.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from verify import Job, Options, Runner, leftovers

ROOT = Path(__file__).parents[2]

#: Run before each snippet, on the line above it.
LOOK = (
    "import os as _os; assert _os.getpgrp() == _os.getpid() and _os.getsid(0) == _os.getpid() "
    "and _os.getpgrp() != {group}, 'not in a group of its own'"
)

#: The program: reads jobs, runs them, writes verdicts.
PROGRAM = """
import json, sys
from verify import Job, Options, Runner
given = json.load(sys.stdin)
with Runner(Options(**given["options"])) as runner:
    found = []
    for v in runner.run([Job(**job) for job in given["jobs"]]):
        places = [(f.code, f.line) for f in v.findings]
        found.append([v.status, places, v.reason, v.stdout[:2000], runner.lean().folder])
print(json.dumps([found, runner.environment.sandbox]))
"""
#: Goes before the program where the machine shall have no user namespaces.
NO_BOXES = """
import verify.pool
verify.pool._BOOTSTRAP = verify.pool._BOOTSTRAP.replace(
    'importlib.import_module(name + ".w',
    'def no(*_): raise OSError("not here")\\n'
    'importlib.import_module(name + ".kernel").own_user_namespace = no\\n'
    'importlib.import_module(name + ".w')
"""
#: The guard: starts the program as a session of its own, and ends that session whole.
GUARD = """
import os, signal, subprocess, sys
program = subprocess.Popen([sys.executable, "-c", sys.argv[1]], start_new_session=True)
try:
    program.wait(float(sys.argv[2]))
finally:
    try:
        os.killpg(program.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
"""


@dataclass(frozen=True)
class Seen:
    """What a run came to."""

    status: str
    places: list[list[Any]]
    reason: str | None
    stdout: str
    layers: list[str]


def descendants() -> set[int]:
    """All processes that were started by this package's workers, by their command line."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"_proofdeck_child" in path.read_bytes():
                found.add(int(path.parent.name))
        except OSError:
            pass
    return found


def folders() -> set[str]:
    return {str(path) for path in Path("/tmp").glob("proofdeck-*")}


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """No process of this test's session is left; folders are looked at in `hostile`."""
    before = descendants()
    yield
    deadline = time.monotonic() + 3
    while descendants() - before and time.monotonic() < deadline:
        time.sleep(0.05)


def hostile(
    code: str, program: str = PROGRAM, home: str = "", folder: str = "", **options: Any
) -> Seen:
    """Run a snippet between two harmless ones; those must pass, and nothing be left."""
    text = LOOK.format(group=os.getpgrp()) + "\n" + textwrap.dedent(code).strip("\n")
    codes = ["print('before')", text, "print('after')"]
    jobs = [{"key": str(n), "code": code, "folder": folder} for n, code in enumerate(codes)]
    given = {"preload": (), "jobs": 1, "timeout": 8, "memory": 256 << 20, **options}
    environment = {"PYTHONPATH": str(ROOT), "PLANTED": "the secret"}
    environment |= {"HOME": home} if home else {}
    answer = subprocess.run(
        [sys.executable, "-c", GUARD, program, "60"],
        input=json.dumps({"options": given, "jobs": jobs}).encode(),
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PLANTED": "the secret",
            **({"HOME": home} if home else {}),
        },
        capture_output=True,
        start_new_session=True,
        timeout=90,
        check=True,
    )
    found, layers = json.loads(answer.stdout)
    assert [found[0][0], found[0][3]] == ["passed", "before\n"]
    assert [found[2][0], found[2][3]] == ["passed", "after\n"]
    left = {row[4] for row in found} & folders()
    assert left == set(), "a folder is left"
    status, places, reason, stdout, _ = found[1]
    return Seen(status, places, reason, stdout, layers)


IN_ITSELF = {
    "a loop": ("while True: pass", "time-limit", 2),
    "a loop that catches all": (
        "import signal\nfor n in range(1, 32):\n    try: signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\nwhile True:\n    try:\n        while True: pass\n"
        "    except BaseException: pass",
        "time-limit",
        None,
    ),
    "deaf to the first question": (
        "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
        "time-limit",
        4,
    ),
    "one that stops itself": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\nwhile True: pass",
        "time-limit",
        3,
    ),
    "an alarm that nobody hears": (
        "import signal, time\nsignal.alarm(1)\ntime.sleep(5)",
        "killed-by-signal",
        4,
    ),
    "a helper that was ended before": (
        "import os, signal, time\nhelper = os.fork()\nif helper == 0: time.sleep(5)\n"
        "time.sleep(0.2)\nos.kill(helper, signal.SIGTERM)\nos.wait()\n"
        "os.kill(os.getpid(), signal.SIGUSR1)",
        "killed-by-signal",
        8,
    ),
    "an exit with 0": ("import os\nos._exit(0)", "exit", 3),
    "an exit with 1": ("import os\nos._exit(1)", "exit", 3),
    "an exit behind its back": ("import posix\nposix._exit(0)", "exit", 3),
    "a crash": ("import ctypes\nctypes.string_at(0)", "killed-by-signal", 3),
    "an abort": ("import os\nos.abort()", "killed-by-signal", 3),
    "its own group": (
        "import os, signal\nos.killpg(os.getpgrp(), signal.SIGKILL)",
        "killed-by-signal",
        None,
    ),
    "memory at once": ("x = bytearray(400 << 20)", "memory-limit", 2),
    "memory slowly": (
        "x = []\nfor n in range(400):\n    x.append(bytearray(1 << 20))",
        "memory-limit",
        4,
    ),
    "shared memory": (
        "import mmap, time\nm = mmap.mmap(-1, 400 << 20)\nfor n in range(0, 400 << 20, 4096):\n"
        "    m[n] = 1\ntime.sleep(5)",
        "memory-limit",
        None,
    ),
    "memory in a family": (
        "import os, time\nfor n in range(4):\n    if os.fork() == 0:\n"
        "        x = bytearray(b'x') * (110 << 20)\n        time.sleep(5)\n        os._exit(0)\n"
        "time.sleep(5)",
        "memory-limit",
        None,
    ),
    "a large file": (
        "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "open('x', 'wb').write(bytes(2 << 20))",
        "runtime-error",
        4,
    ),
    "a flood": ("while True: print('x' * 1000)", "output-limit", 2),
    "a trap at the exit": ("import atexit, os\natexit.register(os._exit, 0)\n1 / 0", "exit", None),
    "an error and patches": (
        "import builtins, json, os, sys\nbuiltins.isinstance = builtins.len = json.dumps = None\n"
        "os.write = os.getpid = sys.stdout = None\n1 / 0",
        "runtime-error",
        5,
    ),
    "an error and no built-in names": (
        "import builtins\nbuiltins.__dict__.clear()\n1 / 0",
        "runtime-error",
        4,
    ),
    "an error whose text is an exit": (
        "class E(Exception):\n    def __str__(self): raise SystemExit(0)\n"
        "def f():\n    raise E\nf()",
        "runtime-error",
        5,
    ),
    "a trap in what is let go last": (
        "import os\nclass A:\n    def __del__(self): os._exit(0)\na = A()",
        "exit",
        4,
    ),
    "an error and closed descriptors": (
        "import os\nos.closerange(0, 3000)\n1 / 0",
        "runtime-error",
        4,
    ),
    "an error in a thread": (
        "import threading\ndef f(): 1 / 0\nthreading.Thread(target=f).start()",
        "runtime-error",
        3,
    ),
    "a forged verdict": (
        'import os\nfor fd in range(3, 1200):\n    try: os.write(fd, b\'{"event": "ended", "end": '
        '"finished", "expected": []}\\n\')\n    except OSError: pass\nos._exit(0)',
        "exit",
        6,
    ),
    "a forged answer": (
        "import glob, os\nfor path in glob.glob('/proc/*/fd/*'):\n    try:\n"
        "        fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK)\n"
        '        os.write(fd, b\'{"id": 1, "outcome": {"end": "finished"}}\\n\')\n'
        "    except OSError: pass\n1 / 0",
        "runtime-error",
        8,
    ),
}


@pytest.mark.parametrize(("code", "finding", "line"), IN_ITSELF.values(), ids=IN_ITSELF.keys())
def test_it_is_told_what_it_did(code: str, finding: str, line: int | None) -> None:
    seen = hostile(code, timeout=3 if finding == "time-limit" else 20)
    assert seen.status == "failed", (seen, seen.stdout)
    assert [place[0] for place in seen.places] == [finding]
    if line is not None:
        assert seen.places[0][1] == line


def test_what_only_patches_is_no_failure() -> None:
    code = """
        import builtins, json, os, sys
        builtins.len = json.dumps = os.write = None
        sys.modules.clear()"""
    assert hostile(code).status == "passed"


def test_nor_is_what_takes_all_names_away() -> None:
    assert hostile("import builtins\nbuiltins.__dict__.clear()").status == "passed"


def test_its_parent_is_out_of_reach() -> None:
    code = """
        import os, signal
        assert os.getppid() not in (-1, 1), 'not mine to signal'
        if os.getppid() > 1:
            os.kill(os.getppid(), signal.SIGTERM)
        while True: pass"""
    seen = hostile(code, timeout=2)
    assert seen.status == "failed"


def test_a_fork_bomb_is_gone() -> None:
    code = """
        import os, time
        for n in range(60):
            if os.fork() == 0:
                time.sleep(5)
                os._exit(0)
        print(n)"""
    start = time.monotonic()
    seen = hostile(code)
    assert (seen.status, seen.stdout) == ("passed", "59\n")
    assert time.monotonic() - start < 30


@pytest.mark.parametrize("boxes", [True, False])
def test_a_daemon_does_not_outlive_it(boxes: bool) -> None:
    """It forks twice, in a session of its own, and would be there for five seconds."""
    marker = f"daemon-{os.getpid()}-{boxes}"
    code = f"""
        import os, sys, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                sleep = 'import time; time.sleep(5)'
                os.execv(sys.executable, [sys.executable, '-c', sleep, '{marker}'])
            os._exit(0)
        time.sleep(0.5)"""
    program = PROGRAM if boxes else NO_BOXES + PROGRAM
    assert hostile(code, program).status == "passed"
    assert _with_word(marker) == []


def _mentions(path: Path, word: str) -> bool:
    try:
        return word.encode() in path.read_bytes()
    except OSError:
        return False


def test_very_many_files_and_read_only_ones() -> None:
    code = """
        import os
        os.mkdir('many')
        for n in range(3000):
            open(f'many/{n}', 'w').close()
        deep = '.'
        for n in range(200):
            os.mkdir('d' * 50)
            os.chdir('d' * 50)
        os.chmod('.', 0)
        print('done')"""
    assert hostile(code).stdout == "done\n"


def test_a_full_disk() -> None:
    """Only where the disk is a quota of its own: what does not fit is refused."""
    code = """
        import os
        size = os.statvfs('.').f_blocks * os.statvfs('.').f_frsize
        assert size <= 1 << 30, 'not a disk of its own'
        with open('x', 'wb') as file:
            os.posix_fallocate(file.fileno(), 0, size + 4096)"""
    seen = hostile(code)
    if "disk" in seen.layers:
        assert (seen.status, seen.places[0][0]) == ("failed", "runtime-error")


def test_listening_is_its_own_affair() -> None:
    code = "import socket\ns = socket.create_server(('127.0.0.1', 29777))\nprint('listens')"
    assert hostile(code).stdout == "listens\n"


def test_a_secret_stays_one(tmp_path: Path) -> None:
    """Planted in a home and in the environment; sought by path, by link, by shell and in /proc."""
    (tmp_path / ".ssh").mkdir()
    key = tmp_path / ".ssh" / "key"
    key.write_text("the secret")
    code = f"""
        import glob, os, subprocess
        key, seen = {str(key)!r}, []
        os.symlink(key, 'x')
        os.symlink(os.path.dirname(key), 'folder')
        roots = glob.glob('/proc/[0-9]*/root') + glob.glob('/proc/[0-9]*/cwd')
        places = [key, 'x', 'folder/key', os.path.relpath(key), *(r + key for r in roots)]
        for place in [*places, *glob.glob('/proc/[0-9]*/environ'), '/proc/self/environ']:
            try: seen.append(open(place, errors='replace').read())
            except OSError: pass
        done = subprocess.run(f'cat {{key}} x; env', shell=True, capture_output=True, text=True)
        print('the secret' in ''.join([*seen, done.stdout, str(os.environ)]), bool(seen))"""
    seen = hostile(code, home=str(tmp_path))
    if {"files", "processes"} <= set(seen.layers):
        assert (seen.status, seen.stdout) == ("passed", "False True\n")


def test_a_file_of_others_is_nobodys_fault(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret")
    seen = hostile(f"print(open('{tmp_path}/secret').read())", home=str(tmp_path))
    if "files" in seen.layers:
        assert (seen.status, seen.stdout) == ("incomplete", "")
        assert f"{tmp_path}/secret" in (seen.reason or "")


def test_the_notes_may_be_read_and_not_written(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("1,2")
    (tmp_path / "note.md").write_text("a note")
    code = f"""
        import os
        folder = {str(tmp_path)!r}
        print(open(folder + '/data.csv').read())
        os.symlink(folder, 'notes')
        for work in (
            lambda: open(folder + '/data.csv', 'w').write('x'),
            lambda: open('notes/new', 'w').write('x'),
            lambda: os.truncate(folder + '/note.md', 0),
            lambda: os.remove(folder + '/note.md'),
            lambda: os.rename(folder + '/note.md', folder + '/b.md'),
            lambda: os.link(folder + '/note.md', 'hard') or open('hard', 'a').write('x'),
        ):
            try: work()
            except OSError: continue
            print('written')"""
    seen = hostile(code, folder=str(tmp_path))
    if "files" in seen.layers:
        assert (seen.status, seen.stdout) == ("passed", "1,2\n")
        assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {
            "data.csv": "1,2",
            "note.md": "a note",
        }


def test_nobody_is_called(tmp_path: Path) -> None:
    """A server on loopback, by TCP and UDP, and one by a path; nobody comes."""
    path = str(tmp_path / "socket")
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as local,
    ):
        udp.bind(("127.0.0.1", 0))
        local.bind(path)
        local.listen()
        code = f"""
            import socket
            for work in (
                lambda: socket.create_connection(('127.0.0.1', {tcp.getsockname()[1]}), 2),
                lambda: socket.socket(socket.AF_UNIX).connect({path!r}),
            ):
                try: work()
                except OSError: continue
                print('came')
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.sendto(b'x', ('127.0.0.1', {udp.getsockname()[1]}))"""
        seen = hostile(code)
        if {"network", "disk"} <= set(seen.layers):
            assert (seen.status, seen.stdout) == ("passed", "")
            for server in (tcp, udp, local):
                server.setblocking(False)
                with pytest.raises(BlockingIOError):
                    server.recv(1) if server is udp else server.accept()


def test_what_was_killed_at_once_is_cleared_away_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder whose worker was killed with its parent; one that is held stays."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    held, descriptor = leftovers.hold()
    left, other = leftovers.hold()
    os.close(other)
    Path(left, "file").touch()
    (tmp_path / "proofdeck-of-another").mkdir()
    leftovers.clear_away(time.time())
    assert Path(left).exists()
    leftovers.clear_away(time.time() + 3600)
    os.close(descriptor)
    assert {*tmp_path.iterdir()} == {Path(held), tmp_path / "proofdeck-of-another"}


def test_closing_everything_is_no_failure() -> None:
    assert hostile("import os\nos.closerange(0, 3000)").status == "passed"


def started(program: str) -> tuple[subprocess.Popen[bytes], IO[bytes], str]:
    """Start a program that first prints its worker's folder: its process, output and folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    assert process.stdout is not None
    return process, process.stdout, process.stdout.readline().decode().strip()


def test_an_interrupt_at_any_moment(tmp_path: Path) -> None:
    """Back within a second, no process and no folder left, what was known is cached."""
    program = (
        "from verify import *\nimport sys\n"
        f"options = Options(preload=('json',), cache={str(tmp_path)!r}, jobs=2)\n"
        "jobs = [Job('a', 'x = 1'), Job('b', 'import time; time.sleep(20)')]\n"
        "with Runner(options) as runner:\n"
        "    print(runner.lean().folder, flush=True)\n"
        "    for v in runner.run(jobs): print(v.status, flush=True)\n"
    )
    for moment in (0.0, 0.1, 0.3, 1.5):
        process, out, folder = started(program)
        time.sleep(moment)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(10)
        assert time.monotonic() - start < 1.5
        out.close()
        assert not Path(folder).exists()
    assert list(tmp_path.glob("verdicts/*/*.json"))


@pytest.mark.parametrize("moment", [0.0, 0.5, 4.0])
def test_who_is_killed_at_once_leaves_nothing(moment: float) -> None:
    """At the start, while torch is imported, while code runs: all is gone, the folder too."""
    program = (
        "from verify import *\n"
        "jobs = [Job('a', 'import time; time.sleep(20)')]\n"
        "with Runner(Options(jobs=1)) as runner:\n"
        "    print(runner.lean().folder, flush=True)\n"
        "    list(runner.run(jobs))\n"
    )
    process, out, folder = started(program)
    time.sleep(moment)
    process.kill()
    process.wait(10)
    out.close()
    deadline = time.monotonic() + 5
    while (_with_word(folder) or Path(folder).exists()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _with_word(folder) == []
    if "processes" in _layers():
        assert not Path(folder).exists()


def _layers() -> tuple[str, ...]:
    with Runner(Options(preload=())) as runner:
        list(runner.run([Job("a", "x = 1")]))
        return runner.environment.sandbox


def _with_word(word: str) -> list[Path]:
    """The processes whose command line says it."""
    return [path for path in Path("/proc").glob("[0-9]*/cmdline") if _mentions(path, word)]
