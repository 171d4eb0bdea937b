"""How far a doubtful value spreads, and where it ends."""

from __future__ import annotations

import pytest

from verify.flow import touched_lines


@pytest.mark.parametrize(
    ("code", "lines", "doubtful"),
    [
        ("a = x\nb = a\nc = 1", [1, 2], "x a b"),
        ("a = x\na = 1\nb = a", [1], "x"),
        ("x = 1\nb = x", [], ""),
        ("x = ...\nb = x", [1, 2], "x b"),
        ("x, y = 1, 2\nprint(x)", [], ""),
        ("x = x + 1\nprint(x)", [1, 2], "x"),
        ("x += 1\nprint(x)", [1, 2], "x"),
        ("if True:\n    x = 1\nprint(x)", [1, 3], "x"),
        ("x[0] = 1\nprint(x)", [1, 2], "x"),
        ("torch.argmax()\ntorch.cat()", [1, 2], "x"),
        ("c = 1\ntorch.argmax()", [], "x"),
        ("torch.ones(2).backward()", [], "x"),
        ("a.backward()", [], "x"),
        ("def x():\n    return 1\nx()", [], ""),
        ("b = []\nb.append(x)\nb = 1\nprint(b)", [2], "x"),
    ],
)
def test_doubt(code: str, lines: list[int], doubtful: str) -> None:
    touched, spread = touched_lines(code, {"x"}, {"torch"})
    assert [first for first, _ in touched] == lines
    assert spread & {"x", "a", "b"} == set(doubtful.split())
