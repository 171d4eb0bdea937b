"""What a new project holds: a configuration, a note that builds, and what CI runs."""

from __future__ import annotations

from collections.abc import Iterator

from builder.model import Artifact

_NOTE = """\
# Tensors

## What does `torch.ones` make?

A tensor of ones, of the shape that is asked for.

```python
x = torch.ones(2, 3)
print(x.shape)
```

## What is the type of its numbers?

`torch.float32`, if nobody says otherwise.

<!-- claim: torch.ones(2).dtype == torch.float32 -->
"""

_IGNORED = """\
/dist/
/.venv/
"""

#: As in docs/ci.md.
_WORKFLOW = """\
name: notes
on: [push, pull_request]
jobs:
  verify:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
          cache: pip
          cache-dependency-path: proofdeck.toml
      - run: pip install proofdeck
      - run: build verify --strict --format github
      - run: build deck --locked --dry-run
"""


def project(title: str, language: str) -> Iterator[Artifact]:
    """Yield the files of a new project."""
    quoted = title.replace("\\", "\\\\").replace('"', '\\"')
    config = (
        f'title = "{quoted}"\nlanguage = "{language}"\n\n'
        f'[deck]\n# For good: Anki knows a deck by its name.\nname = "{quoted}"\n'
    )
    yield Artifact("proofdeck.toml", config.encode())
    yield Artifact("notes/01-tensors.md", _NOTE.encode())
    yield Artifact(".gitignore", _IGNORED.encode())
    yield Artifact(".github/workflows/notes.yml", _WORKFLOW.encode())
