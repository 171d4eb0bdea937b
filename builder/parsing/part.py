"""What in a section makes a card by itself, and what of the section is used up by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from builder.model import Block, Card, Section


@dataclass(frozen=True, slots=True)
class Part:
    """A card of a part of a section, and the blocks that are there for nothing else."""

    card: Card
    used: tuple[Block, ...]


#: Yields the parts of a section that make cards. The words say what does in this note.
Find = Callable[[Section, tuple[str, ...]], Iterator[Part]]


def leads(block: Block) -> bool:
    """Tell whether a block only leads to the next: `These are:`."""
    return block.kind == "paragraph" and block.text.rstrip().endswith((":", "："))
