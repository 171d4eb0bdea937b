"""What the data sets of torchvision hold, as their documentation says: sizes, ranges, names."""

from __future__ import annotations

import sys
from typing import Any, Dict, List, NamedTuple, Optional


class Kind(NamedTuple):
    """What samples of a data set are.

    `mode` and `side` are those of the picture. `sizes` says how many samples each part has.
    """

    mode: str
    side: int
    classes: int
    sizes: Dict[str, int]


_DIGITS = {"train": 60_000, "test": 10_000}
_SMALL = {"train": 50_000, "test": 10_000}
KINDS: Dict[str, Kind] = {
    "MNIST": Kind("L", 28, 10, _DIGITS),
    "FashionMNIST": Kind("L", 28, 10, _DIGITS),
    "KMNIST": Kind("L", 28, 10, _DIGITS),
    "USPS": Kind("L", 16, 10, {"train": 7_291, "test": 2_007}),
    "CIFAR10": Kind("RGB", 32, 10, _SMALL),
    "CIFAR100": Kind("RGB", 32, 100, _SMALL),
    "SVHN": Kind("RGB", 32, 10, {"train": 73_257, "test": 26_032, "extra": 531_131}),
    "STL10": Kind("RGB", 96, 10, {"train": 5_000, "test": 8_000}),
    "ImageFolder": Kind("RGB", 256, 2, {"train": 16}),
}
#: Those that hold what lies in the author's own folder: only the mode of the picture is known.
FOLDERS = frozenset({"ImageFolder"})
_CIFAR10 = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
_LABELS = {"SVHN": "labels", "STL10": "labels"}


def size_of(kind: Kind, given: Dict[str, Any]) -> Optional[int]:
    """How many samples the part has that the arguments ask for, where that is known."""
    if given.get("folds") is not None:
        return None
    return kind.sizes.get(given.get("split") or ("train" if given.get("train", True) else "test"))


def values_of(name: str, kind: Kind, size: int, attribute: str) -> Any:
    """All pictures, all labels, or the names of the classes, in the type that they have there."""
    if attribute == "data" and name not in FOLDERS:
        return _pictures(name, kind, size)
    if attribute == _LABELS.get(name, "targets"):
        return _labels(name, [number % kind.classes for number in range(size)])
    if attribute == "classes":
        return names_of(name, kind)
    if attribute == "class_to_idx":
        return {label: number for number, label in enumerate(names_of(name, kind) or ())}
    if attribute in ("samples", "imgs") and name in FOLDERS:
        return [(f"{n % kind.classes}/{n}.jpg", n % kind.classes) for n in range(size)]
    return None


def names_of(name: str, kind: Kind) -> Optional[List[str]]:
    """The names of the classes, where the data set has them."""
    if name in ("SVHN", "USPS"):
        return None
    return list(_CIFAR10) if name == "CIFAR10" else [str(n) for n in range(kind.classes)]


def _pictures(name: str, kind: Kind, size: int) -> Any:
    torch: Any = sys.modules["torch"]
    side, bands = kind.side, 1 if kind.mode == "L" else 3
    if name in ("MNIST", "FashionMNIST", "KMNIST"):
        return torch.randint(0, 256, (size, side, side), dtype=torch.uint8)
    first = name in ("SVHN", "STL10")
    shape = (size, side, side) if bands == 1 else (size, bands, side, side)
    shape = shape if first or bands == 1 else (size, side, side, bands)
    return torch.randint(0, 256, shape, dtype=torch.uint8).numpy()


def _labels(name: str, labels: List[int]) -> Any:
    if name in ("MNIST", "FashionMNIST", "KMNIST"):
        return sys.modules["torch"].tensor(labels)
    return sys.modules["numpy"].array(labels) if name in _LABELS else labels
