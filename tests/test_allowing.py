"""`[verify.allow]` and JSON, through the real command."""

from __future__ import annotations

import json
from pathlib import Path

from tests.test_cli import build

NOTE = "## 什么会失败？\n\n这个。\n\n```python\ntorch.onse(2)\n```\n"
CONFIG = '[verify.allow]\n"drafts/**" = ["unknown-name"]\n"other.md" = ["exit"]\n'


def test_the_configuration_allows_by_path(tmp_path: Path) -> None:
    (tmp_path / "notes/drafts").mkdir(parents=True)
    (tmp_path / "proofdeck.toml").write_text(CONFIG, "utf-8")
    (tmp_path / "notes/drafts/a.md").write_text(NOTE, "utf-8")
    cache = ("--cache-dir", str(tmp_path / "cache"))
    ran = build(tmp_path, "verify", *cache, "--format", "json")
    said = json.loads(ran.out)
    assert (ran.status, ran.err) == (0, "")
    (snippet,) = said["snippets"]
    assert (snippet["status"], snippet["problems"]) == ("passed", [])
    assert [problem["code"] for problem in snippet["allowed"]] == ["unknown-name"]
    (idle,) = said["problems"]
    assert (idle["code"], idle["path"], idle["line"]) == ("unused-allow", "proofdeck.toml", 3)

    (tmp_path / "notes/b.md").write_text(NOTE, "utf-8")
    assert build(tmp_path, "verify", *cache).status == 1
