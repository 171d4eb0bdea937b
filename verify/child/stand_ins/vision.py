"""Data sets and weights of torchvision: a handful of samples, and networks as they are made.

A stand-in keeps what the documentation promises: mode and size of the picture, type and range of
the label, names of the classes. Nothing is downloaded.
"""

from __future__ import annotations

import importlib
import random
import re
import sys
from typing import Any, Dict, List, NamedTuple, Tuple

from .scene import Scene

DATA = "random samples in place of a data set"
WEIGHTS = "an untrained network in place of its weights"
_ATTEMPTS = 6
_KEPT: List[Any] = []
#: How many samples a data set has.
SAMPLES = 16


class Kind(NamedTuple):
    """What samples of a data set are: mode and side of the picture, number of classes."""

    mode: str
    side: int
    classes: int


KINDS: Dict[str, Kind] = {
    "MNIST": Kind("L", 28, 10),
    "FashionMNIST": Kind("L", 28, 10),
    "KMNIST": Kind("L", 28, 10),
    "CIFAR10": Kind("RGB", 32, 10),
    "CIFAR100": Kind("RGB", 32, 100),
    "SVHN": Kind("RGB", 32, 10),
    "STL10": Kind("RGB", 96, 10),
    "ImageFolder": Kind("RGB", 256, 2),
}


def pictures_and_weights(scene: Scene) -> None:
    """Replace the data sets, and make every download of weights give nothing."""
    if not any("torchvision" in text for text in scene.texts):
        return
    if not _imported():
        return
    datasets = sys.modules["torchvision.datasets"]
    for name, kind in KINDS.items():
        original = getattr(datasets, name, None)
        if original is not None and "data" not in scene.off:
            setattr(datasets, name, _made(scene, name, kind, original))
    if "weights" not in scene.off:
        _without_weights(scene)


def _imported() -> bool:
    """Whether torchvision can be imported, if need be by declaring operators of another build."""
    for _ in range(_ATTEMPTS):
        try:
            for name in ("torchvision", "torchvision.datasets", "torchvision.models"):
                importlib.import_module(name)
            return True
        except RuntimeError as error:
            match = re.search(r"operator torchvision::(\w+) does not exist", str(error))
            if not match:
                return False
            _declare(match.group(1))
        except Exception:
            return False
    return False


def _declare(operator: str) -> None:
    library = sys.modules["torch"].library.Library("torchvision", "FRAGMENT")
    library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _KEPT.append(library)  # what it declares goes when it goes
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]


def _made(scene: Scene, name: str, kind: Kind, original: Any) -> Any:
    """A class that is used like the original, and holds random pictures."""

    def make(
        self: Any, root: Any = None, *args: Any, transform: Any = None,
        target_transform: Any = None, **_: Any,
    ) -> None:  # fmt: skip
        scene.use(DATA)
        given = [value for value in args if callable(value)]
        self.root = root
        self.transform = transform or next(iter(given), None)
        self.target_transform = target_transform
        self.classes = [str(number) for number in range(kind.classes)]
        self.class_to_idx = {label: number for number, label in enumerate(self.classes)}
        self.targets = [number % kind.classes for number in range(SAMPLES)]

    def size(_: Any) -> int:
        return SAMPLES

    def item(self: Any, index: int) -> Tuple[Any, Any]:
        if not 0 <= index < SAMPLES:
            raise IndexError(index)
        picture, label = _picture(kind, index), self.targets[index]
        picture = self.transform(picture) if self.transform else picture
        return picture, self.target_transform(label) if self.target_transform else label

    members = {"__init__": make, "__len__": size, "__getitem__": item}
    return type(name, (original,), members)


def _picture(kind: Kind, seed: int) -> Any:
    image: Any = importlib.import_module("PIL.Image")
    bands = 1 if kind.mode == "L" else 3
    values = random.Random(seed).randbytes(kind.side * kind.side * bands)
    return image.frombytes(kind.mode, (kind.side, kind.side), values)


class _Untrained(Dict[str, Any]):
    """A state that a network takes without changing."""


def _without_weights(scene: Scene) -> None:
    torch: Any = sys.modules["torch"]

    def nothing(*_: Any, **__: Any) -> _Untrained:
        scene.use(WEIGHTS)
        return _Untrained()

    load = torch.nn.Module.load_state_dict

    def load_state_dict(self: Any, state: Any, *args: Any, **kwargs: Any) -> Any:
        return [] if isinstance(state, _Untrained) else load(self, state, *args, **kwargs)

    torch.nn.Module.load_state_dict = load_state_dict
    torch.hub.load_state_dict_from_url = nothing
    for module in _weighted():
        module.load_state_dict_from_url = nothing


def _weighted() -> List[Any]:
    """The modules of torchvision that have a download function of their own."""
    named = [m for name, m in sys.modules.items() if name.startswith("torchvision.models")]
    return [module for module in named if hasattr(module, "load_state_dict_from_url")]
