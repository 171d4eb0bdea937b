"""What in a note is not read as it stands: what has no end, is too deep, or a flood of signs."""

from __future__ import annotations

from collections.abc import Iterator

from builder.markdown import DEEPEST, LONG, Open, is_dense, mended, too_deep, walk
from builder.model import Problem, Source
from builder.parsing.document import Region


def unclosed(source: Source) -> Iterator[Problem]:
    """Yield a problem for each fence, comment and formula without an end, where it was opened."""
    for found in mended(source)[1]:
        message, help_ = _words(found, len(source.lines))
        yield Problem(found.kind, source.span(found.line), message, help_, "warning")


def dense(region: Region) -> Iterator[Problem]:
    """Yield a problem for each paragraph that is shown as it stands, since nobody can read it."""
    if len(region.source.text) <= LONG:
        return
    for block in walk(region.blocks):
        if is_dense(block):
            message = f"{len(block.text):,} characters, full of signs: shown as they stand"
            help_ = "divide the paragraph, or put it into a fence"
            yield Problem("too-dense", block.span, message, help_, "warning")


def deep(region: Region) -> Iterator[Problem]:
    """Yield a problem for the first text that is nested too deep; all of it is kept as text."""
    for span in too_deep(region.blocks):
        message = f"this stands in more than {DEEPEST} quotes and lists: it is shown as it stands"
        yield Problem("too-deep", span, message, "nest it less", "warning")
        return


def _words(found: Open, count: int) -> tuple[str, str]:
    match found.kind:
        case "unclosed-fence" if found.last >= count:
            message = "this fence is never closed: all that follows is taken for code"
            return message, "write its sign again, alone on a line below the code"
        case "unclosed-fence":
            message = f"this fence is never closed: its code is taken to end on line {found.last}"
            return message, "write its sign again, alone on a line below the code"
        case "stray-fence":
            message = "this fence has no partner: what stands below it is taken for text"
            return message, "take it out, or close the code that it begins"
        case "unclosed-comment":
            message = "this comment is never closed: it is taken to end on its line"
            return message, "end it with `-->`"
        case "unclosed-math":
            message = "this formula is never closed: what follows is taken for text"
            return message, "end it with `$$` on a line of its own"
        case "too-deep":
            message = "HTML is nested too deep: tags are shown as they stand from here"
            return message, "close the elements that are open"
