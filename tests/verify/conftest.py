from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

import pytest

from verify import Job, Options, Runner, Verdict


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    """One warm worker for all tests."""
    with Runner(Options(jobs=2, timeout=20)) as runner:
        yield runner


@pytest.fixture
def examine(runner: Runner) -> Callable[..., Verdict]:
    """The verdict on one piece of code; keywords are the author's options."""

    def examine(code: str, kind: str = "code", **options: str) -> Verdict:
        given = tuple((name.replace("_", "-"), value) for name, value in options.items())
        text = textwrap.dedent(code).strip("\n")
        job = Job("it", text, line=7, kind="claim" if kind == "claim" else "code", options=given)
        [verdict] = runner.run([job])
        return verdict

    return examine


@pytest.fixture
def note(runner: Runner) -> Callable[..., list[Verdict]]:
    """The verdicts on pieces that stand under one heading of one note."""

    def note(*codes: str) -> list[Verdict]:
        pieces = [textwrap.dedent(code).strip("\n") for code in codes]
        jobs = [
            Job(f"{n}", code, line=10 * n + 1, scopes=("note.md", "note.md#one"))
            for n, code in enumerate(pieces)
        ]
        return list(runner.run(jobs))

    return note
