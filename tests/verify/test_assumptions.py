"""Names that nobody defined, given their usual meaning; what of a break on them is whose fault."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verify import Job, Runner, Setting, Verdict
from verify.assumptions import TABLE

Examine = Callable[..., Verdict]
Note = Callable[..., list[Verdict]]


@pytest.mark.parametrize(
    ("code", "assumed"),
    [
        ("loss = criterion(model(inputs), labels)\nloss.backward()",
         "criterion model inputs labels"),
        ("class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
         "        self.a = nn.Linear(7, 3)\n    def forward(self, x):\n        return self.a(x)\n"
         "out = Net()(x)\nassert out.shape[1] == 3", "x"),
        ("net = nn.Sequential(nn.Conv2d(1, 4, 5), nn.Flatten(), nn.Linear(4 * 24 * 24, 10))\n"
         "for images, labels in train_loader:\n    F.cross_entropy(net(images), labels).backward()",
         "train_loader"),
        ("for epoch in range(num_epochs):\n    for x, y in loader:\n        optimizer.zero_grad()\n"
         "        loss_fn(model(x), y).backward()\n        optimizer.step()\n    scheduler.step()",
         "num_epochs loader optimizer loss_fn model scheduler"),
        ("net = nn.Linear(8, 1)\nloss = nn.MSELoss()(net(x), y)", "x y"),
        ("emb = nn.Embedding(20, 4)\nprint(emb(x).shape)", "x"),
        ("model = Model(input_size, output_size)\nmodel.eval()", "Model input_size output_size"),
        ("loader = DataLoader(dataset, batch_size=2, shuffle=True)\nx, y = next(iter(loader))",
         "DataLoader dataset"),
        ("model = ...\ninputs = ...\nmodel(inputs).sum().backward()", "model inputs"),
        ("torch.eq(input, other)", "input other"),
        ("start = time.time()\nprint(os.getcwd())", "time os"),
        ("torch.save(model.state_dict(), path)\nmodel.load_state_dict(torch.load(path))",
         "model path"),
        ("def train():\n    for x, y in loader:\n        model(x)", ""),
        ("z = torch.randn(batch_size, nz, 1, 1)\nnn.ConvTranspose2d(nz, ngf * 8, 4)(z)",
         "batch_size nz ngf"),
        ("torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total_steps - warmup_steps)",
         "optimizer total_steps warmup_steps"),
        ("class Rows(data.Dataset):\n    pass\nRows()", "data"),
        ("for step, batch in enumerate(loader):\n    scores = model(batch['image'])\n"
         "    criterion(scores, batch[\"label\"]).backward()", "loader model criterion"),
        ("batch = next(iter(train_loader))\n"
         "assert batch['input_ids'].shape == batch['attention_mask'].shape", "train_loader"),
        ("def depth(root: TreeNode) -> int:\n"
         "    return 1 + max(depth(root.left), depth(root.right)) if root else 0\n"
         "assert depth(TreeNode(1, TreeNode(2))) == 2", "TreeNode"),
        ("start = timer()\nbisect.insort(nums, 2)\nplaces = heappop(nums)",
         "timer bisect nums heappop"),
    ],
)  # fmt: skip
def test_conventional_names_have_values(examine: Examine, code: str, assumed: str) -> None:
    verdict = examine(code)
    assert verdict.status == "passed", (verdict.reason, verdict.findings)
    assert sorted(verdict.assumed) == sorted(assumed.split())
    assert verdict.guessed == verdict.assumed


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("y = model.encode(inputs)", "with values assumed for `model`"),
        ("def f(t):\n    return t.nothing_such\nf(x)", "with values assumed for `x`"),
        ("while model:\n    pass", "1 seconds, with values assumed for `model`"),
        ("z = my_helper(x)\nprint(z.shape)", "it needs `my_helper`, which nothing defines"),
        ("import mxnet\nnet(x)", "mxnet"),
        ("big = [x.new_ones(1 << 28) for _ in range(99)]", "memory"),
        ("pd.DataFrame(x)", "pandas"),
        ("TEXT = data.Field(lower=True)", "it needs `data`, which nothing defines"),
    ],
)
def test_a_break_on_an_assumption_is_nobodys_fault(
    examine: Examine, code: str, reason: str
) -> None:
    verdict = examine(code, timeout="1") if "while" in code else examine(code)
    assert verdict.status == "incomplete", verdict.findings
    assert reason in (verdict.reason or "")


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("y = model.encode(inputs)\nz = torch.ones(2, 3)\nz @ z", 3),
        ("a = my_helper(x)\nb = a + 1\nz = torch.ones(2, 3)\nprint(b)\nz @ z", 5),
    ],
)
def test_behind_the_break_the_rest_is_looked_at(examine: Examine, code: str, line: int) -> None:
    verdict = examine(code)
    assert [(f.code, f.line) for f in verdict.findings] == [("runtime-error", line)]
    assert verdict.status == "failed"


def test_features_are_tried_where_images_do_not_fit(examine: Examine) -> None:
    verdict = examine("batch, size = x.shape\nprint(x.mean(1).shape)")
    assert verdict.status == "passed", verdict.reason


def test_what_the_note_defines_is_never_assumed(note: Note) -> None:
    first, second = note("model = nn.Linear(3, 5)", "out = model(torch.ones(1, 3))\nout.shape")
    assert (first.assumed, second.assumed) == ((), ())
    _, blank, then = note("model = nn.Linear(3, 5)", "model = ...", "model(torch.ones(2, 7))")
    assert blank.status == "passed"
    assert then.assumed == ("model",)


def test_files_that_the_note_wrote_are_there(note: Note) -> None:
    _, wrote, read = note(
        "net = nn.Linear(2, 2)",
        "torch.save(net.state_dict(), 'weights.pt')",
        "state = torch.load('weights.pt')\nnet.load_state_dict(state)",
    )
    assert (wrote.status, read.status, read.after) == ("passed", "passed", ("0", "1"))


def test_a_later_piece_says_what_the_earlier_one_lacked(note: Note) -> None:
    first, second = note("rate = my_schedule(3)", "print(rate)")
    assert first.reason == second.reason == "it needs `my_schedule`, which nothing defines"


def test_a_path_is_shown_as_the_note_writes_it(note: Note) -> None:
    code = "import os\nrows = open(os.path.join(os.getcwd(), 'a.txt'))"
    reasons = [verdict.reason for verdict in note(code, "print(rows)")]
    assert reasons == ["it needs the file `./a.txt`, which is not here"] * 2


def test_files_are_no_longer_there_where_that_is_switched_off(runner: Runner) -> None:
    codes = "torch.save([1], 'list.pt')", "print(torch.load('list.pt'))"
    off = Setting(off=("files",))
    jobs = [Job(str(n), code, scopes=("note",), setting=off) for n, code in enumerate(codes)]
    wrote, read = runner.run(jobs)
    assert (wrote.status, read.status, read.after) == ("passed", "incomplete", ())
    assert read.reason == "it needs the file `list.pt`, which is not here"


def test_every_name_has_two_values() -> None:
    assert all(len(values) == 2 and all(values) for values in TABLE.values())
    assert not any(len(name) == 1 and name in "KTtnmk" for name in TABLE)
