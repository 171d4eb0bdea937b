"""What has changed since the last build: when a card or a note type moves on, and when it rests.

Anki takes a note over if its `mod` is newer than the one it has, and with the text it replaces
whatever the learner wrote. So `mod` moves where something shipped has changed, and only there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from builder.deck.content import RETIRED, Content
from builder.deck.identity import Identity, former_files, implied
from builder.deck.lock import Entry, Lock, Style
from builder.deck.notetypes import Fields, Look, faces, hash_of
from builder.deck.package import AnkiType
from builder.model import Change, Forecast


@dataclass(frozen=True, slots=True)
class Shipped:
    """A card that went into the package, with what the lock will say of it."""

    identity: Identity
    entry: Entry
    tags: tuple[str, ...]
    is_verified: bool


def ship(identity: Identity, content: Content, now: int) -> Shipped:
    """Return a card for the package: changed now, if it is not what was shipped before."""
    seen, before = identity.seen, identity.entry
    mod = _moved(now, before.hash == content.hash, before.mod) if before else now
    entry = Entry(
        guid=identity.guid,
        type=seen.type,
        question=seen.question,
        context=seen.context,
        file=seen.file,
        answer=seen.answer,
        whole=seen.whole,
        hash=content.hash,
        mod=mod,
        born=before.born if before else now,
        copy=seen.copy,
        id=seen.id,
        anchors=() if content.anchors == implied(seen, seen.question) else content.anchors,
        faces=faces(seen.type, content.fields),
        files=former_files(identity),
    )
    return Shipped(identity, entry, content.tags, content.mark.is_verified)


def bury(entry: Entry, now: int) -> Entry:
    """Return a card that left the notes as its tombstone: the same note, with nothing to ask.

    Anki never takes a note away. Its Empty Cards finds this one, and removes it with the learner's
    leave.
    """
    what = hash_of(entry.type, *tombstone(entry))
    return replace(entry, hash=what, mod=_moved(now, entry.hash == what, entry.mod), retired=True)


def tombstone(entry: Entry) -> tuple[Fields, tuple[str, ...]]:
    """Return the fields and tags of a tombstone."""
    return Fields(id=entry.guid), (RETIRED,)


def dress(look: Look, lock: Lock, now: int) -> AnkiType:
    """Return a note type for the package: changed now, if it looked otherwise before."""
    before = next((style for style in lock.styles if style.type == look.type.key), None)
    return AnkiType(look, _moved(now, before.hash == look.hash, before.mod) if before else now)


def styles(lock: Lock, types: Iterable[AnkiType]) -> tuple[Style, ...]:
    """Return the note types of the new lock; one that no card uses now may be used again."""
    known = {style.type: style for style in lock.styles}
    known |= {it.look.type.key: Style(it.look.type.key, it.look.hash, it.mod) for it in types}
    return tuple(known.values())


def _moved(now: int, is_same: bool, mod: int) -> int:
    """A clock that runs behind must not keep a change from the learners."""
    return mod if is_same else max(now, mod + 1)


def gone(lock: Lock, cards: Iterable[Identity]) -> tuple[Entry, ...]:
    """Return the cards of a lock that are no longer in the notes, now or since long."""
    here = {it.guid for it in cards}
    return tuple(replace(old, retired=True) for old in lock.entries if old.guid not in here)


def forecast(
    lock: Lock,
    new: Lock,
    shipped: tuple[Shipped, ...],
    held: tuple[Identity, ...],
    buried: tuple[Entry, ...],
) -> Forecast:
    """Return what a learner's Anki will say who has imported the package of `lock`."""
    known = [(_change(one), one.entry, one.identity.entry) for one in shipped]
    before = {entry.guid: entry for entry in lock.entries}
    retired = (old for old in new.entries if old.retired and not before[old.guid].retired)
    hashes = {(entry.guid, entry.hash) for entry in lock.entries}
    is_known = {old.guid: (old.guid, old.hash) in hashes for old in buried}
    mods = {known.type: known.mod for known in lock.styles}
    return Forecast(
        new=tuple(change for change, _, old in known if not old),
        updated=tuple(change for change, now, old in known if old and now.mod != old.mod),
        unchanged=tuple(change for change, now, old in known if old and now.mod == old.mod),
        renamed=tuple(change for change, *_ in known if change.before is not None),
        retired=tuple(map(_left, retired)),
        tombstones=tuple(_left(old) for old in buried if not is_known[old.guid]),
        reminders=tuple(_left(old) for old in buried if is_known[old.guid]),
        emptied=tuple(it for it, now, old in known if old and set(old.faces) - set(now.faces)),
        held=tuple(Change(it.guid, it.seen.question, it.seen.card.span) for it in held),
        restyled=tuple(s.type for s in new.styles if mods.get(s.type, s.mod) != s.mod),
    )


def _change(one: Shipped) -> Change:
    it = one.identity
    before = it.entry.question if it.entry and it.renamed else None
    return Change(it.guid, it.seen.question, it.seen.card.span, before)


def _left(entry: Entry) -> Change:
    return Change(entry.guid, entry.question)
