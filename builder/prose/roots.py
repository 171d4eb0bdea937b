"""The first parts of dotted names that everybody knows, and whether a note means them so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from builder.patterns import late

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
_IMPORT = late(
    r"^[ \t>]*(?:>>> ?)?(?:from[ \t]+(?P<module>[\w.]+)[ \t]+)?import[ \t]+(?P<names>[^#\n;]+)",
    re.MULTILINE,
)
_BOUND = late(
    rf"^[ \t]*(?:({'|'.join(_SHORT)})[ \t]*=(?!=)|class ({'|'.join(_SHORT)})\b)", re.MULTILINE
)
#: In code an import may go over several lines.
_IMPORT_IN_CODE = late(
    r"^[ \t]*(?:>>> ?)?(?:from[ \t]+(?P<module>[\w.]+)[ \t]+)?import[ \t]+"
    r"(?P<names>\([^()]*\)|[^#\n;]+)",
    re.MULTILINE,
)
#: What else may bind a name in code; a keyword of a call looks the same and is left alone too.
_BOUND_TO = r"(?<![\w.]){0}[ \t]*(?:[:,][^=\n]*)?=(?!=)"
_BOUND_BY = r"\b(?:for|as|class|def|lambda)\b[^:\n]*(?<![\w.]){0}\b"
#: Modules whose names are words that notes use for other things.
_WORDS = frozenset({"data", "utils", "io", "ops", "types", "functional", "testing", "library"})


@dataclass(frozen=True, slots=True)
class Roots:
    """The roots of one note: what each stands for; `foreign` are those that may mean others.

    `own` are names that the code of the note imports, and what they stand for.

    Names of the library's C++ side are not those of Python; where a note shows any, nothing can be
    held against the others.
    """

    foreign: frozenset[str] = frozenset()
    is_mixed: bool = False
    own: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def of(text: str, codes: Iterable[str] = ()) -> Roots:
        """Read off the imports that a text shows, and the frameworks it speaks of.

        `codes` are the pieces of code in it.
        """
        lower = text.lower()
        others = any(word in lower for word in _OTHERS)
        foreign = set(_SHORT) - {"np"} if others else set()
        for match in _IMPORT.finditer(text):
            foreign |= _rebound(match["module"] or "", match["names"])
        foreign |= {match[1] or match[2] for match in _BOUND.finditer(text)}
        return Roots(frozenset(foreign), "torch::" in text, tuple(_own("\n".join(codes))))

    def full(self, name: str) -> str | None:
        """Return a dotted name in full, None where its root may be another's."""
        root, dot, rest = name.partition(".")
        if root in KNOWN:
            return KNOWN[root] + dot + rest if root not in self.foreign else None
        origin = dict(self.own).get(root)
        return origin + dot + rest if origin else None


def _own(code: str) -> Iterator[tuple[str, str]]:
    """Yield the names that code imports from what everybody knows, and binds to nothing else."""
    found: dict[str, set[str]] = {}
    for match in _IMPORT_IN_CODE.finditer(code):
        for bound, origin in _imported(match["module"] or "", match["names"]):
            found.setdefault(bound, set()).add(origin)
    without = _IMPORT_IN_CODE.sub("", code)
    for bound, origins in found.items():
        [origin, *others] = sorted(origins)
        known = origin.partition(".")[0] in KNOWN and "." in origin
        known = known and bound not in KNOWN and bound not in _WORDS and not others
        again = (re.search(it.format(re.escape(bound)), without) for it in (_BOUND_TO, _BOUND_BY))
        if known and not any(again):
            yield bound, origin


def _imported(module: str, names: str) -> Iterator[tuple[str, str]]:
    """Yield what an import binds, and in full what to; a plain `import a.b` binds `a` alone."""
    for part in re.sub(r"#[^\n]*", "", names).strip("() \t\n").split(","):
        match part.split():
            case [name] if module and name.isidentifier():
                yield name, f"{module}.{name}"
            case [name, "as", bound]:
                yield bound, f"{module}.{name}" if module else name
            case _:
                pass


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
