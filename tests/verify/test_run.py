"""What running shows, and what of it is the author's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verify import Verdict
from verify.child.worker import Child

Examine = Callable[..., Verdict]
Note = Callable[..., list[Verdict]]


@pytest.mark.parametrize(
    "code",
    [
        "x = torch.ones(2, requires_grad=True)\nx.sum().backward()\nprint(x.grad)",
        "import inspect\nclass A:\n    pass\nprint(inspect.getsource(A))",
        "import pickle\nclass A:\n    pass\npickle.loads(pickle.dumps(A()))",
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nprint(P(1))",
        "import sys\nsys.exit(0)",
        "class A:\n    def __del__(self): B.left()\nclass B:\n    left = print\na = A()",
        "import argparse\nprint(argparse.ArgumentParser().parse_args())",
        "@torch.jit.script\ndef f(x: torch.Tensor):\n    return x + 1\nprint(f(torch.ones(1)))",
        "if __name__ == '__main__':\n    open('x', 'w').write('a')\n    print(open('x').read())",
        "import asyncio\nasync def main():\n    return 1\nasyncio.run(main())",
        "from torch.utils.data import DataLoader as D\nprint(list(D(range(4), num_workers=1)))",
        "raise ValueError('this is how an error looks')",
        "x = torch.ones(2, 3)\nx @ x  # 报错: 形状不对\nprint(x)",
        "# 错误: 形状不对\ntorch.ones(2, 3) @ torch.ones(2, 3)",
        "import threading\nt = threading.Thread(target=print)\nt.start()\nt.join()",
        "from __future__ import annotations\ndef f(x: Later) -> None: ...\nf(1)",
    ],
)  # fmt: skip
def test_passes(examine: Examine, code: str) -> None:
    verdict = examine(code)
    assert verdict.status == "passed", (verdict.reason, verdict.findings)


@pytest.mark.parametrize(
    ("code", "finding", "words"),
    [
        ("m = nn.Linear(4, 2)\nm(torch.ones(3, 5))", ("runtime-error", 2, 1), "mat1 and mat2"),
        ("# 计算错误率\n1 / 0", ("runtime-error", 2, 1), "ZeroDivisionError"),
        ("x = [1, 2]\nprint(x[5])", ("runtime-error", 2, 7), "IndexError"),
        ("t = torch.ones(1)\nt.reshap(1)", ("runtime-error", 2, 1), "reshap"),
        ("def f():\n    return 1 / 0\n\nf()", ("runtime-error", 2, 12), "ZeroDivisionError"),
        ("assert torch.ones(1).item() == 2", ("runtime-error", 1, 8), "AssertionError"),
        ("import sys\nsys.exit(3)", ("exit", 2, 1), "3"),
        ("import os\nx = 1\nos._exit(0)", ("exit", 3, 1), "os._exit"),
        ("import os\nos.kill(os.getpid(), 11)", ("killed-by-signal", 2, 1), "SIGSEGV"),
        ("x = 1\nwhile True: x += 1", ("time-limit", 2, 1), "1 seconds"),
        ("xs = [torch.ones(1 << 28) for _ in range(6)]", ("memory-limit", 1, 7), "memory"),
        (
            "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()",
            ("runtime-error", 2, 37),
            "ZeroDivisionError",
        ),
        ("x = 1\ndel x\nprint(x)", ("runtime-error", 3, 7), "NameError"),
    ],
)  # fmt: skip
def test_failures_have_their_place(
    examine: Examine, code: str, finding: tuple[str, int, int], words: str
) -> None:
    options = {"timeout": "1"} if finding[0] == "time-limit" else {}
    verdict = examine(code, **options)
    assert verdict.status == "failed", verdict.reason
    [found] = verdict.findings
    assert (found.code, found.line, found.column) == finding
    assert words in found.message


@pytest.mark.parametrize("end", ["while True: pass", "import os, signal\nos.kill(os.getpid(), 9)"])
def test_what_was_printed_before_a_bad_end_is_kept(examine: Examine, end: str) -> None:
    verdict = examine("print('first')\nprint('second')\n" + end, timeout="1")
    assert (verdict.status, verdict.stdout) == ("failed", "first\nsecond\n")


def test_a_flood_of_output_is_stopped(examine: Examine) -> None:
    verdict = examine("while True:\n    print('x' * 1000)")
    assert [f.code for f in verdict.findings] == ["output-limit"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("torch.cuda.get_device_name(0)", "GPU"),
        ("assert torch.cuda.is_available()", "GPU"),
        ("import torch.distributed as dist\ndist.init_process_group('gloo')", "distributed"),
        ("import os\nrank = int(os.environ['LOCAL_RANK'])", "RANK"),
        ("import os\nos.environ['MY_SETTING']", "MY_SETTING"),
        ("open('data/train.bin', 'rb')", "data/train.bin"),
        ("torch.load('model.pt')", "model.pt"),
        ("name = input('who?')", "type"),
        ("import sys\npath = sys.argv[1]", "command-line"),
        (
            "from argparse import *\np = ArgumentParser()\np.add_argument('x')\np.parse_args()",
            "command-line",
        ),
        (
            "def f():\n    raise RuntimeError(\"Couldn't load the image extension\")\nf()",
            "compiled",
        ),
        ("import sys\nsys.exit('usage: train.py FILE')", "command-line"),
        ("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9/')", "network"),
        ("import os\nos.startfile('x')", "operating system"),
        ("import winreg", "operating system"),
        ("class A:\n    def f(self):\n        raise NotImplementedError\nA().f()", "on purpose"),
        ("my_way = ...\nmy_way(torch.ones(1))", "skeleton"),
        ("my_way = ...\nkeep = [my_way]", "skeleton"),
        ("self.layer = nn.Linear(1, 1)", "excerpt"),
        ("def f(x):\n    return helper(x)\nprint(f)", "helper"),
        ("from helpers_of_mine import *\ntrain()", "helpers_of_mine"),
    ],
)  # fmt: skip
def test_what_a_machine_or_a_reader_lacks_is_no_failure(
    examine: Examine, code: str, reason: str
) -> None:
    verdict = examine(code)
    assert verdict.status == "incomplete", verdict.findings
    assert reason in (verdict.reason or "")


def test_an_error_elsewhere_is_still_the_authors(examine: Examine) -> None:
    verdict = examine("model = ...\nx = torch.ones(2, 3)\ny = x @ x\nmodel(y)")
    assert [(f.code, f.line) for f in verdict.findings] == [("runtime-error", 3)]


def test_output_is_captured_without_addresses(examine: Examine) -> None:
    verdict = examine("print('hello')\nprint(object())\nimport os\nprint(os.getcwd())")
    assert verdict.stdout == "hello\n<object object at 0x...>\n.\n"


def test_random_numbers_are_the_same_each_time(examine: Examine) -> None:
    code = "import random\nprint(random.random(), torch.rand(1), np.random.rand(), hash('a'))"
    assert examine(code).stdout == examine(code).stdout


def test_nothing_of_the_callers_is_there(examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    code = """
        import os
        print(os.listdir(), 'SECRET' in os.environ, os.environ['HOME'] == os.getcwd())
    """
    monkeypatch.setenv("SECRET", "x")
    assert examine(code).stdout == "[] False True\n"


def test_snippets_do_not_touch_each_other(examine: Examine) -> None:
    assert examine("torch.set_default_dtype(torch.float64)\nopen('left', 'w')").status == "passed"
    verdict = examine(
        "import os\nassert torch.ones(1).dtype == torch.float32\nassert not os.listdir()"
    )
    assert verdict.status == "passed"


def test_a_deprecation_is_a_warning(examine: Examine) -> None:
    verdict = examine("nn.init.xavier_uniform(torch.empty(2, 2))")
    assert verdict.status == "passed"
    assert [(f.code, f.severity, f.line) for f in verdict.findings] == [
        ("deprecated", "warning", 1)
    ]


# --- the author's options ------------------------------------------------------------------------


def test_skip_says_why(examine: Examine) -> None:
    verdict = examine("1 / 0", skip="needs a TPU")
    assert (verdict.status, verdict.reason) == ("skipped", "needs a TPU")


def test_no_run_checks_the_names_only(examine: Examine) -> None:
    assert examine("1 / 0", no_run="").status == "skipped"
    assert examine("nn.Lienar(1, 1)", no_run="").status == "failed"


@pytest.mark.parametrize(
    ("code", "wanted", "status"),
    [
        ("1 / 0", "ZeroDivisionError", "passed"),
        ("1 / 0", "ArithmeticError", "passed"),
        ("1 / 0", "", "passed"),
        ("1 / 0", "ValueError", "failed"),
        ("1 / 1", "ZeroDivisionError", "failed"),
        ("nn.Lienar(1, 1)", "AttributeError", "passed"),
        ("x = (", "SyntaxError", "passed"),
        ("x = (", "ValueError", "failed"),
    ],
)
def test_raises(examine: Examine, code: str, wanted: str, status: str) -> None:
    assert examine(code, raises=wanted).status == status


@pytest.mark.parametrize(
    ("code", "wanted", "line", "said"),
    [
        ("import torch.nn.utils.prune as prune\nprune.conv2d", "AttributeError", 2,
         "`torch.nn.utils.prune` has no `conv2d`"),
        ("nn.Linear(3， 4)", "SyntaxError", 1, "full-width"),
        ("x = torch.ones(2)\nx.view(3)", "RuntimeError", 2, "shape '[3]' is invalid"),
    ],
)  # fmt: skip
def test_what_was_announced_is_told(
    examine: Examine, code: str, wanted: str, line: int, said: str
) -> None:
    verdict = examine(code, raises=wanted)
    assert (verdict.status, verdict.findings) == ("passed", ())
    assert [finding.line for finding in verdict.announced] == [line]
    assert said in verdict.announced[0].message


def test_options_that_mean_nothing_are_warned_of(examine: Examine) -> None:
    verdict = examine("x = 1", skp="why", timeout="soon", allow="time-limit")
    assert verdict.status == "passed"
    assert [f.code for f in verdict.findings] == ["unknown-option", "bad-option", "unused-allow"]
    assert "`skip`" in verdict.findings[0].help


def test_allow_settles_a_disagreement(examine: Examine) -> None:
    assert examine("1 / 0", allow="runtime-error").status == "passed"


# --- claims --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("nn.MaxPool2d(3).stride == 3", "passed"),
        ("nn.MaxPool2d(3).stride == 2", "failed"),
        ("torch.ones(2) == torch.ones(2)", "passed"),
        ("x = 1\nx > 2", "failed"),
        ("assert True", "passed"),
        ("False", "failed"),
    ],
)
def test_claims(examine: Examine, code: str, status: str) -> None:
    assert examine(code, kind="claim").status == status


def test_a_false_claim_shows_both_sides(examine: Examine) -> None:
    verdict = examine("1 + 1 == 3", kind="claim")
    assert verdict.kind == "claim"
    assert [f.code for f in verdict.findings] == ["claim-false"]
    assert "left is `2`, right is `3`" in verdict.findings[0].message


# --- several in a note ---------------------------------------------------------------------------


def test_a_snippet_is_run_behind_those_it_lacks(note: Note) -> None:
    verdicts = note("print('silent')\nx = 2", "unrelated = 1", "print(x)")
    assert [v.status for v in verdicts] == ["passed"] * 3
    assert verdicts[2].after == ("0",)
    assert verdicts[2].stdout == "2\n"


def test_a_broken_link_is_not_reported_twice(note: Note) -> None:
    verdicts = note("x = 1\ny = 1 / 0\nz = 3", "print(y)", "print(z + x)")
    assert [v.status for v in verdicts] == ["failed", "incomplete", "incomplete"]
    assert "line 1" in (verdicts[1].reason or "")


def test_a_link_is_good_as_far_as_it_went(note: Note) -> None:
    verdicts = note("x = 1\ny = 1 / 0", "print(x)", "print([][x])")
    assert [v.status for v in verdicts] == ["failed", "passed", "failed"]


def test_a_link_with_a_syntax_error_is_cut_before_it(note: Note) -> None:
    verdicts = note("x = 1\ny = (2\nz = 3", "print(x)", "print(z)")
    assert [v.status for v in verdicts] == ["failed", "passed", "incomplete"]


def test_what_ends_python_is_said_of_what_builds_on_it(note: Note) -> None:
    ending, follower = note("x = 1\nimport os\nos._exit(0)", "print(x)")
    assert ending.status == "failed"
    assert follower.status == "incomplete"
    assert follower.reason == "it builds on code that does not run to its end"


def test_what_hung_is_not_run_again(note: Note, runner: object) -> None:
    verdicts = note("names = ['a']\nimport os\nos._exit(3)", "print(names)")
    assert [v.status for v in verdicts] == ["failed", "incomplete"]


def test_an_absent_package_passes_on(note: Note) -> None:
    verdicts = note("import no_such_thing\nx = no_such_thing.x", "print(x)")
    assert [v.status for v in verdicts] == ["incomplete", "incomplete"]
    assert "no_such_thing" in (verdicts[1].reason or "")


def test_time_that_others_had_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    child = object.__new__(Child)
    vars(child).update(ending=None, started=True, facts={}, pid=1, given=0.0, deadline=100.0)
    vars(child).update(task={"timeout": 10.0})
    for waited, deadline, more in ((0.0, 100.0, False), (4.0, 104.0, True), (90.0, 150.0, True)):
        monkeypatch.setattr("verify.child.crowd.waited", lambda _, found=waited: found)
        assert (child.gets_more(), child.deadline) == (more, deadline)
    assert not child.gets_more()
    child.ending = "timeout"
    assert not child.gets_more()


def test_a_package_built_for_another_torch_is_nobodys_fault(examine: Examine) -> None:
    error = 'RuntimeError("Couldn\'t load custom C++ ops. See")'
    verdict = examine(f"def f():\n    raise {error}\nf()")
    assert (verdict.status, verdict.findings) == ("incomplete", ())
    assert "built for another torch" in (verdict.reason or "")
