"""The nouns: what a note is once read, what was found out about it, and what is written.

Everything here is a frozen value. Lines and columns are counted from 1, in characters of the file
as an editor shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Final, Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a file: lines are inclusive, `end_column` is one past the last character."""

    path: str
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0

    def __post_init__(self) -> None:
        if not self.end_line:
            object.__setattr__(self, "end_line", self.line)
        if not self.end_column:
            object.__setattr__(self, "end_column", self.column)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Source:
    r"""One Markdown file, as read; the only maker of spans.

    `path` is what messages call the file: relative to the working directory, with `/`.
    `name` is the same relative to the notes' folder, and does not depend on where one stands.
    `text` has `\n` for every line break that an editor counts, and no byte order mark.
    """

    path: str
    text: str
    name: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", self.path)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without their ends; a final line break does not begin another line."""
        return tuple(self.text.removesuffix("\n").split("\n"))

    def line(self, number: int) -> str:
        """Return line `number`, counted from 1; empty outside the file."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def span(self, line: int, column: int = 1, end_line: int = 0, end_column: int = 0) -> Span:
        """Return a span of this file; without an end it reaches to the end of its last line."""
        last = end_line or line
        return Span(self.path, line, column, last, end_column or len(self.line(last)) + 1)

    def body(self, first: int, last: int) -> Span | None:
        """Return lines `first` to `last` without the blank ones at both ends; None if all are."""
        lines = self.lines
        first, last = max(first, 1), min(last, len(lines))
        while first <= last and not lines[first - 1].strip():
            first += 1
        while last >= first and not lines[last - 1].strip():
            last -= 1
        if first > last:
            return None
        return Span(self.path, first, 1, last, len(lines[last - 1]) + 1)


@dataclass(frozen=True, slots=True)
class Edit:
    """A correction: put `text` in the place of `span`. Safe ones may be applied unasked."""

    span: Span
    text: str
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong, at a place, and what to do about it.

    `code` is a kebab-case word with a section in docs/problems.md. `message` starts in lower case
    and has no full stop; so has `help`, which says what to do. A `known` one stands in a baseline
    and does not count.
    """

    code: str
    span: Span
    message: str
    help: str = ""
    severity: Severity = "error"
    fix: Edit | None = None
    known: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One block of Markdown and its place; made and read by `builder.markdown` alone.

    `kind` is one of heading, paragraph, code, list, list_item, quote, table, html, math, rule,
    footnotes, and whatever else the Markdown library knows. `text` is the raw inline source of a
    heading or paragraph, and the content of code, html and math.
    """

    kind: str
    span: Span
    text: str = ""
    level: int = 0
    info: str = ""
    fenced: bool = False
    children: tuple[Block, ...] = ()
    token: object = None


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a piece of a sentence, by which its author may excuse it.

    `words` are its sentence or its row, and for a heading all that stands under it; `is_gone` says
    that a heading or the beginning of a list tells of what is there no more.
    """

    words: str = ""
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Snippet:
    """One piece of code. `span` covers its code lines, without the fence.

    `indents` says, line by line, how many characters stand before the code in the file (quotes,
    list indents), so that a column in `code` can be turned into a column of the file. Where a tab
    stands for several spaces of `code`, it is less than none.
    `section` is the index of what it stands under in `Note.sections`.
    `options` are the attributes of the info string, such as `("raises", "ValueError")`; a bare
    word has the value `""`. A `setup` is hidden, and run before what follows. `expected` is the
    output that stands right behind the code, and of code that `fails` the text above it says so.
    `around` is for code in a sentence.
    """

    span: Span
    code: str
    language: str = ""
    fenced: bool = True
    kind: Literal["code", "claim", "setup"] = "code"
    indents: tuple[int, ...] = ()
    section: int = 0
    options: tuple[tuple[str, str], ...] = ()
    expected: str | None = None
    fails: bool = False
    around: Around = Around()

    def option(self, name: str) -> str | None:
        """Return the value of an attribute, or None where it was not given."""
        return next((value for key, value in self.options if key == name), None)


class Kind(Enum):
    """What a card asks for; its Anki note type and its template follow from it."""

    BASIC = "basic"
    REVERSED = "reversed"
    CLOZE = "cloze"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Card:
    """One question with its answer.

    `question` is inline Markdown without its numbering, `answer` the place of the first to the
    last line of the answer that is not blank. `context` are the headings above, outermost first.
    `id` is what the author wrote in `<!-- id: ... -->`.
    """

    span: Span
    question: str
    answer: Span
    blocks: tuple[Block, ...]
    snippets: tuple[Snippet, ...] = ()
    context: tuple[str, ...] = ()
    number: str | None = None
    kind: Kind = Kind.BASIC
    tags: tuple[str, ...] = ()
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, up to the next heading; in order they are the note.

    What stands before the first heading is a section of level 0 without a title. A section that
    asks something has its `card`; one that should and cannot is `held_back`, with the reason.
    `body` is the place of what stands under the heading, None where nothing does. `inside` are the
    cards that parts of it make: a paragraph with deletions, a row, a fence.
    """

    span: Span
    title: str
    level: int
    blocks: tuple[Block, ...]
    body: Span | None = None
    snippets: tuple[Snippet, ...] = ()
    context: tuple[str, ...] = ()
    number: str | None = None
    card: Card | None = None
    held_back: Problem | None = None
    inside: tuple[Card, ...] = ()

    @property
    def cards(self) -> tuple[Card, ...]:
        """The card of the heading, and those of what stands under it."""
        return (self.card, *self.inside) if self.card else self.inside


@dataclass(frozen=True, slots=True)
class Allowance:
    """Problems that the author does not want to count: of these codes, from `span` on.

    `section` is the index of the section that it holds for, None for the whole note.
    """

    span: Span
    codes: tuple[str, ...]
    section: int | None = None


@dataclass(frozen=True, slots=True)
class Verifying:
    """How the code of a note is run, where it says so itself.

    `names` are expressions for names that it leaves open. `prelude` takes the place of the
    configuration's. `scope` is how far names reach: over the note, the card, or one snippet.
    """

    names: tuple[tuple[str, str], ...] = ()
    prelude: tuple[str, ...] | None = None
    scope: Literal["note", "card", "snippet"] = "note"


@dataclass(frozen=True, slots=True)
class Note:
    """What a source says once parsed."""

    source: Source
    title: str
    sections: tuple[Section, ...]
    tags: tuple[str, ...] = ()
    deck: str | None = None
    language: str | None = None
    lint_off: tuple[str, ...] = ()
    verifying: Verifying = Verifying()
    allowed: tuple[Allowance, ...] = ()

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards, in the order of the file."""
        return tuple(card for section in self.sections for card in section.cards)

    @property
    def snippets(self) -> tuple[Snippet, ...]:
        """The snippets, in the order of the file."""
        return tuple(snippet for section in self.sections for snippet in section.snippets)

    @property
    def bare(self) -> Note:
        """The note without its blocks, which take nine tenths of its room."""
        return replace(self, sections=tuple(map(_bare, self.sections)))


def _bare(section: Section) -> Section:
    card, *inside = (
        replace(it, blocks=()) if it else None for it in (section.card, *section.inside)
    )
    return replace(section, blocks=(), card=card, inside=tuple(filter(None, inside)))


def _itself(note: Note) -> Note:
    return note


class Status(Enum):
    """What became of a snippet; DESIGN words, used as they are in every output."""

    PASSED = "passed"
    FAILED = "failed"
    INCOMPLETE = "incomplete"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known about one snippet after it was examined and run.

    `kind` is what the code turned out to be: code, doctest, signature or claim. `reason` says why
    it is incomplete or skipped. `assumed` are the names that got a value from outside the notes,
    `guessed` those of them that nobody defined at all. `announced` is what is wrong on purpose,
    as `raises=` says, `allowed` what does not count since the author says so. `after` are the
    places of the earlier snippets it was run behind. `depth` says whether it was run, or only its
    names looked up. `figures` are the pictures that it drew. `runs` says how often it was begun
    until it came to this. `known` says that a baseline knows it to be incomplete.
    """

    snippet: Snippet
    status: Status
    kind: str = "code"
    reason: str | None = None
    problems: tuple[Problem, ...] = ()
    announced: tuple[Problem, ...] = ()
    allowed: tuple[Problem, ...] = ()
    stdout: str = ""
    stand_ins: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    after: tuple[Span, ...] = ()
    depth: Literal["run", "names", "neither"] = "neither"
    figures: tuple[Asset, ...] = ()
    seconds: float = 0.0
    runs: int = 0
    cached: bool = False
    known: bool = False

    @property
    def hides(self) -> bool:
        """Whether the author wants neither output nor figures shown: `{hide}`."""
        return self.snippet.option("hide") is not None

    @property
    def shown_figures(self) -> tuple[Asset, ...]:
        """The figures, unless the author hides them."""
        return () if self.hides else self.figures

    @property
    def told(self) -> Verdict:
        """What readers are told of it: not how long it took, and of figures what they are."""
        figures = tuple(replace(figure, content=b"") for figure in self.figures)
        return replace(self, seconds=0.0, runs=0, cached=False, figures=figures)


@dataclass(frozen=True, slots=True)
class Mention:
    """The name of an API in a sentence, and, once it was looked up, what is known of it.

    `name` is the whole dotted name that `text` stands for. `sure` is false where nothing can be
    held against it, as where the sentence says itself that it is gone; `loose` is true where it
    stands among words, without back-ticks. `status` is empty until it was looked up.
    """

    span: Span
    text: str
    name: str
    sure: bool = True
    loose: bool = False
    around: Around = Around()
    status: Literal["", "ok", "typo", "unknown", "deprecated", "removed"] = ""
    resolves_to: str | None = None
    suggestion: str | None = None
    problem: Problem | None = None

    @property
    def is_wrong(self) -> bool:
        """Whether it must be mended, and no baseline knows it."""
        problem = self.problem
        return problem is not None and problem.severity == "error" and not problem.known


@dataclass(frozen=True, slots=True)
class Said:
    """What is wrong in a sentence, and what to write there, where that is known."""

    problem: Problem
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Environment:
    """What the snippets ran on: versions, and the layers of the sandbox that held."""

    python: str = ""
    packages: tuple[tuple[str, str], ...] = ()
    sandbox: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asset:
    """A picture or sound that a note shows: its `url` as written there, and its content.

    Where code drew it, `url` is the name that its library has for it. `name` is flat and made from
    the content, so that another content is another name.
    """

    note: str
    url: str
    name: str
    content: bytes


@dataclass(frozen=True)
class Course:
    """Everything that the outputs are made from.

    `verdicts` is empty and `verified` false where the notes were not checked. `asides` are the
    verdicts on code that stands in sentences, `mentions` the names of API there. `guids` are
    what Anki knows cards by, `anchors` what they were found by on the site, the oldest first; both
    by the places of cards. `moved` says of files that cards were in before where these are now.
    The notes may be bare; `whole` returns one of them with its blocks.
    """

    title: str
    notes: tuple[Note, ...]
    language: str = "zh"
    verdicts: tuple[Verdict, ...] = ()
    asides: tuple[Verdict, ...] = ()
    mentions: tuple[Mention, ...] = ()
    verified: bool = False
    environment: Environment = Environment()
    problems: tuple[Problem, ...] = ()
    assets: tuple[Asset, ...] = ()
    guids: tuple[tuple[Span, str], ...] = ()
    anchors: tuple[tuple[Span, tuple[str, ...]], ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    whole: Callable[[Note], Note] = field(default=_itself, compare=False, repr=False)

    @cached_property
    def _guids(self) -> dict[Span, str]:
        return dict(self.guids)

    def guid(self, card: Card) -> str | None:
        """Return what Anki knows a card by, if it was ever shipped."""
        return self._guids.get(card.span)

    @cached_property
    def _assets(self) -> dict[tuple[str, str], Asset]:
        return {(asset.note, asset.url): asset for asset in self.assets}

    def asset(self, note: Note, url: str) -> Asset | None:
        """Return the local file behind `url` as `note` writes it, if there is one."""
        return self._assets.get((note.source.path, url))

    @cached_property
    def _assets_of(self) -> dict[str, tuple[Asset, ...]]:
        found: dict[str, list[Asset]] = {}
        for asset in self.assets:
            found.setdefault(asset.note, []).append(asset)
        return {note: tuple(assets) for note, assets in found.items()}

    def assets_of(self, note: Note) -> tuple[Asset, ...]:
        """Return the local files that a note shows."""
        return self._assets_of.get(note.source.path, ())

    @cached_property
    def _by_place(self) -> dict[Span, Verdict]:
        return {verdict.snippet.span: verdict for verdict in self.verdicts}

    @cached_property
    def _said(self) -> dict[str, tuple[Said, ...]]:
        found: dict[str, list[Said]] = {}
        every = [Said(problem) for aside in self.asides for problem in aside.problems]
        for it in self.mentions:
            if it.problem:
                # What is like no other name may be meant for something else.
                instead = it.suggestion if it.status != "unknown" else None
                every.append(Said(it.problem, instead or ""))
        for said in every:
            if said.problem.severity != "note" and not said.problem.known:
                found.setdefault(said.problem.span.path, []).append(said)
        return {
            path: tuple(sorted(them, key=lambda it: it.problem.span))
            for path, them in found.items()
        }

    def said(self, note: Note) -> tuple[Said, ...]:
        """Return what is wrong with names and code in a note's sentences, by its lines."""
        return self._said.get(note.source.path, ())

    @property
    def found(self) -> tuple[Problem, ...]:
        """What is wrong with the code and the names of API in the notes."""
        said = (mention.problem for mention in self.mentions)
        judged = (problem for v in (*self.verdicts, *self.asides) for problem in v.problems)
        return (*judged, *(problem for problem in said if problem))

    def verdict(self, place: Span) -> Verdict | None:
        """Return what was found about the snippet at `place`, if it was examined."""
        return self._by_place.get(place)

    @property
    def figures(self) -> tuple[Asset, ...]:
        """The pictures that the code drew and the author does not hide."""
        return tuple(asset for verdict in self.verdicts for asset in verdict.shown_figures)

    @property
    def cards(self) -> tuple[Card, ...]:
        """All cards, in the order of the notes."""
        return tuple(card for note in self.notes for card in note.cards)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one Anki note. `span` is None where its card is in the notes no more.

    `before` is the question of a card that was known again in other words or at another place.
    """

    guid: str
    question: str
    span: Span | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a learner's Anki will say who imports the new package over the last one.

    Every card shipped is new, updated or unchanged, as Anki's import log counts them; `renamed` are
    some of these. `retired` left the notes with this build and stay with learners, until
    `tombstones` are shipped for them: an update to Anki, and nothing new the next time, when they
    are `reminders`. `emptied` make fewer cards than before, and leave learners empty ones, until
    Empty Cards takes these away. `held` are broken and left out. `restyled` are note types that
    look otherwise.
    """

    new: tuple[Change, ...] = ()
    updated: tuple[Change, ...] = ()
    unchanged: tuple[Change, ...] = ()
    renamed: tuple[Change, ...] = ()
    retired: tuple[Change, ...] = ()
    tombstones: tuple[Change, ...] = ()
    reminders: tuple[Change, ...] = ()
    emptied: tuple[Change, ...] = ()
    held: tuple[Change, ...] = ()
    restyled: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[int, int, int]:
        """New, updated and unchanged notes, as the import log has them."""
        return (
            len(self.new),
            len(self.updated) + len(self.tombstones),
            len(self.unchanged) + len(self.reminders),
        )

    def __str__(self) -> str:
        counts = {
            "new": len(self.new),
            "updated": len(self.updated),
            "unchanged": len(self.unchanged),
            "renamed": len(self.renamed),
            "retired": len(self.retired),
            "for Empty Cards to remove": len(self.tombstones) + len(self.reminders),
            "with a card less": len(self.emptied),
            "held back": len(self.held),
        }
        said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        return said or "no cards"


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file to be written: its path below the output folder, with `/`, and its bytes."""

    path: str
    content: bytes


#: What separates the parts of a hierarchical tag and of a deck's name, as Anki has it.
TAG_SEPARATOR: Final = "::"
