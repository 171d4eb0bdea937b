"""What a note says that code shows, held against what it shows; in doubt for the note."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verify import Job, Runner, Verdict

Examine = Callable[..., Verdict]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("x = torch.ones(2, 3)\nx.shape  # torch.Size([3, 2])", 2),
        ("print(torch.ones(2, 3).shape)  # torch.Size([2, 3, 1])", 1),
        ("print(torch.rand(2, 3).shape)  # torch.Size([3, 2]) 形状", 1),
        ("print(torch.tensor([1., 2.]) * 2)  # tensor([2., 5.])", 1),
        ("print(torch.tensor(2.0).item())  # 输出: 3.0", 1),
        ("print(torch.ones(1).requires_grad)  # True", 1),
        (">>> torch.rand(2, 3)\ntensor([0.1, 0.2])", 1),
        ("x = torch.ones(1)\nprint(x.grad)  # tensor([1.])", 2),
        (">>> torch.ones(2)\ntensor([1, 1])", 1),
        ("x = torch.ones(2)\nx + 1\ntensor([[2., 2.]])", 2),
        ("In [1]: torch.arange(3)\nOut[1]: tensor([0, 1, 3])", 1),
        ("x = torch.rand(3, 3)\nmask = x > 0.5\ntorch.masked_select(x, mask)\n"
         "tensor([[0.9, 0.8],\n        [0.7, 0.6]])", 3),
    ],
)  # fmt: skip
def test_a_contradiction(examine: Examine, code: str, line: int) -> None:
    verdict = examine(code)
    assert [(f.code, f.line) for f in verdict.findings] == [("wrong-output", line)], verdict
    assert verdict.status == "failed"


@pytest.mark.parametrize(
    "code",
    [
        "x = torch.ones(2, 3)\nx.shape  # torch.Size([2, 3])",
        "print(torch.ones(2, 3).shape)  # (2, 3)",
        "torch.rand(2)  # tensor([0.1234, 0.5678])",
        "torch.manual_seed(0)\nprint(torch.rand(2))  # tensor([0.4963, 0.9999])",
        "print(torch.tensor(1 / 3))  # tensor(0.33)",
        "print(torch.tensor(2 / 3))  # tensor(0.66)",
        "print(torch.tensor(1 / 3))  # tensor(0.3333)",
        "print(torch.ones(3) * 1e5)  # tensor([100000., 100000., 100000.])",
        "print(torch.ones(2))  # tensor([1, 1])",
        "print(torch.ones(2).shape)  # 1",
        "print(torch.ones(1).grad)  # None",
        "print(torch.ones(1).grad)  # None, since nothing was computed from it",
        "print(torch.ones(1).grad)  # 0",
        "print(len([1, 2]))  # 1",
        "print(torch.ones(2, 2).sum(0))  # [1]",
        "print(torch.ones(2, requires_grad=True) * 2)  # tensor([2., 2.], grad_fn=<MulBackward9>)",
        "torch.arange(1000)  # tensor([0, 1, ..., 999])",
        "print('a', torch.ones(1))  # tensor(1)",
        "y = model(inputs)\nprint(y.shape)  # torch.Size([64, 1000])",
        ">>> x = torch.ones(1)\n'a remark that poses as output'",
        ">>> nn.Linear(2, 1).weight\nParameter containing:\ntensor([[0.1, 0.2]])",
        "a = torch.ones(1)\nb = torch.ones(2)\nprint(a)\nprint(b)\ntensor([1.])",
        "for i in range(2):\n    print(torch.ones(1))\ntensor([1.])\ntensor([1.])",
        "x = torch.ones(2).cuda()\nprint(x)  # tensor([1., 1., 1.], device='cuda:0')",
        "print(torch.tensor([True, False]))  # tensor([True, False])",
        "torch.rand(3)[torch.rand(3) > 0.5]  # tensor([0.9, 0.8, 0.7, 0.6])",
        "print(torch.tensor([float('nan'), float('inf')]))  # tensor([nan, inf])",
        "x = torch.ones(2)  # tensor([7.])",
    ],
)
def test_no_contradiction(examine: Examine, code: str) -> None:
    assert examine(code).findings == ()


@pytest.mark.parametrize(
    ("expected", "status"),
    [
        ("tensor([1., 1.])\n3", "passed"),
        ("tensor([1., 1.])\n4", "failed"),
        ("tensor([1., 1., 1.])\n3", "failed"),
        ("something else", "passed"),
        ("tensor([1., 1.])\n...", "passed"),
    ],
)
def test_a_block_of_output(runner: Runner, expected: str, status: str) -> None:
    [verdict] = runner.run([Job("it", "print(torch.ones(2))\nprint(3)", expected=expected)])
    assert verdict.status == status


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("x = torch.randint(0, 9, (3, 2))\nprint(x)", "tensor([[1, 6],\n  [6, 3],\n  [4, 3]])"),
        ("import random\nprint(random.sample(range(9), 3))", "[4, 0, 7]"),
        ("print((torch.randint(9, ()).item(), 2))", "(12, 2)"),
        ("x = torch.rand(4, 2)\nprint(x[x[:, 0] > 2, :])", "tensor([[0.5, 0.1]])"),
        ("x = torch.rand(4)\nlarge = (x > 0.9) & (x < 2)\nprint(x[large, None])", "tensor([[1.]])"),
        ("print(out)\nout = torch.ones(2)\nprint(out)", "tensor([2.])\ntensor([1., 1.])"),
        ("print([[1, 2]], 'a')\nprint(torch.ones(2))", "[[1,\n2]]\ntensor([1., 1.])"),
    ],
)  # fmt: skip
def test_what_chance_decides_is_no_contradiction(runner: Runner, code: str, said: str) -> None:
    [verdict] = runner.run([Job("it", code, expected=said)])
    assert (verdict.status, verdict.findings) == ("passed", ())


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("x = np.random.rand(3, 2)\nprint(x.shape)", "(2, 3)"),
        ("x = torch.randint(0, 9, (3, 2))\nprint(x)", "tensor([[1, 6],\n        [6, 3]])"),
        ("x = torch.rand(3)\nlarge = x > 2\nprint(x[:2])", "tensor([0.1, 0.2, 0.3])"),
        ("x = torch.arange(4).view(2, 2)\nprint('x')\nprint(x)", "x\ntensor([[0, 1],\n  [2, 4]])"),
    ],
)  # fmt: skip
def test_what_chance_does_not_decide_is_one(runner: Runner, code: str, said: str) -> None:
    [verdict] = runner.run([Job("it", code, expected=said)])
    assert [f.code for f in verdict.findings] == ["wrong-output"]


def test_the_message_shows_both(examine: Examine) -> None:
    [finding] = examine("torch.ones(2, 3).shape  # torch.Size([3, 2])").findings
    assert finding.message == (
        "it shows `torch.Size([2, 3])`, and the note says `torch.Size([3, 2])`"
    )
