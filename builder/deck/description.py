"""What a deck says of itself in Anki: what it holds, what was checked on what, how to search."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from builder.deck.content import BROKEN, VERIFIED, Content
from builder.deck.words import Words, words
from builder.model import Course, Environment


def description(course: Course, contents: tuple[Content, ...], newest: int, site_url: str) -> str:
    """Return a deck's description as HTML; `newest` is when anything in it last changed."""
    said = words(course.language)
    lines = [f"<b>{escape(course.title)}</b>", *_counts(contents, said)]
    if course.verified and (versions := _versions(course.environment)):
        lines.append(said.checked.format(versions=escape(versions)))
    date = datetime.fromtimestamp(newest, UTC).date().isoformat()
    lines.append(said.updated.format(date=date))
    lines += _searches(contents, said)
    if site_url:
        lines.append(f'<a href="{escape(site_url)}">{escape(site_url)}</a>')
    return "<br>\n".join(lines)


def _counts(contents: tuple[Content, ...], said: Words) -> list[str]:
    verified = sum(content.mark.is_verified for content in contents)
    return [said.cards.format(count=len(contents), verified=verified)]


def _versions(environment: Environment) -> str:
    packages = [f"{name} {version}" for name, version in environment.packages]
    return ", ".join(([f"Python {environment.python}"] if environment.python else []) + packages)


def _searches(contents: tuple[Content, ...], said: Words) -> list[str]:
    rows = ((VERIFIED, said.verified_cards), (BROKEN, said.broken_cards))
    found = [
        f"<code>tag:{name}</code> {what}"
        for name, what in rows
        if any(name in content.tags for content in contents)
    ]
    return [said.search, *found] if found else []
