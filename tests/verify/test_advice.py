"""Each piece of advice belongs to an error that real torch raises."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from verify import Verdict
from verify.advice import ADVICE

Examine = Callable[..., Verdict]

#: Code that breaks in a way people meet, and a word of what they are told to do.
BROKEN = (
    ("class N(nn.Module):\n    def __init__(self):\n        self.a = nn.ReLU()\nN()", "super()"),
    ("nn.ModuleList([nn.ReLU()])(torch.ones(1))", "forward"),
    ("nn.Sequential(nn.ReLU)", "`nn.ReLU()`"),
    ("optim.Adam(nn.Linear(1, 1).parameters)", "parentheses"),
    ("with torch.no_grad:\n    pass", "parentheses"),
    ("class A:\n    pass\nA().length", "slip"),
    ("import matplotlib.pyplot as plt\nplt.figure().gca(projection='3d')", "add_subplot"),
    ("import matplotlib.pyplot as plt\nplt.imshow(torch.ones(3, 5, 5))", "channels last"),
    ("x = torch.ones(2)\nF.conv2d(x)", "of another type"),
    ("class DataFrame:\n    pass\nDataFrame().append(1)", "pd.concat"),
    ("class Series:\n    pass\nSeries().ix", "`.iloc`"),
    ("class DataFrame:\n    pass\nDataFrame().as_matrix()", "to_numpy"),
    ("class DataFrame:\n    pass\nDataFrame().iteritems()", "`.items()`"),
    ("class DataFrame:\n    pass\nDataFrame().applymap(abs)", "`.map(...)`"),
    ("def fillna():\n    pass\nfillna(**{'method': 1})", "`.ffill()`"),
    ("np.array(['north']).astype(float)", "encode text"),
    ("class Rows:\n    pass\nRows().next()", "`next(iterator)`"),
    ("nn.Conv2d(3, 6, 5)(torch.ones(4, 1, 28, 28))", "in_channels"),
    ("'%f' % np.ones(1)", "`x.item()`"),
    ("optim.SGD(torch.ones(2, requires_grad=True), lr=0.1)", "into a list"),
    ("nn.Embedding(4, 2)[1]", "`layer(index)`"),
    ("torch.eye(2).symeig()", "torch.linalg"),
    ("x = torch.ones(2)\nx.masked_fill(x.byte(), 0.0)", "mask.bool()"),
    ("1 - (torch.ones(2) > 0)", "`~`"),
    ("torch.stft(torch.ones(100), 10)", "return_complex"),
    ("nn.Linear(3, 6)(torch.ones(4, 5))", "in_features"),
    ("torch.ones(6).view(4)", "flatten"),
    ("torch.ones(2, 3) + torch.ones(4)", "both shapes"),
    ("torch.cat([torch.ones(2, 3), torch.ones(2, 4)])", "both shapes"),
    ("torch.ones(2, 3).t().view(6)", "reshape"),
    ("nn.Conv2d(3, 6, 5)(torch.ones(28, 28))", "a dimension"),
    ("nn.Conv2d(1, 1, 5)(torch.ones(1, 1, 3, 3))", "smaller than the kernel"),
    ("nn.Conv2d(3, 4, 3, groups=2)", "divides"),
    ("nn.LSTM(3, 4)(torch.ones(2, 2, 5))", "input_size"),
    ("nn.BatchNorm1d(3)(torch.ones(1, 3))", "eval()"),
    ("nn.CrossEntropyLoss()(torch.ones(2, 3), torch.tensor([[0], [1]]))", "(N, C)"),
    ("nn.BCEWithLogitsLoss()(torch.ones(2, 3), torch.ones(2))", "CrossEntropyLoss"),
    ("nn.CrossEntropyLoss()(torch.ones(2, 3), torch.tensor([0, 3]))", "0 to C-1"),
    ("nn.CrossEntropyLoss()(torch.ones(2, 3), torch.tensor([0., 1.]))", "`.long()`"),
    ("nn.BCELoss()(torch.ones(2) * 3, torch.ones(2))", "sigmoid"),
    ("nn.MSELoss(torch.ones(2), torch.ones(2))", "nn.MSELoss()("),
    ("nn.Linear(3, 6)(torch.ones(4, 3).double())", "`.float()`"),
    ("torch.tensor([1]).mean()", "`.float()`"),
    ("torch.ones(1, device='gpu')", "`cuda`"),
    ("nn.Embedding(3, 2)(torch.tensor([3]))", "num_embeddings"),
    ("torch.tensor(1.).data[0]", "`.item()`"),
    ("torch.ones(2).item()", "`.tolist()`"),
    ("torch.ones(1).backward()", "detach"),
    ("torch.ones(2, requires_grad=True).mul(1).backward()", "gradient="),
    ("x = torch.ones(1, requires_grad=True)\ny = x * x\ny.backward()\ny.backward()", "anew"),
    ("x = torch.ones(1, requires_grad=True)\nx += 1", "no_grad"),
    ("x = torch.ones(1, requires_grad=True)\ny = x.exp()\ny += 1\ny.backward()", "`+=`"),
    ("nn.Linear(1, 1).weight.numpy()", "`.detach().numpy()`"),
    ("optim.SGD([], lr=1)", "model.parameters()"),
    ("torch.save(nn.ReLU(), 'a.pt')\ntorch.load('a.pt')", "state_dict"),
    ("net = nn.Linear(1, 1)\nnet.load_state_dict(net.state_dict)", "parentheses"),
    ("nn.Linear(2, 2).load_state_dict(nn.Linear(3, 2).state_dict())", "strict=False"),
)  # fmt: skip


@pytest.mark.parametrize(("code", "word"), BROKEN)
def test_what_to_do(examine: Examine, code: str, word: str) -> None:
    verdict = examine(code)
    assert verdict.status == "failed"
    assert word in verdict.findings[0].help, verdict.findings


def test_no_advice_is_left_that_nothing_leads_to(examine: Examine) -> None:
    said = [examine(code, raises="").announced[0] for code, _ in BROKEN]
    texts = [finding.message.replace("`", "") for finding in said]
    assert [p for p, _ in ADVICE if not any(re.search(p, text) for text in texts)] == []


def test_a_loss_that_takes_no_class_numbers(examine: Examine) -> None:
    for loss in ("nn.MSELoss()", "F.l1_loss", "F.smooth_l1_loss"):
        verdict = examine(f"{loss}(torch.ones(32, 10), torch.ones(32))")
        assert "CrossEntropyLoss" in verdict.findings[0].help
