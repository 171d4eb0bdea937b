"""`build explain`: every section can be shown, and its example causes just that problem."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from builder.explain import Explanation, explanations
from tests.test_cli import build

KNOWN = explanations((Path(__file__).parent.parent / "docs/problems.md").read_text("utf-8"))
#: Where a problem shows that `build lint` does not look for.
COMMANDS = {
    "claim-false": ("verify",),
    "duplicate-id": ("deck", "--no-verify"),
    "duplicate-question": ("deck", "--no-verify"),
}
EXAMPLES = {code: found.example for code, found in KNOWN.items() if found.example}


def test_all_are_listed_with_a_line_each(tmp_path: Path) -> None:
    ran = build(tmp_path, "explain")
    lines = ran.out.splitlines()
    assert ran.status == 0
    assert [line.split()[0] for line in lines] == list(KNOWN)
    assert all(len(line.split(maxsplit=1)[1]) > 10 for line in lines)


def test_one_is_shown_as_plain_text(tmp_path: Path) -> None:
    ran = build(tmp_path, "explain", "wrong-output")
    assert ran.status == 0
    assert ran.out.startswith("wrong-output\n\nWhat the note shows as output")
    assert "\n    torch.ones(2, 3).shape  # torch.Size([3, 2])\n" in ran.out


def test_an_unknown_code_has_near_ones(tmp_path: Path) -> None:
    ran = build(tmp_path, "explain", "wrong-ouput")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "error: there is no problem `wrong-ouput`; did you mean `wrong-output`?\n"


@pytest.mark.parametrize("found", KNOWN.values(), ids=KNOWN)
def test_every_section_can_be_shown(found: Explanation) -> None:
    assert found.group
    assert found.plain.startswith(f"{found.code}\n\n")
    assert "```" not in found.plain.replace(" ```", "")
    assert "](" not in found.plain


def test_each_example_of_code_causes_its_problem_alone(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    wanted = {}
    for code, (info, example) in EXAMPLES.items():
        if info.startswith("python"):
            text = f"## {code}?\n\n{code}.\n\n```{info}\n{example}```\n"
            (tmp_path / f"notes/{code}.md").write_text(text, "utf-8")
            wanted[code] = {code}
    said = json.loads(build(tmp_path, "verify", "--no-cache", "--format", "json").out)
    found: dict[str, set[str]] = {code: set() for code in wanted}
    for snippet in said["snippets"]:
        found[Path(snippet["path"]).stem] |= {problem["code"] for problem in snippet["problems"]}
    assert found == wanted


def test_each_example_of_a_note_causes_its_problem(tmp_path: Path) -> None:
    for code, (info, example) in EXAMPLES.items():
        if info != "markdown":
            continue
        folder = tmp_path / code
        (folder / "notes").mkdir(parents=True)
        (folder / "notes/a.md").write_text(example, "utf-8")
        said = build(folder, *COMMANDS.get(code, ("lint",))).out
        assert f"[{code}]" in said, (code, said)


def test_each_example_of_a_configuration_causes_its_problem(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.md").write_text("## 什么？\n\n这个。\n", "utf-8")
    for code, (info, example) in EXAMPLES.items():
        if info == "toml":
            (tmp_path / "proofdeck.toml").write_text(example, "utf-8")
            ran = build(tmp_path, "cards")
            assert ran.status == 2
            assert f"error[{code}]" in ran.err
