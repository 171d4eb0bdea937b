"""The site that an earlier build wrote: where all it was made from is the same, it still stands."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from builder import files
from builder.files import Output
from builder.kept import key_of
from builder.model import Course, Note, Problem
from builder.pipeline.settings import Settings

#: What draws pages, besides this program itself.
_DRAWERS: Final = ("brotli", "fonttools", "jinja2", "math-core", "pillow", "ziamath")
#: What a course has besides its values, and what is looked at by its parts.
_APART: Final = ("notes", "verdicts", "asides", "assets", "whole")


@dataclass(frozen=True, slots=True)
class Site:
    """A site, what was found wrong while it was drawn, and a hash of all that it was made from."""

    made_from: bytes
    output: Output
    faults: tuple[Problem, ...]


def made_from(where: Settings, course: Course) -> bytes:
    """Return a hash of all that the site of a course is made from; empty where nothing is kept."""
    if not where.kept:
        return b""
    from importlib.metadata import version  # which imports much, and few builds come here

    told = [getattr(course, it.name) for it in fields(course) if it.name not in _APART]
    return key_of(
        "site",
        [version(drawer) for drawer in _DRAWERS],
        files.templates("site"),
        where.config,
        told,
        [_said(note) for note in course.notes],
        [verdict.told for verdict in (*course.verdicts, *course.asides)],
        # Another content has another name.
        [(asset.note, asset.url, asset.name) for asset in course.assets],
    )


def _said(note: Note) -> bytes:
    """Return a hash of what a note is read from; what is held back depends on pictures, too."""
    source = note.source
    held_back = [section.held_back for section in note.sections if section.held_back]
    return key_of(source.path, source.name, source.text, held_back)


def standing(where: Settings, wanted: bytes) -> Site | None:
    """Return the site that stands, if it was made from what is `wanted` and nobody touched it."""
    if not (found := where.kept.get(_name(where))):
        return None
    made_from, faults, paths, stamps = found
    if made_from != wanted or files.stamps(where.out, paths) != stamps:
        return None
    return Site(made_from, Output("site", (), standing=paths), faults)


def remember(where: Settings, site: Site) -> None:
    """Keep what a site was made from that was written just now."""
    if where.kept and site.output.artifacts:
        paths = tuple(artifact.path for artifact in site.output.artifacts)
        stamps = files.stamps(where.out, paths)
        where.kept.put(_name(where), (site.made_from, site.faults, paths, stamps))
        where.kept.save()


def _name(where: Settings) -> bytes:
    return key_of("standing", str(where.out.resolve()))
