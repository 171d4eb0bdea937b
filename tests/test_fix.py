"""`build fix`: what it changes, what it leaves, and that nothing else of a file is another."""

from __future__ import annotations

import json
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.fix import begin, correct
from builder.model import Edit, Problem, Source, Span
from tests.test_cli import Ran, build

#: Each kind of correction: its code, what is wrong, what is right; `⏎` begins another line.
EXAMPLES = """\
fullwidth-punctuation
- torch.ones(2，3）
+ torch.ones(2,3)
fullwidth-punctuation
- print(“a，b”)  # 好，的
+ print("a，b")  # 好，的
invisible-character
- x = 1\u200b + 2
+ x = 1 + 2
unknown-name
- torch.onse(2)
+ torch.ones(2)
unknown-name
- from torch.nn import Linaer
+ from torch.nn import Linear
unknown-name
- m = nn.Linear(1, 1) ⏎ m.paramters()
+ m = nn.Linear(1, 1) ⏎ m.parameters()
unknown-name (unsafe)
- nn.conv2d(1, 1, 1)
+ nn.Conv2d(1, 1, 1)
runtime-error
- t = torch.ones(1) ⏎ t.reshap(1)
+ t = torch.ones(1) ⏎ t.reshape(1)
misspelt-name
- import troch
+ import torch
misspelt-name
- troch.ones(2)
+ torch.ones(2)
unknown-argument
- nn.Linear(3, 2, bais=True)
+ nn.Linear(3, 2, bias=True)
unknown-argument (unsafe)
- nn.Linear(in_feature=3, out_features=2)
+ nn.Linear(in_features=3, out_features=2)
unknown-module
- import torch.nn.functionl as F
+ import torch.nn.functional as F
unknown-module (unsafe)
- import torch.functional.F as F
+ import torch.nn.functional as F
submodule-not-imported (unsafe)
- import torch  # all ⏎ torch.nn.utils.prune
+ import torch  # all ⏎ import torch.nn.utils.prune ⏎ torch.nn.utils.prune
submodule-not-imported (unsafe)
- torch.nn.utils.prune
+ import torch.nn.utils.prune ⏎ torch.nn.utils.prune
deprecated (unsafe)
- from torchvision import models ⏎ models.vgg16(pretrained=True)
+ from torchvision import models ⏎ models.vgg16(weights="IMAGENET1K_V1")
deprecated (unsafe)
- nn.init.kaiming_uniform(torch.ones(2, 2))
+ nn.init.kaiming_uniform_(torch.ones(2, 2))
wrong-default (unsafe)
- class torch.nn.Dropout(p=0.1): ⏎     pass
+ class torch.nn.Dropout(p=0.5): ⏎     pass
unknown-argument
- class torch.nn.MaxPool2d(kerner_size, stride=None): ⏎     pass
+ class torch.nn.MaxPool2d(kernel_size, stride=None): ⏎     pass
"""
_KIND = re.compile(r"(\S+)( \(unsafe\))?\n- (.+)\n\+ (.+)\n")
KINDS = [
    (code, not unsafe, before.replace(" ⏎ ", "\n"), after.replace(" ⏎ ", "\n"))
    for code, unsafe, before, after in _KIND.findall(EXAMPLES)
]


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def notes(folder: Path, codes: Iterator[str]) -> None:
    """Write a note for each piece of code, so that none is run behind another."""
    (folder / "notes").mkdir(exist_ok=True)
    for number, code in enumerate(codes):
        text = f"## 问题 {number}\n\n答，案。\n\n```python\n{code}\n```\n"
        (folder / f"notes/{number:02}.md").write_text(text, "utf-8")


def codes(folder: Path) -> list[str]:
    files = sorted((folder / "notes").iterdir())
    return [file.read_text("utf-8").split("```python\n")[1].split("\n```\n")[0] for file in files]


def problems(folder: Path) -> dict[str, set[str]]:
    found = json.loads(build(folder, "verify", "--format", "json").out)["snippets"]
    return {s["path"]: {problem["code"] for problem in s["problems"]} for s in found}


def test_every_kind_goes_away_and_stays_away(tmp_path: Path) -> None:
    notes(tmp_path, (before for _, _, before, _ in KINDS))
    found = problems(tmp_path)
    for (code, *_), (path, had) in zip(KINDS, sorted(found.items()), strict=True):
        assert code in had, path

    shown = build(tmp_path, "fix", "--diff")
    assert (shown.status, codes(tmp_path)) == (1, [before for _, _, before, _ in KINDS])
    assert build(tmp_path, "fix").status == 0
    wanted = [after if safe else before for _, safe, before, after in KINDS]
    assert codes(tmp_path) == wanted

    assert build(tmp_path, "fix", "--unsafe").status == 0
    assert codes(tmp_path) == [after for *_, after in KINDS]
    for (code, *_), (path, has) in zip(KINDS, sorted(problems(tmp_path).items()), strict=True):
        assert code not in has, path

    again = build(tmp_path, "fix", "--unsafe", "--diff")
    assert (again.status, again.out) == (0, "")
    assert "nothing to correct" in again.err


ODD = """\
---
title: 奇怪的地方
---

## 列表和引用

1. 第一，

   ```python
   torch.onse(2，3）
   ```

> - 引用，
>
>   ```python
>   import torch
>   torch.nn.utils.prune
>   ```

## 缩进

答，案。

    import torch
    print(torch.onse(2, 3))

## 会话

```pycon
>>> import torch
>>> torch.nn.utils.prune
>>> torch.onse(2，
...     3）
tensor([[1., 1., 1.],
        [1., 1., 1.]])
```

## 断言

步长，等于窗口。

<!-- claim: nn.MaxPoll2d（3).stride == 3 -->

## 没有围栏

代码，如下：

import torch
print(torch.onse(2, 3))
"""


def test_code_in_odd_places(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    note = tmp_path / "notes/a.md"
    note.write_text(ODD, "utf-8")
    ran = build(tmp_path, "fix", "--unsafe")
    assert ran.status == 0, ran.err
    wanted = (
        ODD.replace("onse", "ones")
        .replace("2，3）", "2,3)")
        .replace("2，3", "2,3")
        .replace("3）", "3)")
        .replace("MaxPoll2d（", "MaxPool2d(")
        .replace("2，\n", "2,\n")
        .replace(">   import torch\n", ">   import torch\n>   import torch.nn.utils.prune\n")
        .replace(">>> import torch\n", ">>> import torch\n>>> import torch.nn.utils.prune\n")
    )
    assert note.read_text("utf-8") == wanted
    assert all(not had for had in problems(tmp_path).values())


ENCODINGS = [
    ("utf-8", b""),
    ("utf-8", b"\xef\xbb\xbf"),
    ("gb18030", b""),
    ("utf-16-le", b"\xff\xfe"),
    ("utf-16-be", b"\xfe\xff"),
]


def test_encodings_line_breaks_mode_and_links_stay(tmp_path: Path) -> None:
    text = "## 问题\r\n\r\n答，案。\n\n```python\r\ntorch.onse(2，3)\r\n```\r最后一行，没有结尾 "
    for number, (encoding, mark) in enumerate(ENCODINGS):
        path = tmp_path / f"notes/{number}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(mark + text.encode(encoding))
        path.chmod(0o640)
    linked = tmp_path / "elsewhere.md"
    linked.write_text(text, "utf-8", newline="")
    (tmp_path / "notes/9.md").symlink_to(linked)

    ran = build(tmp_path, "fix")
    assert (ran.status, ran.err) == (0, "")
    after = text.replace("onse(2，", "ones(2,")
    for number, (encoding, mark) in enumerate(ENCODINGS):
        path = tmp_path / f"notes/{number}.md"
        assert path.read_bytes() == mark + after.encode(encoding)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert (tmp_path / "notes/9.md").is_symlink()
    assert linked.read_bytes() == after.encode()
    found = sorted(path.name for path in (tmp_path / "notes").iterdir())
    assert found == ["0.md", "1.md", "2.md", "3.md", "4.md", "9.md"]


def test_the_difference_can_be_applied(tmp_path: Path) -> None:
    notes(tmp_path, iter(["torch.onse(2，3)"]))
    note = tmp_path / "notes/00.md"
    note.write_bytes(note.read_bytes().removesuffix(b"\n"))
    ran = build(tmp_path, "fix", "--diff")
    assert ran.status == 1
    assert "2 problems would be corrected in 1 note" in ran.err
    command = ["git", "apply", "-"]
    subprocess.run(command, input=ran.out.encode(), cwd=tmp_path, check=True)
    assert note.read_text("utf-8").endswith("torch.ones(2,3)\n```")


def test_the_report_says_what_can_be_fixed(tmp_path: Path) -> None:
    notes(tmp_path, iter(["torch.onse(2，3)", "nn.conv2d(1, 1, 1)"]))
    said: Ran = build(tmp_path, "verify")
    assert "error[unknown-name]: `torch` has no `onse` [*]\n" in said.out
    assert "error[unknown-name]: `torch.nn` has no `conv2d`\n" in said.out
    assert "[*] 2 can be fixed with `build fix`, 1 more with `--unsafe`" in said.out


def problem(text: str, *place: int, safe: bool = True) -> Problem:
    span = Span("a.md", *place)
    return Problem("unknown-name", span, "wrong", fix=Edit(span, text, safe))


def corrected(text: str, *found: Problem) -> str:
    change = begin(Source("a.md", text), text.encode())
    assert change
    return correct(change, found, unsafe=True).after.text


def test_of_corrections_that_overlap_the_first_is_made() -> None:
    found = problem("X", 1, 3, 1, 6), problem("Y", 1, 1, 1, 4), problem("Z", 1, 6, 1, 7)
    assert corrected("abcdefg\n", *found) == "YdeZg\n"


def test_what_two_ask_for_is_put_in_once() -> None:
    twice = problem("import a\n", 2, 1, 2, 1)
    assert corrected("x\ny\n", twice, twice) == "x\nimport a\ny\n"


def test_a_file_that_would_not_come_back_is_not_begun() -> None:
    assert begin(Source("a.md", "other"), b"text") is None
    assert begin(Source("a.md", "\ufffd"), b"\xff") is None
