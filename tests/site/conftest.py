"""What tests of the site in a browser use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import served


@pytest.fixture(params=["file", "server"])
def home(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """Give the URL of the site that a host has in `folder`: a file's, then a server's."""
    if request.param == "file":
        yield (folder / "the site").as_uri() + "/"
    else:
        with served(folder) as url:
            yield f"{url}the%20site/"
