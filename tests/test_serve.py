"""`build serve` as an author has it: a real process, a real browser, and files being saved."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click import unstyle

from builder import pipeline
from builder.serve.live import Live
from tests.browser import Chromium
from tests.deck.pixels import png

ROOT = Path(__file__).parent.parent

FIRST = "# 张量\n\n## 什么是张量？\n\n一个多维数组。\n"
SECOND = "# 求导\n\n## 怎样求导？\n\n用反向传播。\n"


@dataclass(frozen=True)
class Serving:
    """A server that runs: its address, its process, and the folder it was started in."""

    url: str
    process: subprocess.Popen[str]
    folder: Path

    def save(self, name: str, text: str) -> None:
        """Save a file as an editor does: beside, and then in its place."""
        path = self.folder / name
        beside = path.with_name(f".{path.name}.part")
        beside.write_text(text, "utf-8")
        beside.replace(path)

    def get(self, path: str, host: str | None = None) -> tuple[int, bytes]:
        """Ask for a path as it is written here: no client tidies it up."""
        connection = HTTPConnection("127.0.0.1", urlsplit(self.url).port or 0, timeout=20)
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found


@contextmanager
def serve(folder: Path, *words: str) -> Iterator[Serving]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "XDG_CACHE_HOME": str(folder / "cache"),
        "TMPDIR": str(folder / "tmp"),
    }
    (folder / "tmp").mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "builder", "serve", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert address, line + process.stdout.read()
        yield Serving(address[0], process, folder)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.md").write_text(FIRST, "utf-8")
    (tmp_path / "notes/b.md").write_text(SECOND, "utf-8")
    return tmp_path


@pytest.fixture
def served(folder: Path) -> Iterator[Serving]:
    with serve(folder, "--no-verify") as found:
        yield found


@pytest.mark.browser
def test_a_save_is_seen_at_once(chromium: Chromium, served: Serving) -> None:
    with chromium.visit(f"{served.url}notes/a.html") as visit:
        page = visit.page
        page.wait_for_selector("text=一个多维数组。")
        served.save("notes/a.md", FIRST.replace("一个多维数组", "一个新的说法"))
        page.wait_for_selector("text=一个新的说法。")
        served.save("notes/a.md", FIRST.replace("什么是张量", "张量是什么"))
        page.wait_for_selector("h2 >> text=张量是什么？")
        page.goto(f"{served.url}index.html")
        page.wait_for_selector("text=张量是什么？")
        served.save("notes/c.md", "# 新的一篇\n\n## 有什么？\n\n有。\n")
        page.wait_for_selector("text=新的一篇")
        (served.folder / "notes/b.md").unlink()
        page.wait_for_selector("text=求导", state="detached")
        assert served.get("/notes/b.html")[0] == 404
        assert visit.said == []
        assert visit.strangers(served.url) == []


@pytest.mark.browser
def test_another_page_is_left_alone(chromium: Chromium, served: Serving) -> None:
    with chromium.visit(f"{served.url}notes/b.html") as visit:
        visit.page.evaluate("window.mine = true")
        served.save("notes/a.md", FIRST.replace("一个多维数组", "一个新的说法"))
        with chromium.visit(f"{served.url}notes/a.html") as other:
            other.page.wait_for_selector("text=一个新的说法。")
        assert visit.page.evaluate("window.mine")


@pytest.mark.browser
def test_what_is_wrong_lies_over_the_page(chromium: Chromium, served: Serving) -> None:
    with chromium.visit(f"{served.url}notes/a.html") as visit:
        page = visit.page
        served.save("notes/a.md", FIRST + "\n```python\nx = 1\n")
        page.click(".live summary >> text=1 个问题")  # a warning is there when it is asked for
        page.wait_for_selector(".live .place >> text=notes/a.md:7:1")
        page.keyboard.press("Escape")
        page.wait_for_selector(".live .place", state="hidden")
        page.evaluate("sessionStorage.clear()")
        (served.folder / "notes/a.md").write_bytes(b"## \xff\xfe\xff?\n\n\xff\x81\n")
        page.wait_for_selector(".live .message >> text=is no text")
        assert "一个多维数组" in page.inner_text("article")
        served.save("notes/a.md", FIRST)
        page.wait_for_selector(".live", state="detached")
        assert served.process.poll() is None
        assert visit.said == []


@pytest.mark.browser
def test_a_configuration_is_followed_too(chromium: Chromium, folder: Path) -> None:
    (folder / "proofdeck.toml").write_text('title = "一"\n', "utf-8")
    with serve(folder, "--no-verify") as served, chromium.visit(served.url) as visit:
        served.save("proofdeck.toml", 'titel = "二"\n')
        visit.page.wait_for_selector(".live .place >> text=proofdeck.toml:1:1")
        served.save("proofdeck.toml", 'title = "二"\nlanguage = "en"\n')
        visit.page.wait_for_selector("h1 >> text=二")
        assert "2 notes" in visit.page.inner_text("main")


@pytest.mark.browser
def test_verdicts_follow(chromium: Chromium, folder: Path) -> None:
    code = "\n```python\nprint(6 * 7)\n```\n"
    (folder / "notes/a.md").write_text(FIRST + code, "utf-8")
    with serve(folder) as served, chromium.visit(f"{served.url}notes/a.html") as visit:
        page = visit.page
        page.wait_for_selector(".snippet.passed .printed >> text=42", timeout=120_000)
        served.save("notes/a.md", FIRST + code.replace("6 *", "6 +"))
        page.wait_for_selector(".snippet.passed .printed >> text=13", timeout=60_000)
        served.save("notes/a.md", FIRST + code.replace("6 *", "none *"))
        page.wait_for_selector(".snippet.failed, .snippet.incomplete", timeout=60_000)
        served.save("notes/a.md", FIRST + code.replace("print(6 * 7)", "int('x')"))
        page.wait_for_selector(".live .place >> text=notes/a.md:8:", timeout=60_000)


@pytest.mark.browser
def test_names_in_sentences_follow(chromium: Chromium, folder: Path) -> None:
    wrong = FIRST + "\n见 `nn.MESLoss` 与 `nn.Linear(in_feature=1, out_features=2)`。\n"
    (folder / "notes/a.md").write_text(FIRST, "utf-8")
    with serve(folder) as served, chromium.visit(f"{served.url}notes/a.html") as visit:
        page = visit.page
        page.wait_for_selector("text=一个多维数组。")
        served.save("notes/a.md", wrong)
        page.wait_for_selector("u.wrong >> text=nn.MESLoss", timeout=120_000)
        page.wait_for_selector("u.wrong >> text=in_feature", timeout=60_000)
        page.wait_for_selector(".live .place >> text=notes/a.md:7:", timeout=60_000)
        served.save("notes/a.md", wrong.replace("MES", "MSE").replace("feature=", "features="))
        page.wait_for_selector("u.wrong", state="detached", timeout=60_000)


def test_the_terminal_says_what_a_save_brought_and_what_it_mended(folder: Path) -> None:
    said: list[str] = []
    where = pipeline.settings((folder / "notes",), folder / "dist", None)
    live = Live(lambda: where, lambda text: said.append(unstyle(text)))
    note = folder / "notes/a.md"

    def save(text: str) -> list[str]:
        said.clear()
        note.write_text(text, "utf-8")
        live.saved(frozenset({note.resolve()}))
        return said

    broken = "---\ndeck: [\n---\n" + FIRST
    [problem] = save(broken)
    assert problem.startswith("error[front-matter]: front matter is not valid YAML")
    assert "notes/a.md:2:" in problem
    assert "2 | deck: [" in problem
    assert save(broken + "\n又一句。\n") == []
    [well] = save(FIRST)
    assert well.endswith("notes/a.md: nothing is wrong any more\n")
    assert save(FIRST + "\n又一句。\n") == []


@pytest.mark.parametrize(
    "path",
    [
        "/../notes/a.md",
        "/%2e%2e/notes/a.md",
        "//etc/passwd",
        "/notes/a.md",
        "/proofdeck.toml",
        "/@",
    ],
)
def test_nothing_but_the_site_is_served(served: Serving, path: str) -> None:
    status, content = served.get(path)
    assert status == 404
    assert "没有这一页" in content.decode()


def test_pages_of_others_cannot_read_it(served: Serving) -> None:
    port = urlsplit(served.url).port
    assert served.get("/", f"localhost:{port}")[0] == 200
    assert served.get("/", f"evil.example:{port}")[0] == 403
    assert served.get("/@live/events?page=/", "evil.example")[0] == 403


def test_only_this_machine_is_answered(served: Serving) -> None:
    """Who listened at all addresses would be met at this one, too, which is another of loopback."""
    port = urlsplit(served.url).port or 0
    with socket.socket() as other:
        other.settimeout(2)
        assert other.connect_ex(("127.0.0.2", port)) != 0
    with socket.socket() as own:
        assert own.connect_ex(("127.0.0.1", port)) == 0


def test_an_end_leaves_nothing(folder: Path) -> None:
    (folder / "notes/a.md").write_text(FIRST + "\n```python\nx = 1\n```\n", "utf-8")
    with serve(folder) as served:
        served.get("/")
        group = os.getpgid(served.process.pid)
    assert served.process.returncode == 0
    assert list((folder / "tmp").iterdir()) == []
    assert sorted(path.name for path in folder.iterdir()) == ["cache", "notes", "tmp"] or sorted(
        path.name for path in folder.iterdir()
    ) == ["notes", "tmp"]
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)


def test_a_port_that_is_taken_is_wrong_use(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ran = subprocess.run(
            [sys.executable, "-m", "builder", "serve", "--no-verify", "--port", port],
            check=False,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert ran.returncode == 2
    assert f"port {port} is taken" in ran.stderr


def test_what_an_editor_writes_beside_a_note_makes_nothing_be_read_again(folder: Path) -> None:
    where = pipeline.settings((folder / "notes",), folder / "out", None)
    before = pipeline.read(where)
    notes = (folder / "notes").resolve()
    aside = [notes / ".a.md.part", notes / "a.md~", notes / "4913", notes / ".a.md.swp"]
    assert pipeline.read_again(where, before, aside) is before
    (notes / "a.md").write_text(FIRST + "\n更多。\n", "utf-8")
    now = pipeline.read_again(where, before, [*aside, notes / "a.md"])
    first, second = now.course.notes
    assert first is not before.course.notes[0]
    assert second is before.course.notes[1]
    (notes / "c").mkdir()
    (notes / "c/d.md").write_text(SECOND, "utf-8")
    assert len(pipeline.read_again(where, now, [notes / "c"]).course.notes) == 3


def test_a_folder_of_pictures_that_is_moved_away_is_missed(folder: Path) -> None:
    notes = (folder / "notes").resolve()
    (notes / "img").mkdir()
    (notes / "img/a.png").write_bytes(png(2, 2, 9))
    (notes / "a.md").write_text(FIRST + "\n![](img/a.png)\n", "utf-8")
    where = pipeline.settings((folder / "notes",), folder / "out", None)
    before = pipeline.read(where)
    assert len(before.course.assets) == 1
    (notes / "img").rename(folder / "gone")
    assert pipeline.read_again(where, before, [notes / "img"]).course.assets == ()


def test_a_save_leaves_the_places_and_names_of_cards_as_they_are(folder: Path) -> None:
    (folder / "proofdeck.toml").write_text('title = "课"\n', "utf-8")
    where = pipeline.settings((folder / "notes",), folder / "out", folder / "proofdeck.toml")

    def build() -> None:
        made = pipeline.make(where, pipeline.read(where).course, ("deck",))
        pipeline.write(where, made)

    build()
    (folder / "notes/a.md").write_text(FIRST.replace("什么是张量", "张量是什么"), "utf-8")
    build()
    live = Live(lambda: where)
    shown = live.file("notes/a.html") or b""
    (folder / "notes/a.md").write_text(FIRST.replace("什么是张量", "何谓张量"), "utf-8")
    live.saved(frozenset({(folder / "notes/a.md").resolve()}))
    at_once = live.file("notes/a.html") or b""
    for anchor in ("什么是张量", "张量是什么"):
        assert f'id="{anchor}"'.encode() in at_once
    names = [re.findall(rb'data-ids="([^"]*)"', page) for page in (shown, at_once)]
    assert names[0] == names[1] != []
