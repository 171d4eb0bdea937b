"""Workers and the cache."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from verify import InterpreterError, Job, Options, Runner, Verdict, run
from verify.cache import Cache, text_key
from verify.cpus import available, quotas


def job(code: str, key: str = "it", **more: str) -> Job:
    return Job(key, code, options=tuple(more.items()))


def folders() -> set[str]:
    return {path.name for path in Path("/tmp").glob("proofdeck-*")}


def test_verdicts_come_in_the_order_of_the_jobs() -> None:
    codes = ["import time\ntime.sleep(0.3)", "x = 1", "1 / 0", "y"]
    heard: list[str] = []
    jobs = [job(code, str(n)) for n, code in enumerate(codes)]
    verdicts = list(run(jobs, Options(preload=()), lambda v: heard.append(v.key)))
    assert [v.key for v in verdicts] == ["0", "1", "2", "3"]
    assert [v.status for v in verdicts] == ["passed", "passed", "failed", "incomplete"]
    assert sorted(heard) == ["0", "1", "2", "3"]


def test_nothing_is_left_behind() -> None:
    before = folders()
    verdicts = run([job("x = 1"), job("import os\nos.system('sleep 60 &')")], Options(preload=()))
    next(verdicts)
    verdicts.close()  # type: ignore[attr-defined]
    assert folders() <= before


def test_no_worker_for_what_needs_none() -> None:
    with Runner(Options(preload=())) as runner:
        assert [v.status for v in runner.run([job("!ls"), job("1 / 0", skip="x")])] == [
            "skipped"
        ] * 2
        assert runner.working() == []
        assert "torch" not in {name for name in sys.modules if name == "torch"}


def test_a_dead_worker_costs_no_verdict() -> None:
    with Runner(Options(preload=(), jobs=1)) as runner:
        os.kill(runner.lean().process.pid, signal.SIGKILL)
        verdicts = list(runner.run([job("x = 1"), job("y = 2"), job("y =")]))
        assert [v.status for v in verdicts] == ["passed", "passed", "failed"]
        assert [v.runs for v in verdicts] == [1, 1, 0]


def test_code_that_kills_its_worker_is_given_up() -> None:
    with Runner(Options(preload=(), jobs=1, sandbox="off")) as runner:
        code = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nwhile True: pass"
        verdicts = list(runner.run([job(code, timeout="5"), job("y = 2")]))
        assert [v.status for v in verdicts] == ["failed", "passed"]
        assert [f.code for f in verdicts[0].findings] == ["no-verdict"]
        assert verdicts[0].runs == 2


def test_a_worker_that_dies_behind_more_code_makes_no_false_alarm(tmp_path: Path) -> None:
    kills = f"""x.append(2)
import os, pathlib, signal
seen = pathlib.Path({str(tmp_path / "seen")!r})
if seen.exists():
    os.kill(os.getppid(), signal.SIGKILL)
seen.touch()
"""
    codes = ["x = [1]", kills, "y = x[1]"]
    jobs = [Job(str(n), code, scopes=("n",)) for n, code in enumerate(codes)]
    with Runner(Options(preload=(), jobs=1, sandbox="off")) as runner:
        verdicts = list(runner.run(jobs))
    assert [v.status for v in verdicts] == ["passed", "passed", "incomplete"]
    assert "may change `x`" in (verdicts[2].reason or "")


def test_what_builds_on_an_endless_one_is_not_run() -> None:
    jobs = [
        Job("0", "x = 1\nwhile True: pass", scopes=("n",), options=(("timeout", "0.5"),)),
        Job("1", "y = x", scopes=("n",)),
        Job("2", "print(y)", scopes=("n",)),
    ]
    assert [v.status for v in run(jobs, Options(preload=()))] == [
        "failed",
        "incomplete",
        "incomplete",
    ]


def test_the_second_time_the_cache_knows(tmp_path: Path) -> None:
    options = Options(preload=(), cache=str(tmp_path))
    jobs = [job("print(1)", "a"), job("1 / 0", "b"), job("x，y = 1，2", "c")]
    first = list(run(jobs, options))
    with Runner(options) as runner:
        second = list(runner.run(jobs))
        assert runner._lean is None
    assert [v.cached for v in second] == [True] * 3
    assert [(v.status, v.findings, v.stdout) for v in first] == [
        (v.status, v.findings, v.stdout) for v in second
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"code": "print(2)"},
        {"options": (("timeout", "9"),)},
        {"folder": "/usr"},
    ],
)
def test_the_cache_forgets_what_changed(tmp_path: Path, change: dict[str, object]) -> None:
    options = Options(preload=(), cache=str(tmp_path))
    list(run([Job("a", "print(1)")], options))
    changed = Job(**{"key": "a", "code": "print(1)", **change})  # type: ignore[arg-type]
    assert [v.cached for v in run([changed], options)] == [False]


def test_a_time_limit_is_not_remembered(tmp_path: Path) -> None:
    options = Options(preload=(), cache=str(tmp_path), timeout=0.5)
    list(run([job("while True: pass")], options))
    assert [v.cached for v in run([job("while True: pass")], options)] == [False]


def test_a_damaged_cache_is_as_good_as_none(tmp_path: Path) -> None:
    options = Options(preload=(), cache=str(tmp_path))
    list(run([job("print(1)")], options))
    for path in tmp_path.rglob("*.json"):
        path.write_text('{"key": 3, "status"')
    assert [(v.status, v.cached) for v in run([job("print(1)")], options)] == [("passed", False)]


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "verdicts").write_text("in the way")
    Cache(str(tmp_path)).put("ab" * 32, Verdict("a", "passed"))


def test_the_environment_is_known_without_a_worker() -> None:
    environment = Runner().environment
    assert environment.python.startswith("3.")
    assert dict(environment.packages)["torch"].startswith("2.")


@pytest.mark.parametrize("path", ["/no/such/python", "/bin/false", "/bin/true"])
def test_an_interpreter_that_cannot_be_used_is_said_so(path: str) -> None:
    with pytest.raises(InterpreterError, match=path):
        list(run([job("x = 1")], Options(python=path)))


def test_a_prelude_that_is_not_installed_fails_nobody() -> None:
    options = Options(preload=(), prelude=("import no_such_package as nsp",))
    [verdict] = run([job("nsp.go()")], options)
    assert verdict.status == "incomplete"
    assert "prelude" in (verdict.reason or "")


@pytest.mark.parametrize(
    ("code", "status", "assumed"),
    [
        ("print(model(torch.ones(1, 2)).shape)", "passed", ("model",)),
        ("model(torch.ones(1, 3))", "incomplete", ("model",)),
        ("model = nn.Linear(3, 1)\nmodel(torch.ones(1, 3))", "passed", ()),
        ("print(model)\nx = torch.ones(2, 3)\nx @ x", "failed", ("model",)),
        ("print(odd)", "incomplete", ()),
    ],
)
def test_names_that_the_configuration_gives(
    code: str, status: str, assumed: tuple[str, ...]
) -> None:
    options = Options(preload=(), names=(("model", "nn.Linear(2, 1)"), ("odd", "1 / 0")))
    [verdict] = run([job(code)], options)
    assert (verdict.status, verdict.assumed) == (status, assumed)


def test_only_some_are_wanted_and_the_others_are_built_on() -> None:
    jobs = [Job(str(n), f"x{n} = {n}\nprint(x{max(n - 1, 0)})", scopes=("n",)) for n in range(4)]
    verdicts = list(run(jobs, Options(preload=()), only={"2"}))
    assert [(v.key, v.stdout, v.after) for v in verdicts] == [("2", "1\n", ("0", "1"))]


def test_what_takes_long_is_begun_first(tmp_path: Path) -> None:
    """By its text at first, then by what it took, and what long ones wait for before them."""
    codes = ["a = 1", "print(3)", "for n in range(3):\n    pass", "import time\ntime.sleep(.6)\na"]
    jobs = [Job(str(n), code, scopes=("n",)) for n, code in enumerate(codes)]
    heard: list[str] = []
    options = Options(preload=(), jobs=1, cache=str(tmp_path))
    list(run(jobs, options, lambda v: heard.append(v.key)))
    assert heard == ["0", "3", "2", "1"]
    Cache(str(tmp_path)).keep_seconds({text_key(codes[1]): 9})
    other = Options(preload=(), jobs=1, cache=str(tmp_path), timeout=29)
    list(run(jobs, other, lambda v: heard.append(v.key)))
    assert heard[4:] == ["1", "0", "3", "2"]
    assert Cache(str(tmp_path)).seconds().keys() == {text_key(codes[3])}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "max 100000"}, []),
        ({"cpu.max": "150000 100000", "a/b/cpu.max": "50000 100000"}, [1, 1, 2]),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, []),
        ({"cpu/a/b/cpu.cfs_quota_us": "300000", "cpu/a/b/cpu.cfs_period_us": "100000"}, [3]),
    ],
)
def test_a_container_may_have_fewer_processors(
    tmp_path: Path, files: dict[str, str], expected: list[int]
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    (tmp_path / "own").write_text("3:cpu,cpuacct:/a/b\n0::/a/b\n")
    assert set(quotas(tmp_path, tmp_path / "own")) == set(expected)
    assert available() >= 1


def test_what_the_page_about_the_plain_interface_shows(capsys: pytest.CaptureFixture[str]) -> None:
    text = (Path(__file__).parents[2] / "docs/verify.md").read_text("utf-8")
    [code] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    [shown] = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    exec(code, {})
    assert capsys.readouterr().out == shown
