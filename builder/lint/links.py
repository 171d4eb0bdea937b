"""Links that lead nowhere, inside a page and to other files, and images that are not there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from builder import links
from builder.markdown import walk, without_code
from builder.model import Block, Course, Note, Problem

_LINK = re.compile(r"(!?)\[[^\[\]]*\]\(\s*<?([^()\s<>]+(?:\([^()\s]*\)[^()\s]*)?)>?[^()]*\)")
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_KEPT = ("http", "https", "mailto")
_OWN = re.compile(r"<[^<>]*\s(?:id|name)\s*=\s*[\"']?([^\s\"'<>]+)", re.IGNORECASE)


def dead(course: Course, exists: Callable[[Note, str], bool]) -> Iterator[Problem]:
    """Yield the links into the same page and to files of the notes that lead nowhere."""
    for note in course.notes:
        anchors = _anchors(note)
        for line, column, image, url in _links(note):
            if image or _REMOTE.match(url):
                continue
            span = note.source.span(line, column, line, column + len(url))
            path, _, anchor = unquote(url).partition("#")
            if not path and anchor.lower() not in anchors:
                help_ = _near(anchor.lower(), anchors)
                yield Problem(
                    "dead-link", span, f"nothing here is called `#{anchor}`", help_, "warning"
                )
            elif path and not exists(note, url):
                message = f"the file `{path}` is not there"
                yield Problem("dead-link", span, message, "mend the path", "warning")


def unsafe(course: Course, _exists: Callable[[Note, str], bool]) -> Iterator[Problem]:
    """Yield the links that no page and no card takes over, such as those that run a script."""
    for note in course.notes:
        for line, column, image, url in _links(note):
            scheme = re.match(r"([a-z][a-z0-9+.-]*):", url, re.IGNORECASE)
            if image or not scheme or scheme[1].lower() in _KEPT:
                continue
            span = note.source.span(line, column, line, column + len(url))
            message = f"a link to `{scheme[1]}:` is left out of pages and cards"
            help_ = "link to `https:`, `http:`, `mailto:` or a file of the notes"
            yield Problem("unsafe-link", span, message, help_, "warning")


def images(course: Course, exists: Callable[[Note, str], bool]) -> Iterator[Problem]:
    """Yield the images whose files are not there, and those on other hosts."""
    for note in course.notes:
        for line, column, image, url in _links(note):
            span = note.source.span(line, column, line, column + len(url))
            if image and _REMOTE.match(url):
                message = "this image lies on another host, and is not shown"
                help_ = "keep it beside the note: cards and pages ask nobody else"
                yield Problem("remote-image", span, message, help_, "warning")
            elif image and not exists(note, url):
                message = f"the image `{re.split(r'[?#]', unquote(url))[0]}` is not there"
                help_ = "put it beside the note, or mend the path"
                yield Problem("missing-image", span, message, help_, "warning")


def _links(note: Note) -> Iterator[tuple[int, int, bool, str]]:
    """Yield line, column, whether it is an image, and address of every link outside code."""
    code = {
        number
        for section in note.sections
        for block in walk(section.blocks)
        for number in _code_lines(block)
    }
    for number, line in enumerate(note.source.lines, 1):
        if number in code:
            continue
        for match in _LINK.finditer(without_code(line)):
            yield number, match.start(2) + 1, bool(match[1]), match[2]


def _code_lines(block: Block) -> range:
    return range(block.span.line, block.span.end_line + 1) if block.kind == "code" else range(0)


def _anchors(note: Note) -> frozenset[str]:
    """Return what links into a note may call: headings with and without numbering, and own ids."""
    written = (
        links.slug(note.source.line(section.span.line).lstrip("# "))
        for section in note.sections
        if section.level
    )
    return frozenset((*links.anchors(note), *written, *_OWN.findall(note.source.text), "", "top"))


def _near(anchor: str, anchors: frozenset[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(anchor, anchors, 1)
    return f"did you mean `#{near[0]}`?" if near else "link to a heading of this note"
