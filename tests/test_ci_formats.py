"""The forms that other programs read, from a course made by hand."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from builder.model import Course, Problem, Snippet, Source, Status, Verdict
from builder.parsing import parse
from builder.report import FORMATS

SOURCE = Source("notes/a b.md", "## q\n\n```python\ntorch.onse(2)\n```\n\n```python\nx\n```\n")


def course() -> Course:
    note, _ = parse(SOURCE)
    broken, open_ = note.snippets
    problem = Problem(
        "unknown-name", SOURCE.span(4, 1, 4, 11), "`torch` has no `onse`, 100%", "write `ones`"
    )
    verdicts = (failed(broken, problem), Verdict(open_, Status.INCOMPLETE, reason="it needs `x`"))
    return Course("course", (note,), verdicts=verdicts, verified=True)


def failed(snippet: Snippet, problem: Problem) -> Verdict:
    return Verdict(snippet, Status.FAILED, problems=(problem,), seconds=0.25)


def test_github_gets_one_line_a_problem_with_its_place() -> None:
    assert FORMATS["github"](course()) == (
        "::error file=notes/a b.md,line=4,endLine=4,col=1,endColumn=11,title=unknown-name"
        "::`torch` has no `onse`, 100%25%0Awrite `ones`\n"
    )


def test_junit_gets_a_suite_a_note_and_a_case_a_snippet() -> None:
    root = ElementTree.fromstring(FORMATS["junit"](course()))
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "1", "1")
    broken, left_open = suite
    assert broken.get("line") == "4"
    failure = broken.find("failure")
    assert failure is not None
    assert failure.get("type") == "unknown-name"
    assert "notes/a b.md:4:1" in (failure.text or "")
    skipped = left_open.find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "it needs `x`"


def test_sarif_gets_rules_and_results_with_regions() -> None:
    log = json.loads(FORMATS["sarif"](course()))
    (run,) = log["runs"]
    (result,) = run["results"]
    assert log["version"] == "2.1.0"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "notes/a%20b.md"
    assert place["region"] == {"startLine": 4, "startColumn": 1, "endLine": 4, "endColumn": 11}
