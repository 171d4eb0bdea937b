"""torch's compiler is put off, and nobody who asks for it notices."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verify import Job, Options, Runner, Verdict

Examine = Callable[..., Verdict]

STEP = """
        import sys, torch
        model = torch.nn.Linear(2, 1)
        optimizer = torch.optim.Adam(model.parameters())
        model(torch.ones(1, 2)).sum().backward()
        optimizer.step(); optimizer.zero_grad()
"""


def test_optimizers_do_without_it(examine: Examine) -> None:
    seen = examine(STEP + "        print('torch._dynamo.utils' in sys.modules)")
    assert (seen.status, seen.stdout) == ("passed", "False\n")


def test_so_does_functional_torch(examine: Examine) -> None:
    code = """
        import sys, torch
        print(torch.func.vmap(torch.func.grad(torch.square))(torch.ones(2)))
        print('torch._dynamo.utils' in sys.modules)"""
    assert examine(code).stdout == "tensor([2., 2.])\nFalse\n"


@pytest.mark.parametrize(
    "use",
    [
        "from torch._dynamo.utils import counters; import torch._dynamo.utils as u; "
        "assert torch._dynamo.utils is u and counters is u.counters",
        "import torch._dynamo as d; d.config.verbose = True; assert torch._dynamo.config.verbose",
        "from torch._dynamo import *; optimize",
        "f = torch.compile(model, backend='eager', fullgraph=True); f(torch.ones(1, 2))",
        "torch._dynamo.disable(torch.sin)(torch.ones(1)); import torch._dynamo.config",
        "import torch.utils.checkpoint as c; x = torch.ones(1, requires_grad=True); "
        "c.checkpoint(torch.sin, x, use_reentrant=False).backward()",
    ],
)
def test_it_is_there_for_who_asks(examine: Examine, use: str) -> None:
    code = STEP + f"        {use}\n        print('torch._dynamo.utils' in sys.modules)"
    seen = examine(code)
    assert (seen.status, seen.stdout) == ("passed", "True\n"), seen


def test_a_step_is_compiled(examine: Examine) -> None:
    code = """
        @torch.compile(backend="eager")
        def train():
            loss = model(torch.ones(1, 2)).sum()
            loss.backward(); optimizer.step(); optimizer.zero_grad()
            return loss
        print(train().shape, train().shape)"""
    assert examine(STEP + code).stdout == "torch.Size([]) torch.Size([])\n"


def test_modules_that_come_with_it_are_there(examine: Examine) -> None:
    """An optimizer loads them in a script; without one they are not there."""
    use = "torch.fx.experimental.symbolic_shapes.ShapeEnv"
    verdict = examine(STEP + "        " + use)
    assert (verdict.status, verdict.runs) == ("passed", 2)
    assert examine("import torch\n" + use).status == "failed"


def test_many_that_compile_share_a_worker_that_has_it() -> None:
    code = "print(torch.compile(torch.sin, backend='eager')(torch.zeros(1)))"
    with Runner(Options(jobs=2, timeout=60)) as runner:
        verdicts = list(runner.run([Job(f"{n}", code + f"\n# {n}") for n in range(3)]))
        assert [v.stdout for v in verdicts] == ["tensor([0.])\n"] * 3
        assert runner._rich is not None


def test_what_stands_in_for_a_gpu_does_not_disturb_the_compiler(examine: Examine) -> None:
    verdict = examine(
        "x = torch.ones(2, device='cuda')\ntorch.cuda.synchronize()\n"
        "import torch._dynamo\nf = torch.compile(lambda t: t + 1, backend='eager')\nprint(f(x))"
    )
    assert (verdict.status, verdict.findings) == ("passed", ())
