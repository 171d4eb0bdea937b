"""Installed from its wheel into an empty environment, the program is whole."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

NOTE = """\
## What does ones make?

```python
print(torch.ones(2))
```

## What is its type?

`float32`.
"""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, check=False, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment that holds the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    run(*build, cwd=ROOT)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=True)
    found = folder / "venv/bin/python"
    pip = (found, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "-c", ROOT / "constraints.txt", wheel, cwd=folder)
    return found


def test_a_small_note_becomes_a_deck_and_a_site(python: Path, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.md").write_text(NOTE, "utf-8")
    said = run(python.parent / "build", "--no-cache", cwd=tmp_path)
    assert "1 snippet: 1 passed" in said
    assert "dist/notes.apkg: 2 new" in said
    page = (tmp_path / "dist/notes/a.html").read_text("utf-8")
    assert "tensor([1., 1.])" in page
    assert (tmp_path / "dist/assets/site.css").is_file()


def test_problems_can_be_explained(python: Path, tmp_path: Path) -> None:
    said = run(python.parent / "build", "explain", "wrong-output", cwd=tmp_path)
    assert said.startswith("wrong-output\n\n")
