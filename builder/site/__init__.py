"""The site: a course to pages that need nothing but themselves, from a server or a double click."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy

from builder.config import SiteConfig
from builder.kept import NOTHING_KEPT, Kept
from builder.model import Artifact, Course, Note, Problem
from builder.site import drawing, findings, index, moved, practice, tagged, whole
from builder.site.badge import badge
from builder.site.bare import bare, with_look
from builder.site.colours import code_colours
from builder.site.drawing import Drawing
from builder.site.live import problems_html
from builder.site.shared import MISSING, Site
from builder.site.urls import media, sitemap

__all__ = ["Pages", "site"]

#: Templates that are files of the site as they are.
FILES = ("site.js", "print.js", "report.js", "lists.css", "practice.css", "moved.js", "icon.svg")


def site(course: Course, config: SiteConfig, templates: Mapping[str, str]) -> Iterator[Artifact]:
    """Yield every file of the site; the same course gives the same bytes.

    `templates` is the content of `templates/site/`, by file name.
    """
    return Pages(course, config, templates).all()


class Pages:
    """The files of one site, all at once or one by one."""

    def __init__(
        self,
        course: Course,
        config: SiteConfig,
        templates: Mapping[str, str],
        kept: Kept = NOTHING_KEPT,
    ) -> None:
        self._shared = Site(course, config, templates, kept)

    def again(self, course: Course) -> Pages:
        """Return the pages of the course after an edit; what it takes over makes them quick."""
        made = copy(self)
        made._shared = self._shared.again(course)
        return made

    def all(self, is_wanted: Callable[[], bool] = lambda: True) -> Iterator[Artifact]:
        """Yield every file of the site, or as many as are wanted."""
        shared = self._shared.again(self._shared.course)
        course, url = shared.course, shared.config.url
        paths = []
        for page in _pages(shared):
            if not is_wanted():
                return
            paths.append(page.path)
            yield page
        yield from moved.pages(shared)
        yield from shared.index.files(shared.say.table("searching"))
        yield badge(course, shared.say)
        if url:
            yield sitemap(url, paths)
        yield practice.script(shared)
        yield practice.look(shared)
        yield with_look("search.js", "search.css", shared.templates)
        for name in FILES:
            yield Artifact(f"assets/{name}", bare(name, shared.templates[name]).encode())
        yield self.stylesheet()
        yield from shared.formulas.files()
        files = {media(asset): asset.content for asset in (*course.assets, *course.figures)}
        for path, content in sorted(files.items()):
            yield Artifact(path, content)

    def note(self, note: Note) -> Artifact:
        """Return the page of a note of the course."""
        return Drawing(self._shared).of(note, *self._shared.neighbours(note)).page

    def stylesheet(self) -> Artifact:
        """Return the stylesheet, with what the formulas drawn so far need."""
        shared = self._shared
        css = shared.templates["site.css"] + code_colours() + shared.formulas.stylesheet()
        return Artifact("assets/site.css", bare("site.css", css).encode())

    def faults(self, path: str) -> tuple[Problem, ...]:
        """Return what was found wrong with a note when it was drawn, by its source's path."""
        return self._shared.faults.get(path, ())

    def problems(self, found: Iterable[Problem]) -> str:
        """Return problems as they lie over a page while it is being written."""
        return problems_html(self._shared, found)


def _pages(site: Site) -> Iterator[Artifact]:
    yield index.page(site)
    chapters, practised = whole.Chapters(site), []
    for note, drawn in drawing.every(site):
        site.index.add(drawn.page.path, site.title_of(note).text, drawn.places)
        chapters.add(note, drawn.heading, drawn.html)
        practised += [drawn.practised] if drawn.practised else []
        yield drawn.page
    yield practice.overview(site, practised)
    yield from tagged.pages(site)
    yield findings.page(site)
    yield chapters.page()
    yield site.page("search.html", "search.html")
    yield site.page(MISSING, MISSING)
