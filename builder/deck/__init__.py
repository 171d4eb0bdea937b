"""The deck: cards to an Anki package that a learner can import again and again.

A pure stage: the time and the templates are arguments, and what must be remembered from one
build to the next comes in as a `Lock` and goes out as one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace

from builder.config import DeckConfig
from builder.deck import chapters, identity, lock, updates
from builder.deck.content import Content, contents, tag
from builder.deck.description import description
from builder.deck.identity import Identity
from builder.deck.lock import Chapter, Entry, Lock
from builder.deck.marks import Mark
from builder.deck.notetypes import NOTE_TYPES, Face, Fields, Look, NoteType, look
from builder.deck.package import AnkiNote, AnkiType, Package
from builder.deck.updates import Shipped
from builder.kept import NOTHING_KEPT, Kept, key_of
from builder.model import Artifact, Course, Forecast, Note, Problem, Span
from builder.patterns import late
from builder.words import Words

__all__ = ["VALUES", "Consent", "Lock", "Release", "Remembered", "deck", "lock", "remembered"]

_NOT_IN_FILE_NAMES = late(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
#: In bytes; file systems take 255 of them.
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Consent:
    """What an author allows one build to do to the collections of learners.

    `breaking` is whatever splits them, `retire` ships tombstones for cards that left the notes, and
    `accept_renames` takes the likeliest where it is open which card became which.
    """

    breaking: bool = False
    retire: bool = False
    accept_renames: bool = False


_NOTHING = Consent()
#: What is kept from build to build.
VALUES = (Content, Face, Fields, Look, Mark, NoteType)


@dataclass(frozen=True, slots=True)
class Release:
    """A deck as it would be published.

    `package` is None where a problem is an error, or where there is no card; the lock is then the
    one that came in. A package may only be written together with its lock.
    """

    package: Artifact | None
    lock: Lock
    forecast: Forecast
    problems: tuple[Problem, ...] = ()


def deck(
    course: Course,
    config: DeckConfig,
    known: Lock,
    *,
    templates: Mapping[str, str],
    now: int,
    site_url: str = "",
    consent: Consent = _NOTHING,
    kept: Kept = NOTHING_KEPT,
) -> Release:
    """Return the package of a course, and the lock that the next build goes by.

    `known` is the last build's lock, or `Lock(project)` with a random id that is kept for good.
    `templates` are those of the cards and the words by their names, `now` is in seconds; cards link
    to `site_url`, if there is one. `kept` knows what earlier builds made of cards.
    """
    root = chapters.root_name(config.name or course.title)
    cards = identity.identify(course, known, accept=consent.accept_renames)
    # The lock of another course has another name, too; to take that over would be the wrong advice.
    refused = identity.foreign(known, cards) or chapters.renamed(root, known)
    if refused and not consent.breaking:
        return Release(None, known, Forecast(), (refused,))
    places = chapters.chapters(
        course, root, known, cards, split=config.split, breaking=consent.breaking
    )
    problems = (
        *lock.ahead(known, now),
        *identity.problems(known, cards, breaking=consent.breaking),
        *chapters.kept(course, root, places, config.split),
        *_spaced(course),
    )
    if any(problem.severity == "error" for problem in problems):
        return Release(None, known, Forecast(), problems)
    say = Words(templates, course.language)
    around = (course.language, course.verified, site_url, sorted(templates.items()))
    looks = _looks(templates, course.language, kept)
    with (
        Package(known.project, root, looks) as package,
        closing(contents(course, cards, site_url, say, kept, around)) as written,
    ):
        shipped, held, unanswered = _shipped(config, cards, written, places, package, now)
        problems += unanswered
        if not shipped:
            return Release(None, known, Forecast(), (*problems, _empty(course)))
        gone = updates.gone(known, cards)
        buried = tuple(_buried(gone, root, package, len(shipped), now)) if consent.retire else ()
        entries = (*(one.entry for one in shipped), *buried)
        types = tuple(_types(looks, entries, known, now))
        rest = (*(it.entry for it in held if it.entry), *(() if buried else gone))
        styles = updates.styles(known, types)
        new = Lock(known.project, root, places, styles, entries + rest, known.path)
        content = package.pack(types, description(course, shipped, new.newest, site_url, say))
    forecast = updates.forecast(known, new, shipped, held, buried)
    return Release(Artifact(file_name(root), content), new, forecast, problems)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a lock knows of cards, by their places: guids, and what they are found by on the site.

    Every card has a guid, or the one that it would get. `moved` says of files that cards were in
    before where these are now.
    """

    guids: Mapping[Span, str]
    anchors: Mapping[Span, tuple[str, ...]]
    moved: Mapping[str, str]


def remembered(course: Course, known: Lock, among: Collection[Note] = ()) -> Remembered:
    """Return what a lock knows of the cards of a course.

    With `among`, of the cards of these notes, which is quick: as if none had come from another.
    """
    if among:
        files = {identity.file_of(note) for note in among}
        course = replace(course, notes=tuple(among))
        known = replace(known, entries=tuple(it for it in known.entries if it.file in files))
    cards = identity.identify(course, known)
    guids = {it.seen.card.span: it.guid for it in cards}
    return Remembered(guids, identity.anchors(cards), identity.moved(cards))


def file_name(name: str) -> str:
    """Return the name of a deck's package, one that every file system takes."""
    clean = " ".join(_NOT_IN_FILE_NAMES.sub("-", name).split()).strip(". ")
    short = clean.encode()[:_LONGEST].decode(errors="ignore").rstrip(". ")
    return f"{short or 'deck'}.apkg"


def _shipped(
    config: DeckConfig,
    cards: tuple[Identity, ...],
    written: Iterator[Content],
    places: tuple[Chapter, ...],
    package: Package,
    now: int,
) -> tuple[tuple[Shipped, ...], tuple[Identity, ...], tuple[Problem, ...]]:
    """Put cards into the package; return those, and the ones held back: broken, or unanswered."""
    decks = {chapter.file: chapter.deck for chapter in places}
    shipped, held, problems = [], [], []
    for it, content in zip(cards, written, strict=True):
        if content.unanswered:
            held.append(it)
            problems.append(content.unanswered)
        elif content.mark.is_broken and config.broken == "hold":
            held.append(it)
        else:
            one = updates.ship(it, content, now)
            shipped.append(one)
            deck = decks[one.entry.file]
            note = _anki_note(one.entry, deck, content.fields, content.tags, len(shipped))
            package.add(note, content.media)
    return tuple(shipped), tuple(held), tuple(problems)


def _looks(templates: Mapping[str, str], language: str, kept: Kept) -> tuple[Look, ...]:
    """Return the note types as they look; the colours of code are those of a large library."""
    key = key_of("looks", language, sorted(templates.items())) if kept else b""
    if found := kept.get(key):
        return tuple(found)
    made = tuple(look(kind, templates, language) for kind in NOTE_TYPES)
    kept.put(key, made)
    return made


def _empty(course: Course) -> Problem:
    message = "no package was made: there is no card to ship"
    help_ = "a heading with text below it is a card; docs/notes.md has the other ways"
    place = course.notes[0].source.span(1) if course.notes else Span("", 1)
    return Problem("empty-deck", place, message, help_, "warning")


def _spaced(course: Course) -> Iterator[Problem]:
    """Yield the tags that Anki cannot have as they are written: it divides them at spaces."""
    for note in course.notes:
        own = dict.fromkeys((*note.tags, *(text for card in note.cards for text in card.tags)))
        for text in own:
            if re.search(r"\s", text.strip()):
                place = _place(note, text)
                message = f"Anki's tags have no spaces: `{text}` is `{tag(text)}` there"
                yield Problem("tag-with-space", place, message, "write it so", "warning")


def _place(note: Note, text: str) -> Span:
    found = ((n, line.find(text)) for n, line in enumerate(note.source.lines, 1))
    line, at = next(((n, at) for n, at in found if at >= 0), (1, 0))
    return note.source.span(line, at + 1, line, at + 1 + len(text))


def _buried(
    gone: tuple[Entry, ...], root: str, package: Package, before: int, now: int
) -> Iterator[Entry]:
    """Put tombstones into the package, behind the cards that are there before; yield them."""
    for due, old in enumerate(gone, before + 1):
        entry = updates.bury(old, now)
        package.add(_anki_note(entry, root, *updates.tombstone(entry), due))
        yield entry


def _types(
    looks: tuple[Look, ...], entries: tuple[Entry, ...], known: Lock, now: int
) -> Iterator[AnkiType]:
    """Yield the note types that are used; the others stay out of learners' collections."""
    used = {entry.type for entry in entries}
    return (updates.dress(look, known, now) for look in looks if look.type.key in used)


def _anki_note(
    entry: Entry, deck_name: str, fields: Fields, tags: tuple[str, ...], due: int
) -> AnkiNote:
    return AnkiNote(
        guid=entry.guid,
        type=entry.type,
        deck=deck_name,
        fields=fields,
        tags=tags,
        born=entry.born,
        mod=entry.mod,
        due=due,
    )
