"""The little of genanki that builder/deck/package.py uses."""

from collections.abc import Iterator
from sqlite3 import Cursor
from typing import Any

class Model:
    FRONT_BACK: int
    CLOZE: int
    def __init__(
        self,
        model_id: int,
        name: str,
        fields: list[dict[str, Any]],
        templates: list[dict[str, Any]],
        css: str = ...,
        model_type: int = ...,
    ) -> None: ...
    def to_json(self, timestamp: float, deck_id: int) -> dict[str, Any]: ...

class Note:
    def __init__(
        self, model: Model, fields: list[str], *, tags: list[str], guid: str, due: int
    ) -> None: ...
    def write_to_db(
        self, cursor: Cursor, timestamp: float, deck_id: int, id_gen: Iterator[int]
    ) -> None: ...

class Deck:
    def __init__(self, deck_id: int, name: str, description: str = ...) -> None: ...
    def to_json(self) -> dict[str, Any]: ...
