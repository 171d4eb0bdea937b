"""Pictures of cards as the real Anki renders them: wide and narrow, by day and by night.

By hand, into a folder: `python -m tests.deck.pictures FOLDER`; with a package behind it, pictures
of that package's cards.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

from builder.model import Course
from builder.site.math import Formulas
from tests.browser import chromium
from tests.deck.learner import Learner, Seen

WIDTHS = {"wide": 900, "phone": 390}
#: Anki and AnkiDroid put these on the card.
DAY, NIGHT = "card", "card nightMode night_mode"

_PAGE = """<!doctype html><html><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><base href="{media}/"></head>
<body class="{kind}">{side}</body></html>"""
_TEX = re.compile(r"\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)


def page(side: str, media: Path, *, night: bool) -> str:
    """Return a side of a card as a page; formulas are drawn here, as MathJax draws them in Anki."""
    drawn = _TEX.sub(_formula, side)
    kind = NIGHT if night else DAY
    return _PAGE.format(media=media.as_uri(), kind=kind, side=drawn)


def _formula(match: re.Match[str]) -> str:
    tex, display = unescape(match[1] or match[2]), bool(match[2])
    shown = "true" if display else "false"
    mathml = Formulas().mathml(tex, display) or match[0]
    return f'<mjx-container display="{shown}">{mathml}</mjx-container>'


def take(cards: Iterable[Seen], media: Path, folder: Path) -> Iterator[Path]:
    """Yield pictures of each card, turned over."""
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for number, card in enumerate(cards, 1):
            for name, width in WIDTHS.items():
                for night in (False, True):
                    file = folder / f"{number:02}-{name}-{'night' if night else 'day'}"
                    html = file.with_suffix(".html")
                    html.write_text(page(card.answer, media, night=night), "utf-8")
                    with browser.visit(html.as_uri(), width=width) as visit:
                        visit.page.screenshot(path=file.with_suffix(".png"), full_page=True)
                    html.unlink()
                    yield file.with_suffix(".png")


def sample() -> bytes:
    """Return the package of a note that has every kind of card."""
    from tests.deck.course import Author, course, note, picture, verified
    from tests.deck.pixels import png
    from tests.deck.sample import SAMPLE

    one = note("03-tensors.md", SAMPLE, tags=("pytorch",))
    given = verified(course(one, assets=(picture(one, "shape.png", png(1400, 300, 170)),)), "onse")
    return Author().package(_printing(given), site_url="https://example.org/notes/")


def _printing(given: Course) -> Course:
    said = "[0, 2, 4] {'a': {'b': 5}}\n"
    return replace(given, verdicts=tuple(replace(it, stdout=said) for it in given.verdicts))


def main(folder: str, package: str = "") -> None:
    """Make the pictures."""
    content = Path(package).read_bytes() if package else sample()
    with tempfile.TemporaryDirectory() as home:
        learner = Learner(Path(home))
        learner.take(content)
        media = Path(learner.collection.media.dir())
        for file in take(learner.cards(), media, Path(folder)):
            print(file)
        learner.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
