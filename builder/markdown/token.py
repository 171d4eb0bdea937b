"""What the Markdown library said of a block, kept beside it for rendering."""

from __future__ import annotations

from typing import Any, NamedTuple


class Token(NamedTuple):
    """What the Markdown library said of a block, and the definitions around it."""

    fields: dict[str, Any]
    env: dict[str, Any]
