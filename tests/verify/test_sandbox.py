"""The sandbox: what it keeps out, what goes on working inside, and that it says what holds."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from verify import Environment, InterpreterError, Job, Options, Runner, Verdict, run
from verify.pool import Worker

Examine = Callable[..., Verdict]

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the layers are those of Linux")


def holds(*layers: str) -> bool:
    """Whether this machine has these layers."""
    with Runner(Options(preload=())) as runner:
        list(runner.run([Job("a", "x = 1")]))
        return set(layers) <= set(runner.environment.sandbox)


@pytest.fixture(scope="session")
def whole() -> None:
    """Skip where the machine is too poor for what a test looks at."""
    if not holds("network", "files", "processes", "disk"):
        pytest.skip("this machine does not have all layers")


def tried(code: str, **options: object) -> tuple[Verdict, Environment]:
    given = Options(**{"preload": (), "timeout": 20, **options})  # type: ignore[arg-type]
    with Runner(given) as runner:
        [verdict] = runner.run([Job("it", textwrap.dedent(code))])
        return verdict, runner.environment


SOUND = {
    "loader workers": """
        from torch.utils.data import DataLoader
        print(list(DataLoader(range(4), num_workers=2)))""",
    "compile": "print(torch.compile(lambda x: x * 2, backend='eager')(torch.ones(2)))",
    "temporary files": """
        import os, shutil, tempfile
        with tempfile.NamedTemporaryFile() as file:
            file.write(b'x')
        shutil.rmtree(tempfile.mkdtemp())
        open('/tmp/mine', 'w').close()
        os.makedirs('a/b'); open('x', 'w').close(); os.rename('x', 'a/b/x'); os.link('a/b/x', 'y')
        shutil.move('y', '/tmp/y')""",
    "pools": """
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor
        def square(x):
            return x * x
        if __name__ == '__main__':
            with multiprocessing.Pool(2) as pool:
                print(pool.map(square, range(3)))
            with multiprocessing.get_context('spawn').Pool(1) as pool:
                print(pool.map(square, range(3)))
            with ProcessPoolExecutor(2) as pool:
                print(list(pool.map(square, range(3))))""",
    "sqlite": """
        import sqlite3
        base = sqlite3.connect('x.db')
        base.execute('create table t(a)'); base.execute('insert into t values (1)'); base.commit()
        print(base.execute('select * from t').fetchall())""",
    "gloo": """
        import torch.distributed as dist
        dist.init_process_group('gloo', init_method='tcp://127.0.0.1:29512', rank=0, world_size=1)
        t = torch.ones(1); dist.all_reduce(t); dist.destroy_process_group()""",
    "a server of its own": """
        import socket, threading
        server = socket.create_server(('127.0.0.1', 0))
        thread = threading.Thread(target=server.accept); thread.start()
        socket.create_connection(server.getsockname()); thread.join()""",
    "mapped files": """
        m = np.memmap('m.bin', dtype='f4', mode='w+', shape=(10,)); m[:] = 1; m.flush()""",
    "shared tensors": "print(torch.ones(5).share_memory_())",
    "other programs": """
        import subprocess, sys
        assert subprocess.run([sys.executable, '-c', 'print(1)'], stdout=-1).stdout == b'1\\n'
        assert subprocess.run('ls; echo $HOME', shell=True, stdout=-1).returncode == 0""",
    "sources": """
        import inspect, pickle
        class A:
            pass
        print(inspect.getsource(A), inspect.getsource(nn.Linear))
        pickle.loads(pickle.dumps(A()))""",
    "saving": "torch.save(nn.Linear(1, 1).state_dict(), '/tmp/m.pt'); torch.load('/tmp/m.pt')",
}  # fmt: skip


@pytest.mark.parametrize("code", SOUND.values(), ids=SOUND.keys())
def test_sound_code_notices_nothing(examine: Examine, code: str) -> None:
    verdict = examine(code)
    assert verdict.status == "passed", (verdict.reason, verdict.findings)


def test_loaders_that_spawn(examine: Examine) -> None:
    code = """
        from torch.utils.data import DataLoader
        if __name__ == '__main__':
            print(list(DataLoader(range(2), num_workers=1, multiprocessing_context='spawn')))"""
    assert examine(code, timeout="60").status == "passed"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "home" / "secret"
    path.parent.mkdir()
    path.write_text("the secret")
    return path


@pytest.mark.usefixtures("whole")
@pytest.mark.parametrize("place", ["/", "/root", "/home", "/var/lib", "/etc/shadow"])
def test_no_looking_around(place: str) -> None:
    verdict, _ = tried(f"import os\ntry:\n    print(os.listdir({place!r}))\nexcept OSError: pass")
    assert verdict.stdout == ""


@pytest.mark.usefixtures("whole")
def test_the_disk_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    code = """
        for n in range(3):
            with open(f'x{n}', 'wb') as file:
                file.truncate(1 << 20)
        import os
        print(os.statvfs('.').f_blocks * os.statvfs('.').f_frsize, os.statvfs('.').f_files)"""
    assert tried(code)[0].stdout == f"{1 << 30} 200000\n"


def test_the_report_says_which_layers_held(tmp_path: Path) -> None:
    _, environment = tried("x = 1", cache=str(tmp_path))
    assert "limits" in environment.sandbox
    assert Runner(Options(preload=(), cache=str(tmp_path))).environment == environment
    assert tried("x = 1", sandbox="off")[1].sandbox == ("off",)


def poor(monkeypatch: pytest.MonkeyPatch, *lacks: str, **instead: str) -> None:
    """Let workers run in a kernel without some of its calls."""
    import verify.pool

    given = {**dict.fromkeys(lacks, "no"), **instead}
    lines = "".join(f"    k.{name} = {text}\n" for name, text in given.items())
    patch = (
        "def _poor():\n"
        "    import importlib\n"
        "    k = importlib.import_module(name + '.kernel')\n"
        "    def no(*_): raise OSError('not here')\n" + lines + "_poor()\n"
    )
    bootstrap = verify.pool._BOOTSTRAP.replace(
        'importlib.import_module(name + ".w', patch + 'importlib.import_module(name + ".w'
    )
    monkeypatch.setattr(verify.pool, "_BOOTSTRAP", bootstrap)


def test_without_user_namespaces(monkeypatch: pytest.MonkeyPatch, secret: Path) -> None:
    poor(monkeypatch, "own_user_namespace")
    code = f"import os\nprint(os.path.exists('/proc'))\nopen({str(secret)!r})"
    verdict, environment = tried(code)
    assert "network" not in environment.sandbox
    assert "limits" in environment.sandbox
    assert verdict.status == ("incomplete" if "files" in environment.sandbox else "passed")


LACKS = ["fork_into", "join", "mount", "landlock", "no_new_privileges", "filter_calls"]


@pytest.mark.parametrize("lacks", LACKS)
def test_a_kernel_without(monkeypatch: pytest.MonkeyPatch, lacks: str) -> None:
    poor(monkeypatch, lacks)
    verdict, environment = tried("open('x', 'w').write('a')\nprint(open('x').read())")
    assert (verdict.status, verdict.stdout) == ("passed", "a\n")
    assert "limits" in environment.sandbox
    assert len(environment.sandbox) < 7


#: Asks for what no snippet needs, and prints what was given; numbers are those of x86-64.
CALLS = """
    import ctypes, socket
    libc = ctypes.CDLL(None, use_errno=True)
    for number, *words in (
        (101, 0, 0, 0, 0), (165, 0, 0, 0, 0, 0), (246, 0, 0, 0, 0), (250, 0, -3, 0), (272, 0),
        (298, 0, 0, -1, -1, 0), (310, 0, 0, 0, 0, 0, 0), (321, 0, 0, 0), (323, 0), (425, 8, 0),
        (56, 0x10000011, 0, 0, 0, 0), (0x40000000 + 39,),
    ):
        if libc.syscall(number, *words) != -1 or ctypes.get_errno() not in (1, 38):
            print('call', number, ctypes.get_errno())
    for family, kind in ((40, 1), (38, 5), (17, 3), (31, 3), (44, 3), *more):
        try:
            socket.socket(family, kind)
            print('socket', family, kind)
        except OSError:
            pass
    socket.socketpair(); socket.socket(2, 1)"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are those of x86-64")
@pytest.mark.parametrize("boxes", [True, False])
def test_no_odd_system_calls(monkeypatch: pytest.MonkeyPatch, boxes: bool) -> None:
    if not boxes:
        poor(monkeypatch, "own_user_namespace")
    code = CALLS.replace("*more", "" if boxes else "(2, 2), (10, 2), (2, 3)")
    verdict, environment = tried(code)
    assert "system calls" in environment.sandbox
    assert (verdict.status, verdict.stdout) == ("passed", "")


def test_a_kernel_with_the_filter_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No TCP either where Landlock does not see to it."""
    poor(monkeypatch, "own_user_namespace", "landlock", landlock_version="lambda: 0")
    verdict, environment = tried("import socket\nsocket.create_server(('127.0.0.1', 0))")
    assert set(environment.sandbox) >= {"tcp", "system calls", "limits"}
    assert verdict.status == "incomplete"
    assert "it needs the network" in (verdict.reason or "")


#: Starts the whole program as a container does that allows no namespaces; with `landlock` it has
#: none of that either.
CONTAINER = """
import os, sys
from verify.child import calls, kernel
[machine] = [m for name, m in calls._MACHINES.items() if name == os.uname().machine]
if sys.argv[1] == "without":
    machine.numbers.update(landlock_create_ruleset=444)
kernel.no_new_privileges()
kernel.filter_calls(calls.program(calls.ALL))
os.execv(sys.executable, [sys.executable, "-m", "builder", "verify", *sys.argv[2:]])
"""


def in_a_container(folder: Path, landlock: str, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "a.md").write_text("# What?\n\n```python\nprint(1)\n```\n")
    (folder / "proofdeck.toml").write_text("[verify]\npreload = []\nprelude = []\n")
    command = [sys.executable, "-c", CONTAINER, landlock, "--notes", str(folder), "--no-cache"]
    return subprocess.run(
        [*command, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.usefixtures("whole")
def test_in_a_container_it_works_with_what_is_left_and_says_so(tmp_path: Path) -> None:
    done = in_a_container(tmp_path, "with")
    assert done.returncode == 0, done.stderr
    assert "the sandbox held by tcp, files, privileges, system calls, limits;" in done.stdout
    assert "gives it no network, processes, disk" in done.stdout
    assert in_a_container(tmp_path, "with", "--sandbox=require").returncode == 0


@pytest.mark.usefixtures("whole")
def test_require_ends_where_too_little_is_left(tmp_path: Path) -> None:
    done = in_a_container(tmp_path, "without", "--sandbox=require")
    assert (done.returncode, done.stdout) == (2, "")
    assert "this machine cannot shut code off from files" in done.stderr
    done = in_a_container(tmp_path, "without")
    assert done.returncode == 0
    assert "gives it no network, files, processes, disk" in done.stdout


def test_off_is_said(tmp_path: Path) -> None:
    assert "the sandbox was off" in in_a_container(tmp_path, "with", "--sandbox=off").stdout


def test_require_runs_nothing_without(monkeypatch: pytest.MonkeyPatch) -> None:
    poor(monkeypatch, "own_user_namespace", "filter_calls")
    with pytest.raises(InterpreterError, match="network"):
        tried("x = 1", sandbox="require")


def test_require_takes_the_network_shut_off_in_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    poor(monkeypatch, "own_user_namespace")
    layers = tried("x = 1")[1].sandbox
    if {"tcp", "system calls", "files"} <= set(layers):
        assert tried("x = 1", sandbox="require")[0].status == "passed"


def test_require_refuses_also_what_is_cached(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And looks again: the machine may have been mended."""
    with monkeypatch.context() as patch:
        poor(patch, "own_user_namespace", "filter_calls")
        assert tried("x = 1", cache=str(tmp_path))[0].status == "passed"
        with pytest.raises(InterpreterError, match="network"):
            tried("x = 1", cache=str(tmp_path), sandbox="require")
    if holds("network", "files"):
        assert tried("x = 1", cache=str(tmp_path), sandbox="require")[0].cached


@pytest.mark.usefixtures("whole")
def test_require_runs_where_all_is_well() -> None:
    assert tried("x = 1", sandbox="require")[0].status == "passed"


def test_a_worker_that_cannot_start_leaves_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    folders: list[str] = []

    def refuse(self: Worker, _: object) -> None:
        folders.append(self.folder)
        raise KeyboardInterrupt

    monkeypatch.setattr(Worker, "_started", refuse)
    with pytest.raises(KeyboardInterrupt):
        list(run([Job("a", "x = 1")], Options(preload=())))
    assert folders
    assert not any(Path(folder).exists() for folder in folders)


def test_another_interpreter_with_torch_and_nothing_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A venv that sees this one's packages by a .pth file, and that cannot import us."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path)], check=True)
    [site] = tmp_path.glob("lib/python3*/site-packages")
    import numpy

    (site / "here.pth").write_text(str(Path(numpy.__file__).parents[1]))
    code = """
        import sys
        try:
            import verify
        except ImportError:
            print(torch.ones(2).sum(), sys.prefix)"""
    python = str(tmp_path / "bin" / "python")
    [verdict] = run([Job("a", textwrap.dedent(code))], Options(python=python, timeout=60))
    assert verdict.stdout == f"tensor(2.) {tmp_path}\n"
