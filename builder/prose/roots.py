"""The first parts of dotted names that everybody knows, and whether a note means them so."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: What stands for which module.
KNOWN = {
    "torch": "torch",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "optim": "torch.optim",
    "Tensor": "torch.Tensor",
    "np": "numpy",
    "numpy": "numpy",
    "torchvision": "torchvision",
    "torchaudio": "torchaudio",
}
_SHORT = ("nn", "F", "optim", "Tensor", "np")
#: Frameworks that call modules of theirs `nn`, `F` or `optim` too.
_OTHER_WORDS = """
    mxnet gluon paddle 飞桨 mindspore oneflow jittor 计图 megengine flax tinygrad torch7 chainer
    libtorch minitorch
"""
_OTHERS = (*_OTHER_WORDS.split(), " mlx", " lua")
_IMPORT = re.compile(
    r"^[ \t>]*(?:>>> ?)?(?:from[ \t]+(?P<module>[\w.]+)[ \t]+)?import[ \t]+(?P<names>[^#\n;]+)",
    re.MULTILINE,
)
_BOUND = re.compile(
    rf"^[ \t]*(?:({'|'.join(_SHORT)})[ \t]*=(?!=)|class ({'|'.join(_SHORT)})\b)", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Roots:
    """The roots of one note: what each stands for; `foreign` are those that may mean others.

    Names of the library's C++ side are not those of Python; where a note shows any, nothing can be
    held against the others.
    """

    foreign: frozenset[str] = frozenset()
    is_mixed: bool = False

    @staticmethod
    def of(text: str) -> Roots:
        """Read off the imports that a text shows, and the frameworks it speaks of."""
        lower = text.lower()
        others = any(word in lower for word in _OTHERS)
        foreign = set(_SHORT) - {"np"} if others else set()
        for match in _IMPORT.finditer(text):
            foreign |= _rebound(match["module"] or "", match["names"])
        foreign |= {match[1] or match[2] for match in _BOUND.finditer(text)}
        return Roots(frozenset(foreign), "torch::" in text)

    def full(self, name: str) -> str | None:
        """Return a dotted name in full, None where its root may be another's."""
        root, dot, rest = name.partition(".")
        return KNOWN[root] + dot + rest if root in KNOWN and root not in self.foreign else None


def _rebound(module: str, names: str) -> set[str]:
    """Return the short roots that an import gives another meaning."""
    found = set()
    for part in names.strip("() \t").split(","):
        words = part.split()
        if not words:
            continue
        bound = words[-1]
        origin = f"{module}.{words[0]}" if module else words[0]
        if bound in _SHORT and origin != KNOWN[bound] and not _same(origin, bound):
            found.add(bound)
    return found


def _same(origin: str, bound: str) -> bool:
    """Tell whether two ways of writing an import mean one thing, or a slip of it."""
    return origin.startswith("torch.") if KNOWN[bound].startswith("torch") else False
