"""Cards in a real browser, as the real Anki renders them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import Chromium
from tests.deck.learner import Learner

pytestmark = [pytest.mark.anki, pytest.mark.browser]


def test_every_kind_of_card_fits_a_phone_and_asks_nobody(
    learner: Learner, chromium: Chromium, tmp_path: Path
) -> None:
    from tests.deck.pictures import page, sample

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
