"""The forms that other programs read, from a course made by hand."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from builder.model import Course, Mention, Problem, Snippet, Source, Status, Verdict
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


def test_names_in_sentences_are_in_every_form() -> None:
    wrong = Problem("unknown-name", SOURCE.span(1, 4, 1, 5), "`torch.nn` has no `MESLoss`")
    doubtful = replace(wrong, message="`torch` has no `magic`", severity="warning")
    said = replace(
        course(),
        mentions=(
            Mention(wrong.span, "nn.MESLoss", "torch.nn.MESLoss", status="typo", problem=wrong),
            Mention(wrong.span, "torch.magic", "torch.magic", status="unknown", problem=doubtful),
            Mention(wrong.span, "torch.nn", "torch.nn", status="ok"),
        ),
    )
    assert "::error file=notes/a b.md,line=1" in FORMATS["github"](said)
    (suite,) = ElementTree.fromstring(FORMATS["junit"](said))
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "2", "2")
    assert len(json.loads(FORMATS["sarif"](said))["runs"][0]["results"]) == 3
    assert [m["status"] for m in json.loads(FORMATS["json"](said))["mentions"]] == [
        "typo", "unknown", "ok",
    ]  # fmt: skip


def test_junit_gets_a_suite_a_note_and_a_case_a_snippet() -> None:
    root = ElementTree.fromstring(FORMATS["junit"](course()))
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "1", "1")
    broken, left_open = suite
    assert broken.get("name") == "code at notes/a b.md:4:1"
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


def full() -> Course:
    """All that can stand in a report: every severity, known and new, odd characters, nothing."""
    whole = course()
    broken, left_open = whole.verdicts
    [problem] = broken.problems
    odd = replace(problem, message="a\x00 \x1b[1m <&> 错误", help="", severity="note")
    known = replace(problem, known=True, severity="warning")
    verdicts = (
        replace(broken, problems=(problem, odd, known)),
        left_open,
        Verdict(broken.snippet, Status.FAILED, problems=(replace(problem, known=True),)),
        Verdict(broken.snippet, Status.SKIPPED),
        Verdict(broken.snippet, Status.PASSED, kind="claim"),
    )
    unread = Problem("undecodable-file", replace(problem.span, path="b\x07.md"), "no text")
    return replace(whole, verdicts=verdicts, problems=(unread,))


COURSES = {"full": full(), "some": course(), "empty": Course("nothing", ())}


@pytest.mark.parametrize("which", COURSES.values(), ids=COURSES.keys())
def test_sarif_holds_against_its_schema(which: Course) -> None:
    """As types that were generated from the published schema, and that forbid all it forbids."""
    Sarif.model_validate_json(FORMATS["sarif"](which))


def test_the_sarif_schema_finds_what_is_wrong() -> None:
    log = json.loads(FORMATS["sarif"](full()))
    log["runs"][0]["results"][0]["place"] = {}
    with pytest.raises(ValueError, match="place"):
        Sarif.model_validate(log)


#: What junit-10.xsd of Jenkins' xUnit plug-in says of the elements in use: the attributes that an
#: element must have, those it may have, and what may stand in it.
JUNIT: Mapping[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"group", "time", "skipped", "timestamp", "hostname", "id", "package"}
        | {"file", "log", "url"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": (
        {"name"},
        {"time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
}
#: Its pattern for times of suites.
SECONDS = r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?"


@pytest.mark.parametrize("which", COURSES.values(), ids=COURSES.keys())
def test_junit_keeps_to_what_its_schema_says(which: Course) -> None:
    root = ElementTree.fromstring(FORMATS["junit"](which))
    assert root.tag == "testsuites"
    for element in root.iter():
        must, may, inside = JUNIT[element.tag]
        assert must <= set(element.keys()) <= must | may, element.tag
        assert {child.tag for child in element} <= inside
        assert re.fullmatch(SECONDS, element.get("time", "0"))


def test_junit_can_be_read_whatever_is_said() -> None:
    problem = Problem("unknown-name", SOURCE.span(4, 1, 4, 11), "".join(map(chr, range(0x2FF))))
    odd = replace(problem, message=problem.message + "\ufffd\ufffe\uffff]]>")
    note = course().notes[0]
    said = Course("course", (note,), verdicts=(failed(note.snippets[0], odd),), verified=True)
    [failure] = ElementTree.fromstring(FORMATS["junit"](said)).iter("failure")
    assert (failure.get("message") or "").endswith("\ufffd]]>")


def test_junit_counts_what_it_holds() -> None:
    for suite in ElementTree.fromstring(FORMATS["junit"](full())):
        for number, what in (("tests", "testcase"), ("failures", ".//failure")):
            assert int(suite.get(number, "")) == len(suite.findall(what))
        assert int(suite.get("skipped", "")) == len(suite.findall(".//skipped"))


ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def test_the_workflows_hold_against_the_schema_of_github(tmp_path: Path) -> None:
    shown = tmp_path / "shown.yml"
    text = (ROOT / "docs/ci.md").read_text("utf-8")
    shown.write_text(re.findall(r"```yaml\n(name: .*?)```", text, re.DOTALL)[0], "utf-8")
    assert WORKFLOWS
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    files = [*map(str, WORKFLOWS), str(shown)]
    done = subprocess.run(
        [*command, "vendor.github-workflows", *files], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_workflows_use_official_actions_alone() -> None:
    for path in (*WORKFLOWS, ROOT / "docs/ci.md"):
        used = re.findall(r"uses: (\S+)", path.read_text("utf-8"))
        assert used
        assert [
            name for name in used if not re.match(r"(actions|github)/[\w/-]+@v\d+$", name)
        ] == []


def test_the_hooks_for_pre_commit_have_what_they_must_have() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert [hook["id"] for hook in hooks] == ["proofdeck-verify", "proofdeck-lint"]
    for hook in hooks:
        assert {"id", "name", "entry", "language", "description"} <= hook.keys()
        assert hook["language"] == "python"
        assert hook["entry"].split()[0] == "build"
        assert hook["pass_filenames"] is False
