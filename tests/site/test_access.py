"""Every kind of page, light and dark: axe finds nothing, nothing is said, nothing is wider."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from builder.model import Environment, Problem, Span, Status, Verdict
from tests.browser import Chromium, Visit, served
from tests.site.courses import course, failed, made, note, passed
from tests.site.test_browser import C
from tests.site.test_site import PICTURE, A, B

pytestmark = pytest.mark.browser

PAGES = (
    "index.html",
    "notes/a.html",
    "notes/sub/b.html",
    "notes/c.html",
    "report.html",
    "tags.html",
    "tags/torch-形状.html",
    "print.html",
    "search.html",
    "practice.html",
    "notes/a.html#@practice",
    "404.html",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder that holds a site with everything on it, in a sub-folder."""
    tagged = replace(note("a.md", A), tags=("torch::形状", "c"))
    notes = (
        tagged,
        note("sub/b.md", B),
        note("c.md", C),
        note("d.md", "# 末\n\n```python\nx\n```\n"),
    )
    first, second, third, fourth = (each.snippets[0] for each in notes)
    problem = Problem("dead-link", Span("notes/b.md", 3), "`c.md` is not there", "look", "warning")
    trouble = Problem("deprecated-name", first.span, "`x` is old", "write `y`", "warning")
    verdicts = (
        passed(first, stdout="torch.Size([2])\n", problems=(trouble,), stand_ins=("a `stand-in`",)),
        failed(second, 1, "`loss` is not defined", "define it"),
        Verdict(third, Status.INCOMPLETE, reason="`data.csv` is not here", assumed=("x = 1",)),
        Verdict(fourth, Status.SKIPPED, reason="`skip`"),
    )
    environment = Environment("3.11.7", (("torch", "2.13.0"),), ("network", "files"))
    whole = course(
        *notes, assets=(PICTURE,), verdicts=verdicts, problems=(problem,), environment=environment
    )
    root = tmp_path_factory.mktemp("host")
    for path, content in made(whole).items():
        file = root / "sub folder" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (root / "sub folder/report.json").write_text("{}")
    return root


@pytest.fixture(params=["file", "server"])
def home(request: pytest.FixtureRequest, site: Path) -> Iterator[str]:
    if request.param == "file":
        yield (site / "sub folder").as_uri() + "/"
    else:
        with served(site) as url:
            yield f"{url}sub%20folder/"


def violations(visit: Visit) -> list[str]:
    """Return what axe finds wrong with a page as it is now."""
    found = Axe().run(visit.page).response["violations"]
    return [
        f"{it['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:200]}"
        for it in found
        for node in it["nodes"]
    ]


#: Every kind of page that a reader comes to without having been put somewhere on it.
KINDS = (
    *("index.html", "notes/a.html", "report.html", "tags.html"),
    *("practice.html", "print.html", "404.html"),
)

#: By how much of the screen what a reader sees was moved.
SHIFTED = """() => new Promise((resolve) => {
    let sum = 0;
    new PerformanceObserver((list) => {
        for (const { value } of list.getEntries()) sum += value;
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve(sum), 100);
})"""


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(chromium: Chromium, site: Path, width: int, dark: bool) -> None:
    home = (site / "sub folder").as_uri() + "/"
    # A phone has no pointer to lie over anything: what comes then is always there.
    is_phone = width < 400
    with chromium.visit(f"{home}index.html", width=width, dark=dark, touch=is_phone) as visit:
        for path in PAGES:
            visit.page.goto(home + path)
            visit.page.wait_for_load_state()
            assert violations(visit) == [], path


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_while_a_page_comes(chromium: Chromium, home: str, width: int) -> None:
    with chromium.visit(f"{home}index.html", width=width) as visit:
        for path in KINDS:
            visit.page.goto(home + path)
            visit.page.wait_for_timeout(200)
            assert visit.page.evaluate(SHIFTED) < 0.02, path


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_in_the_search(chromium: Chromium, site: Path, dark: bool) -> None:
    home = (site / "sub folder").as_uri() + "/"
    with chromium.visit(f"{home}notes/a.html", dark=dark) as visit:
        visit.page.keyboard.press("/")
        visit.page.fill("dialog [id='@query']", "torch")
        visit.page.wait_for_selector(".hits a")
        assert violations(visit) == []


def test_no_page_says_or_asks_anything(chromium: Chromium, home: str) -> None:
    for script in (True, False):
        with chromium.visit(f"{home}index.html", script=script) as visit:
            for path in PAGES:
                visit.asked.clear()
                visit.page.goto(home + path)
                visit.page.wait_for_load_state()
                if path != "search.html":
                    assert len(visit.asked) <= 6 + visit.page.locator("img[src]").count(), path
                wide = [width for width in (390, 1280) if visit.overflows(width)]
                assert wide == [], path
                assert visit.strangers(home) == []
            assert visit.said == []


#: What can be used, and is to be seen; a page below an open dialog cannot.
USABLE = """[...(document.querySelector("dialog[open]") ?? document).querySelectorAll(
    "a[href], button, select, input, summary, [tabindex='0']")]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }))"""
FOCUSED = """() => {
  const seen = (window.seen ??= new Set());
  seen.add(document.activeElement);
  return seen.size;
}"""


def test_the_keyboard_reaches_everything_in_the_order_of_the_page(
    chromium: Chromium, site: Path
) -> None:
    home = (site / "sub folder").as_uri() + "/"
    with chromium.visit(f"{home}index.html") as visit:
        for path in KINDS:
            visit.page.goto(home + path)
            count = visit.page.evaluate(f"{USABLE}.length")
            for _ in range(count):
                visit.page.keyboard.press("Tab")
                reached = visit.page.evaluate(FOCUSED)
            assert reached == count, path


def not_reached(visit: Visit) -> list[str]:
    """Return what the keyboard does not come to, wherever it begins."""
    count = visit.page.evaluate(f"{USABLE}.length")
    visit.page.evaluate("window.seen = new Set([document.activeElement])")
    for _ in range(count + 3):  # past the end it begins again, by way of the window
        visit.page.keyboard.press("Tab")
        visit.page.evaluate(FOCUSED)
    missed: list[str] = visit.page.evaluate(
        f"{USABLE}.filter((it) => !window.seen.has(it)).map((it) => it.outerHTML)"
    )
    return missed


def test_the_keyboard_reaches_everything_in_the_search(chromium: Chromium, site: Path) -> None:
    home = (site / "sub folder").as_uri() + "/"
    with chromium.visit(f"{home}notes/a.html") as visit:
        page = visit.page
        page.keyboard.press("/")
        page.wait_for_selector("dialog [id='@query']")
        page.keyboard.type("torch")
        page.wait_for_selector(".hits a")
        assert not_reached(visit) == []
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog", state="hidden")
        page.goto(f"{home}search.html")
        page.wait_for_selector("[id='@query']")
        page.keyboard.type("torch")
        page.wait_for_selector(".hits a")
        assert not_reached(visit) == []
        page.focus("[id='@query']")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_selector("h1 >> text=张量")


def test_the_keyboard_reaches_everything_while_cards_are_practised(
    chromium: Chromium, site: Path
) -> None:
    home = (site / "sub folder").as_uri() + "/"
    with chromium.visit(f"{home}notes/a.html#@practice") as visit:
        page = visit.page
        page.wait_for_selector(".desk .show")
        assert not_reached(visit) == []
        page.focus(".desk .show")
        page.keyboard.press("Enter")
        page.wait_for_selector(".grade")
        assert not_reached(visit) == []
        page.keyboard.press("4")
        page.wait_for_selector(".undo:visible")
        assert not_reached(visit) == []


def test_the_report_is_narrowed_by_what_is_chosen(chromium: Chromium, home: str) -> None:
    with chromium.visit(f"{home}report.html?status=failed") as visit:
        items = "[...document.querySelectorAll('.pieces > li')].filter(i => i.offsetHeight).length"
        assert visit.page.evaluate(items) == 1
        assert visit.page.inner_text(".filters output") == "1 / 5"
        visit.page.select_option("select[name=status]", "")
        assert visit.page.evaluate(items) == 5
        visit.page.select_option("select[name=code]", "dead-link")
        assert visit.page.evaluate(items) == 1
        visit.page.select_option("select[name=code]", "")
        visit.page.select_option("select[name=chapter]", "求导")
        assert visit.page.evaluate(items) == 1
    with chromium.visit(f"{home}report.html", script=False) as visit:
        assert visit.page.locator(".pieces > li").count() == 5
        assert not visit.page.is_visible(".filters")
