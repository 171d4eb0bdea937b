"""What a learner's Anki will say when it imports the new package over the last one."""

from __future__ import annotations

from dataclasses import dataclass

from builder.deck.lock import Entry
from builder.model import Card


@dataclass(frozen=True, slots=True)
class Rename:
    """A card that was known again in other words or at another place."""

    card: Card
    before: Entry


@dataclass(frozen=True, slots=True)
class Forecast:
    """Every card shipped is new, updated or unchanged, as Anki's import log counts them.

    `renamed` are some of these. `retired` left the notes with this build and stay with learners,
    until `tombstones` are shipped for them: an update to Anki, and nothing new the next time, when
    they are `reminders`. `held` are broken and left out. `restyled` are note types that look
    otherwise.
    """

    new: tuple[Card, ...] = ()
    updated: tuple[Card, ...] = ()
    unchanged: tuple[Card, ...] = ()
    renamed: tuple[Rename, ...] = ()
    retired: tuple[Entry, ...] = ()
    tombstones: tuple[Entry, ...] = ()
    reminders: tuple[Entry, ...] = ()
    held: tuple[Card, ...] = ()
    restyled: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[int, int, int]:
        """New, updated and unchanged notes, as the import log has them."""
        return (
            len(self.new),
            len(self.updated) + len(self.tombstones),
            len(self.unchanged) + len(self.reminders),
        )

    def __str__(self) -> str:
        counts = {
            "new": len(self.new),
            "updated": len(self.updated),
            "unchanged": len(self.unchanged),
            "renamed": len(self.renamed),
            "retired": len(self.retired),
            "for Empty Cards to remove": len(self.tombstones) + len(self.reminders),
            "held back": len(self.held),
        }
        said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        return said or "no cards"
