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
