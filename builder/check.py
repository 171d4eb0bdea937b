"""The only file that knows verify: snippets to jobs, verdicts to problems in file coordinates."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias

import verify
from builder.allowing import allowed
from builder.config import VerifyConfig
from builder.model import (
    Around,
    Asset,
    Edit,
    Environment,
    Mention,
    Note,
    Problem,
    Severity,
    Snippet,
    Source,
    Span,
    Status,
    Verdict,
)
from builder.patterns import late
from builder.plain import plain

#: Raised where no worker can be started with the interpreter that was asked for.
InterpreterError = verify.InterpreterError

#: What runs snippets, and keeps its workers from one time to the next.
Runner: TypeAlias = "verify.Runner"

#: How many processors this process may use.
processors = verify.available

#: How far snippets are shut off from the machine: as far as can be, or else not run, or not.
Sandboxing: TypeAlias = Literal["auto", "require", "off"]

#: What snippets may use without importing it, where nothing else is said.
_PRELUDE = verify.Options().prelude

#: No code in sentences.
NO_ASIDES: Mapping[str, tuple[Snippet, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the checking is: how many verdicts are known, and which snippet took longest."""

    done: int
    total: int
    failed: int = 0
    slowest: str = ""
    seconds: float = 0.0


#: Told after each verdict.
Hear = Callable[[Progress], None]


def check(
    notes: tuple[Note, ...],
    runner: verify.Runner,
    progress: Hear = lambda _so_far: None,
    *,
    only: Collection[Span] | None = None,
    require: tuple[str, ...] = (),
    asides: Mapping[str, tuple[Snippet, ...]] = NO_ASIDES,
) -> tuple[tuple[Verdict, ...], Environment]:
    """Return a verdict for each snippet of the notes, in their order, and what they ran on.

    With `only`, for the snippets at these places. What is missing of `require` makes a failure.
    `asides` is code in the sentences of a note, by the note's path; the verdicts on it come among
    the others, by their places.
    """
    known = {note.source.path: _in_order(note, asides) for note in notes}
    jobs = tuple(job for note in notes for job in _jobs(note, known[note.source.path]))
    keys = None if only is None else {str(span) for span in only} & {job.key for job in jobs}
    so_far = Progress(0, len(jobs) if keys is None else len(keys))

    def hear(verdict: verify.Verdict) -> None:
        nonlocal so_far
        so_far = _further(so_far, verdict)
        progress(so_far)

    found = {verdict.key: verdict for verdict in runner.run(jobs, hear, keys)}
    every = (s for own in known.values() for s, _ in own if s.kind != "setup")
    places = {_key(s): s.span for s in every}
    verdicts = tuple(
        _demanding(_excused(_verdict(note.source, snippet, said, places)), said, require)
        for note in notes
        for snippet, _ in known[note.source.path]
        if (said := found.get(_key(snippet)))
    )
    ran_on = runner.environment
    return verdicts, Environment(ran_on.python, ran_on.packages, ran_on.sandbox)


def look_up(mentions: tuple[Mention, ...], runner: verify.Runner) -> tuple[Mention, ...]:
    """Return the mentions of which something is known, with what that is."""
    known = runner.look_up(mention.name for mention in mentions)
    found = (_known(mention, known[mention.name]) for mention in mentions)
    return tuple(mention for mention in found if mention)


#: What a name in a sentence is as a problem: its code, and how much it counts.
_PROBLEMS: Mapping[str, tuple[str, Severity]] = {
    "typo": ("unknown-name", "error"),
    "unknown": ("unknown-name", "warning"),
    "removed": ("removed-name", "warning"),
    "deprecated": ("deprecated", "warning"),
}


def _known(mention: Mention, said: verify.Known) -> Mention | None:
    """Say what is known of a mention, None where that is nothing, or may not be held against it."""
    if said.status == "unclear" or (said.status != "ok" and not _counts(mention, said)):
        return None
    if said.status in _EXCUSABLE and _is_excused(mention.around, mention.name, said.help):
        return None
    span, suggestion = mention.span, _suggestion(mention, said)
    problem = None
    if said.status in _PROBLEMS:
        code, severity = _PROBLEMS[said.status]
        fix = Edit(span, suggestion, safe=True) if said.status == "typo" and suggestion else None
        problem = Problem(code, span, said.message, said.help, severity, fix)
    return replace(
        mention,
        status=said.status,
        resolves_to=said.leads_to,
        suggestion=suggestion,
        problem=problem,
    )


def _counts(mention: Mention, said: verify.Known) -> bool:
    """Tell whether a name is certainly meant for API, and not only looks like it among words."""
    last = mention.text.rpartition(".")[2]
    if not mention.sure or not _is_in_sight(mention, said):
        return False
    if not mention.loose or said.status != "unknown":
        return True
    is_plural = said.meant is not None and said.meant + "s" == last
    is_word = last.isalpha() and last[1:].islower() and mention.text.count(".") < 2
    return not (is_plural or is_word or (last[:1].isupper() and not mention.text.startswith("nn.")))


#: What an author may know of a name: it is no slip.
_EXCUSABLE = ("unknown", "removed", "deprecated")


def _is_excused(around: Around, name: str, help_: str) -> bool:
    """Tell whether a name is said to be gone, or stands beside what took its place."""
    return around.is_gone or any(_stands_in(it, name, around.words) for it in _instead(help_))


def _instead(help_: str) -> Iterator[str]:
    """Yield the names that a help line says to write."""
    for code in re.findall(r"`([^`]+)`", help_) if _TELLS.match(help_) else ():
        yield from re.findall(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", code)[:1]


_TELLS = late(r"(?:write|use) |did you mean |it stands in .*: write ")


def _stands_in(new: str, old: str, words: str) -> bool:
    """Tell whether a name stands in a sentence, in as many of its parts as tell it from `old`."""
    parts, last = new.split("."), old.rpartition(".")[2]
    tail = parts[-1] if parts[-1] != last else ".".join(parts[-2:])
    return tail != old and re.search(rf"[`.]{re.escape(tail)}(?!\w)", words) is not None


def _is_in_sight(mention: Mention, said: verify.Known) -> bool:
    """Tell whether what is wrong is in the words themselves, and not in what they stand for."""
    if said.status in ("removed", "deprecated") or "." not in mention.text:
        return True
    return said.reached > mention.name.count(".") - mention.text.count(".")


def _suggestion(mention: Mention, said: verify.Known) -> str | None:
    """Return what to write for a mention."""
    if said.meant is None or said.status in ("removed", "deprecated"):
        return said.meant
    parts = mention.text.split(".")
    parts[said.reached - len(mention.name.split("."))] = said.meant
    return ".".join(parts)


def _further(so_far: Progress, verdict: verify.Verdict) -> Progress:
    now = replace(so_far, done=so_far.done + 1, failed=so_far.failed + (verdict.status == "failed"))
    if verdict.cached or verdict.seconds <= so_far.seconds:
        return now
    return replace(now, slowest=verdict.key.rpartition(":")[0], seconds=verdict.seconds)


def runner(
    config: VerifyConfig,
    *,
    timeout: float | None = None,
    jobs: int = 0,
    python: str | None = None,
    cache: str | None = None,
    sandbox: Sandboxing = "auto",
) -> verify.Runner:
    """Return what runs snippets, by the configuration and the command line; a context manager."""
    return verify.Runner(
        verify.Options(
            python=python,
            jobs=jobs,
            timeout=config.timeout if timeout is None else timeout,
            memory=config.memory,
            preload=config.preload,
            names=config.names,
            off=config.stand_ins_off,
            prelude=_PRELUDE if config.prelude is None else config.prelude,
            cache=cache,
            sandbox=sandbox,
        )
    )


def changed(
    before: tuple[Note, ...],
    now: tuple[Note, ...],
    runner: verify.Runner,
    files: Collection[str] = (),
) -> frozenset[Span]:
    """Return the places of snippets that may come to another verdict than they did before.

    `files` are the names of other files that changed; nothing is run.
    """
    old, new = ([job for note in notes for job in _jobs(note)] for notes in (before, now))
    keys = verify.changed(old, new, runner.options, files)
    return frozenset(s.span for note in now for s in note.snippets if _key(s) in keys)


def share(
    notes: tuple[Note, ...], only: Collection[Span] | None, number: int, of: int
) -> frozenset[Span]:
    """Return the places of one of several even shares of the snippets.

    It depends on the notes alone, so that machines which know nothing of each other agree. How
    long a snippet took on one of them must not matter.
    """
    weighed = []
    for note in notes:
        for snippet in note.snippets:
            if snippet.kind != "setup" and (only is None or snippet.span in only):
                name = f"{note.source.name}\0{snippet.code}".encode("utf-8", "replace")
                order = hashlib.sha256(name).hexdigest()
                weighed.append((-verify.estimate(snippet.code), order, snippet.span))
    shares: list[list[Span]] = [[] for _ in range(of)]
    loads = [0] * of
    for weight, _, span in sorted(weighed):
        lightest = loads.index(min(loads))
        loads[lightest] -= weight
        shares[lightest].append(span)
    return frozenset(shares[number - 1])


def _demanding(verdict: Verdict, said: verify.Verdict, require: tuple[str, ...]) -> Verdict:
    """Make a failure of what could not be tried as it should for want of something required."""
    words = [*said.stand_ins, *([said.reason] if said.reason and said.status != "skipped" else [])]
    missing = ((name, word) for word in words for name in require if _asks(name, word))
    name, word = next(missing, ("", ""))
    if not name:
        return verdict
    why = f"it ran with {word}" if word in said.stand_ins else word
    problem = Problem(
        "requirement-missing",
        verdict.snippet.span,
        f"`--require {name}`: {why}",
        f"run this where there is `{name}`, or take it out of `--require`",
    )
    return replace(verdict, status=Status.FAILED, problems=(*verdict.problems, problem))


#: What may be wrong with code in a sentence that is about just this.
_NAMES_GONE = ("removed-name", "deprecated", "unknown-name")


def _excused(verdict: Verdict) -> Verdict:
    """Take back what the sentence around a piece of code says itself."""
    around = verdict.snippet.around
    if around == Around() or not verdict.problems:
        return verdict
    kept = tuple(p for p in verdict.problems if not _is_said(around, p))
    if len(kept) == len(verdict.problems):
        return verdict
    if verdict.status is not Status.FAILED or any(p.severity == "error" for p in kept):
        return replace(verdict, problems=kept)
    reason = "its sentence tells of what is gone, or names what took its place"
    return replace(verdict, status=Status.INCOMPLETE, reason=reason, problems=kept)


def _is_said(around: Around, problem: Problem) -> bool:
    if problem.code not in _NAMES_GONE or (problem.code == "unknown-name" and problem.fix):
        return False
    named = re.search(r"`([\w.]+)", problem.message)
    return _is_excused(around, named[1] if named else "", problem.help)


def _asks(name: str, words: str) -> bool:
    return name.replace("-", "_").lower() in {
        found.replace("-", "_").lower() for found in verify.named(words)
    }


def _key(snippet: Snippet) -> str:
    return str(snippet.span)


def _in_order(
    note: Note, asides: Mapping[str, tuple[Snippet, ...]]
) -> tuple[tuple[Snippet, bool], ...]:
    """Return the code of a note by its places, and for each piece whether it is an aside."""
    own = [(snippet, False) for snippet in note.snippets]
    said = [(aside, True) for aside in asides.get(note.source.path, ())]
    return tuple(sorted(own + said, key=lambda pair: pair[0].span) if said else own)


def _jobs(
    note: Note, every: tuple[tuple[Snippet, bool], ...] | None = None
) -> Iterator[verify.Job]:
    sets_up = any(snippet.kind == "setup" for snippet in note.snippets)
    for snippet, aside in _in_order(note, NO_ASIDES) if every is None else every:
        scopes = _scopes(note, snippet, sets_up=sets_up)
        yield verify.Job(
            key=_key(snippet),
            code=snippet.code,
            file=note.source.path,
            line=snippet.span.line,
            scopes=scopes,
            kind=snippet.kind,
            options=snippet.options,
            expected=snippet.expected,
            fails=snippet.fails,
            folder=str(Path(note.source.path).parent),
            setting=_setting(note, snippet, len(scopes)),
            aside=aside,
        )


def _setting(note: Note, snippet: Snippet, depth: int) -> verify.Setting:
    said = note.verifying
    return verify.Setting(
        prelude=said.prelude,
        names=said.names,
        allow=tuple(sorted(allowed(note, snippet.section, snippet.span.line))),
        within={"note": 1, "card": depth, "snippet": depth + 1}[said.scope],
    )


def _scopes(note: Note, snippet: Snippet, *, sets_up: bool) -> tuple[str, ...]:
    """Return the circles a snippet stands in: its note, the headings above it, its section.

    A set-up in the note serves all below its heading, which is a circle of its own then.
    """
    section = note.sections[snippet.section]
    context = section.context
    if section.level and sets_up:
        context = (*context, plain(section.title))
    above = ("\0".join(context[:depth]) for depth in range(1, len(context) + 1))
    inside = (f"{note.source.path}\0{heading}" for heading in above)
    if snippet.kind == "setup":  # it serves its heading, and what stands below that
        return (note.source.path, *inside)
    return (note.source.path, *inside, f"{note.source.path}\0\0{snippet.section}")


def _verdict(
    source: Source, snippet: Snippet, said: verify.Verdict, places: dict[str, Span]
) -> Verdict:
    return Verdict(
        snippet=snippet,
        status=Status(said.status),
        kind=said.kind,
        reason=said.reason and _visible(said.reason),
        problems=tuple(_problem(source, snippet, finding) for finding in said.findings),
        announced=tuple(_problem(source, snippet, finding) for finding in said.announced),
        allowed=tuple(_problem(source, snippet, finding) for finding in said.allowed),
        stdout=said.stdout,
        stand_ins=said.stand_ins,
        assumed=said.assumed,
        guessed=said.guessed,
        after=tuple(places[key] for key in said.after if key in places),
        figures=tuple(_figure(source, name, picture) for name, picture in said.figures),
        depth=said.depth,
        seconds=said.seconds,
        runs=said.runs,
        cached=said.cached,
    )


def _figure(source: Source, name: str, picture: str) -> Asset:
    content = base64.b64decode(picture)
    return Asset(source.path, name, hashlib.sha256(content).hexdigest()[:16] + ".png", content)


def _problem(source: Source, snippet: Snippet, finding: verify.Finding) -> Problem:
    fix = finding.fix
    return Problem(
        code=finding.code,
        span=_in_fence(source, snippet, finding) or _span(source, snippet, finding),
        message=_visible(finding.message),
        help=_visible(finding.help),
        severity=finding.severity,
        fix=_edit(source, snippet, fix) if fix else None,
    )


#: What a terminal would obey, and what XML cannot hold.
_UNSEEN = late("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")


def _visible(text: str) -> str:
    """Return words with the characters of the code's own that nobody sees written out."""
    return _UNSEEN.sub(lambda match: repr(match[0])[1:-1], text)


_OF_FENCE = frozenset({"unknown-option", "bad-option", "unused-allow"})


def _in_fence(source: Source, snippet: Snippet, finding: verify.Finding) -> Span | None:
    """Return the place of an attribute that a finding is about, in the line of the fence."""
    named = re.search(r"`([\w-]+)", finding.message)
    if finding.code not in _OF_FENCE or not snippet.fenced or not named:
        return None
    line = snippet.span.line - 1
    match = re.search(rf"(?<![\w-]){named[1]}(?![\w-])", source.line(line))
    return source.span(line, match.start() + 1, line, match.end() + 1) if match else None


def _edit(source: Source, snippet: Snippet, fix: verify.Fix) -> Edit | None:
    """Return a correction of the file; None where the file's line is not what the code has.

    A line that is added has the same before it as the line beside it, such as `> `.
    """
    place = _span(source, snippet, fix)
    indent = _indent(snippet, fix.line)
    is_line = "\n" not in fix.text or (indent >= 0 and snippet.kind == "code")
    if place.line != place.end_line or not is_line:
        return None
    code = snippet.code.split("\n")[fix.line - 1]
    line = source.line(place.line)
    if line[place.column - 1 : place.end_column - 1] != code[fix.column - 1 : fix.end_column - 1]:
        return None
    return Edit(place, fix.text.replace("\n", "\n" + line[: max(indent, 0)]), fix.safe)


def _span(source: Source, snippet: Snippet, place: verify.Finding | verify.Fix) -> Span:
    """Turn lines and columns of the code into those of the file."""
    return source.span(
        snippet.span.line + place.line - 1,
        place.column + _indent(snippet, place.line),
        snippet.span.line + place.end_line - 1,
        place.end_column + _indent(snippet, place.end_line),
    )


def _indent(snippet: Snippet, line: int) -> int:
    return snippet.indents[line - 1] if 0 < line <= len(snippet.indents) else 0
