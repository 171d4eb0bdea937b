"""From files to a course: every note parsed, with its pictures and its problems."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from builder import config as configuration
from builder import files, pictures
from builder.allowing import with_configured
from builder.config import FrontMatter
from builder.kept import Kept, key_of
from builder.model import Asset, Course, Note, Problem, Source, Span
from builder.pipeline.settings import Settings, codes
from builder.sharing import Shared


@dataclass(frozen=True, slots=True)
class Reading:
    """The course as read, and the text of every file that a problem may stand in."""

    course: Course
    sources: Mapping[str, Source]
    found: Mapping[Path, _Found]


def read(
    where: Settings,
    instead: Mapping[str, Source] = MappingProxyType({}),
    *,
    bare: bool = False,
) -> Reading:
    """Read all notes, some of them from `instead`, by the paths of sources.

    `bare` leaves out their blocks: `Course.whole` takes them from what is kept, or reads a note
    again. Raises InputError where there is nothing to read.
    """
    paths = files.find_notes(where.notes, where.config.exclude, where.out)
    return _reading(where, paths, {}, instead, bare=bare)


def read_again(where: Settings, before: Reading, changed: Iterable[Path]) -> Reading:
    """Read what changed since, and keep the notes that did not as the values that they are.

    `changed` are full paths; where none of them matters, what was read before is returned.
    Raises InputError where there is nothing left to read.
    """
    known = {found.full: path for path, found in before.found.items()}
    above = {folder for full in known for folder in full.parents}
    changed = {
        path
        for path in changed
        if path in known
        or path in above
        or files.is_note(path)
        or files.may_be_shown(path)
        or (not path.exists() and _shows_from(path, before))
    }
    if not changed:
        return before
    kept = {path: it for path, it in before.found.items() if it.full not in changed}
    if all(path in known and path.is_file() for path in changed):
        return _reading(where, tuple(before.found), kept)
    if not all(files.is_note(path) or path in known for path in changed):
        kept = {}  # an image may stand in any note
    return _reading(where, files.find_notes(where.notes, where.config.exclude, where.out), kept)


def _shows_from(folder: Path, before: Reading) -> bool:
    """Tell whether a file that a note shows lay below a folder, which may be gone."""
    shown = (
        files.local_path(found.full, asset.url)
        for found in before.found.values()
        for asset in found.assets
    )
    return any(path and Path(os.path.normpath(path)).is_relative_to(folder) for path in shown)


def _reading(
    where: Settings,
    paths: tuple[Path, ...],
    known: Mapping[Path, _Found],
    instead: Mapping[str, Source] = MappingProxyType({}),
    *,
    bare: bool = False,
) -> Reading:
    media = where.media(paths)

    def one(number: int) -> _Found:
        path = paths[number]
        return known.get(path) or _read(where, path, instead, media, bare=bare)

    with Shared(where.kept, len(paths), one) as shared:
        read_notes = list(shared)
    kept = [found for found in read_notes if _is_worth_keeping(found)]
    notes = tuple(found.note for found in kept if found.note)
    if not kept:
        folders = ", ".join(f"`{files.shown(path)}`" for path in where.notes)
        raise files.InputError(f"no notes in {folders}: looked for {_suffixes()}")
    course = Course(
        title=where.name,
        notes=notes,
        language=where.config.language,
        problems=tuple(problem for found in kept for problem in found.problems),
        assets=tuple(asset for found in kept for asset in found.assets),
    )
    if bare:
        course = replace(course, whole=_whole(where, kept, media))
    return Reading(
        course,
        {note.source.path: note.source for note in notes},
        {found.path: found for found in read_notes},
    )


@dataclass(frozen=True, slots=True)
class _Found:
    path: Path
    full: Path
    note: Note | None
    problems: tuple[Problem, ...]
    assets: tuple[Asset, ...] = ()


def _whole(
    where: Settings, read_notes: Iterable[_Found], media: Mapping[Path, files.Media]
) -> Callable[[Note], Note]:
    """Return what puts the blocks into a bare note again."""
    paths = {found.note.source.path: found.path for found in read_notes if found.note}

    def whole(note: Note) -> Note:
        path, source = paths[note.source.path], replace(note.source)
        root, _ = where.place(path)
        front, _ = configuration.parse_front_matter(source)
        read_note, *_ = _parse(
            where.kept, source, front, lambda url: files.is_missing(path, url, media[root])
        )
        return replace(note, sections=read_note.sections)

    return whole


def _read(
    where: Settings,
    path: Path,
    instead: Mapping[str, Source],
    media: Mapping[Path, files.Media],
    *,
    bare: bool,
) -> _Found:
    root, name = where.place(path)
    source = instead.get(files.shown(path)) or files.read_source(path, name)
    full = path.resolve()
    if isinstance(source, Problem):
        return _Found(path, full, None, (source,))
    front, problems = configuration.parse_front_matter(source, codes)
    note, found, urls = _parse(
        where.kept,
        source,
        front,
        lambda url: files.is_missing(path, url, media[root]),
        bare=bare,
    )
    # A source that was not asked for its lines yet does not hold them beside its text.
    note = replace(with_configured(note, where.config.verify.allow), source=replace(source))
    shown = tuple(files.read_assets(path, urls, media[root]))
    fitted = [pictures.fit(asset) for asset in shown]
    broken = tuple(_broken(source, asset, wrong) for asset, wrong in fitted if wrong)
    changed = (now for was, (now, _) in zip(shown, fitted, strict=True) if now != was)
    unsafe = tuple(_unsafe(source, asset) for asset in changed if asset.name.endswith(".svg"))
    assets = tuple(asset for asset, wrong in fitted if not wrong)
    return _Found(path, full, note, problems + found + broken + unsafe, assets)


def _parse(
    kept: Kept,
    source: Source,
    front: FrontMatter,
    is_missing: Callable[[str], bool],
    *,
    bare: bool = False,
) -> tuple[Note, tuple[Problem, ...], tuple[str, ...]]:
    """Return a note, its problems and the images it shows, as they were if nothing has changed."""
    key, bare_key = _keys(source, front) if kept else (b"", b"")
    if found := kept.get(bare_key if bare else key):
        note, problems, urls, asked_before = found
        if all(is_missing(url) == answer for url, answer in asked_before):
            return replace(note, source=source), problems, urls
    from builder.parsing import images, parse

    asked: dict[str, bool] = {}

    def ask(url: str) -> bool:
        return asked.setdefault(url, is_missing(url))

    note, problems = parse(Source(source.path, source.text, source.name), front, ask)
    urls = images(note)
    textless = replace(note, source=Source(source.path, "", source.name))
    if kept:
        about = (problems, urls, tuple(asked.items()))
        kept.put(bare_key, (textless.bare, *about))
        kept.put(key, (textless, *about))  # whole: where one note changed, it is asked for next
    return replace(note.bare if bare else note, source=source), problems, urls


def _keys(source: Source, front: FrontMatter) -> tuple[bytes, bytes]:
    """Return the names of a note, and of the same without blocks."""
    key = key_of("note", source.path, source.name, source.text, front)
    return key, key + b"bare"


def _broken(source: Source, picture: Asset, wrong: str) -> Problem:
    place = _shown_at(source, picture)
    message = f"the image `{_named(picture)}` cannot be shown: {wrong}"
    return Problem("broken-image", place, message, "save it anew, as what its name says", "warning")


def _unsafe(source: Source, picture: Asset) -> Problem:
    place = _shown_at(source, picture)
    message = (
        f"the image `{_named(picture)}` runs code or asks for other files, and is shown without"
    )
    help_ = "save it as a plain drawing, with all that it needs inside"
    return Problem("unsafe-image", place, message, help_, "warning")


#: Of an address in a message, in letters.
_LONGEST = 80


def _named(picture: Asset) -> str:
    """An address that holds its image may be of any length."""
    return picture.url if len(picture.url) <= _LONGEST else f"{picture.url[:_LONGEST]}…"


def _shown_at(source: Source, picture: Asset) -> Span:
    """Return the first place that shows a picture."""
    shows = ((n, line.find(picture.url)) for n, line in enumerate(source.lines, 1))
    line, at = next(((n, at) for n, at in shows if at >= 0), (1, 0))
    return source.span(line, at + 1, line, at + 1 + len(picture.url))


def _is_worth_keeping(found: _Found) -> bool:
    """Text files that hold no card, such as requirements.txt, are none of ours.

    One that cannot be read may hold some.
    """
    return found.path.suffix.lower() != ".txt" or found.note is None or bool(found.note.cards)


def _suffixes() -> str:
    return ", ".join(f"`*{suffix}`" for suffix in files.SUFFIXES)
