"""The command line as users meet it: what is printed, where it goes, and the exit status."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("own_cache")

NOTE = """\
# Tensors

## What does ones make?

A tensor of ones.

```python
print(torch.ones(2))
```

## What is its type?

`float32`, if nobody says otherwise.
"""

BROKEN = """\
## What does ones make?

```python
torch.onse(2)
```
"""


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


def build(folder: Path, *words: str, first: Path | None = None) -> Ran:
    """Run `build` in a folder; modules are looked for in `first` first."""
    path = [str(first)] if first else []
    root = str(Path(__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*path, root])}
    command = [sys.executable, "-m", "builder", *words]
    done = subprocess.run(
        command,
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "notes").mkdir(parents=True)
    return folder


def write(work: Path, name: str, text: str) -> Path:
    path = work / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_build_verifies_and_writes_deck_and_site(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    ran = build(work)
    assert (ran.status, ran.err) == (0, "")
    assert "2 cards in 1 note, 0 held back" in ran.out
    assert "1 snippet: 1 passed" in ran.out
    assert "dist/notes.apkg: 2 new" in ran.out
    found = {path.name for path in (work / "dist").rglob("*")}
    assert {"notes.apkg", "index.html", "report.json", "proofdeck.lock", "a.html"} <= found


def test_a_second_build_changes_no_byte(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    build(work, "--no-cache")
    before = contents(work / "dist")
    assert "2 unchanged" in build(work).out
    after = contents(work / "dist")
    report = Path("report.json")
    assert before.pop(report) != after.pop(report), "the second run takes cached verdicts"
    assert before == after


def contents(folder: Path) -> dict[Path, bytes]:
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_broken_snippet_is_shown_and_ends_with_1_after_all_is_written(work: Path) -> None:
    write(work, "notes/a.md", BROKEN)
    ran = build(work)
    assert ran.status == 1
    assert "--> notes/a.md:4:" in ran.out
    assert "torch.onse(2)" in ran.out
    assert "`ones`" in ran.out
    assert (work / "dist/index.html").is_file()
    assert (work / "dist/notes.apkg").is_file()


def test_verify_prints_json_and_nothing_else(work: Path) -> None:
    write(work, "notes/a.md", BROKEN)
    ran = build(work, "verify", "--format", "json")
    said = json.loads(ran.out)
    assert ran.status == 1
    assert said["summary"] == {"passed": 0, "failed": 1, "incomplete": 0, "skipped": 0}
    (snippet,) = said["snippets"]
    assert (snippet["line"], snippet["end_line"], snippet["card_line"]) == (4, 4, 1)
    (problem,) = snippet["problems"]
    assert (problem["severity"], problem["line"]) == ("error", 4)
    assert not (work / "dist").exists()


def test_cards_prints_json_and_nothing_else(work: Path) -> None:
    write(work, "notes/a.md", NOTE + "\n## What is a view?\n")
    ran = build(work, "cards", "--format", "json")
    said = json.loads(ran.out)
    assert ran.status == 0
    assert said["cards"][0] == {
        "path": "notes/a.md",
        "line": 3,
        "number": None,
        "kind": "basic",
        "question": "What does ones make?",
        "context": ["Tensors"],
        "answer": {"line": 5, "end_line": 9},
        "tags": [],
        "guid": None,
        "snippets": 1,
    }
    (held_back,) = said["held_back"]
    assert (held_back["line"], held_back["code"]) == (15, "no-answer")


def test_a_build_that_is_refused_tells_scripts_why(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    assert build(work, "deck").status == 0
    lock = (work / "dist/proofdeck.lock").read_text("utf-8")
    write(work, "notes/b.md", NOTE.replace("Tensors", "More"))
    ran = build(work, "deck", "--format", "json", "--locked")
    said = json.loads(ran.out)
    assert (ran.status, said["package"], said["problems"]) == (1, None, [])
    assert "`--locked` keeps it" in said["error"]
    write(work, "dist/proofdeck.lock", lock.replace("card {", "<<<<<<< HEAD\ncard {", 1))
    ran = build(work, "deck", "--format", "json")
    said = json.loads(ran.out)
    assert (ran.status, said["package"], said["error"]) == (2, None, None)
    assert [problem["code"] for problem in said["problems"]] == ["lock-conflict"]
    assert "a merge conflict is left here" in ran.err


def test_outputs_are_not_written_among_the_notes(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    for command in ("deck", "site"):
        ran = build(work, command, "--no-verify", "--out", "notes/../notes")
        assert ran.status == 2
        assert "`notes` holds the notes" in ran.err
    assert [path.name for path in (work / "notes").iterdir()] == ["a.md"]
    assert build(work, "--no-verify", "--notes", ".", "--out", "notes/dist").status == 0
    assert build(work, "--no-verify", "--notes", ".", "--out", "notes/dist").status == 0


def test_one_output_leaves_the_other_alone(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    build(work)
    write(work, "notes/b.md", NOTE.replace("Tensors", "More"))
    build(work, "site")
    assert (work / "dist/notes/b.html").is_file()
    assert (work / "dist/notes.apkg").is_file()
    assert "2 new, 2 unchanged" in build(work, "deck", "--dry-run").out
    assert "2 new, 2 unchanged" in build(work, "deck").out


def test_a_build_that_runs_nothing_says_so(work: Path) -> None:
    write(work, "notes/a.md", BROKEN)
    ran = build(work, "--no-verify")
    assert ran.status == 0
    assert "nothing was verified" in ran.out
    assert not (work / "dist/report.json").exists()


def test_no_worker_is_started_where_none_is_needed(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    build(work)
    trap = write(work, "trap/torch.py", "raise SystemExit('torch was imported')").parent
    for command in ((), ("verify",), ("cards",), ("site",)):
        ran = build(work, *command, first=trap)
        assert ran.status == 0, ran.err
    write(work, "notes/a.md", NOTE.replace("ones(2)", "ones(3)"))
    assert build(work, "verify", first=trap).status != 0, "the trap does not work"


def test_outputs_go_where_they_are_asked_to_go(work: Path, tmp_path: Path) -> None:
    write(work, "notes/a.md", NOTE)
    write(work, "proofdeck.toml", 'title = "My notes"\nout = "public"\n')
    build(work)
    assert (work / "public/My notes.apkg").is_file()
    assert (work / "proofdeck.lock").is_file()
    ran = build(tmp_path, "--notes", "work/notes", "--out", "elsewhere")
    assert ran.status == 0
    assert (tmp_path / "elsewhere/My notes.apkg").is_file()
    assert "2 unchanged" in ran.out


@pytest.mark.parametrize("place", ["before", "behind"])
def test_options_may_stand_before_and_behind_the_command(work: Path, place: str) -> None:
    write(work, "other/a.md", NOTE)
    words = ("--notes", "other")
    ran = build(work, *words, "cards") if place == "before" else build(work, "cards", *words)
    assert "2 cards" in ran.out


def test_options_of_a_command_may_stand_before_it_and_others_may_not(work: Path) -> None:
    write(work, "notes/a.md", NOTE + "\n## What is a view?\n")
    assert build(work, "verify").status == 0
    assert build(work, "--strict", "verify").status == 1
    ran = build(work, "--no-verify", "verify")
    assert ran.status == 2
    assert "`--no-verify` does not go with `verify`" in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--notes", "nowhere"), "`nowhere` is neither a file nor a folder"),
        (("--notes", "empty"), "no notes in `empty`"),
        (("--no-such-option",), "No such option"),
        (("verify", "--format", "xml"), "xml"),
        (("--config", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_wrong_use_is_one_clear_message(work: Path, words: tuple[str, ...], said: str) -> None:
    write(work, "notes/a.md", NOTE)
    (work / "empty").mkdir()
    ran = build(work, *words)
    assert ran.status == 2
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert not (work / "dist").exists()


@pytest.mark.parametrize("command", ["lint", "cards", "verify", "deck", "site"])
def test_quiet_says_nothing_where_nothing_is_wrong(work: Path, command: str) -> None:
    write(work, "notes/a.md", "# Tensors\n\n## What does ones make?\n\nA tensor of ones.\n")
    assert build(work, command, "-q") == Ran(0, "", "")


def test_an_unknown_key_stops_the_build_at_its_place(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    write(work, "proofdeck.toml", '[deck]\nnmae = "x"\n')
    ran = build(work)
    assert ran.status == 2
    assert "proofdeck.toml:2:1" in ran.err
    assert "did you mean `deck.name`?" in ran.err


def test_a_file_that_cannot_be_decoded_is_one_problem_and_the_rest_is_built(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    (work / "notes/b.md").write_bytes(b"## ok\n\n\x00\xff")
    ran = build(work)
    assert ran.status == 1
    assert "notes/b.md:3:2" in ran.out
    assert "2 cards in 1 note" in ran.out


@pytest.mark.parametrize("command", ["verify", "cards"])
@pytest.mark.parametrize("name", ["b.md", "b.txt"])
def test_every_command_that_fails_says_why(work: Path, command: str, name: str) -> None:
    write(work, "notes/a.md", NOTE)
    (work / "notes" / name).write_bytes(b"\xff\xff\x81")
    ran = build(work, command)
    assert ran.status == 1
    assert "undecodable-file" in ran.out
    said = json.loads(build(work, command, "--format", "json").out)
    assert [problem["code"] for problem in said["problems"]] == ["undecodable-file"]


def test_a_part_of_a_course_never_takes_the_place_of_the_whole(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    write(work, "notes/b.md", NOTE.replace("Tensors", "More"))
    write(work, "proofdeck.toml", "")
    build(work)
    before = contents(work)
    ran = build(work, "--notes", "notes/a.md")
    assert ran.status == 2
    assert "say with `--out`" in ran.err
    assert contents(work) == before
    assert build(work, "--notes", "notes/a.md", "--out", "part").status == 0
    assert (work / "part/proofdeck.lock").is_file()
    assert {path: text for path, text in contents(work).items() if path in before} == before


def test_files_of_one_name_in_two_folders_are_two_notes(work: Path) -> None:
    write(work, "one/a.md", NOTE)
    write(work, "two/a.md", NOTE.replace("Tensors", "More"))
    words = ("--notes", "one", "--notes", "two", "--notes", str(work / "one/a.md"))
    ran = build(work, "--no-verify", *words)
    assert "4 cards in 2 notes" in ran.out
    pages = {path.relative_to(work).as_posix() for path in (work / "dist/notes").rglob("*.html")}
    names = ("dist/notes/one/a", "dist/notes/two/a")
    assert pages == {f"{name}.html" for name in names}


def test_nothing_of_the_machine_is_published(work: Path) -> None:
    secret = write(work, "secret.svg", "<svg>mine</svg>")
    shown = write(work, "notes/shown.svg", "<svg>yours</svg>")
    links = f"![]({secret}) ![](../secret.svg) ![](/etc/passwd) ![](a.md) ![](shown.svg)"
    write(work, "notes/a.md", f"## What is shown?\n\nAll of it: {links}\n")
    build(work)
    (found,) = (work / "dist/assets/media").iterdir()
    assert found.read_bytes() == shown.read_bytes()


def test_a_build_that_is_ended_leaves_nothing_behind(work: Path) -> None:
    write(work, "notes/a.md", "## q\n\n```python\nimport time; time.sleep(60)\n```\n")
    root = str(Path(__file__).parent.parent)
    temporary = work.parent / "tmp"
    temporary.mkdir()
    environment = {**os.environ, "PYTHONPATH": root, "TMPDIR": str(temporary)}
    command = [sys.executable, "-m", "builder", "verify", "--no-cache"]
    with subprocess.Popen(command, cwd=work, env=environment) as running:
        deadline = time.monotonic() + 60
        while not any(temporary.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.1)
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 128 + signal.SIGTERM
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_one_problem(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    write(work, "notes/b.md", NOTE).chmod(0)
    ran = build(work)
    assert ran.status == 1
    assert "cannot be read: Permission denied" in ran.out


def test_a_folder_that_cannot_be_written_is_wrong_use(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    write(work, "file", "")
    ran = build(work, "--out", "file/dist")
    assert ran.status == 2
    assert "`file` is a file, and `--out` needs a folder" in ran.err


def test_files_of_others_are_never_harmed(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    mine = write(work, "home/index.html", "mine")
    other = write(work, "home/thesis.txt", "mine too")
    ran = build(work, "--out", "home")
    assert ran.status == 2
    assert "home/index.html" in ran.err
    assert mine.read_text("utf-8") == "mine"
    assert sorted(path.name for path in (work / "home").iterdir()) == ["index.html", "thesis.txt"]
    assert build(work, "--out", "home", "--force").status == 0
    assert other.read_text("utf-8") == "mine too"


def test_a_broken_lock_stops_the_build(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    build(work)
    lock = work / "dist/proofdeck.lock"
    lock.write_text("<<<<<<< ours\n" + lock.read_text("utf-8"), "utf-8")
    ran = build(work)
    assert ran.status == 2
    assert "dist/proofdeck.lock:1:1" in ran.err


def test_a_locked_build_changes_nothing_that_is_not_committed(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    write(work, "proofdeck.toml", "")
    assert build(work, "--locked").status == 1
    assert build(work, "deck", "--locked", "--dry-run").status == 1
    assert not (work / "dist").exists()
    build(work)
    assert build(work, "--locked").status == 0
    write(work, "notes/a.md", NOTE.replace("of ones", "full of ones"))
    before = contents(work)
    assert build(work, "--locked").status == 1
    assert contents(work) == {**before, Path("notes/a.md"): (work / "notes/a.md").read_bytes()}


def test_a_lock_with_the_line_ends_of_windows_is_up_to_date(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    write(work, "proofdeck.toml", "")
    build(work, "deck", "--no-verify")
    lock = work / "proofdeck.lock"
    lock.write_bytes(lock.read_bytes().replace(b"\n", b"\r\n"))
    assert build(work, "deck", "--no-verify", "--locked", "--dry-run").status == 0


def test_a_lock_that_is_no_text_is_one_problem_that_says_what_to_do(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    write(work, "proofdeck.toml", "")
    (work / "proofdeck.lock").write_bytes(b"\0\xff" * 9)
    ran = build(work, "deck", "--no-verify")
    assert ran.status == 2
    assert "error[lock-broken]" in ran.err
    assert "last commit" in ran.err
    assert "exclude" not in ran.err


def test_notes_are_never_written_to(work: Path) -> None:
    path = write(work, "notes/a.md", NOTE)
    path.chmod(stat.S_IRUSR)
    before = path.stat().st_mtime_ns
    build(work)
    assert path.stat().st_mtime_ns == before
    assert [p.name for p in (work / "notes").iterdir()] == ["a.md"]


def test_a_forecast_can_be_read_by_scripts(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    build(work, "deck", "--no-verify")
    before = contents(work)
    write(work, "notes/a.md", NOTE.replace("A tensor of ones", "A tensor full of ones"))
    ran = build(work, "deck", "--no-verify", "--dry-run", "--format", "json")
    said = json.loads(ran.out)
    assert said["package"] == "dist/notes.apkg"
    assert said["log"] == {"new": 0, "updated": 1, "unchanged": 1}
    (updated,) = said["updated"]
    assert (updated["path"], updated["line"]) == ("notes/a.md", 3)
    assert updated["question"] == "What does ones make?"
    assert (said["retired"], said["problems"]) == ([], [])
    assert contents(work).keys() == before.keys()
    assert json.loads(build(work, "deck", "--no-verify", "--format", "json").out) == said


def test_a_lock_that_was_lost_stops_the_build(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    write(work, "proofdeck.toml", "")
    build(work, "deck", "--no-verify")
    before = contents(work)
    (work / "proofdeck.lock").unlink()
    ran = build(work, "deck", "--no-verify")
    assert ran.status == 2
    assert "lock-missing" in ran.err
    assert "git checkout -- proofdeck.lock" in ran.err
    assert contents(work).keys() == before.keys() - {Path("proofdeck.lock")}
    assert build(work, "deck", "--no-verify", "--breaking").status == 0


def test_a_lock_moves_beside_the_configuration(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    build(work, "deck", "--no-verify")
    write(work, "proofdeck.toml", 'title = "notes"\n')
    ran = build(work, "deck", "--no-verify")
    assert ran.status == 2
    assert "move `dist/proofdeck.lock` to `proofdeck.lock`" in ran.err
    (work / "dist/proofdeck.lock").rename(work / "proofdeck.lock")
    assert "2 unchanged" in build(work, "deck", "--no-verify").out


def test_a_deck_with_an_open_question_is_not_written(work: Path) -> None:
    long = "A tensor knows its device, its type, its shape, and how it was made."
    write(
        work,
        "notes/a.md",
        f"# T\n\n## What is a tensor A?\n\n{long} A\n\n## What is a tensor B?\n\n{long} B\n",
    )
    build(work, "deck", "--no-verify")
    before = contents(work)
    write(work, "notes/a.md", f"# T\n\n## What is a tensor?\n\n{long} C\n")
    ran = build(work, "deck", "--no-verify")
    assert ran.status == 1
    assert "ambiguous-rename" in ran.out
    assert {k: v for k, v in contents(work).items() if k.suffix in (".apkg", ".lock")} == {
        k: v for k, v in before.items() if k.suffix in (".apkg", ".lock")
    }
    assert (
        "1 updated, 1 renamed, 1 retired"
        in build(work, "deck", "--no-verify", "--accept-renames").out
    )


def test_a_disk_that_fills_up_leaves_what_was_there(work: Path) -> None:
    write(work, "notes/a.md", NOTE)
    build(work, "deck", "--no-verify")
    before = contents(work)
    text = "".join(
        f"\n## Question {n}?\n\nAnswer {random.Random(n).random()}\n" for n in range(2000)
    )
    write(work, "notes/a.md", NOTE + text)
    temporary = work.parent / "tmp"
    temporary.mkdir()
    limit = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)); "
    run = "from builder.cli import main; sys.argv[1:] = ['deck', '--no-verify']; main()"
    done = subprocess.run(
        [sys.executable, "-c", limit + run],
        check=False,
        cwd=work,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parent.parent),
            "TMPDIR": str(temporary),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert list(temporary.iterdir()) == []
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "cannot write" in done.stderr
    assert contents(work) == {**before, Path("notes/a.md"): (NOTE + text).encode()}


def test_a_broken_image_is_pointed_at(work: Path) -> None:
    write(work, "notes/a.md", NOTE + "\n![shape](shape.png)\n")
    write(work, "notes/shape.png", "<html>404</html>")
    ran = build(work, "deck", "--no-verify")
    assert ran.status == 0
    assert "notes/a.md:15:10" in ran.out
    assert "broken-image" in ran.out


def test_names_of_files_that_the_system_cannot_write(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(work, "notes/a.md", "---\ntags: [张量]\n---\n\n# A\n\n## Q?\n\nYes.\n")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("PYTHONUTF8", "0")
    monkeypatch.setenv("PYTHONCOERCECLOCALE", "0")
    ran = build(work, "site", "--no-verify")
    assert (ran.status, ran.out) == (2, "")
    assert "which has no" in ran.err
    assert "PYTHONUTF8=1" in ran.err
    assert not any((work / "dist").iterdir())


def test_an_interrupt_while_the_program_loads_shows_no_traceback(tmp_path: Path) -> None:
    write(tmp_path, "click.py", "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    paths = os.pathsep.join([str(tmp_path), str(Path(__file__).parent.parent)])
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    done = subprocess.run(
        [sys.executable, "-c", heed + "from builder.__main__ import main; main()"],
        check=False,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_what_python_finds_odd_in_code_is_not_printed(work: Path) -> None:
    """Python 3.12 warns of each backslash that means nothing, wherever code is parsed."""
    write(work, "notes/a.md", "## Q?\n\n```python\nprint('\\\\d')\n```\n")
    warning = (
        "import ast, sys, warnings; from builder import cli; parse = ast.parse\n"
        "def odd(*given, **named):\n"
        "    warnings.warn('invalid escape sequence', SyntaxWarning)\n"
        "    return parse(*given, **named)\n"
        "ast.parse = odd; sys.argv[1:] = ['verify', '-q']; cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", warning],
        check=False,
        cwd=work,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
