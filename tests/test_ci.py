"""What CI asks of `build verify`: known failures, a part of the snippets, what must be there."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.test_cli import Ran, build, write

pytestmark = pytest.mark.usefixtures("own_cache")

#: No torch: a worker starts in no time.
CONFIG = "[verify]\npreload = []\n"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    write(folder, "proofdeck.toml", CONFIG)
    return folder


def note(*codes: str, options: str = "") -> str:
    fences = (
        f"## question {n}\n\n```python{options}\n{code}\n```\n" for n, code in enumerate(codes)
    )
    return "\n".join(fences)


def verify(work: Path, *words: str) -> tuple[Ran, dict[str, Any]]:
    ran = build(work, "verify", "--format", "json", *words)
    return ran, json.loads(ran.out) if ran.out else {}


def looked_at(said: dict[str, Any]) -> list[tuple[str, int]]:
    return [(row["path"], row["line"]) for row in said["snippets"]]


# a baseline


def test_known_failures_do_not_count_and_new_ones_do(work: Path) -> None:
    write(work, "notes/a.md", note("1 / 0", "print(1)"))
    assert build(work, "verify").status == 1
    ran = build(work, "verify", "--baseline", "known.json", "--write-baseline")
    assert (ran.status, "1 known problem" in ran.out, "error[" in ran.out) == (0, True, False)
    assert json.loads((work / "known.json").read_text("utf-8")) == {
        "version": 1,
        "known": [{"path": "notes/a.md", "code": "runtime-error", "text": "1 / 0"}],
    }
    assert build(work, "verify", "--baseline", "known.json").status == 0
    write(work, "notes/a.md", "# A title\n\nMore.\n\n" + note("1 / 0", "2 / 0"))
    ran = build(work, "verify", "--baseline", "known.json")
    assert ran.status == 1
    assert "notes/a.md:14:" in ran.out
    assert "notes/a.md:8:" not in ran.out
    assert "notes/a.md:8:" in build(work, "verify", "--baseline", "known.json", "-v").out


def test_the_same_mistake_once_more_is_a_new_one(work: Path) -> None:
    write(work, "notes/a.md", note("1 / 0"))
    build(work, "verify", "--baseline", "known.json", "--write-baseline")
    write(work, "notes/a.md", note("1 / 0", "1 / 0"))
    assert build(work, "verify", "--baseline", "known.json").status == 1


@pytest.mark.parametrize("how", ["mended", "removed"])
def test_a_mended_failure_must_leave_the_baseline(work: Path, how: str) -> None:
    write(work, "notes/a.md", note("1 / 0"))
    write(work, "notes/b.md", note("2 / 0"))
    build(work, "verify", "--baseline", "known.json", "--write-baseline")
    if how == "mended":
        write(work, "notes/b.md", note("2 / 1"))
    else:
        (work / "notes/b.md").unlink()
    ran = build(work, "verify", "--baseline", "known.json")
    assert ran.status == 1
    assert "error[mended-failure]" in ran.out
    assert "known.json:4:1" in ran.out
    assert "--write-baseline" in ran.out
    build(work, "verify", "--baseline", "known.json", "--write-baseline")
    assert build(work, "verify", "--baseline", "known.json").status == 0


def test_a_part_of_the_notes_says_nothing_of_the_rest(work: Path) -> None:
    write(work, "notes/a.md", note("1 / 0"))
    write(work, "notes/b.md", note("2 / 0"))
    build(work, "verify", "--baseline", "known.json", "--write-baseline")
    assert build(work, "verify", "--baseline", "known.json", "--shard", "1/2").status == 0
    ran = build(work, "verify", "--baseline", "known.json", "--notes", "notes/a.md")
    assert (ran.status, ran.out.count("error[")) == (0, 0)


def test_with_strict_a_baseline_knows_warnings_and_incomplete_code(work: Path) -> None:
    write(work, "notes/a.md", note("import no_such_package", "x = 1", options=" {allow=x-y}"))
    words = ("--strict", "--baseline", "known.json")
    assert build(work, "verify", "--strict").status == 1
    assert build(work, "verify", *words, "--write-baseline").status == 0
    assert build(work, "verify", *words).status == 0
    assert build(work, "verify", "--baseline", "known.json").status == 0


def test_known_failures_in_the_forms_for_programs(work: Path) -> None:
    write(work, "notes/a.md", note("1 / 0"))
    build(work, "verify", "--baseline", "known.json", "--write-baseline")
    known = ("verify", "--baseline", "known.json", "--format")
    [row] = json.loads(build(work, *known, "json").out)["snippets"]
    assert (row["status"], row["problems"][0]["known"]) == ("failed", True)
    assert build(work, *known, "github").out == ""
    assert 'failures="0" errors="0" skipped="1"' in build(work, *known, "junit").out
    [result] = json.loads(build(work, *known, "sarif").out)["runs"][0]["results"]
    assert result["suppressions"][0]["kind"] == "external"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "`--write-baseline` writes one"),
        ("{", "this is no JSON"),
        ("[]", "this is no baseline"),
        ('{"version": 1, "known": [3]}', "names no failure"),
    ],
)
def test_a_baseline_that_cannot_be_used(work: Path, text: str | None, said: str) -> None:
    write(work, "notes/a.md", note("1 / 0"))
    if text is not None:
        write(work, "known.json", text)
    ran = build(work, "verify", "--baseline", "known.json")
    assert ran.status == 2
    assert said in ran.err


# shares


def test_shares_are_disjoint_even_and_together_the_whole(work: Path) -> None:
    write(work, "notes/a.md", note(*(f"a{n} = {n}\nprint(a{max(n - 1, 0)})" for n in range(7))))
    write(work, "notes/b.md", note(*(f"print({n})" for n in range(6))))
    whole, said = verify(work, "--no-cache")
    assert whole.status == 0
    shares = [verify(work, "--no-cache", "--shard", f"{n}/3")[1] for n in (1, 2, 3)]
    assert sorted(place for share in shares for place in looked_at(share)) == looked_at(said)
    assert sorted(len(share["snippets"]) for share in shares) == [4, 4, 5]
    outputs = {(r["path"], r["line"]): r["stdout"] for s in shares for r in s["snippets"]}
    assert [outputs[place] for place in looked_at(said)] == [r["stdout"] for r in said["snippets"]]


def test_a_share_may_be_empty(work: Path) -> None:
    write(work, "notes/a.md", note("print(1)"))
    counts = [len(verify(work, "--shard", f"{n}/2")[1]["snippets"]) for n in (1, 2)]
    assert sorted(counts) == [0, 1]


@pytest.mark.parametrize("value", ["0/2", "3/2", "2", "a/b", "1/0", "-1/2"])
def test_a_share_that_is_none(work: Path, value: str) -> None:
    write(work, "notes/a.md", note("print(1)"))
    ran = build(work, "verify", f"--shard={value}")
    assert ran.status == 2
    assert "K/N" in ran.err


# what changed


@pytest.fixture
def git(work: Path) -> Callable[..., None]:
    def git(*words: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.invalid", "-c", "commit.gpgsign=false")
        command = ["git", *who, *words]
        subprocess.run(command, cwd=work, check=True, capture_output=True)

    write(work, "notes/a.md", note("x = 1", "print(x)", "print(2)"))
    write(work, "notes/b.md", note("print(3)"))
    write(work, "notes/data.csv", "1")
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "one")
    return git


def test_only_what_changed_and_what_builds_on_it(work: Path, git: Callable[..., None]) -> None:
    assert verify(work, "--changed-since", "HEAD")[1]["snippets"] == []
    write(work, "notes/a.md", "# Title\n\nMore words.\n\n" + note("x = 1", "print(x)", "print(2)"))
    assert verify(work, "--changed-since", "HEAD")[1]["snippets"] == []
    write(work, "notes/a.md", note("x = 5", "print(x)", "print(2)"))
    _, said = verify(work, "--changed-since", "HEAD")
    assert looked_at(said) == [("notes/a.md", 4), ("notes/a.md", 10)]
    assert [row["stdout"] for row in said["snippets"]] == ["", "5\n"]
    git("commit", "-qam", "two")
    assert verify(work, "--changed-since", "HEAD")[1]["snippets"] == []
    assert looked_at(verify(work, "--changed-since", "HEAD~1")[1]) == looked_at(said)


def test_what_was_built_on_and_went_away(work: Path, git: Callable[..., None]) -> None:
    write(work, "notes/a.md", note("y = 1", "print(x)", "print(2)"))
    _, said = verify(work, "--changed-since", "main")
    assert [row["status"] for row in said["snippets"]] == ["passed", "incomplete"]


def test_new_files_options_and_outputs_have_changed(work: Path, git: Callable[..., None]) -> None:
    write(work, "notes/new.md", note("print(4)"))
    assert looked_at(verify(work, "--changed-since", "HEAD")[1]) == [("notes/new.md", 4)]
    write(work, "notes/b.md", note("print(3)", options=" {timeout=9}"))
    assert len(verify(work, "--changed-since", "HEAD")[1]["snippets"]) == 2
    write(work, "notes/b.md", note("print(3)") + "\n```output\n5\n```\n")
    assert verify(work, "--changed-since", "HEAD")[0].status == 1


def test_a_file_that_code_reads_has_changed(work: Path, git: Callable[..., None]) -> None:
    write(work, "notes/b.md", note("print(open('data.csv').read())"))
    git("commit", "-qam", "two")
    assert verify(work, "--changed-since", "HEAD")[1]["snippets"] == []
    write(work, "notes/data.csv", "2")
    assert looked_at(verify(work, "--changed-since", "HEAD")[1]) == [("notes/b.md", 4)]


def test_another_configuration_changes_everything(work: Path, git: Callable[..., None]) -> None:
    write(work, "proofdeck.toml", 'title = "x"\n' + CONFIG)
    assert verify(work, "--changed-since", "HEAD")[1]["snippets"] == []
    write(work, "proofdeck.toml", CONFIG + "timeout = 7\n")
    assert len(verify(work, "--changed-since", "HEAD")[1]["snippets"]) == 4


def test_what_others_did_meanwhile_is_not_ours(work: Path, git: Callable[..., None]) -> None:
    git("checkout", "-qb", "mine")
    write(work, "notes/b.md", note("print(5)"))
    git("commit", "-qam", "mine")
    git("checkout", "-q", "main")
    write(work, "notes/a.md", note("x = 7"))
    git("commit", "-qam", "theirs")
    git("checkout", "-q", "mine")
    assert looked_at(verify(work, "--changed-since", "main")[1]) == [("notes/b.md", 4)]


def test_a_revision_that_git_does_not_know(work: Path, git: Callable[..., None]) -> None:
    for revision in ("nowhere", "--help", ""):
        ran = build(work, "verify", f"--changed-since={revision}")
        assert ran.status == 2
        assert f"git knows no `{revision}`" in ran.err


def test_no_repository_and_no_git(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(work, "notes/a.md", note("print(1)"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(work.parent))
    ran = build(work, "verify", "--changed-since", "HEAD")
    assert ran.status == 2
    assert re.search("not a git repository", ran.err)
    monkeypatch.setenv("PATH", os.fspath(work))
    ran = build(work, "verify", "--changed-since", "HEAD")
    assert ran.status == 2
    assert "git, which is not installed" in ran.err


# what must be there


def test_what_is_required_and_absent_is_a_failure(work: Path) -> None:
    write(work, "notes/a.md", note("import no_such_package", "print(1)"))
    assert build(work, "verify").status == 0
    assert build(work, "verify", "--require", "another,cuda").status == 0
    ran = build(work, "verify", "--require", "cuda,no-such-package")
    assert ran.status == 1
    assert "error[requirement-missing]: `--require no-such-package`" in ran.out
    assert "notes/a.md:4:" in ran.out


def test_a_gpu_that_is_required_is_not_stood_in_for(work: Path) -> None:
    write(work, "proofdeck.toml", "")
    write(work, "notes/a.md", note('torch.ones(1).to("cuda")'))
    assert build(work, "verify").status == 0
    for name in ("cuda", "GPU"):
        ran = build(work, "verify", "--require", name)
        assert ran.status == 1
        assert "in place of a GPU" in ran.out


@pytest.mark.parametrize(
    "words", [("--write-baseline",), ("--baseline", "b", "--write-baseline", "--shard", "1/2")]
)
def test_wrong_use(work: Path, words: tuple[str, ...]) -> None:
    write(work, "notes/a.md", note("print(1)"))
    ran = build(work, "verify", *words)
    assert ran.status == 2
    assert "`--write-baseline` needs" in ran.err


# progress


def test_a_terminal_sees_how_far_it_is_and_a_pipe_does_not(work: Path) -> None:
    codes = ("import time\ntime.sleep(1.2)", "1 / 0", "print(1)")
    write(work, "notes/a.md", note(*codes))
    ours, theirs = pty.openpty()
    root = str(Path(__file__).parent.parent)
    command = [sys.executable, "-m", "builder", "verify", "--no-cache", "--jobs", "1"]
    environment = {**os.environ, "PYTHONPATH": root}
    done = subprocess.run(
        command, cwd=work, env=environment, stderr=theirs, stdout=subprocess.PIPE, check=False
    )
    os.close(theirs)
    seen = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert done.returncode == 1
    counted = r"verified 1 of 3 snippets, 0 failed; slowest: notes/a\.md:4, [1-9]\d*\.\d s"
    assert re.search(counted, seen)
    assert seen.endswith("\x1b[K")
    assert b"verified" not in done.stdout
    assert build(work, "verify", "--no-cache").err == ""


# names and code in sentences


SAID = (
    "## question\n\n`nn.M.nothing` and `nn.MESLoss`, `nn.Linear(in_feature=1, out_features=2)`.\n"
)


def said(work: Path, *words: str) -> list[tuple[str, int]]:
    _, found = verify(work, *words)
    rows = [*found["mentions"], *found["snippets"]]
    return sorted({(row["path"], row["line"]) for row in rows})


def test_sentences_are_known_to_a_baseline(work: Path) -> None:
    write(work, "proofdeck.toml", "")
    write(work, "notes/a.md", SAID)
    assert build(work, "verify").status == 1
    ran = build(work, "verify", "--baseline", "known.json", "--write-baseline")
    assert (ran.status, "2 known problems" in ran.out, "error[" in ran.out) == (0, True, False)
    write(work, "notes/a.md", SAID + "\n`nn.Linaer` too.\n")
    ran = build(work, "verify", "--baseline", "known.json")
    told = [f"has no `{name}`" in ran.out for name in ("Linaer", "MESLoss")]
    assert (ran.status, told) == (1, [True, False])
    write(work, "notes/a.md", SAID.replace("MES", "MSE"))
    ran = build(work, "verify", "--baseline", "known.json")
    assert (ran.status, "mended-failure" in ran.out) == (1, True)


def test_sentences_may_be_allowed(work: Path) -> None:
    write(work, "proofdeck.toml", "")
    allow = "<!-- allow: unknown-name, unknown-argument -->\n\n"
    write(work, "notes/a.md", SAID.replace("`nn.M", allow + "`nn.M"))
    assert build(work, "verify", "--strict").status == 0
    write(work, "notes/a.md", "## question\n\n" + allow + "`nn.MSELoss`\n")
    ran = build(work, "verify", "--strict")
    assert (ran.status, ran.out.count("warning[unused-allow]")) == (1, 2)


def test_the_sentences_of_each_note_are_in_one_share(work: Path) -> None:
    write(work, "proofdeck.toml", "")
    allow = "<!-- allow: unknown-name, unknown-argument -->\n\n"
    for name in "abc":
        write(work, f"notes/{name}.md", SAID.replace("`nn.M", allow + "`nn.M"))
    shares = [said(work, "--shard", f"{n}/2") for n in (1, 2)]
    assert all(shares)
    assert sorted(shares[0] + shares[1]) == said(work)
    ran = [build(work, "verify", "--strict", "--shard", f"{n}/2") for n in (1, 2)]
    assert [(it.status, "unused-allow" in it.out) for it in ran] == [(0, False), (0, False)]


def test_only_sentences_of_notes_that_changed(work: Path, git: Callable[..., None]) -> None:
    write(work, "proofdeck.toml", "")
    write(work, "notes/s.md", SAID)
    write(work, "notes/t.md", SAID)
    git("add", "-A")
    git("commit", "-qm", "said")
    assert said(work, "--changed-since", "HEAD") == []
    write(work, "notes/t.md", SAID + "\nMore.\n")
    assert said(work, "--changed-since", "HEAD") == [("notes/t.md", 3)]
