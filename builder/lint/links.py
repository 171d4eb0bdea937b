"""Links that lead nowhere, inside a page and to other files, and images that are not there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from html import unescape
from posixpath import normpath
from urllib.parse import quote, unquote

from builder import links
from builder.lint.page import LINK, Exists, Known, Page, file_of
from builder.markdown import wiki_links
from builder.model import Card, Note, Problem
from builder.patterns import late
from builder.plain import plain

#: Less alike is another name.
_NEAR = 0.75
_REMOTE = late(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
#: An address that holds an image, of which a file is made.
_HELD = late("data:image/", re.IGNORECASE)
_KEPT = ("http", "https", "mailto")
_WIKI = late(r"\[\[([^\[\]|#]*)#([^\[\]|]+)(?:\|[^\[\]]*)?\]\]")
#: What is left of an image where a page was copied as text: its name, with a running number.
_LEFT = late(r"(?P<page>\S.*[\s\u4e00-\u9fff].*)_[^_]+_(?P<number>\d{2,3})$")
_FEWEST = 3
_FILE = late(r"\.(?!md$)[a-z][a-z0-9]{1,4}$", re.IGNORECASE)


def dead(page: Page) -> Iterator[Problem]:
    """Yield the links to headings and to files of the notes that lead nowhere."""
    for line, column, image, url in page.links:
        if image or _REMOTE.match(url):
            continue
        span = page.note.source.span(line, column, line, column + len(url))
        path, _, anchor = unquote(url).partition("#")
        if path and not page.exists(url):
            message = f"the file `{path}` is not there"
            yield Problem("dead-link", span, message, "mend the path", "warning")
            continue
        there = page.known.anchors.get(file_of(page.note, path), frozenset())
        if there and anchor.lower() not in there:
            where = f"nothing in `{path}`" if path else "nothing here"
            message, help_ = f"{where} is called `#{anchor}`", _near(anchor.lower(), there)
            yield Problem("dead-link", span, message, help_, "warning")


def unsafe(page: Page) -> Iterator[Problem]:
    """Yield the links that no page and no card takes over, such as those that run a script."""
    for line, column, url in _followed(page):
        scheme = _SCHEME.match(_BLANK.sub("", unescape(url)))
        if not scheme or scheme[1].lower() in _KEPT or _HELD.match(url):
            continue
        span = page.note.source.span(line, column, line, column + len(url))
        message = f"a link to `{scheme[1]}:` is left out of pages and cards"
        help_ = "link to `https:`, `http:`, `mailto:` or a file of the notes"
        yield Problem("unsafe-link", span, message, help_, "warning")


#: What browsers pass over in an address.
_BLANK = late(r"[\x00-\x20]")
_SCHEME = late(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
#: A link in HTML, one between angle brackets, and one that is defined below the text.
_WRITTEN = late(
    r"<a\b[^<>]*?\shref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))"
    r"|<((?:javascript|vbscript|data|file):[^\s<>]*)>"
    r"|^ {0,3}\[[^\[\]^]+\]:\s*<?((?:javascript|vbscript|data|file):[^\s<>]*)",
    re.IGNORECASE,
)


def _followed(page: Page) -> Iterator[tuple[int, int, str]]:
    """Yield line, column and address of every link, however it is written."""
    for number, column, image, url in page.links:
        if not image:
            yield number, column, url
    for number, line in page.lines:
        for match in _WRITTEN.finditer(line) if "<" in line or "]:" in line else ():
            yield number, match.start(match.lastindex or 0) + 1, match[match.lastindex or 0]


def gaps(known: Known) -> Iterator[Problem]:
    """Yield the images whose files are not there, of notes that may be bare."""
    for note in known.course.notes:
        if _may_lack_images(note, known.exists):
            page = Page(known.course.whole(note), known)
            for problem in (*images(page), *wiki(page)):
                if problem.code == "missing-image":
                    yield problem


def _may_lack_images(note: Note, exists: Exists) -> bool:
    """Tell whether images may not be there, by the text alone: code may look as if it had some."""
    text = note.source.text
    shown = LINK.finditer(text) if "![" in text else ()
    urls = (match[2] for match in shown if match[1])
    return "![[" in text or any(not (_REMOTE.match(url) or exists(note, url)) for url in urls)


def images(page: Page) -> Iterator[Problem]:
    """Yield the images whose files are not there, and those on other hosts."""
    for line, column, image, url in page.links:
        span = page.note.source.span(line, column, line, column + len(url))
        if image and _HELD.match(url):
            continue
        if image and _REMOTE.match(url):
            message = "this image lies on another host, and is not shown"
            help_ = "keep it beside the note: cards and pages ask nobody else"
            yield Problem("remote-image", span, message, help_, "warning")
        elif image and not page.exists(url):
            message = f"the image `{re.split(r'[?#]', unquote(url))[0]}` is not there"
            other = next(filter(page.exists, _in_other_case(url)), None)
            help_ = "put it beside the note, or mend the path"
            if other:
                help_ = f"it is called `{unquote(other)}`: capitals count on most machines"
            yield Problem("missing-image", span, message, help_, "warning")


def _in_other_case(url: str) -> Iterator[str]:
    """Yield the names that a file has for those to whom capitals are the same letters."""
    folder, slash, name = re.split(r"[?#]", url)[0].rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    for other in (name.lower(), stem + dot + suffix.upper(), stem + dot + suffix.lower()):
        if other != name:
            yield folder + slash + other


def lost(page: Page) -> Iterator[Problem]:
    """Yield lines that stand where an image stood, before the text was copied from a web page."""
    note = page.note
    pages: defaultdict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(note.source.lines, 1):
        if "_" in line and number not in page.code and (match := _LEFT.match(line.strip())):
            pages[match["page"]].append(number)
    for name, numbers in pages.items():
        if len(numbers) >= _FEWEST:
            yield from (_lost(note, number) for number in (_first(note, name), *numbers) if number)


def _first(note: Note, page: str) -> int:
    """Return the line of the first image of a page, which has no number."""
    first = (n for n, line in enumerate(note.source.lines, 1) if line.startswith(f"{page}_"))
    number = next(first, 0)
    return 0 if _LEFT.match(note.source.line(number).strip()) else number


def _lost(note: Note, number: int) -> Problem:
    message = f"`{note.source.line(number).strip()}` is what is left of an image"
    help_ = "put the image or the formula here that the page showed"
    return Problem("missing-image", note.source.span(number), message, help_, "warning")


def leads_to(note: Note, card: Card, other_note: Note, other: Card) -> bool:
    """Tell whether the answer of a card links to another card."""
    text = "\n".join(note.source.lines[card.answer.line - 1 : card.answer.end_line])
    if "](" not in text and "[[" not in text:
        return False
    names = {links.slug(other.question), links.slug(other_note.source.line(other.span.line))}
    names |= {name.lstrip("-") for name in names}
    for match in LINK.finditer(text):
        path, _, anchor = unquote(match[2]).partition("#")
        if file_of(note, path) == normpath(other_note.source.name) and anchor.lower() in names:
            return True
    stem = other_note.source.name.rpartition("/")[2].rpartition(".")[0]
    return any(
        file.strip() in ("" if note is other_note else stem, stem) and links.slug(head) in names
        for file, head in _WIKI.findall(text)
    )


def wiki(page: Page) -> Iterator[Problem]:
    """Yield the `[[links]]` and `![[embeds]]` that lead nowhere."""
    for number, line in page.lines if "[[" in page.note.source.text else ():
        for start, end, embedded, target, at in wiki_links(line):
            span = page.note.source.span(number, start, number, end)
            if problem := _dead(page, target, at):
                code = "missing-image" if embedded and _FILE.search(target) else "dead-link"
                yield Problem(code, span, *problem, "warning")


def _dead(page: Page, target: str, at: str) -> tuple[str, str] | None:
    """Return what is wrong with a link of this kind, and what to do, or None for one that leads."""
    collection = page.known.collection
    other = collection.find(page.note, target)
    if other is None:
        if _FILE.search(target) and page.exists(quote(target)):
            return None
        if _FILE.search(target):
            return f"no file is called `{target}`", "put it among the notes, or mend the name"
        near = _nearest(target.rpartition("/")[2].casefold(), collection.stems)
        return f"no note is called `{target}`", near or "mend the name, or write the note"
    if not at or at == "top" or collection.anchor(other, at):
        return None
    titles = {links.slug(s.title): plain(s.title) for s in other.sections if s.title}
    where = f"`{target}`" if target else "this note"
    message = f"nothing in {where} is called `{at}`"
    return message, _nearest(links.slug(at), titles) or "link to a heading, or to a block id"


def _nearest(name: str, known: Mapping[str, str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1, _NEAR)
    return f"did you mean `{known[near[0]]}`?" if near else ""


def _near(anchor: str, anchors: frozenset[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(anchor, anchors, 1)
    return f"did you mean `#{near[0]}`?" if near else "link to a heading that is there"
