"""The only file that knows click, prints or exits: commands, their options, and their words."""

from __future__ import annotations

import gc
import math
import signal
import sys
import warnings
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from builder import __version__

if TYPE_CHECKING:
    from builder.check import Progress
    from builder.pipeline import Reading, Settings

Command = TypeVar("Command", bound=Callable[..., Any])

#: Exit statuses.
FINE, ERRORS, WRONG_USE, OUR_FAULT, INTERRUPTED = 0, 1, 2, 3, 130

_PATH = click.Path(path_type=Path)

_COMMON = (
    click.option(
        "--notes", type=_PATH, multiple=True, help="A folder of notes, or files. Default: notes/"
    ),
    click.option("--out", type=_PATH, help="Where outputs go. Default: dist/"),
    click.option("--config", type=_PATH, help="The proofdeck.toml to go by."),
    click.option("-q", "--quiet", is_flag=True, help="Say only what is wrong."),
    click.option("-v", "--verbose", is_flag=True, help="Say more, such as why code was not run."),
    click.option("--color/--no-color", default=None, help="Default: on a terminal."),
)

_STRICT = click.option("--strict", is_flag=True, help="Count warnings as errors.")

_RUNNING = (
    click.option("--jobs", type=click.IntRange(1), help="Snippets side by side. Default: by CPUs."),
    click.option(
        "--timeout",
        type=click.FloatRange(0, 1e6, min_open=True),
        help="Seconds a snippet.",
        callback=lambda _context, _option, value: _number(value),
    ),
    click.option("--no-cache", is_flag=True, help="Read and run all, whatever is known already."),
    click.option("--cache-dir", type=_PATH, help="Where verdicts and read notes are kept."),
    click.option("--python", "interpreter", type=_PATH, help="Run snippets with this Python."),
    click.option(
        "--sandbox",
        type=click.Choice(["auto", "require", "off"]),
        default="auto",
        help="Shut snippets off from network and files. Default: auto, as far as can be.",
    ),
)

_VERIFYING = (
    click.option("--strict", is_flag=True, help="Count warnings and incomplete code as errors."),
    *_RUNNING,
)

_FOR_CI = (
    click.option(
        "--shard",
        metavar="K/N",
        help="Run one of N even shares of the snippets.",
        callback=lambda _context, _option, value: _shard(value),
    ),
    click.option(
        "--changed-since", metavar="REV", help="Run what changed since a git revision, as needed."
    ),
    click.option(
        "--require",
        metavar="NAME,...",
        multiple=True,
        help="Fail what lacks one of these: a package, cuda, network, data, weights, display, ...",
        callback=lambda _context, _option, value: _names(value),
    ),
)
_BASELINE = (
    click.option("--baseline", type=_PATH, help="A file of known failures, which do not count."),
    click.option("--write-baseline", is_flag=True, help="Write all present failures into it."),
)

_WRITING = (
    click.option("--no-verify", is_flag=True, help="Write without running anything, and say so."),
    click.option("--force", is_flag=True, help="Replace files that are not ours."),
)

_LOCKED = click.option("--locked", is_flag=True, help="Fail where proofdeck.lock would change.")
_CONSENT = (
    click.option("--breaking", is_flag=True, help="Allow what splits the collections of learners."),
    click.option(
        "--retire", is_flag=True, help="Let Anki's Empty Cards remove what left the notes."
    ),
    click.option(
        "--accept-renames", is_flag=True, help="Take the likeliest where a rename is not clear."
    ),
)
_FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Default: text"
)


def _with(*groups: Iterable[Callable[[Command], Command]]) -> Callable[[Command], Command]:
    def add(command: Command) -> Command:
        for option in reversed([option for group in groups for option in group]):
            command = option(command)
        return command

    return add


@dataclass(frozen=True)
class Said:
    """What the command line said that all commands share."""

    notes: tuple[Path, ...] = ()
    out: Path | None = None
    config: Path | None = None
    quiet: bool = False
    verbose: bool = False
    color: bool | None = None

    def print(self, text: str) -> None:
        """Print to standard output, in colour where that is a terminal or was asked for."""
        click.echo(text, color=self.color)


def _said(context: click.Context, options: dict[str, Any]) -> Said:
    """Take the shared options, after those in front of the command were put to those behind it."""
    if context.parent:
        _take_over(context.parent, context, options)
    names = ("notes", "out", "config", "quiet", "verbose", "color")
    return Said(**{name: options.pop(name) for name in names})


def _take_over(above: click.Context, context: click.Context, options: dict[str, Any]) -> None:
    """An option in front of a command is meant for it; one that it does not know is wrong use."""
    for parameter in above.command.params:
        name = str(parameter.name)
        if above.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            continue
        if name not in options:
            given = parameter.opts[0]
            raise click.UsageError(f"`{given}` does not go with `{context.info_name}`", context)
        if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            options[name] = above.params[name]


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="proofdeck", prog_name="build")
@_with(_COMMON, _VERIFYING, _WRITING, (_LOCKED, *_CONSENT))
@click.pass_context
def build(context: click.Context, /, **options: Any) -> None:
    """Make an Anki deck and a web site from Markdown notes, and run every piece of code in them.

    Without a command: verify, then write both.
    """
    if context.invoked_subcommand is None:
        said = _said(context, options)
        _make(said, ("deck", "site"), **options)


@build.command()
@_with(_COMMON, _VERIFYING, _FOR_CI, _BASELINE)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "junit", "sarif"]),
    default="text",
    help="Default: text",
)
@click.option(
    "--report", "reports", multiple=True, metavar="FORMAT=PATH", help="Also write this file."
)
@click.pass_context
def verify(
    context: click.Context,
    /,
    form: str,
    reports: tuple[str, ...],
    baseline: Path | None,
    write_baseline: bool,
    **options: Any,
) -> None:
    """Run the code of the notes and say what is wrong, for CI."""
    from builder import pipeline, report

    wanted = [_report(text, report.FORMATS) for text in reports]
    whole = options["shard"] is None and options["changed_since"] is None
    _refuse_half_a_baseline(baseline, write_baseline, whole=whole)
    said = _said(context, options)
    strict = options.pop("strict")
    where = pipeline.settings(said.notes, said.out, said.config)
    where = pipeline.keeping(where, options["cache_dir"], no_cache=options["no_cache"])
    reading = _verified(said, where, options, bare=bool(where.kept))
    course = pipeline.settled(
        reading, reading.course, baseline, write=write_baseline, strict=strict, whole=whole
    )
    for name, path in wanted:
        pipeline.write_report(path, report.FORMATS[name](course))
    if form in report.FORMATS:
        click.echo(report.FORMATS[form](course), nl=False)
    else:
        for text in report.verify_text(course, reading.sources, said.verbose, strict=strict):
            said.print(text)
        if not said.quiet:
            for line in (report.totals(course), *report.fixable(pipeline.problems(course))):
                said.print(line)
    _exit(pipeline.has_errors(course, strict=strict))


@build.command()
@_with(_COMMON, (_FORMAT,))
@click.pass_context
def cards(context: click.Context, /, form: str, **options: Any) -> None:
    """Show what the deck would hold, and what is held back and why."""
    from builder import pipeline, report

    said = _said(context, options)
    where = pipeline.settings(said.notes, said.out, said.config)
    reading = pipeline.read(where, bare=True)
    if form == "json":
        guids = pipeline.guids(where, reading.course)
        click.echo(report.cards_json(reading.course, guids), nl=False)
    else:
        for text in report.cards_text(reading.course, reading.sources, only_wrong=said.quiet):
            said.print(text)
    _exit(any(problem.severity == "error" for problem in reading.course.problems))


@build.command()
@_with(_COMMON, (_STRICT, _FORMAT))
@click.pass_context
def lint(context: click.Context, /, form: str, strict: bool, **options: Any) -> None:
    """Say what is wrong with the notes themselves; nothing is run."""
    from builder import pipeline, report

    said = _said(context, options)
    where = pipeline.settings(said.notes, said.out, said.config)
    where = pipeline.keeping(where, None, no_cache=False)
    reading = pipeline.read(where, bare=True)
    found = pipeline.lint(where, reading.course)
    where.kept.save()
    if form == "json":
        click.echo(report.problems_json(found), nl=False)
    else:
        for problem in found:
            said.print(report.problem_text(problem, reading.sources.get(problem.span.path)))
        if not said.quiet:
            said.print(report.problems_total(found))
    bad = ("error", "warning") if strict else ("error",)
    _exit(any(problem.severity in bad for problem in found))


@build.command()
@click.argument("path", type=_PATH)
@click.option(
    "--language",
    default="en",
    help="Of the words on cards and pages, such as zh. Default: en",
)
def new(path: Path, language: str) -> None:
    """Make a small project to start from, in an empty folder."""
    from builder import pipeline

    for file in pipeline.new(path, language):
        click.echo(file)
    click.echo(f"\nnow: cd {path} && build")


@build.command()
@click.argument("code", default="")
def explain(code: str) -> None:
    """Say what a problem means, what causes it, and what to do.

    Without CODE, list all there are.
    """
    from builder import pipeline

    click.echo(pipeline.explain(code), nl=False)


@build.command()
@_with(_COMMON, _VERIFYING[1:])
@click.option("--diff", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--unsafe", is_flag=True, help="Also what is likely meant, and not certainly.")
@click.pass_context
def fix(context: click.Context, /, diff: bool, unsafe: bool, **options: Any) -> None:
    """Correct the notes where only one thing can be meant.

    Ends with 0; with --diff, 1 where something would change.
    """
    from builder import pipeline, report

    said = _said(context, options)
    where = pipeline.settings(said.notes, said.out, said.config)
    if sys.stderr.isatty() and not said.quiet:
        options["progress"] = _progress
    fixed = pipeline.fix(where, unsafe=unsafe, **options)
    corrected = tuple(problem for change in fixed.changes for problem in change.corrected)
    if diff:
        click.echo("".join(change.difference for change in fixed.changes), nl=False)
    else:
        pipeline.rewrite(where, fixed)
        for line in report.corrections(corrected):
            said.print(line)
    for path in fixed.kept:
        click.echo(f"{path}: kept as it is, since not every byte of it would come back", err=True)
    if not said.quiet:
        notes = len(fixed.changes)
        total = report.corrections_total(len(corrected), notes, fixed.left, written=not diff)
        click.echo(total, err=diff)
    _exit(diff and bool(corrected))


@build.command()
@_with(_COMMON, _VERIFYING, _WRITING, (_LOCKED, *_CONSENT))
@click.option("--dry-run", is_flag=True, help="Only print what learners would see change.")
@_FORMAT
@click.pass_context
def deck(context: click.Context, /, **options: Any) -> None:
    """Write the Anki package."""
    with _answered(options["form"]):
        _make(_said(context, options), ("deck",), **options)


@build.command()
@_with(_COMMON, _VERIFYING, _WRITING)
@click.pass_context
def site(context: click.Context, /, **options: Any) -> None:
    """Write the web site."""
    _make(_said(context, options), ("site",), **options)


@build.command()
@_with(_COMMON, _RUNNING)
@click.option("--no-verify", is_flag=True, help="Run nothing, and say so.")
@click.option("--port", type=click.IntRange(1, 65535), help="Default: 8000, or one that is free.")
@click.pass_context
def serve(context: click.Context, /, port: int | None, no_verify: bool, **options: Any) -> None:
    """Show the web site in a browser, and follow each save."""
    from contextlib import nullcontext

    from builder import pipeline
    from builder import serve as following

    said = _said(context, options)

    def settings() -> Settings:
        return pipeline.settings(said.notes, said.out, said.config)

    runner = nullcontext() if no_verify else pipeline.runner(settings(), **options)
    with suppress(KeyboardInterrupt), runner as open_runner:
        following.serve(settings, port, open_runner, said.print)


def _make(
    said: Said,
    outputs: tuple[str, ...],
    *,
    strict: bool,
    no_verify: bool,
    force: bool,
    locked: bool = False,
    breaking: bool = False,
    retire: bool = False,
    accept_renames: bool = False,
    dry_run: bool = False,
    form: str = "text",
    **options: Any,
) -> None:
    """Read, verify, write the named outputs, and say what was made."""
    from builder import pipeline, report
    from builder.deck import Consent

    consent = Consent(breaking, retire, accept_renames)
    where = pipeline.settings(said.notes, said.out, said.config)
    where = pipeline.keeping(where, options["cache_dir"], no_cache=options["no_cache"])
    pipeline.refuse_unwritable(where)
    bare = bool(where.kept)
    if no_verify:
        reading = pipeline.read(where, bare=bare)
    else:
        reading = _verified(said, where, options, bare=bare)
    course = reading.course
    made = pipeline.make(where, course, outputs, consent=consent)
    if not dry_run:
        pipeline.write(where, made, force=force, locked=locked)
    elif locked:
        pipeline.refuse_changes(where, made)
    if form == "json":
        click.echo(pipeline.forecast_json(where, made), nl=False)
        _exit(pipeline.has_errors(made.course, strict=strict))
    for problem in pipeline.problems(made.course):
        if said.verbose or problem.severity != "note":
            said.print(report.problem_text(problem, reading.sources.get(problem.span.path)))
    if not said.quiet:
        fixable = report.fixable(pipeline.problems(made.course))
        for line in (*report.summary(made.course), *fixable, *pipeline.results(where, made)):
            said.print(line)
    _exit(pipeline.has_errors(made.course, strict=strict))


@contextmanager
def _answered(form: str) -> Iterator[None]:
    """A script that asked for JSON gets it where nothing can be built, too."""
    try:
        yield
    except Exception as error:
        if form == "json":
            from builder import pipeline

            click.echo(pipeline.refusal_json(error), nl=False)
        raise


def _refuse_half_a_baseline(baseline: Path | None, write: bool, *, whole: bool) -> None:
    if write and not baseline:
        raise click.UsageError("`--write-baseline` needs `--baseline FILE`")
    if write and not whole:
        raise click.UsageError(
            "`--write-baseline` needs all snippets, without `--shard` and `--changed-since`"
        )


def _shard(value: str | None) -> tuple[int, int] | None:
    """Take `2/5` apart."""
    if value is None:
        return None
    number, sign, of = value.partition("/")
    if not (sign and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise click.BadParameter(f"`{value}` is not K/N with K from 1 to N, such as `2/5`")
    return int(number), int(of)


def _names(values: tuple[str, ...]) -> tuple[str, ...]:
    names = (name.strip() for value in values for name in value.split(","))
    return tuple("cuda" if name.lower() == "gpu" else name for name in names if name)


def _number(value: float | None) -> float | None:
    if value is not None and math.isnan(value):
        raise click.BadParameter("`nan` is no number of seconds")
    return value


def _report(text: str, known: Container[str]) -> tuple[str, Path]:
    """Take `sarif=out/report.sarif` apart."""
    name, sign, path = text.partition("=")
    if name not in known or not sign or not path:
        raise click.BadParameter(f"`{text}` is not FORMAT=PATH", param_hint="--report")
    return name, Path(path)


def _verified(
    said: Said, where: Settings, options: dict[str, Any], *, bare: bool = False
) -> Reading:
    from builder import pipeline

    if sys.stderr.isatty() and not said.quiet:
        options["progress"] = _progress
    return pipeline.verify(where, bare=bare, **options)


def _progress(so_far: Progress) -> None:
    """Count on a terminal, on one line that goes when all is done."""
    text = ""
    if so_far.done < so_far.total:
        text = f"verified {so_far.done} of {so_far.total} snippets, {so_far.failed} failed"
        if so_far.seconds >= 1:
            text += f"; slowest: {so_far.slowest}, {so_far.seconds:.1f} s"
    click.echo(f"\r\x1b[K{text}", err=True, nl=False)


def _exit(failed: bool) -> None:
    sys.exit(ERRORS if failed else FINE)


def main() -> None:
    """Run the command line; whatever goes wrong is one clear message and a status."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    # What Python finds odd in the code of notes it tells of no place: we do, where it matters.
    warnings.simplefilter("ignore", SyntaxWarning)
    # Values hold no cycles; to look for some among all notes, again and again, takes half the time.
    gc.set_threshold(50_000, 20, 100)
    try:
        sys.exit(build.main(prog_name="build", standalone_mode=False) or FINE)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(INTERRUPTED)
    except Exception as error:
        sys.exit(_failure(error))


def _stop(number: int, _frame: object) -> None:
    """End in order, so that no process and no folder stays behind."""
    sys.exit(128 + number)


def _failure(error: Exception) -> int:
    """Say what went wrong, and return the status for it."""
    from builder import report
    from builder.check import InterpreterError
    from builder.files import InputError, MachineError
    from builder.pipeline import LockedError, ProblemsError

    match error:
        case InputError() | InterpreterError():
            click.echo(f"error: {error}", err=True)
            return WRONG_USE
        case LockedError():
            click.echo(f"error: {error}", err=True)
            return ERRORS
        case ProblemsError():
            for problem in error.problems:
                click.echo(report.problem_text(problem, error.source), err=True)
            return WRONG_USE
        case MachineError():
            click.echo(f"error: {error}", err=True)
            return OUR_FAULT
        case OSError():
            click.echo(f"error: {error.strerror or error}", err=True)
            return OUR_FAULT
        case UnicodeEncodeError() if sys.getfilesystemencoding() != "utf-8":
            name = error.object.encode("ascii", "backslashreplace").decode()
            click.echo(
                f"error: names of files can only hold `{error.encoding}` here, which has no"
                f" `{name}`: set PYTHONUTF8=1, or a locale with UTF-8", err=True
            )  # fmt: skip
            return WRONG_USE
        case _:
            import traceback

            traceback.print_exception(error)
            click.echo(
                "error: this is a fault of ours, not of your notes; please report it", err=True
            )
            return OUR_FAULT
