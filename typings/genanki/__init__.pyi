"""The little of genanki that builder/deck/package.py uses."""

from typing import Any

class Model:
    model_id: int
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

class Deck:
    def __init__(self, deck_id: int, name: str, description: str = ...) -> None: ...
    def to_json(self) -> dict[str, Any]: ...
