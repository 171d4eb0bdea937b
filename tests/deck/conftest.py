from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deck.learner import Learner


@pytest.fixture
def learners(tmp_path: Path) -> Iterator[Callable[[], Learner]]:
    """Makes learners with empty collections."""
    pytest.importorskip("anki", reason="anki is not installed: no real Anki to import into")
    made: list[Learner] = []

    def learner() -> Learner:
        made.append(Learner(tmp_path / f"learner-{len(made)}"))
        return made[-1]

    yield learner
    for one in made:
        one.close()


@pytest.fixture
def learner(learners: Callable[[], Learner]) -> Learner:
    """Makes one learner."""
    return learners()
