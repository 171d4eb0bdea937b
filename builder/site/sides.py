"""Which cards can be practised, and what each is asked for."""

from __future__ import annotations

from builder.markdown import deletions
from builder.model import Card, Kind, Note, Status
from builder.site.shared import Site


def is_asked(site: Site, note: Note) -> bool:
    """Has a note a card that can be practised?"""
    return any(sides(site, card) for card in note.cards)


def sides(site: Site, card: Card) -> tuple[int, ...]:
    """Return what a card is asked for, one after another: gaps by their numbers."""
    match card.kind:
        case Kind.CLOZE:
            return tuple(sorted({n for block in card.blocks for n in deletions(block)}))
        case Kind.REVERSED:
            return 0, 1
        case Kind.OUTPUT:
            return () if prints(site, card) is None else (0,)
        case Kind.BASIC:
            return (0,)


def prints(site: Site, card: Card) -> str | None:
    """Return what code printed, or what its author says where it was not run; None if unknown."""
    verdict = site.course.verdict(card.span)
    if verdict and verdict.status is Status.PASSED:
        return verdict.stdout
    said = card.snippets[0].expected if card.snippets else None
    return None if verdict and verdict.status is Status.FAILED else said
