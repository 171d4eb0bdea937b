"""Which names code binds and lacks, and what it is therefore run behind."""

from __future__ import annotations

import pytest

from verify.link import Linker, Piece
from verify.scope import names_of


@pytest.mark.parametrize(
    ("code", "needs"),
    [
        ("y = x + 1", ("x",)),
        ("x = 1\ny = x", ()),
        ("x = x + 1", ("x",)),
        ("x += 1", ("x",)),
        ("[i for i in xs]\ni", ("xs", "i")),
        ("[y := f(x) for x in xs]\ny", ("xs", "f")),
        ("for i in range(3): pass\nprint(i)", ()),
        ("if test:\n    x = 1\nprint(x)", ("test",)),
        ("try:\n    import a\nexcept ImportError as e:\n    print(e)", ()),
        ("class A(Base):\n    n = size\n    m = n", ("Base", "size")),
        ("def f(a=default) -> Kind:\n    return g(a)", ("default", "Kind")),
        ("@wrap\ndef f(): pass", ("wrap",)),
        ("with open('x') as f:\n    f.read()", ()),
        ("(a, *b), c = value\nb", ("value",)),
        ("x: int = 1\nx", ()),
        ("del x\n", ("x",)),
        ("match p:\n    case [a, *rest]:\n        print(a, rest)", ("p",)),
        ("{k: v for k, v in d.items() if k in keep}", ("d", "keep")),
        ("global x\nx = 1\nx", ()),
    ],
)
def test_what_is_needed_at_once(code: str, needs: tuple[str, ...]) -> None:
    assert names_of(code).needs == needs


@pytest.mark.parametrize(
    ("code", "defers"),
    [
        ("def f(a):\n    return a + b", ("b",)),
        ("def f():\n    return g()\ndef g():\n    return 1", ()),
        ("f = lambda x: x + y", ("y",)),
        ("class A:\n    n = 1\n    def f(self):\n        return n", ("n",)),
        ("def f():\n    global made\n    made = 1\ndef g():\n    return made", ()),
        ("def f(xs):\n    return [x for x in xs if x in keep]", ("keep",)),
        ("def f():\n    def g():\n        return h\n    h = 1\n    return g", ()),
    ],
)
def test_what_is_needed_only_when_called(code: str, defers: tuple[str, ...]) -> None:
    assert names_of(code).defers == defers


def linker(*codes: str, scopes: tuple[tuple[str, ...], ...] = ()) -> Linker:
    circles = scopes or (("note",),) * len(codes)
    prelude = {"torch": "torch", "nn": "torch.nn"}
    pairs = zip(codes, circles, strict=True)
    return Linker([Piece(names_of(code), circle, prelude=prelude) for code, circle in pairs])


@pytest.mark.parametrize(
    ("codes", "after", "missing"),
    [
        (["x = 1", "y = 2", "print(x)"], (0,), ()),
        (["x = 1", "x = 2", "print(x)"], (1,), ()),
        (["x = 1", "x = x + 1", "print(x)"], (0, 1), ()),
        (["print(x)", "x = 1"], (), ()),
        (["def f():\n    return helper()", "def helper(): pass", "f()"], (0, 1), ()),
        (["model = ...", "print(model)"], (), ("model",)),
        (["from torch import nn", "nn.Linear(1, 1)"], (), ()),
        (["from mxnet.gluon import nn", "nn.Dense(1)"], (0,), ()),
        (["import paddle", "nn.Linear(1, 1)"], (), ("nn",)),
        (["from helpers import *", "train()"], (0,), ()),
        (["input = 1", "print(input)"], (0,), ()),
        (["input = 1", "x = input('name?')"], (), ()),
        (["1", "print(input)"], (), ("input",)),
    ],
)
def test_linking(codes: list[str], after: tuple[int, ...], missing: tuple[str, ...]) -> None:
    link = linker(*codes).link(len(codes) - 1)
    assert (link.after, link.missing) == (after, missing)


def test_the_nearest_circle_comes_first() -> None:
    scopes = (("note", "one"), ("note", "two"), ("note", "one"))
    assert linker("x = 1", "x = 2", "print(x)", scopes=scopes).link(2).after == (0,)


def test_other_notes_are_never_linked() -> None:
    scopes = (("a",), ("b",))
    assert linker("x = 1", "print(x)", scopes=scopes).link(1).missing == ("x",)
