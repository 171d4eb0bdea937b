"""The shape that ARCHITECTURE.md describes, checked."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: Each of these is imported by one file or one folder alone.
DOORS = {
    "click": "builder/cli.py",
    "fontTools": "builder/site/mathfont.py",
    "genanki": "builder/deck/",
    "jinja2": "builder/site/",
    "math_core": "builder/tex.py",
    "mistune": "builder/markdown/",
    "nh3": "builder/markdown/sanitise.py",
    "PIL": "builder/pictures.py",
    "parso": "verify/syntax.py",
    "platformdirs": "builder/pipeline/settings.py",
    "pygments": "builder/markdown/",
    "rapidfuzz": "builder/deck/",
    "torch": "verify/child/",
    "verify": "builder/check.py",
    "watchfiles": "builder/serve/watch.py",
    "yaml": "builder/config.py",
}

#: Stages: each turns values into values, and only the pipeline joins them.
STAGES = ("parsing", "lint", "prose", "check", "fix", "deck", "site", "report")


def imports(path: Path) -> Iterator[str]:
    package = path.parent.relative_to(ROOT).as_posix().split("/")
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def users(name: str, *folders: str) -> list[str]:
    """Return the files below `folders` that import `name`, or something in it."""
    return [
        file.relative_to(ROOT).as_posix()
        for folder in folders
        for file in sorted((ROOT / folder).rglob("*.py"))
        if any(found == name or found.startswith(name + ".") for found in imports(file))
    ]


@pytest.mark.parametrize(("package", "door"), DOORS.items())
def test_each_package_has_one_door(package: str, door: str) -> None:
    found = [file for file in users(package, "builder", "verify") if not _inside(file, package)]
    assert [file for file in found if not file.startswith(door)] == []
    assert found or package == "torch", f"{package} is used nowhere"


def _inside(file: str, package: str) -> bool:
    """A package of ours may import itself."""
    return file.startswith(package + "/")


def test_every_dependency_has_a_door_and_a_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {re.split(r"[<>=!~ ]", line)[0] for line in project["dependencies"]}
    imported = {
        "fonttools": "fontTools",
        "math-core": "math_core",
        "pillow": "PIL",
        "pyyaml": "yaml",
    }
    # numpy is there for the snippets, torch for them too; brotli is fontTools', ziamath a font.
    assert {imported.get(name, name) for name in names} - {
        "numpy",
        "brotli",
        "ziamath",
    } == DOORS.keys() - {"verify"}
    architecture = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert [name for name in sorted(names) if f"**{name}**" not in architecture] == []


def test_the_model_stands_on_nothing() -> None:
    for model in ("builder/model.py", "verify/model.py"):
        assert [name for name in imports(ROOT / model) if _is_ours(name)] == []


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in ("builder", "verify")


def test_verify_knows_nothing_of_the_builder() -> None:
    assert users("builder", "verify") == []


@pytest.mark.parametrize("stage", STAGES)
def test_stages_do_not_import_each_other(stage: str) -> None:
    others = users(f"builder.{stage}", *(f"builder/{other}" for other in STAGES if other != stage))
    assert others == []


def test_the_child_needs_the_standard_library_alone() -> None:
    import sys

    known = {*sys.stdlib_module_names, "torch", "numpy", "verify"}
    for file in sorted((ROOT / "verify/child").rglob("*.py")):
        assert {name.split(".")[0] for name in imports(file)} <= known, file.name
        assert [name for name in imports(file) if _leaves_the_child(name)] == [], file.name


def _leaves_the_child(name: str) -> bool:
    return _is_ours(name) and not name.startswith("verify.child")


def test_every_module_says_what_it_alone_knows() -> None:
    for folder in ("builder", "verify"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            said = ast.get_docstring(ast.parse(file.read_text("utf-8")))
            assert said, f"{file} has no docstring"
            assert said.split("\n\n")[0].endswith("."), f"{file} begins with no sentence"


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_names_every_command_and_links_to_what_is_there(name: str) -> None:
    from builder.cli import build

    readme = (ROOT / name).read_text("utf-8")
    assert [name for name in build.commands if f"`build {name}" not in readme] == []
    links = re.findall(r"\]\((?!https?:)([^)#]+)", readme)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_map_names_every_room() -> None:
    architecture = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rooms = [
        path.relative_to(ROOT).as_posix() + ("/" if path.is_dir() else "")
        for path in sorted((ROOT / "builder").iterdir())
        if path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").exists())
    ]
    missing = [room for room in rooms if room not in architecture and "__" not in room]
    assert missing == []
