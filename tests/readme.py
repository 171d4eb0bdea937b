"""The pictures of the README, made from this repository's notes by one command: `make pictures`.

A card is what the real Anki renders, a page is what a browser shows.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.browser import Chromium, chromium
from tests.deck.learner import Learner
from tests.deck.pictures import page

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"

#: What is shown: a card by words of its question, a chapter by its page.
CARD = "torch.gather"
PAGE = "notes/02-autograd.html"

#: A note as people share them; its verdict is the third picture.
BROKEN = """# 模型剪枝

## 怎样剪掉卷积层 20% 的权重？

```python
import torch
from torch import nn

model = nn.Sequential(nn.Conv2d(3, 16, 3)， nn.ReLU())
torch.nn.utils.prune.conv2d(model[0], name="weight", amount=0.2)
model.gpu()
```
"""


def lighter(picture: Path) -> None:
    """Keep a picture in 256 colours, a third of its bytes; nobody sees the difference."""
    with Image.open(picture) as found:
        found.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(picture, optimize=True)


def build(*arguments: str) -> None:
    """Run the command; notes that are broken on purpose end it with 1."""
    done = subprocess.run([sys.executable, "-m", "builder", *arguments], cwd=ROOT, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.returncode)


def card(browser: Chromium, package: bytes, home: Path) -> None:
    """Take one card on a phone, by day and by night."""
    learner = Learner(home)
    learner.take(package)
    shown = next(seen for seen in learner.cards() if CARD in seen.question)
    media = Path(learner.collection.media.dir())
    for name, night in (("card-day", False), ("card-night", True)):
        html = home / f"{name}.html"
        html.write_text(page(shown.answer, media, night=night), "utf-8")
        with browser.visit(html.as_uri(), width=390, scale=2) as visit:
            visit.page.screenshot(path=PICTURES / f"{name}.png")
    learner.close()


def pages(browser: Chromium, site: Path, broken: Path) -> None:
    """Take a page of the course, and the verdict on the broken note."""
    with browser.visit((site / PAGE).as_uri(), width=1280, scale=1.5) as visit:
        visit.page.screenshot(path=PICTURES / "page.png")
    with browser.visit((broken / "notes/pruning.html").as_uri(), width=720, scale=2) as visit:
        visit.page.locator(".snippet").first.screenshot(path=PICTURES / "verdict.png")


def main() -> None:
    """Make all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        home = Path(folder)
        note = home / "broken" / "pruning.md"
        note.parent.mkdir()
        note.write_text(BROKEN, "utf-8")
        # A copy, since a build of the notes themselves keeps their lock.
        shutil.copytree(ROOT / "notes", home / "notes")
        shutil.copy(ROOT / "proofdeck.toml", home)
        build("--notes", str(home / "notes"), "--out", str(home / "course"))
        build("--notes", str(note.parent), "--out", str(home / "site"))
        [package] = (home / "course").glob("*.apkg")
        card(browser, package.read_bytes(), home / "anki")
        pages(browser, home / "course", home / "site")
    for picture in PICTURES.glob("*.png"):
        lighter(picture)


if __name__ == "__main__":
    main()
