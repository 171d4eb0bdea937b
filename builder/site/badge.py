"""The badge for a README: how much of the code was found to be right, as a small picture."""

from __future__ import annotations

from collections import Counter

from builder.markdown import escape
from builder.model import Artifact, Course, Status
from builder.words import Words

_GREEN, _RED, _AMBER, _GREY = "#2f7d4f", "#b3261e", "#8a5a00", "#5f6870"
_WIDE = "\u2e80"


def badge(course: Course, say: Words) -> Artifact:
    """Return the badge of a course."""
    count = Counter(verdict.status for verdict in course.verdicts)
    bits = [say(f"badge-{s.value}", n=count[s]) for s in Status if count[s]]
    value = " · ".join(bits) if course.verified and bits else say("badge-unverified")
    return Artifact("badge.svg", _svg(say("badge"), value, _colour(course, count)).encode())


def _colour(course: Course, count: Counter[Status]) -> str:
    if not course.verified or not count[Status.PASSED] + count[Status.FAILED]:
        return _GREY
    if count[Status.FAILED]:
        return _RED
    return _AMBER if count[Status.INCOMPLETE] > count[Status.PASSED] else _GREEN


def _svg(label: str, value: str, colour: str) -> str:
    left, right = _width(label), _width(value)
    said = escape(f"{label}: {value}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{said}"><title>{said}</title>'
        f'<clipPath id="r"><rect width="{left + right}" height="20" rx="4"/></clipPath>'
        f'<g clip-path="url(#r)"><path fill="#3d444b" d="M0 0h{left}v20H0z"/>'
        f'<path fill="{colour}" d="M{left} 0h{right}v20H{left}z"/></g>'
        '<g fill="#fff" font-family="system-ui,Verdana,sans-serif" font-size="11">'
        f"{_text(label, 8, left)}{_text(value, left + 8, right)}</g></svg>\n"
    )


def _text(text: str, x: int, width: int) -> str:
    """A text is as long as its box wants, whatever font there is."""
    return f'<text x="{x}" y="14" textLength="{width - 16}">{escape(text)}</text>'


def _width(text: str) -> int:
    return 16 + round(sum(11 if sign >= _WIDE else 6.2 for sign in text))
