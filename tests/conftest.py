"""What tests in several folders use."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests import browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[browser.Chromium]:
    """Give a real browser; without one the test is skipped, but never in CI."""
    if not browser.find() and os.environ.get("CI") != "true":
        pytest.skip("Chromium is not installed")
    with browser.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep verdicts from one test to the next, apart from those of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
