"""Measures how fast notes are read, beside mistune alone and markdown-it-py on the same text.

    python benchmarks/reading.py [MEGABYTES]

Prints CPU seconds, megabytes a second and peak memory, for a text and for twice as much of it.
Every reader has a process of its own. `pip install markdown-it-py` adds the third one.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

#: In bytes; about what a chapter of notes has.
_FILE = 36_000
_SEED = 7

WORDS = ("张量", "梯度", "计算图", "优化器", "学习率", "归一化", "注意力", "显存", "并行", "量化")
CALLS = ("relu", "softmax", "matmul", "layer_norm", "conv2d", "gather", "einsum", "cumsum")


def notes(size: int) -> Iterator[str]:
    """Yield notes with `size` bytes in all: headings, prose, lists, tables, formulas and code."""
    chance, done, number = random.Random(_SEED), 0, 0
    while done < size:
        cards, length = ["# 第一章\n\n"], 0
        while length < _FILE:
            number += 1
            cards.append(_card(chance, number))
            length += len(cards[-1].encode())
        done += length
        yield "".join(cards)


def _card(chance: random.Random, number: int) -> str:
    call, word = chance.choice(CALLS), chance.choice(WORDS)
    prose = "，".join("".join(chance.choices(WORDS, k=4)) for _ in range(9))
    rows, columns = chance.randint(2, 64), chance.randint(2, 64)
    return f"""## {number}. `{call}` 与{word}有什么关系？

{prose}。形状是 $({rows}, {columns})$，见 **{word}** 一节。

- 第一点：`{call}` 返回新的张量
- 第二点：{chance.choice(WORDS)}

| 项 | 值 |
|---|---|
| a | {rows} |

```python
x = torch.randn({rows}, {columns}, requires_grad=True)
loss = (x * 2).sum()
loss.backward()
print(x.grad.shape)
```

"""


def proofdeck(text: str) -> None:
    """Read as the product does: blocks with places, cards, snippets, problems."""
    from builder.model import Source
    from builder.parsing import parse

    parse(Source("note.md", text))


def mistune(text: str) -> None:
    """Parse to tokens, without places."""
    plugins = ["table", "math", "strikethrough", "task_lists"]
    import_module("mistune").create_markdown(renderer=None, plugins=plugins)(text)


def markdown_it(text: str) -> None:
    """Parse to tokens with lines."""
    import_module("markdown_it").MarkdownIt("commonmark").enable("table").parse(text)


READERS: tuple[Callable[[str], None], ...] = (proofdeck, mistune, markdown_it)


def measure(name: str, size: int) -> None:
    """Read in this process, and print CPU seconds and peak memory in kilobytes."""
    reader = next(reader for reader in READERS if reader.__name__ == name)
    texts = list(notes(size))
    reader(texts[0])
    start = time.process_time()
    for text in texts:
        reader(text)
    seconds = time.process_time() - start
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main(megabytes: float) -> None:
    """Print the table."""
    print("| reader | MB | CPU s | MB/s | peak MB |\n|---|---|---|---|---|")
    for reader in READERS:
        for size in (int(megabytes * 1e6), int(megabytes * 2e6)):
            command = (sys.executable, __file__, "--one", reader.__name__, str(size))
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode:
                print(f"| {reader.__name__} | cannot be run | | | |")
                break
            seconds, peak = map(float, done.stdout.split())
            row = (
                f"{size / 1e6:.1f} | {seconds:.1f} | {size / 1e6 / seconds:.2f} | {peak / 1024:.0f}"
            )
            print(f"| {reader.__name__} | {row} |", flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    match sys.argv[1:]:
        case ["--one", name, size]:
            measure(name, int(size))
        case [megabytes]:
            main(float(megabytes))
        case _:
            main(2.5)
