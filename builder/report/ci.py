"""The report in the forms that other programs read: GitHub's annotations, JUnit, SARIF."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Final
from urllib.parse import quote
from xml.etree import ElementTree as Xml

from builder import __version__
from builder.model import Course, Mention, Problem, Span, Status, Verdict

#: GitHub's and SARIF's words for our severities.
_GITHUB: Final = {"error": "error", "warning": "warning", "note": "notice"}
_SARIF: Final = {"error": "error", "warning": "warning", "note": "note"}

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def github(course: Course) -> str:
    """Return workflow commands that put each problem on its line of a pull request.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    return "".join(_annotation(p) + "\n" for p in _problems(course) if not p.known)


def _annotation(problem: Problem) -> str:
    span = problem.span
    said = {
        "file": span.path,
        "line": span.line,
        "endLine": span.end_line,
        "col": span.column,
        "endColumn": span.end_column,
        "title": problem.code,
    }
    if span.line != span.end_line:  # GitHub takes columns for one line only
        said = {key: value for key, value in said.items() if "ol" not in key}
    values = ",".join(f"{key}={_escaped(str(value), ':,')}" for key, value in said.items())
    text = f"{problem.message}\n{problem.help}" if problem.help else problem.message
    return f"::{_GITHUB[problem.severity]} {values}::{_escaped(text)}"


def _escaped(text: str, also: str = "") -> str:
    for sign in "%\r\n" + also:
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text


def junit(course: Course) -> str:
    """Return a test case for each snippet, in a suite for each note.

    The form is the one of the schema that Jenkins publishes, `junit-10.xsd`, which knows no
    attributes for lines: the place stands in a case's name.
    """
    root = Xml.Element("testsuites", name="proofdeck")
    for note in course.notes:
        every = (*course.verdicts, *course.asides)
        own = [v for v in every if v.snippet.span.path == note.source.path]
        said = [m for m in course.mentions if m.span.path == note.source.path and m.problem]
        count = Counter([*map(_counted_as, own), *map(_counts_as, said)])
        skipped = count[Status.INCOMPLETE] + count[Status.SKIPPED]
        seconds = sum(verdict.seconds for verdict in own)
        tests = len(own) + len(said)
        suite = _suite(root, note.source.path, tests, count[Status.FAILED], skipped, seconds)
        suite.set("file", _plain(note.source.path))
        for verdict in own:
            _case(suite, verdict)
        for mention in said:
            _name(suite, mention)
    _unread(root, [p for p in course.problems if p.severity == "error" and not p.known])
    Xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, "unicode") + "\n"


def _suite(
    root: Xml.Element, name: str, tests: int, failures: int, skipped: int, seconds: float
) -> Xml.Element:
    return Xml.SubElement(
        root,
        "testsuite",
        name=_plain(name),
        tests=str(tests),
        failures=str(failures),
        errors="0",
        skipped=str(skipped),
        time=_seconds(seconds),
    )


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"


def _test(suite: Xml.Element, kind: str, span: Span, seconds: float = 0.0) -> Xml.Element:
    name, path = _plain(f"{kind} at {span}"), _plain(span.path)
    return Xml.SubElement(suite, "testcase", name=name, classname=path, time=_seconds(seconds))


def _fail(case: Xml.Element, problems: list[Problem]) -> None:
    failure = Xml.SubElement(case, "failure", type=problems[0].code)
    failure.set("message", _plain(problems[0].message))
    failure.text = _plain("\n".join(_line(problem) for problem in problems))


def _counted_as(verdict: Verdict) -> Status:
    """Return the status that counts: what failed for known reasons alone counts as skipped."""
    errors = [problem for problem in verdict.problems if problem.severity == "error"]
    known = bool(errors) and all(problem.known for problem in errors)
    return Status.SKIPPED if known else verdict.status


def _unread(root: Xml.Element, problems: list[Problem]) -> None:
    """Add a suite for what is wrong with the notes themselves, if anything is."""
    if problems:
        suite = _suite(root, "notes", len(problems), len(problems), 0, 0.0)
        for problem in problems:
            _fail(_test(suite, problem.code, problem.span), [problem])


def _case(suite: Xml.Element, verdict: Verdict) -> None:
    case = _test(suite, verdict.kind, verdict.snippet.span, verdict.seconds)
    errors = [problem for problem in verdict.problems if problem.severity == "error"]
    new = [problem for problem in errors if not problem.known]
    if new:
        _fail(case, new)
    elif errors:
        said = f"known: {errors[0].code}: {errors[0].message}"
        Xml.SubElement(case, "skipped", message=_plain(said))
    elif verdict.status is not Status.PASSED:
        Xml.SubElement(case, "skipped", message=_plain(verdict.reason or verdict.status.value))


def _counts_as(mention: Mention) -> Status:
    """Return what a name counts as that something is to be said of; those that are right do not."""
    return Status.FAILED if mention.is_wrong else Status.SKIPPED


def _name(suite: Xml.Element, mention: Mention) -> None:
    assert mention.problem
    case = _test(suite, "name", mention.span)
    if mention.is_wrong:
        _fail(case, [mention.problem])
    else:
        Xml.SubElement(case, "skipped", message=_plain(_line(mention.problem)))


def _line(problem: Problem) -> str:
    help_ = f" ({problem.help})" if problem.help else ""
    return f"{problem.span}: {problem.code}: {problem.message}{help_}"


def _plain(text: str) -> str:
    """Return text without the characters that XML cannot hold."""
    return "".join(c for c in text if (c >= " " or c in "\t\n") and c not in "\ufffe\uffff")


def sarif(course: Course) -> str:
    """Return the problems as SARIF 2.1.0, which code scanning services take.

    https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    problems = _problems(course)
    codes = sorted({problem.code for problem in problems})
    driver = {
        "name": "Proofdeck",
        "version": __version__,
        "rules": [{"id": code, "name": code} for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, codes) for problem in problems],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


def _result(problem: Problem, codes: list[str]) -> dict[str, Any]:
    span = problem.span
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    place = {"artifactLocation": {"uri": quote(span.path)}, "region": region}
    text = f"{problem.message}\n{problem.help}" if problem.help else problem.message
    known = {"suppressions": [{"kind": "external", "justification": "known by the baseline"}]}
    return {
        "ruleId": problem.code,
        "ruleIndex": codes.index(problem.code),
        "level": _SARIF[problem.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
        **(known if problem.known else {}),
    }


def _problems(course: Course) -> tuple[Problem, ...]:
    return (*(p for p in course.problems if p.severity == "error"), *course.found)
