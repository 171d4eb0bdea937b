"""What all pages of one site share: words, templates, places, formulas and the index."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, urlsplit

import jinja2

from builder.config import SiteConfig
from builder.kept import Kept
from builder.markdown import escape
from builder.model import Artifact, Course, Note, Problem, Section
from builder.plain import plain
from builder.readable import heading, title, title_html
from builder.site.evidence import ran_on
from builder.site.math import Formulas
from builder.site.search import Index
from builder.site.tags import Tags
from builder.site.urls import Places, relative
from builder.tex import has_formula
from builder.words import Words

MISSING = "404.html"


@dataclass(frozen=True, slots=True)
class Title:
    """A heading where others speak of it: `html` has formulas, and nothing else, drawn."""

    text: str
    html: str

    @classmethod
    def of(cls, text: str) -> Title:
        """Return a title that is text alone."""
        return cls(text, escape(text))


@dataclass(frozen=True, slots=True)
class Way:
    """A link from a page to another."""

    path: str
    title: Title


class Site:
    """One site while it is made. Templates are compiled once, and know `course` and `say`."""

    def __init__(
        self, course: Course, config: SiteConfig, templates: Mapping[str, str], kept: Kept
    ) -> None:
        self.course = course
        self.config = config
        self.say = Words(templates, course.language)
        self.places = Places(course)
        self.formulas = Formulas(kept)
        self.index = Index()
        self.tags = Tags(course)
        #: What is only found when a note is drawn, by the path of its source.
        self.faults: dict[str, tuple[Problem, ...]] = {}
        #: Where links and images of a note lead; whoever draws one takes them away.
        self.asked: dict[tuple[str, str], str | None] = {}
        self.templates = templates
        self.kept = kept
        self._same: dict[tuple[str, str], str] = {}
        self._compiled: dict[str, jinja2.Template] = {}
        self._templates = jinja2.Environment(
            auto_reload=False,
            loader=jinja2.DictLoader(templates),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._templates.globals.update(
            course=course, say=self.say, ran_on=ran_on(course.environment)
        )

    def again(self, course: Course) -> Site:
        """Return the site of the course after an edit; templates stay compiled."""
        made = copy(self)
        made.course = course
        made.places = self.places.again(course)
        made.index = Index()
        made.tags = Tags(course)
        made._same = {}
        made._templates.globals.update(course=course, ran_on=ran_on(course.environment))
        made.__dict__.pop("_order", None)
        return made

    @cached_property
    def _order(self) -> Mapping[str, int]:
        return {note.source.path: at for at, note in enumerate(self.course.notes)}

    def title(self, heading: str) -> Title:
        """Return a heading, which is inline Markdown, as others speak of it."""
        if not has_formula(heading):
            return Title.of(plain(heading))
        return Title(title(heading), title_html(heading, escape, self.formulas.again))

    def title_of(self, note: Note) -> Title:
        """Return the title of a note; the heading that it may be tells of formulas in it."""
        given = heading(note)
        return self.title(given) if has_formula(given) else Title.of(note.title)

    def title_in(self, note: Note, section: Section) -> Title:
        """Return the title of a section, or of its note where it has none."""
        found = self.title(section.title)
        return found if found.text else self.title_of(note)

    def target(self, note: Note, name: str, url: str) -> str | None:
        """Return what the `href` or `src` of a note becomes on its page; None takes it away."""
        found = self.places.target(note, name, url)
        self.asked[name, url] = found
        return found

    def neighbours(self, note: Note) -> tuple[Note | None, Note | None]:
        """Return the notes before and behind one."""
        notes, at = self.course.notes, self._order[note.source.path]
        return notes[at - 1] if at else None, notes[at + 1] if at + 1 < len(notes) else None

    def part(self, template: str, **values: object) -> str:
        """Return a piece of a page."""
        return self._template(template).render(values)

    def macro(self, template: str, name: str) -> Callable[..., str]:
        """Return a piece that templates call, where it is called too often to be one."""
        found: Callable[..., str] = getattr(self._template(template).module, name)
        return found

    def _template(self, name: str) -> jinja2.Template:
        """Return a template; the library would ask each time whether it was changed."""
        if name not in self._compiled:
            self._compiled[name] = self._templates.get_template(name)
        return self._compiled[name]

    def page(
        self, path: str, template: str, *, description: str = "", **values: object
    ) -> Artifact:
        """Return a page; in its template, `link` makes a link to another path of the site.

        `same` renders a piece that is the same on all pages of one folder, once for each.
        `description` is what others show of the page beside its title.
        """
        folder = path if path == MISSING else posixpath.dirname(path)

        def link(target: str) -> str:
            path_of, _, anchor = target.partition("#")
            found = self._link(path_of, path) if path_of else ""
            return f"{found}#{anchor}" if anchor else found

        def same(piece: str) -> str:
            known = folder, piece
            if known not in self._same:
                self._same[known] = self.part(piece, link=link)
            return self._same[known]

        canonical = self.config.url + quote(path) if self.config.url else ""
        values |= {"link": link, "same": same, "canonical": canonical, "description": description}
        html = self.part(template, **values)
        return Artifact(path, html.encode())

    def _link(self, target: str, page: str) -> str:
        """A host shows the page for what is missing at any depth: only a full path leads home."""
        if page == MISSING and self.config.url:
            return urlsplit(self.config.url).path + quote(target)
        return relative(target, page)
