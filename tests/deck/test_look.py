"""Cards in a real browser, as the real Anki renders them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import Chromium
from tests.deck.course import Author, course, note
from tests.deck.learner import Learner
from tests.deck.pictures import page

pytestmark = [pytest.mark.anki, pytest.mark.browser]


def test_every_kind_of_card_fits_a_phone_and_asks_nobody(
    learner: Learner, chromium: Chromium, tmp_path: Path
) -> None:
    from tests.deck.pictures import sample

    learner.take(sample())
    media = Path(learner.collection.media.dir())
    cards = learner.cards()
    assert len(cards) == 7
    file = tmp_path / "card.html"
    for card in cards:
        for side in (card.question, card.answer):
            file.write_text(page(side, media, night=False), "utf-8")
            with chromium.visit(file.as_uri(), width=390) as visit:
                assert not visit.overflows(390)
                assert not visit.overflows(320)
                assert visit.strangers("file://") == []
                assert visit.said == []


@pytest.mark.parametrize("name", ["nightMode", "night_mode"])
def test_a_card_is_dark_at_night_in_every_anki(
    learner: Learner, chromium: Chromium, tmp_path: Path, name: str
) -> None:
    from tests.deck.pictures import sample

    learner.take(sample())
    card = learner.cards()[0]
    file = tmp_path / "card.html"
    ground = "getComputedStyle(document.querySelector('.card')).backgroundColor"
    for html in (
        f'<body class="card {name}">{card.answer}</body>',
        f'<html class="{name}"><body class="card">{card.answer}</body></html>',
    ):
        file.write_text(html, "utf-8")
        with chromium.visit(file.as_uri()) as visit:
            assert visit.page.evaluate(ground) == "rgb(22, 25, 28)"


CODE = """\
# T

## Q?

```python
def f(query, key, value):
    if query is not None:
        torch.nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True)
```

| a | b |
|--:|---|
| 1 | `a_long_name_of_something(that=takes, a=place)` |

{formula}
"""
#: The left edges of all rows of the last line of code, in columns.
_ROWS = """() => {
  const line = [...document.querySelectorAll("pre .line")].pop();
  const range = document.createRange();
  const wide = document.createElement("span");
  wide.textContent = "0"; line.parentNode.append(wide);
  const column = wide.getBoundingClientRect().width; wide.remove();
  const left = line.closest("code").getBoundingClientRect().left;
  const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  const rows = new Map();
  while (walker.nextNode()) {
    if (!walker.currentNode.data.trim()) continue;
    range.selectNodeContents(walker.currentNode);
    for (const box of range.getClientRects()) {
      const row = Math.round(box.top);
      rows.set(row, Math.min(rows.get(row) ?? 1e9, Math.round((box.left - left) / column)));
    }
  }
  return [...rows.entries()].sort((a, b) => a[0] - b[0]).map(row => row[1]);
}"""
_CUT = (
    "() => [...document.querySelectorAll('table, pre')].filter(e => e.scrollWidth > e.clientWidth)"
)


@pytest.mark.parametrize("width", [320, 390, 1000])
def test_long_code_goes_on_right_of_its_indent_on_a_phone(
    learner: Learner, chromium: Chromium, tmp_path: Path, width: int
) -> None:
    text = CODE.format(formula="。".join("某个函数的值 $f(x)$" for _ in range(20)) + "。")
    learner.take(Author().package(course(note("a.md", text))))
    file = tmp_path / "card.html"
    file.write_text(page(learner.cards()[0].answer, tmp_path, night=False), "utf-8")
    with chromium.visit(file.as_uri(), width=width) as visit:
        first, *more = visit.page.evaluate(_ROWS)
        assert first == 8
        assert (set(more) == {10}) == (width < 600)
        assert visit.page.evaluate(f"({_CUT})().length") == (width > 600)
        align = "getComputedStyle(document.querySelector('td')).textAlign"
        assert visit.page.evaluate(align) == "right"
        copied = (
            "getSelection().selectAllChildren(document.querySelector('pre')), `${getSelection()}`"
        )
        assert "\n    if query is not None:\n        torch.nn" in visit.page.evaluate(copied)
        torn = "[...document.querySelectorAll('.one')].filter(e => e.offsetHeight > 40)"
        assert visit.page.evaluate(f"{torn}.length") == 0
