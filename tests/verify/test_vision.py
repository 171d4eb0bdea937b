"""The stand-ins for torchvision: with the real package where it is, and a tiny one."""

from __future__ import annotations

import importlib.util
import sys
import textwrap
import venv
from collections.abc import Callable, Iterator

import pytest

from verify import Job, Options, Runner, Verdict

Try = Callable[..., Verdict]
DATA = "random samples in place of a data set"
FOLDER = "random samples in place of a data set whose pictures are not here"
WEIGHTS = "an untrained network in place of its weights"
LOOP = "a training loop ended after two passes"
#: What the stand-ins need of torchvision, in a page.
TINY = {
    "__init__.py": "from . import datasets, models",
    "datasets.py": '''
        class VisionDataset:
            def __init__(self, root=None, transform=None, target_transform=None):
                self.root, self.transform, self.target_transform = root, transform, target_transform
        class MNIST(VisionDataset):
            classes = ["0 - zero", "1 - one"]
            def __init__(self, root, train=True, transform=None, target_transform=None,
                         download=False):
                raise RuntimeError("Dataset not found. You can use download=True to download it")
            def __len__(self):
                return len(self.data)
            @property
            def class_to_idx(self):
                return {name: number for number, name in enumerate(self.classes)}
        class CIFAR10(VisionDataset):
            def __init__(self, root, train=True, transform=None, target_transform=None,
                         download=False):
                raise RuntimeError("Dataset not found. You can use download=True to download it")
        class ImageFolder(VisionDataset):
            def __init__(self, root, transform=None, target_transform=None, loader=None):
                open(root)
    ''',
    "models.py": '''
        from torch import nn
        from torch.hub import load_state_dict_from_url
        def resnet18(*, weights=None, pretrained=False):
            net = nn.Linear(2, 2)
            if weights or pretrained:
                net.load_state_dict(load_state_dict_from_url("https://download.invalid/x.pth"))
            return net
    ''',
}  # fmt: skip
HEAD = """
import torch, torchvision
from torchvision.datasets import MNIST, CIFAR10, ImageFolder
def pixels(picture):
    sides = picture.size[::-1]
    return torch.tensor(list(picture.tobytes())).float().reshape(-1, *sides)
"""


@pytest.fixture(scope="module", params=["tiny", "built for another torch"])
def attempt(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Try]:
    """The verdict on code that is run by a Python with a tiny torchvision."""
    home = tmp_path_factory.mktemp("python")
    venv.create(home, symlinks=True)
    [base] = home.glob("lib/python*/site-packages")
    (base / "ours.pth").write_text(
        "\n".join(path for path in sys.path if path.endswith("packages"))
    )
    (base / "torchvision").mkdir()
    for name, text in TINY.items():
        (base / "torchvision" / name).write_text(textwrap.dedent(text))
    if request.param != "tiny":
        (base / "torchvision" / "_needs.py").write_text(
            'import torch\ntorch.library.register_fake("torchvision::nms")(lambda a, b, c: a)\n'
            'torch.library.register_fake("torchvision::qnms")(lambda a, b, c: a)\n'
        )
        package = base / "torchvision" / "__init__.py"
        package.write_text("from . import _needs\n" + package.read_text())
    runner = Runner(Options(timeout=20, python=str(home / "bin" / "python")))

    def attempt(code: str, **options: str) -> Verdict:
        given = tuple((name.replace("_", "-"), value) for name, value in options.items())
        text = HEAD + textwrap.dedent(code)
        [verdict] = runner.run([Job("it", text, options=given)])
        return verdict

    yield attempt
    runner.close()


PASSING = {
    "a picture and its label, without a download": (
        "data = MNIST('./data', download=True)\npicture, label = data[3]\n"
        "assert (picture.mode, picture.size, label) == ('L', (28, 28), 3)",
        (DATA,),
    ),
    "as many as there are": (
        "data = MNIST('.', train=False)\nassert len(data) == 10_000 and data[-1][1] == 9\n"
        "torch.utils.data.random_split(CIFAR10('.'), [45_000, 5_000])",
        (DATA,),
    ),
    "all at once, in the type it has there": (
        "a, b = MNIST('.'), CIFAR10('.')\nassert a.data.shape == (60_000, 28, 28)\n"
        "assert a.targets.dtype == torch.int64 and b.classes[9] == 'truck'\n"
        "assert a.class_to_idx['1 - one'] == 1\nassert b.data.shape == (50_000, 32, 32, 3)",
        (DATA,),
    ),
    "a training loop": (
        "data = MNIST('.', transform=pixels)\n"
        "net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))\n"
        "opt = torch.optim.SGD(net.parameters(), lr=0.1)\n"
        "for epoch in range(100):\n"
        "    for x, y in torch.utils.data.DataLoader(data, batch_size=64):\n"
        "        loss = F.cross_entropy(net(x), y)\n        opt.zero_grad()\n"
        "        loss.backward()\n        opt.step()\n",
        (DATA, LOOP),
    ),
    "a training loop around functions, one of which only looks, with large batches": (
        "data = torch.utils.data.DataLoader(MNIST('.', transform=pixels), 1000, num_workers=2)\n"
        "net, passes = nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), []\n"
        "opt = torch.optim.SGD(net.parameters(), lr=0.1)\n"
        "def train():\n    for x, y in data:\n        F.cross_entropy(net(x), y).backward()\n"
        "        opt.step()\n        passes.append('train')\n"
        "def test():\n    for x, y in data:\n        passes.append('test')\n"
        "for epoch in range(100):\n    train()\n    test()\n"
        "assert passes == ['train', 'train', 'test', 'train', 'test'], passes\n",
        (DATA, LOOP, "a loop over random samples ended early"),
    ),
    "a list of all pictures": (
        "torch.stack([picture for picture, _ in MNIST('.', transform=pixels)], 3)",
        (DATA, "a loop over random samples ended early"),
    ),
    "a loop that only looks": (
        "right = 0\nfor x, y in torch.utils.data.DataLoader(MNIST('.', transform=pixels)):\n"
        "    right += (y == 0).sum()\n",
        (DATA, "a loop over random samples ended early"),
    ),
    "a folder that is not here": (
        "data = ImageFolder('dogs/train', transform=pixels)\nassert data[0][0].shape[0] == 3\n"
        "assert data.samples[1][1] == 1 and len(data.classes) == 2",
        (FOLDER,),
    ),
    "weights": (
        "torchvision.models.resnet18(weights='DEFAULT')\n"
        "torch.hub.load('pytorch/vision:v0.10.0', 'resnet18', weights='DEFAULT')",
        (WEIGHTS,),
    ),
    "what is printed is not compared": ("print(MNIST('.')[0][0].getpixel((0, 0)))  # 0", (DATA,)),
}  # fmt: skip


@pytest.mark.parametrize("what", PASSING)
def test_it_is_there(attempt: Try, what: str) -> None:
    code, stand_ins = PASSING[what]
    verdict = attempt(code)
    assert verdict.status == "passed", (verdict.reason, verdict.findings)
    assert verdict.stand_ins == stand_ins


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("data = MNIST('.', trian=True)", "trian"),
        ("x, y = MNIST('.', transform=pixels)[0]\nnn.Linear(28, 2)(x.view(-1, 400))", "400"),
        ("x, y = CIFAR10('.', transform=pixels)[0]\nnn.Conv2d(1, 6, 3)(x)", "channels"),
        ("x, y = MNIST('.')[60_000]", "IndexError"),
        ("data = MNIST('.')\ndata.taregts", "taregts"),
        ("x, y = ImageFolder('dogs')[0]\nx.shape", "shape"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_real_thing_is_found(attempt: Try, code: str, said: str) -> None:
    verdict = attempt(code)
    assert verdict.status == "failed", verdict.reason
    assert said in verdict.findings[0].message
    assert verdict.findings[0].line == HEAD.count("\n") + 1 + code.count("\n")


@pytest.mark.parametrize(
    "code",
    [
        "assert MNIST('.')[0][1] == 5",
        "x, y = ImageFolder('dogs', transform=pixels)[0]\n"
        "nn.Linear(224 * 224 * 3, 2)(x.view(1, -1))",
        "data = ImageFolder('dogs')\ntorch.utils.data.random_split(data, [800, 200])",
        "ImageFolder('dogs').class_to_idx['husky']",
    ],
)  # fmt: skip
def test_nobody_is_blamed_for_values_that_were_made_up(attempt: Try, code: str) -> None:
    verdict = attempt(code)
    assert (verdict.status, verdict.findings) == ("incomplete", ())
    assert "rests on values of a data set" in (verdict.reason or "")


def test_time_that_stand_ins_took_is_nobodys(attempt: Try) -> None:
    verdict = attempt("MNIST('.')\nwhile True: pass", timeout="1")
    assert (verdict.status, verdict.findings) == ("incomplete", ())
    assert verdict.reason == f"it did not end within 1 seconds, with {DATA}"


def test_each_stand_in_can_be_switched_off(attempt: Try) -> None:
    without = attempt("MNIST('.')", stand_ins_off="data")
    assert (without.status, without.stand_ins) == ("incomplete", ())
    assert "data that" in (without.reason or "")
    without = attempt("torchvision.models.resnet18(weights='DEFAULT')", stand_ins_off="weights")
    assert (without.status, without.stand_ins) == ("incomplete", ())
    assert "network" in (without.reason or "")
    code = "for x, y in MNIST('.', train=False):\n    pass\nprint(y)"
    assert attempt(code, stand_ins_off="loops").stand_ins == (DATA,)


def test_deprecated_weights_name_their_equal(attempt: Try) -> None:
    verdict = attempt("torchvision.models.resnet18(pretrained=True)")
    [finding] = verdict.findings
    assert (verdict.status, finding.code) == ("passed", "deprecated")
    assert 'weights="IMAGENET1K_V1"' in finding.help


# --- the real package ----------------------------------------------------------------------------

DIGITS = """
import torch
import torch.nn as nn
import torch.functional.F as F
from torchvision import datasets, transforms

to_tensor = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
digits = datasets.MNIST("./digits", train=True, download=True, transform=to_tensor)
loader = torch.utils.data.DataLoader(digits, batch_size=32, shuffle=True)


class Digits(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 6, 5)
        self.second = nn.Conv2d(6, 16, 5)
        self.last = nn.Linear(400, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.first(x)), 2)
        x = F.max_pool2d(F.relu(self.second(x)), 2)
        return self.last(x.view(-1, 400))


net = Digits()
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
for epoch in range(10):
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(net(images), labels)
        loss.backward()
        optimizer.step()
""".strip()  # fmt: skip
#: Line of the mistake, a word that is said of it, what is written there, what should be.
MISTAKES = [
    (3, "torch.functional.F", "torch.functional.F as", "torch.nn.functional as"),
    (19, "channels", "Conv2d(3,", "Conv2d(1,"),
    (21, "400", "400", "256"),
    (30, "must match the size", "MSELoss", "CrossEntropyLoss"),
]


def test_one_mistake_behind_another_is_found_each_on_its_line(examine: Try) -> None:
    if importlib.util.find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed")
    code = DIGITS
    for line, said, wrong, right in MISTAKES:
        verdict = examine(code)
        assert verdict.status == "failed", verdict.reason
        assert (verdict.findings[0].line, said in verdict.findings[0].message) == (line, True)
        code = code.replace(wrong, right)
    verdict = examine(code)
    assert (verdict.status, verdict.stand_ins) == ("passed", (DATA, LOOP)), verdict.reason
