"""What matplotlib draws in a snippet stands below it, on its page and on its card."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from tests.test_cli import build, contents

pytest.importorskip("matplotlib")

NOTE = """\
## What does ReLU look like?

Flat, then rising.

```python%s
import matplotlib.pyplot as plt

print("drawn")
plt.figure(figsize=(2, 1), dpi=50)
plt.plot(F.relu(torch.linspace(-1, 1, 9)))
plt.show()
```
"""


@pytest.fixture
def folder(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    (tmp_path / "notes").mkdir()
    return tmp_path


def media(package: Path) -> dict[str, bytes]:
    import json

    with zipfile.ZipFile(package) as archive:
        names = json.loads(archive.read("media"))
        return {name: archive.read(number) for number, name in names.items()}


def test_a_figure_reaches_page_and_card(folder: Path) -> None:
    (folder / "notes/a.md").write_text(NOTE % "", "utf-8")
    cache = ("--cache-dir", str(folder / "cache"))
    ran = build(folder, *cache)
    assert ran.status == 0, ran.out
    page = (folder / "dist/notes/a.html").read_text("utf-8")
    (figure,) = re.findall(
        r'<figure class="drawn"><img src="\.\./assets/media/([0-9a-f]+\.png)"', page
    )
    content = (folder / "dist/assets/media" / figure).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert media(folder / "dist/notes.apkg") == {figure: content}
    before = contents(folder / "dist")
    assert "1 unchanged" in build(folder, *cache).out
    after = contents(folder / "dist")
    assert {p for p in before if before[p] != after[p]} <= {Path("report.json")}


def test_what_is_hidden_is_shown_nowhere(folder: Path) -> None:
    (folder / "notes/a.md").write_text(NOTE % " {hide}", "utf-8")
    ran = build(folder, "--cache-dir", str(folder / "cache"))
    assert (ran.status, ran.err) == (0, "")
    page = (folder / "dist/notes/a.html").read_text("utf-8")
    assert "<figure" not in page
    assert ">drawn<" not in page
    assert media(folder / "dist/notes.apkg") == {}
