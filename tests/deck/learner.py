"""A learner: a throw-away collection of the real Anki, and what one sees in it.

`anki` is AGPL: it serves the tests, and nothing of the product may import it. By hand, it tells
what an update does: `python -m tests.deck.learner old.apkg new.apkg`.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anki.cards import Card
    from anki.collection import Collection

_NOT_TEXT = re.compile(r"<style.*?</style>|<[^>]+>|&nbsp;|\s", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Log:
    """What Anki says of an import: the ids of the notes, by the `Id` field."""

    new: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    duplicate: tuple[str, ...] = ()
    conflicting: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """New, updated, duplicate, conflicting."""
        return len(self.new), len(self.updated), len(self.duplicate), len(self.conflicting)


@dataclass(frozen=True, slots=True)
class Seen:
    """A card as Anki shows it: HTML of both sides, with the css in front."""

    id: int
    guid: str
    deck: str
    position: int
    question: str
    answer: str

    @property
    def faults(self) -> tuple[str, ...]:
        """What no learner should see: an empty front, or what is wrong with the template."""
        found = [] if _NOT_TEXT.sub("", self.question) else ["the front is blank"]
        found += ["a template is at fault"] * ("has a problem" in self.question + self.answer)
        return tuple(found)


class Learner:
    """Imports packages as the desktop does with what it offers first, and studies."""

    def __init__(self, folder: Path) -> None:
        from anki.collection import Collection

        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.collection: Collection = Collection(str(folder / "collection.anki2"))

    def take(self, package: bytes) -> Log:
        """Import a package."""
        from anki.collection import ImportAnkiPackageOptions, ImportAnkiPackageRequest

        path = self._folder / "import.apkg"
        path.write_bytes(package)
        options = ImportAnkiPackageOptions()
        request = ImportAnkiPackageRequest(package_path=str(path), options=options)
        log = self.collection.import_anki_package(request).log
        self.collection.models._clear_cache()  # the import changes them behind its back

        def ids(notes: Any) -> tuple[str, ...]:
            return tuple(note.fields[8] for note in notes)

        return Log(ids(log.new), ids(log.updated), ids(log.duplicate), ids(log.conflicting))

    def study(self, count: int) -> tuple[int, ...]:
        """Answer `count` new cards with Easy; return their ids."""
        done: list[int] = []
        for deck in self.collection.decks.all_names_and_ids():
            self.collection.decks.set_current(deck.id)  # type: ignore[arg-type]
            while len(done) < count and (card := self.collection.sched.getCard()):
                self.collection.sched.answerCard(card, 4)
                done.append(card.id)
        return tuple(done)

    def progress(self) -> dict[int, tuple[Any, ...]]:
        """Return all that Anki remembers of each studied card, its reviews among it."""
        assert self.collection.db is not None
        rows = self.collection.db.all(
            "select id, nid, did, ord, type, queue, due, ivl, factor, reps, lapses, data,"
            " (select group_concat(id) from revlog where cid = cards.id)"
            " from cards where reps > 0"
        )
        return {row[0]: tuple(row[1:]) for row in rows}

    def cards(self) -> tuple[Seen, ...]:
        """Return every card, rendered, in the order in which new ones are shown."""
        ids = self.collection.find_cards("", order="c.did, c.due, c.ord")
        return tuple(self._seen(self.collection.get_card(card)) for card in ids)

    def _seen(self, card: Card) -> Seen:
        deck = self.collection.decks.name(card.did)
        guid = card.note().guid
        return Seen(card.id, guid, deck, card.due, card.question(), card.answer())

    def faults(self) -> Iterator[str]:
        """Yield everything that is wrong with the collection."""
        for card in self.cards():
            yield from (f"{card.guid}: {fault}" for fault in card.faults)
        for report in self.collection.get_empty_cards().notes:
            yield f"note {report.note_id} makes empty cards"
        yield from (f"missing file: {name}" for name in self.collection.media.check().missing)

    def texts(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """Return the fields and tags of every note, by its guid."""
        notes = (self.collection.get_note(note) for note in self.collection.find_notes(""))
        return {note.guid: (tuple(note.fields), tuple(note.tags)) for note in notes}

    def remove_empty(self) -> int:
        """Do as `Tools > Empty Cards` does; return how many cards it took away."""
        found = [card for it in self.collection.get_empty_cards().notes for card in it.card_ids]
        self.collection.remove_cards_and_orphaned_notes(found)
        return len(found)

    def note_types(self) -> dict[str, Any]:
        """Return the note types that notes use, by their names."""
        used = {it.name for it in self.collection.models.all_use_counts() if it.use_count}
        return {it["name"]: it for it in self.collection.models.all() if it["name"] in used}

    def close(self) -> None:
        """Give the collection back."""
        self.collection.close()


def tell(*packages: str) -> Iterator[str]:
    """Yield what a learner sees who imports these packages one after another, studying between."""
    with tempfile.TemporaryDirectory() as folder:
        learner = Learner(Path(folder))
        for number, name in enumerate(packages):
            before = learner.progress()
            new, updated, duplicate, conflicting = learner.take(Path(name).read_bytes()).counts
            yield f"{name}: {new} new, {updated} updated, {duplicate} unchanged"
            if conflicting:
                yield f"{name}: {conflicting} conflicting: another note type has their guids"
            if learner.progress() != before:
                yield f"{name}: changed what the learner had studied"
            yield from (f"{name}: {fault}" for fault in learner.faults())
            if number + 1 < len(packages):
                learner.study(20)
        cards = learner.cards()
        decks = len({card.deck for card in cards})
        yield f"{len(cards)} cards in {decks} decks, each rendered on both sides"
        learner.close()


if __name__ == "__main__":
    for said in tell(*sys.argv[1:]):
        print(said)
