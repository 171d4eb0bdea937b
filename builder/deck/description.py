"""What a deck says of itself in Anki: what it holds, what was checked on what, how to search."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from builder.deck.content import BROKEN, VERIFIED
from builder.deck.updates import Shipped
from builder.model import Course, Environment
from builder.words import Words


def description(
    course: Course, shipped: tuple[Shipped, ...], newest: int, site_url: str, say: Words
) -> str:
    """Return a deck's description as HTML; `newest` is when anything in it last changed."""
    lines = [f"<b>{escape(course.title)}</b>", *_counts(shipped, say)]
    if course.verified and (versions := _versions(course.environment)):
        lines.append(say("deck-checked", versions=escape(versions)))
    date = datetime.fromtimestamp(newest, UTC).date().isoformat()
    lines.append(say("deck-updated", date=date))
    lines += _searches(shipped, say)
    if site_url:
        lines.append(f'<a href="{escape(site_url)}">{escape(site_url)}</a>')
    return "<br>\n".join(lines)


def _counts(shipped: tuple[Shipped, ...], say: Words) -> list[str]:
    verified = sum(one.is_verified for one in shipped)
    return [say("deck-cards", n=len(shipped), verified=verified)]


def _versions(environment: Environment) -> str:
    packages = [f"{name} {version}" for name, version in environment.packages]
    return ", ".join(([f"Python {environment.python}"] if environment.python else []) + packages)


def _searches(shipped: tuple[Shipped, ...], say: Words) -> list[str]:
    rows = ((VERIFIED, say("deck-verified")), (BROKEN, say("deck-broken")))
    found = [
        f"<code>tag:{name}</code> {what}"
        for name, what in rows
        if any(name in one.tags for one in shipped)
    ]
    return [say("deck-search"), *found] if found else []
