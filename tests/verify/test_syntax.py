"""What is read off the form of code alone."""

from __future__ import annotations

import ast
import textwrap

import pytest

from verify import looks_like_python
from verify.syntax import Reading, read


def reading(code: str) -> Reading:
    return read(textwrap.dedent(code).strip("\n"))


def said(code: str) -> list[tuple[str, int, int]]:
    return [(f.code, f.line, f.column) for f in reading(code).findings]


@pytest.mark.parametrize(
    ("code", "findings"),
    [
        ("x = f(1，2)；y = 1", [("fullwidth-punctuation", 1, 8), ("fullwidth-punctuation", 1, 11)]),
        ("print（x）", [("fullwidth-punctuation", 1, 6), ("fullwidth-punctuation", 1, 8)]),
        ("print(“hello”)", [("fullwidth-punctuation", 1, 7), ("fullwidth-punctuation", 1, 13)]),
        ("x =\u00a01", [("invisible-character", 1, 4)]),
        ("x\u200b = 1", [("invisible-character", 1, 2)]),
        ("\ufeffx = 1\nprint(x)", [("invisible-character", 1, 1)]),
        ("if 1:\n  \u200b  x = 1\n    y = 2", [("invisible-character", 2, 3)]),
        ("a = (1, 2\nb = 3", [("unclosed-bracket", 1, 5)]),
        ("a = 1\nb = foo(a))", [("unmatched-bracket", 2, 11)]),
        ("a = [1, 2)\nb = 1", [("unmatched-bracket", 1, 10)]),
        ("a = 1\nprint('half of it", [("unclosed-string", 2, 7)]),
        ("def f(x):\nreturn x", [("indentation", 2, 1)]),
        ("for i in range(3):\nprint(i)\n", [("indentation", 2, 1)]),
        ("x = 1\n  y = 2", [("indentation", 2, 3)]),
        ("x = 1 +", [("cut-off", 1, 8)]),
        ("x = 5 5\ny = 2\nz = )", [("syntax-error", 1, 7), ("unmatched-bracket", 3, 5)]),
    ],
)  # fmt: skip
def test_mistakes_have_a_code_and_a_place(code: str, findings: list[tuple[str, int, int]]) -> None:
    assert said(code) == findings


@pytest.mark.parametrize(
    "code",
    [
        "x = '（全角，在字符串里）'  # 注释，也可以。",
        'def f():\n    """说明：这里，没有问题。"""\n    return f"{1}，"',
        "变量 = 3\nprint(变量)",
        "x = r'''\n，\n'''",
    ],
)
def test_wide_punctuation_is_fine_in_strings_comments_and_names(code: str) -> None:
    assert reading(code).findings == ()


def test_a_wide_comma_is_named_and_mended() -> None:
    [finding] = reading("x = torch.randn(2，3)").findings
    assert finding.message == "full-width comma `，` (U+FF0C) in code"
    assert finding.fix is not None
    assert (finding.fix.text, finding.fix.safe) == (",", True)
    assert reading("x = torch.randn(2，3)").text == "x = torch.randn(2,3)"


def test_blanks_at_the_end_of_a_line_are_only_a_warning() -> None:
    assert [f.severity for f in reading("x = 1\u00a0\ny = 2\u3000").findings] == ["warning"] * 2


def test_what_does_not_parse_is_blank_and_the_rest_stays_in_its_place() -> None:
    text = reading("a = 1\nb = (\nc = 2\n").text
    assert [node.lineno for node in ast.parse(text).body if isinstance(node, ast.Assign)] == [1, 3]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("return x + 1", "function"),
        ("x = await fetch()", "function"),
        ("else:\n    x = 1", "begins in the middle"),
        ("@torch.no_grad()", "ends where a block begins"),
        ("for batch in loader:", "ends where a block begins"),
        ("print 'hello'", "Python 2"),
        ("except IOError, e:\n    pass", "Python 2"),
        ("model = Net(\n    ......\n)\n", "cut short"),
        ("x = load(<your path>)", "fill in"),
        ("y = σ(W × x + b)", "formula"),
        ("for epoch in range(10):\n# 前向\n# 反向\nprint(1)", "comments"),
        ("x = 1\n这里是一段说明，不是代码\ny = 2", "prose"),
        ("x = 1\n输出\n", "prose"),
    ],
)
def test_what_is_no_program_is_not_called_broken(code: str, reason: str) -> None:
    found = reading(code)
    assert found.findings == ()
    assert reason in (found.reason or "")


@pytest.mark.parametrize(
    "code",
    [
        "class torch.nn.Linear(in_features, out_features, bias=True):\n'''\nx\n'''",
        "class Linear(M):\n    def __init__(self, a,\n        b=1):\n    '''\n    a: one\n    '''",
        "def children(self):\n# every child\ndef modules(self):\n# every module",
        "def forward(x):\n",
    ],
)
def test_signature_listings_are_recognised(code: str) -> None:
    found = reading(code)
    assert (found.kind, found.findings) == ("signature", ())


def test_a_body_that_lost_its_indent_is_no_listing() -> None:
    assert reading("def double(x):\nreturn 2 * x\nprint(double(2))").kind == "code"


def test_prompts_are_taken_off_and_columns_kept() -> None:
    found = reading(">>> x = 1\n>>> for i in y:\n...     print(i，1)\n3\n")
    assert found.kind == "doctest"
    assert found.text == "x = 1\nfor i in y:\n    print(i,1)\n"
    assert [(f.line, f.column) for f in found.findings] == [(3, 16)]


def test_prompts_in_a_docstring_are_part_of_it() -> None:
    assert reading('def f():\n    """\n    >>> f()\n    1\n    """\n    return 1').kind == "code"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("!pip install torch\nx = 1", "\nx = 1"),
        ("%matplotlib inline\nx = 1", "\nx = 1"),
        ("$ python train.py\nx = 1", "\nx = 1"),
        ("pip install torch\nx = 1", "\nx = 1"),
        ("In [3]: x = 1\nOut[3]: 1", "x = 1\n"),
        ("    x = 1\n    y = 2", "x = 1\ny = 2"),
        ("print('%d'\n      %x)", "print('%d'\n      %x)"),
    ],
)
def test_what_surrounds_code_is_taken_off(code: str, text: str) -> None:
    assert read(code).text == text


@pytest.mark.parametrize(
    "code",
    [
        "x = torch.ones(2)\nprint(x)\ntensor([1., 1.], grad_fn=<AddBackward0>)",
        "print(a)\n[[1 2 3]\n [4 5 6]]",
        "print(net)\nSequential(\n  (0): Linear(in_features=2, out_features=2, bias=True)\n)",
        "train()\nEpoch 1: loss 0.53",
        "y = torch.ones(2)\nprint(y.grad_fn)\n<AddBackward0 object at 0x7f0000000000>\nz = y + 1",
        "x = torch.eye(2)\ntensor([[1., 0.],\n        [0., 1.]])",
    ],
)
def test_pasted_output_is_not_called_broken(code: str) -> None:
    assert (reading(code).findings, reading(code).reason) == ((), None)
    assert "tensor(" not in reading(code).text


def test_only_shell_lines_are_nothing_to_examine() -> None:
    assert not read("!pip install torch\n$ nvidia-smi").python
    assert not read("%%bash\necho hello").python


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("x = 1\ny = f(x)  # 报错", [(2, 2)]),
        ("# 这样会报错\ny = f(\n  x)\nz = 1", [(2, 3)]),
        ("y = f(x)  # RuntimeError: bad shape", [(1, 1)]),
        ("y = f(x)\nTraceback (most recent call last):\n  File 'x'\nValueError: bad", [(1, 1)]),
        ("y = f(x)  # compute the mean squared error", []),
    ],
)
def test_announced_errors(code: str, lines: list[tuple[int, int]]) -> None:
    assert list(reading(code).announced) == lines


@pytest.mark.parametrize(
    "code",
    [
        "import torch\nx = torch.ones(2)",
        ">>> x = 1",
        "def f(x):\n    return x",
        "model = nn.Linear(2, 3)",
        "for x in loader:\n    print(x)",
    ],
)
def test_code_looks_like_python(code: str) -> None:
    assert looks_like_python(code)


@pytest.mark.parametrize(
    "code",
    [
        "[0 0 0; 1 1 1]",
        "[0 0 0；\n 1 1 1；]",
        "tensor([[1., 2.]])",
        "$ pip install torch\nCollecting torch",
        "name: test\non: push\njobs:\n  - a",
        "| a | b |\n|---|---|",
        "loss = -Σ y log(p)",
        "Epoch 1: loss 0.5\nEpoch 2: loss 0.4",
        "int main() {\n  return 0;\n}",
        "project/\n├── train.py\n└── data/",
        "一段文字，没有代码。",
        "N=(W-F+2P)/S+1",
        "",
    ],
)
def test_other_things_do_not_look_like_python(code: str) -> None:
    assert not looks_like_python(code)


@pytest.mark.parametrize(
    "code",
    [
        "\x00",
        "(" * 500,
        "x = " + "-" * 3000 + "1",
        "'" * 3,
        "\\",
        "\t\n x",
        "if 1:\n\tx\n        y",
        "＂",
    ],
)
def test_reading_never_fails(code: str) -> None:
    ast.parse(read(code).text)
