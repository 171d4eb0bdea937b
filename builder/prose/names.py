"""Names of API in sentences and back-ticks: dotted, with a first part that everybody knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from re import Match, Pattern

from builder.model import Mention, Snippet
from builder.patterns import late
from builder.prose.denied import denies
from builder.prose.roots import KNOWN, Roots
from builder.prose.text import Prose


@cache
def _name(*own: str) -> Pattern[str]:
    """Return what a dotted name looks like whose first part is known, or one of these."""
    root = "|".join((*KNOWN, *map(re.escape, own)))
    return re.compile(
        rf"(?<![A-Za-z0-9_.\\/@$%&~:-])(?P<name>(?:{root})(?:\.(?:[A-Za-z]|\\?_)(?:[A-Za-z0-9]|\\?_)*)+)"
        r"(?P<call>\(\))?"
    )


#: Behind a name: signs that it is only the beginning of one, or one of several.
_GOES_ON = late(r"\*(?!\*)|[{\[<$~\\/…]|\.\.|-\w|::|\(\.\.\.[^)]|=\d")
_FILE = late(
    r"\.(?:pyi?|cpp|cc|cu|cuh|h|hpp|so|md|rst|txt|ipynb|html?|json|ya?ml|toml|whl|zip|gz|tar|pth?"
    r"|onnx|csv|png|jpe?g|svg|sh|ch|org|com|io|net|cn|js|in)$"
)
#: Last parts that stand for whatever the reader puts there.
_PLACEHOLDER = late(
    r"[xX]+|x{2,}\w*|\w*_?[xX]{2,}\w*|foo|bar|baz|etc|(?:your|my|some|any)[A-Z_]?\w*|\w+(?:[NXMn]|_n)d"
    r"|\w+_|something|\w*(?:Name|NAME)|[A-Z]"
)


def find(prose: Prose, roots: Roots, asides: Sequence[Snippet]) -> Iterator[Mention]:
    """Yield the names, whatever the library will say of them."""
    taken = {(aside.span.line, column) for aside in asides for column in _columns(aside)}
    for match in _name().finditer(prose.plain):
        if prose.place(match.start()) not in taken:
            yield from _mention(prose, roots, match, 0, loose=True)
    ticked = _name(*(bound for bound, _ in roots.own))
    for start, end in prose.codes:
        text = prose.text(start, end)
        whole = ticked.fullmatch(text.strip())
        for match in ticked.finditer(text):
            if prose.place(start + match.start()) not in taken:
                yield from _mention(prose, roots, match, start, loose=not whole)


def _columns(aside: Snippet) -> range:
    return range(aside.span.column, aside.span.end_column)


def _mention(
    prose: Prose, roots: Roots, match: Match[str], at: int, *, loose: bool
) -> Iterator[Mention]:
    name = match["name"].replace("\\", "")
    full = roots.full(name)
    if full is None or _FILE.search(name):
        return
    start, end = at + match.start("name"), at + match.end("name")
    sure = not (
        roots.is_mixed
        or _GOES_ON.match(match.string, match.end())
        or _PLACEHOLDER.fullmatch(name.rpartition(".")[2])
        or denies(prose.sentence(start, end))
    )
    yield Mention(
        prose.span(start, end),
        text=name,
        name=full,
        sure=sure,
        loose=loose and not match["call"],
        around=prose.around(start, end),
    )
