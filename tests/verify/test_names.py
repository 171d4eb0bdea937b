"""Names and calls, held against the real library; each rule with its other side."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import pytest

from verify import Verdict

Examine = Callable[..., Verdict]


def codes(verdict: Verdict) -> list[tuple[str, int, int]]:
    return [(f.code, f.line, f.column) for f in verdict.findings]


@pytest.mark.parametrize(
    ("code", "finding", "helps"),
    [
        ("loss = nn.CrossEntropyLos(x)", ("unknown-name", 1, 8), "`CrossEntropyLoss`"),
        ("import torch as t\nt.zeroes(missing)", ("unknown-name", 2, 1), "`zeros`"),
        ("from torch.utils.data import Dataloader\nmissing", ("unknown-name", 1, 30), "DataLoader"),
        ("import torch.optimizer\nmissing", ("unknown-module", 1, 8), "torch"),
        ("import torch.functional.F as F\nmissing", ("unknown-module", 1, 8), "nn.functional"),
        ("from troch import nn\nmissing", ("misspelt-name", 1, 6), "`torch`"),
        ("y = trch.ones(missing)", ("misspelt-name", 1, 5), "`torch`"),
        ("from torch.optim import Adagrad\nAdagrd(ds)", ("misspelt-name", 2, 1), "Adagrad"),
        ("nn.Linear(in_feature=2, out_features=n)", ("unknown-argument", 1, 11), "in_features"),
        ("opt = optim.SGD(param=net.parameters(), lr=1)", ("unknown-argument", 1, 17), "params"),
        ("nn.init.kaiming_uniform(w, model='fan_in')", ("unknown-argument", 1, 28), "mode"),
        ("nn.ReLU(True, False, n)", ("too-many-arguments", 1, 1), "inplace"),
        ("nn.Linear(n)", ("missing-argument", 1, 1), "out_features"),
        ("torch.randn(n, require_grad=True)", ("unknown-argument", 1, 16), "requires_grad"),
        ("nn.Module.foward(missing)", ("unknown-name", 1, 1), "forward"),
        ("torch.nn.utils.prune.remove(net)", ("submodule-not-imported", 1, 1), "utils.prune"),
    ],
)  # fmt: skip
def test_proved_without_running(
    examine: Examine, code: str, finding: tuple[str, int, int], helps: str
) -> None:
    verdict = examine(code)
    assert verdict.status == "failed"
    assert finding in codes(verdict)
    assert helps in " ".join(f.help for f in verdict.findings)


@pytest.mark.parametrize(
    "code",
    [
        "print(model)",
        "y = K.ones(2) + t.zeros(2)",
        "import numpy as np\nx_train, y_trian = split(data)",
        "from torch import nn\nnn.ops = missing\nnn.ops.thing",
        "nn = make_framework()\nnn.CrossEntropyLos()",
        "def f(nn):\n    return nn.CrossEntropyLos\nmissing",
        "try:\n    from torch import old_thing\nexcept ImportError:\n    old_thing = None\nmissing",
        "if hasattr(torch, 'brand_new'):\n    torch.brand_new(missing)",
        "if torch.__version__ > '9':\n    torch.brand_new(missing)",
        "torch.ops.mine.kernel(missing)",
        "torch.npu.set_device(missing)",
        "torch._C._something_private(missing)",
        "layer = nn.Conv2d(...)\nlayer(missing)",
        "nn.Linear()\nmissing",
        "nn.Linear(*sizes)",
        "nn.Linear(**settings)",
        "torch.sum(x, axis=1, keepdims=True)",
        "from utils import train\ntrain(missing)",
        "import torch.nn.utils.prune\ntorch.nn.utils.prune.l1_unstructured(net, 'weight', 0.2)",
        "import torch.nn.utils.prune as prune\nprune.remove(net, 'weight')",
        "import torch\nimport torchx\nmissing",
        "from sys import getwindowsversion\nmissing",
        "import torchvision\ntorchvision.models.resnet51(missing)",
        "x = relu7(missing)\nfrom torch.nn.functional import relu6",
    ],
)
def test_not_proved(examine: Examine, code: str) -> None:
    assert examine(code).status != "failed", examine(code).findings


def test_every_use_and_the_syntax_error_behind_it(examine: Examine) -> None:
    verdict = examine(
        """
        import torchvision
        net = torchvision.models.resnet18()
        slim = torch.nn.Sequential(
            torch.nn.utils.prune.conv2d(net.a, amount=0.1),
            torch.nn.utils.prune.max_pool2d(net.b),
            torch.nn.utils.prune.conv2d(net.c, amount=0.1),
        )
        for x, y in loader:
            hits += (slim(x) == y)).sum()
        print(hits)
        """
    )
    assert verdict.status == "failed"
    assert codes(verdict) == [
        ("unknown-name", 4, 5),
        ("unknown-name", 5, 5),
        ("unknown-name", 6, 5),
        ("unmatched-bracket", 9, 27),
    ]


def test_a_misspelt_name_can_be_mended_safely(examine: Examine) -> None:
    [finding] = examine("x = nn.Lienar(2, n)").findings
    fix = finding.fix
    assert fix is not None
    assert (fix.line, fix.column, fix.end_column, fix.text, fix.safe) == (1, 8, 14, "Linear", True)


def test_names_in_mended_code_are_examined_too(examine: Examine) -> None:
    verdict = examine("x = nn.Lienar(2，3)")
    assert [f.code for f in verdict.findings] == ["unknown-name", "fullwidth-punctuation"]


def test_a_missing_name_is_named(examine: Examine) -> None:
    verdict = examine("loss = my_rule(model(inputs), my_answers)")
    assert verdict.status == "incomplete"
    assert verdict.reason == "it needs `my_rule`, `my_answers`, which nothing defines"


def test_an_absent_package_is_named(examine: Examine) -> None:
    verdict = examine("import no_such_package\nno_such_package.go()")
    assert (verdict.status, verdict.reason) == (
        "incomplete",
        "it needs the package `no_such_package`, which is not installed",
    )


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        (
            "class torch.nn.Linear(in_featurs, out_features):",
            ("unknown-argument", 1, 23),
        ),
        ("class torch.nn.MaxPool2d(kernel_size, stride=None):\n'''x'''", ("", 0, 0)),
        ("class torch.nn.Dropout(p=0.1):\n'''x'''", ("wrong-default", 1, 26)),
        (
            "class Linear(Module):\n    def __init__(self, in_features):\n"
            "    '''\n    in_features(int) - x\n    out_featurs(int) - y\n    '''",
            ("unknown-argument", 5, 5),
        ),
        ("class torch.nn.Linear(in_features, out_features):\n'''\nweight - x\n'''", ("", 0, 0)),
    ],
)
def test_signature_listings(examine: Examine, code: str, finding: tuple[str, int, int]) -> None:
    verdict = examine(code)
    assert verdict.kind == "signature"
    assert codes(verdict) == ([finding] if finding[0] else [])
    assert verdict.status == ("failed" if finding[0] else "incomplete")


def test_a_submodule_that_only_the_worker_had_loaded_does_not_pass(examine: Examine) -> None:
    verdict = examine("print(torch.distributed.tensor.DTensor)")
    assert codes(verdict) == [("submodule-not-imported", 1, 7)]
    assert examine("import torch.distributed.tensor as t\nprint(t.DTensor)").status == "passed"


def test_nothing_is_said_of_what_an_absent_package_has_given_up(examine: Examine) -> None:
    if importlib.util.find_spec("scipy") is None:
        verdict = examine("from scipy.misc import imread")
        assert (verdict.status, verdict.findings) == ("incomplete", ())
