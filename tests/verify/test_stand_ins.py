"""What is supplied in place of what the machine lacks, and that nobody is blamed for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verify import Verdict

Examine = Callable[..., Verdict]
CPU = "the CPU in place of a GPU"
LOOP = "a training loop ended after two passes"


@pytest.mark.parametrize(
    "code",
    [
        "x = torch.ones(2).cuda()\ny = x.to('cuda:1') + 1",
        "x = torch.ones(2, device='cuda')\nprint(x.cpu().numpy())",
        "x = torch.ones(2, 3, device='cuda')\nassert x.to(0).to(torch.float64).shape == (2, 3)",
        "x = torch.full((2, 3), 7, device=torch.device('cuda', 1))\nassert x.sum() == 42",
        "x = torch.randint(0, 5, (3, 4), device=0)\nassert x.shape == (3, 4)",
        "net = nn.Linear(2, 2).cuda()\nnet = net.to(torch.device('cuda:0'))\n"
        "net(torch.ones(1, 2).cuda(0))",
        "net = nn.DataParallel(nn.Linear(2, 2), device_ids=[0, 1]).cuda()\nnet(torch.ones(1, 2))",
        "layer = nn.Conv2d(1, 1, 1, device='cuda', dtype=torch.float64)",
        "start = torch.cuda.Event(enable_timing=True)\nstart.record()\ntorch.cuda.synchronize()\n"
        "print(start.elapsed_time(start) == 0)",
        "torch.save(nn.Linear(1, 1).state_dict(), 'x.pt')\n"
        "torch.load('x.pt', map_location='cuda:0')",
        "with torch.device('cuda'):\n    net = nn.Linear(1, 1)",
        "torch.set_default_device('cuda')\nprint(torch.ones(1).sum())",
        "net = nn.Linear(1, 1).cuda()\nopt = torch.optim.Adam(net.parameters())\n"
        "with torch.autocast('cuda'):\n    loss = net(torch.ones(1, 1).cuda()).sum()\n"
        "loss.backward()\nopt.step()",
    ],
)  # fmt: skip
def test_the_cpu_stands_in_for_a_gpu(examine: Examine, code: str) -> None:
    verdict = examine(code)
    assert verdict.status == "passed", (verdict.reason, verdict.findings)
    assert verdict.stand_ins == (CPU,)


def test_where_no_gpu_is_needed_nothing_stands_in(examine: Examine) -> None:
    verdict = examine(
        "device = 'cuda' if torch.cuda.is_available() else 'cpu'\nprint(torch.ones(1).to(device))"
    )
    assert (verdict.status, verdict.stand_ins) == ("passed", ())
    assert examine("print(torch.cuda.is_available())").stdout == "False\n"


def test_a_shape_is_wrong_on_every_device(examine: Examine) -> None:
    verdict = examine("x = torch.ones(2, 3).cuda()\nx @ x.cuda()")
    assert [(f.code, f.line) for f in verdict.findings] == [("runtime-error", 2)]


def test_a_tensor_that_was_moved_is_no_leaf(examine: Examine) -> None:
    code = "x = torch.ones(2, requires_grad=True).cuda()\nassert not x.is_leaf"
    assert examine(code).status == "passed"


_TRAINING = """
net = nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range({epochs}):
    loss = net({data}).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    {more}
print(epoch)
"""


def test_a_loop_runs_as_written(examine: Examine) -> None:
    verdict = examine(_TRAINING.format(epochs=50, data="torch.ones(3, 2)", more="pass"))
    assert (verdict.status, verdict.stdout, verdict.stand_ins) == ("passed", "49\n", ())


def test_a_loop_that_would_take_too_long_is_ended(examine: Examine) -> None:
    more = "import time; time.sleep(0.1)"
    verdict = examine(
        _TRAINING.format(epochs=1000, data="torch.ones(3, 2)", more=more), timeout="3"
    )
    assert (verdict.status, verdict.stdout, verdict.stand_ins) == ("passed", "", (LOOP,))


def test_what_breaks_behind_an_ended_loop_is_nobodys_fault(examine: Examine) -> None:
    more = "import time; time.sleep(0.1)"
    code = _TRAINING.format(epochs=1000, data="torch.ones(3, 2)", more=more) + "assert epoch == 999"
    verdict = examine(code, timeout="3")
    assert verdict.status == "incomplete"
    assert "ended after two passes" in (verdict.reason or "")


def test_a_loop_over_assumed_data_is_ended(examine: Examine) -> None:
    verdict = examine(
        "for epoch in range(1000):\n    for x, y in train_loader:\n"
        "        loss = criterion(model(x), y)\n        loss.backward()\n    print(loss)"
    )
    assert (verdict.status, verdict.stdout, verdict.stand_ins) == ("passed", "", (LOOP,))


def test_a_limit_is_nobodys_fault_where_the_cpu_stood_in(examine: Examine) -> None:
    verdict = examine("x = torch.ones(2).cuda()\nwhile True: pass", timeout="1")
    assert (verdict.status, verdict.findings) == ("incomplete", ())
    assert verdict.reason == "it did not end within 1 seconds, with the CPU in place of a GPU"


def test_nor_is_memory(examine: Examine) -> None:
    verdict = examine("big = [torch.ones(1 << 28, device='cuda') for _ in range(99)]")
    assert (verdict.status, verdict.findings) == ("incomplete", ())
    assert (verdict.reason or "").endswith(", with the CPU in place of a GPU")


FOLDER = "a folder made for what is written into it"


@pytest.mark.parametrize(
    "code",
    [
        "torch.save([1], './model/a/list.pt')",
        "PATH = 'out/list.txt'\nwith open(PATH, 'w') as file:\n    file.write('a')",
        "for n in range(2):\n    torch.save(n, f'kept/epoch-{n}.pt')",
    ],
)
def test_what_is_written_has_a_folder(examine: Examine, code: str) -> None:
    verdict = examine(code)
    assert (verdict.status, verdict.stand_ins) == ("passed", (FOLDER,)), verdict.reason
    assert examine(code, stand_ins_off="files").status == "incomplete"


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos.makedirs('model')\ntorch.save([1], 'model/list.pt')",
        "torch.save([1], 'list.pt')",
        "print('a/b', open)",
    ],
)
def test_no_folder_is_made_that_nobody_misses(examine: Examine, code: str) -> None:
    verdict = examine(code)
    assert (verdict.status, verdict.stand_ins) == ("passed", ())


MADE_UP = "made-up content in place of the file `{}`"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("names.txt", "words = open('names.txt').read().splitlines()\nassert words[0].islower()"),
        ("a/b.txt", "from pathlib import Path\nassert len(Path('a/b.txt').read_text())"),
        ("cat.jpg", "from PIL import Image\nassert np.array(Image.open('cat.jpg')).shape[2] == 3"),
        ("wine.csv", "t = np.loadtxt('wine.csv', delimiter=',', skiprows=1)\nassert t.ndim == 2"),
        ("age.csv", "import csv\nrows = list(csv.DictReader(open('age.csv')))\nrows[0]['age']"),
    ],
)
def test_what_is_read_has_made_up_content(examine: Examine, path: str, code: str) -> None:
    verdict = examine(code)
    assert (verdict.status, verdict.stand_ins) == ("passed", (MADE_UP.format(path),))
    assert examine(code, stand_ins_off="files").status == "incomplete"


def test_a_break_on_made_up_content_is_for_want_of_the_file(examine: Examine) -> None:
    verdict = examine("sizes = [int(line) for line in open('sizes.txt')]")
    assert verdict.status == "incomplete"
    assert verdict.reason == "it needs the file `sizes.txt`, which is not here"


@pytest.mark.parametrize(
    "code",
    [
        "def later():\n    return open('later.txt').read()",
        "with open('own.txt', 'w') as f:\n    f.write('a')\nassert open('own.txt').read() == 'a'",
        "try:\n    open('gone.txt')\nexcept FileNotFoundError:\n    pass\nelse:\n    1 / 0",
        "from pathlib import Path\np = Path('own.txt')\np.touch(exist_ok=False)\n"
        "p.write_text('a')\nassert p.read_text() == 'a'",
        ">>> open('gone.txt')\nTraceback (most recent call last):\nFileNotFoundError: gone.txt",
    ],
)
def test_no_content_is_made_up_that_nobody_misses(examine: Examine, code: str) -> None:
    verdict = examine(code)
    assert (verdict.status, verdict.stand_ins) == ("passed", ()), verdict.reason


def test_figures_travel_with_the_verdict(examine: Examine) -> None:
    code = """
        import sys, types
        class Figure:
            def savefig(self, file, **_): file.write(b"PNG")
        plt = types.ModuleType("matplotlib.pyplot")
        plt.get_fignums, plt.figure = (lambda: [1]), (lambda number: Figure())
        sys.modules["matplotlib.pyplot"] = plt
    """
    assert examine(code).figures == (("figure-1.png", "UE5H"),)
