"""Attributes of objects whose class is in sight, and names that torch has given up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verify import Verdict

Examine = Callable[..., Verdict]
Note = Callable[..., list[Verdict]]

NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x):
        return self.layer(x)
"""


@pytest.mark.parametrize(
    ("code", "line", "helps"),
    [
        ("m = nn.Linear(2, 2)\nmissing(m.in_feature)", 2, "`in_features`"),
        ("m = nn.Linear(2, 2).to(missing)\nm.forwrd(missing)", 2, "`forward`"),
        ("m = nn.Sequential(nn.ReLU())\nm.gpu(missing)", 2, "`cuda`"),
        ("model = Net()\nmodel = model.to(missing)\nmodel.gpu()", 10, "`cuda`"),
        ("model = Net()\nprint(missing, model.layr)", 9, "`layer`"),
    ],
)
def test_an_attribute_that_is_not_there(examine: Examine, code: str, line: int, helps: str) -> None:
    verdict = examine(NET.strip() + "\n" + code if "Net" in code else code)
    assert [(f.code, f.line) for f in verdict.findings if f.line == line] == [
        ("unknown-name", line)
    ], verdict
    assert helps in verdict.findings[-1].help


def test_through_the_chain_and_out_of_a_piece_that_failed(note: Note) -> None:
    first, second = note(NET + "model = Net()\nmodel(torch.ones(1, 9))", "model.gpu()")
    assert first.status == "failed"
    assert [f.code for f in second.findings] == ["unknown-name"]


@pytest.mark.parametrize(
    "code",
    [
        "m = nn.Linear(2, 2)\nm.mine = missing\nm.mine",
        "m = nn.Linear(2, 2)\nif missing:\n    m = other_thing()\nm.anything",
        "m = nn.Linear(2, 2)\ndef f(m):\n    return m.anything\nf(missing)",
        "m = nn.Sequential(dict_of_parts)\nm.head(missing)",
        "m = nn.Sequential(OrderedDict(head=nn.ReLU()))\nm.head(missing)",
        "m = nn.Sequential(parts)\nm.head(missing)",
        "m = nn.Sequential(nn.ReLU())\nprint(missing, m[0], m.append, m.training)",
        "m = nn.Sequential()\nm.add_module('a', nn.ReLU())\nm.a(missing)",
        "m = nn.BatchNorm1d(3)\nprint(missing, m.running_mean, m.num_batches_tracked)",
        "m = nn.LSTM(2, 2)\nprint(missing, m.weight_ih_l0, m.all_weights)",
        "m = nn.MultiheadAttention(4, 2)\nprint(missing, m.in_proj_weight, m.out_proj)",
        "m = nn.Conv2d(1, 1, 1)\nprint(missing, m.weight.grad, m.kernel_size, m.training)",
        "class A(Unknown):\n    pass\na = A()\na.thing(missing)",
        "class A:\n    def __getattr__(self, n):\n        return 1\na = A()\nprint(a.b, missing)",
        "m = nn.Linear(2, 2)\nif hasattr(m, 'odd'):\n    missing(m.odd)",
        "m = nn.Linear(2, 2)\nsetattr(m, 'odd', 1)\nmissing(m.odd)",
        "class A:\n    def put(self):\n        self.x = 1\na = A()\nprint(missing, a.x, a.put)",
    ],
)
def test_not_proved(examine: Examine, code: str) -> None:
    assert examine(code).status != "failed", examine(code).findings


def test_what_torch_has_removed_is_named_with_its_heir(examine: Examine) -> None:
    verdict = examine("e, v = torch.symeig(missing, eigenvectors=True)")
    assert [(f.code, f.help) for f in verdict.findings] == [
        ("removed-name", "use `torch.linalg.eigh(A)` instead")
    ]
    assert [f.code for f in examine("from torch._six import string_classes\nmissing").findings] == [
        "removed-name"
    ]


def test_old_weights_have_a_new_name(examine: Examine) -> None:
    verdict = examine("from torchvision import models\nnet = models.resnet18(pretrained=True)")
    [finding] = verdict.findings
    assert verdict.status == "incomplete"
    assert (finding.code, finding.severity, finding.column) == ("deprecated", "warning", 23)
    assert finding.fix is not None
    assert (finding.fix.text, finding.fix.safe) == ('weights="IMAGENET1K_V1"', False)


def test_a_key_that_was_saved_under_another_name(note: Note) -> None:
    saved, read = note(
        "torch.save({'model': model.state_dict(), 'optimize_statr_dict': 1}, path)",
        "checkpoint = torch.load(path)\ncheckpoint['model']\ncheckpoint['optimizer_state_dict']",
    )
    assert saved.status == "passed"
    assert [(f.code, f.line) for f in read.findings] == [("misspelt-key", 3)]


def test_a_key_that_is_quite_another(note: Note) -> None:
    _, read = note(
        "torch.save({'model_state': 1, 'epoch': 2}, path)",
        "checkpoint = torch.load(path)\ncheckpoint['optimizer']\ncheckpoint['model_1_state']",
    )
    assert read.status == "incomplete"


def test_where_no_name_is_near_the_help_says_what_there_is(examine: Examine) -> None:
    verdict = examine("import torch.nn.utils.prune\ntorch.nn.utils.prune.conv2d(m, amount=0.2)")
    assert verdict.findings[0].help.startswith("`torch.nn.utils.prune` has `")
    assert "`l1_unstructured`" in verdict.findings[0].help
