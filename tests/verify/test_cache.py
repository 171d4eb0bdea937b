"""What is kept from run to run, and what makes it be forgotten."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from verify import Job, Options, Runner, Verdict, run
from verify.cache import OLDEST, Cache

ROOT = Path(__file__).parents[2]


def note(*codes: str, first: int = 1, name: str = "n") -> list[Job]:
    return [
        Job(f"{name}{first + n}", code, line=first + 10 * n, scopes=(name,), file=f"{name}.md")
        for n, code in enumerate(codes)
    ]


def cached(jobs: list[Job], options: Options) -> list[bool]:
    return [verdict.cached for verdict in run(jobs, options)]


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(preload=(), cache=str(tmp_path), jobs=1)


def test_prose_runs_nothing(options: Options) -> None:
    codes = ("x = 1", "print(x)", "1 / 0")
    first = list(run(note(*codes), options))
    with Runner(options) as runner:
        second = list(runner.run(note(*codes, first=5)))
        assert runner._lean is None
    assert [v.cached for v in second] == [True] * 3
    assert [v.key for v in second] == ["n5", "n6", "n7"]
    assert [(v.status, v.findings) for v in first] == [(v.status, v.findings) for v in second]
    assert second[1].after == ("n5",)


def test_names_are_asked_for_once(options: Options) -> None:
    names = ("json.dumps", "json.JSONDecodr", "no_such_package.name")
    with Runner(options) as runner:
        first = runner.look_up(names)
        assert runner._lean is not None
    assert [known.status for known in first.values()] == ["ok", "typo", "unclear"]
    with Runner(options) as runner:
        assert runner.look_up(names[::-1]) == first
        assert runner._lean is None
        assert runner.look_up(("json.loads",))["json.loads"].status == "ok"
    with Runner(options) as runner:
        assert len(runner.look_up((*names, "json.loads"))) == 4
        assert runner._lean is None


def test_thousands_of_names_are_one_question(options: Options) -> None:
    names = [f"json.name{n}" for n in range(3000)]
    with Runner(options) as runner:
        found = runner.look_up(names)
    assert {known.status for known in found.values()} == {"unknown"}
    assert len(found) == 3000


def test_what_speaks_of_lines_is_run_again_where_they_moved(options: Options) -> None:
    code = "import sys\nprint('line', sys._getframe().f_lineno)"
    assert cached(note(code), options) == [False]
    assert cached(note(code), options) == [True]
    [verdict] = run(note(code, first=5), options)
    assert (verdict.stdout, verdict.cached) == ("line 6\n", False)
    assert cached(note(code), options) == [True]


def test_a_change_runs_itself_and_what_depends_on_it(options: Options) -> None:
    list(run(note("x = 1", "y = 2", "print(x)", "print(y)"), options))
    changed = note("x = 3", "y = 2", "print(x)", "print(y)")
    assert cached(changed, options) == [False, True, False, True]


def test_what_the_text_says_of_code_counts(options: Options) -> None:
    job = Job("a", "1 / 0", scopes=("n",))
    statuses = [next(run([replace(job, fails=fails)], options)).status for fails in (False, True)]
    assert statuses == ["failed", "passed"]


def test_a_change_between_counts_for_what_is_shown(options: Options) -> None:
    statuses = [
        [verdict.status for verdict in run(note("x = [1]", code, "x == [1]  # False"), options)]
        for code in ("y = 1", "x.append(2)")
    ]
    assert statuses == [["passed", "passed", "failed"], ["passed", "passed", "passed"]]


def test_what_may_change_a_value_counts(options: Options) -> None:
    chain = ("rows = [1, 2]", "rows.append(3)", "rows[2]")
    first = list(run(note(*chain), options))
    assert first[2].after == ("n1", "n2")
    later = list(run(note(*chain, "pass"), options))
    assert [v.cached for v in later] == [True, True, True, False]
    assert later[2] == replace(first[2], cached=True)
    other = list(run(note(chain[0], "rows.append(3); rows.pop()", chain[2]), options))
    assert (other[2].status, other[2].cached) == ("failed", False)


def test_a_heading_between_counts(options: Options) -> None:
    given = Job("a", "x = [1]", line=3, scopes=("n", "one"))
    statuses = [
        [
            verdict.status
            for verdict in run([given, Job("b", "x + 3", line=9, scopes=("n", heading))], options)
        ]
        for heading in ("one", "two")
    ]
    assert statuses == [["passed", "failed"], ["passed", "incomplete"]]


def test_a_session_that_is_new_counts_for_what_is_advised(options: Options) -> None:
    wish = Job("b", "y = 1", scopes=("n",), options=(("after", "first-pat"),))
    helps = [
        [finding.help for finding in list(run([first, wish], options))[1].findings]
        for first in (Job("a", "x = 1"), Job("a", "x = 1", options=(("session", "first-part"),)))
    ]
    assert helps == [["name a session above: `{session=NAME}`"], ["did you mean `first-part`?"]]


def test_notes_are_apart(options: Options) -> None:
    list(run([*note("x = 1", name="a"), *note("y = 1", name="b")], options))
    changed = [*note("x = 2", name="a"), *note("y = 1", name="b")]
    assert cached(changed, options) == [False, True]


def test_a_session_across_notes_is_kept_too(options: Options) -> None:
    together = (("session", "s"),)
    jobs = [
        Job("a", "x = 1", scopes=("a",), options=together),
        Job("b", "print(x)", scopes=("b",), options=together),
    ]
    assert [v.status for v in run(jobs, options)] == ["passed"] * 2
    assert cached(jobs, options) == [True] * 2


def test_another_torch_runs_all(options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    import verify.schedule
    import verify.unchanged
    from verify.environment import Interpreter, interpreter

    jobs = note("import torch", "x = 1")
    list(run(jobs, options))
    assert cached(jobs, options) == [True, True]
    here = interpreter(None)
    other = Interpreter(here.path, here.version, (("torch", "1.0"),))
    for module in (verify.schedule, verify.unchanged):
        monkeypatch.setattr(module, "interpreter", lambda _path: other)
    assert cached(jobs, options) == [False, True]  # what does not import it need not run


def test_two_at_once(options: Options, tmp_path: Path) -> None:
    program = (
        "from verify import *\n"
        f"options = Options(preload=(), cache={str(tmp_path)!r})\n"
        "jobs = [Job(str(n), f'print({n})') for n in range(10)]\n"
        "print([v.stdout for v in run(jobs, options)] == [f'{n}\\n' for n in range(10)])"
    )
    several = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for _ in range(2)
    ]
    assert [process.communicate(timeout=60)[0] for process in several] == [b"True\n"] * 2
    assert not list(tmp_path.rglob(".new-*"))
    assert cached([Job(str(n), f"print({n})") for n in range(10)], options) == [True] * 10


def test_one_that_is_killed_leaves_what_it_knew(options: Options, tmp_path: Path) -> None:
    program = (
        "from verify import *\n"
        f"options = Options(preload=(), cache={str(tmp_path)!r}, jobs=1)\n"
        "jobs = [Job('a', 'print(1)'), Job('b', 'import time; time.sleep(20)')]\n"
        "for v in run(jobs, options): print(v.status, flush=True)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"passed\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert cached([Job("a", "print(1)")], options) == [True]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"all": [{}]}', '{"key": 3, "status"', "\0"])
def test_damage_is_as_good_as_nothing(options: Options, tmp_path: Path, text: str) -> None:
    jobs = note("print(1)", "print(2)")
    list(run(jobs, options))
    for path in tmp_path.rglob("*.json"):
        path.write_text(text)
    assert [(v.status, v.cached) for v in run(jobs, options)] == [("passed", False)] * 2
    assert cached(jobs, options) == [True] * 2


def test_one_changed_letter_is_damage(options: Options, tmp_path: Path) -> None:
    jobs = note("print(1)", "print(2)")
    list(run(jobs, options))
    for path in tmp_path.rglob("*.json"):
        path.write_bytes(path.read_bytes().replace(b'"passed"', b'"past it"'))
    assert [(v.status, v.cached) for v in run(jobs, options)] == [("passed", False)] * 2


def test_what_utf8_cannot_hold_is_kept(options: Options) -> None:
    jobs = note("def f():\n    raise ValueError('\\ud800')\nf()")
    [first] = run(jobs, options)
    [second] = run(jobs, options)
    assert (first.cached, second.cached) == (False, True)
    assert first.findings == second.findings


def test_what_is_old_goes_and_what_is_used_stays(tmp_path: Path) -> None:
    cache = Cache(str(tmp_path))
    now = time.time()
    for key in ("ab" * 32, "cd" * 32):
        cache.put(key, Verdict("a", "passed"))
        [path] = tmp_path.glob(f"verdicts/{key[:2]}/*.json")
        os.utime(path, (now - OLDEST - 10,) * 2)
    assert cache.get("ab" * 32)
    cache.prune(now)
    assert cache.get("ab" * 32)
    assert cache.get("cd" * 32) is None


def test_what_is_too_much_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.cache.LARGEST", 2000)
    cache = Cache(str(tmp_path))
    now = time.time()
    for n in range(10):
        cache.put(f"{n:02}" * 32, Verdict("a", "passed", stdout="x" * 200))
        [path] = tmp_path.glob(f"verdicts/{n:02}/*.json")
        os.utime(path, (now - 100 + n,) * 2)
    cache.prune(now)
    assert [n for n in range(10) if cache.get(f"{n:02}" * 32)] == [6, 7, 8, 9]


def test_a_hundred_at_no_price(options: Options) -> None:
    """Nothing changed: no worker, and well below the time that somebody notices."""
    jobs = [job for n in range(10) for job in note(*["x = 1"] * 10, name=f"n{n}")]
    list(run(jobs, options))
    start = time.process_time()
    assert cached(jobs, options) == [True] * 100
    assert time.process_time() - start < 0.3
