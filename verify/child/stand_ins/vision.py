"""Data sets and weights of torchvision: random samples, and networks as they are made.

A stand-in keeps what the documentation promises: the arguments it takes, how many samples there
are, mode and size of the picture, type and range of the label. Nothing is downloaded.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import random
import re
import sys
from pathlib import Path
from typing import Any, Dict, List, Tuple

from ..operators import imported
from .samples import FOLDERS, KINDS, Kind, size_of, values_of
from .scene import Scene

DATA = "random samples in place of a data set"
FOLDER = "random samples in place of a data set whose pictures are not here"
WEIGHTS = "an untrained network in place of its weights"
#: What asks for torchvision, by its name, without an import, or through a package that uses it.
_ASKED = re.compile(
    r"torchvision|pytorch/vision|hub\.load_state_dict_from_url|\b(?:datasets|transforms)\.[A-Z]|"
    r"\bmodels\.(?:resnet|vgg|alexnet|densenet|mobilenet)|"
    r"\b(?:import|from) (?:d2l|timm|fastai|kornia|ultralytics|segmentation_models_pytorch)\b"
)
_MODULES = ("torchvision", "torchvision.datasets", "torchvision.models")


def pictures_and_weights(scene: Scene) -> None:
    """Replace the data sets, and make every download of weights give nothing."""
    if not any(_ASKED.search(text) for text in scene.texts) or not _is_here():
        return
    datasets = sys.modules["torchvision.datasets"]
    for name, kind in KINDS.items():
        original = getattr(datasets, name, None)
        if original is not None and "data" not in scene.off:
            made = _made(scene, name, kind, original)
            setattr(datasets, name, made)
            setattr(sys.modules[original.__module__], name, made)
    if "weights" not in scene.off:
        _without_weights(scene)


def _is_here() -> bool:
    try:
        for name in _MODULES:
            imported(name)
    except Exception:
        return False
    return True


def _made(scene: Scene, name: str, kind: Kind, original: Any) -> Any:
    """A class that is used like the original, and holds random pictures."""

    @functools.wraps(original.__init__)
    def make(self: Any, *args: Any, **kwargs: Any) -> None:
        given = _given(name, original, (self, *args), kwargs)
        size = size_of(kind, given)
        own = name in FOLDERS and (given.get("loader") or _is_folder(given.get("root")))
        if own or size is None:
            original.__init__(self, *args, **kwargs)
            return
        scene.use(FOLDER if name in FOLDERS else DATA)
        _begun(self, given, size)

    def missing(self: Any, attribute: str) -> Any:
        size = self.__dict__.get("_size")
        values = None if size is None else values_of(name, kind, size, attribute)
        if values is None:
            raise AttributeError(f"'{name}' object has no attribute '{attribute}'")
        self.__dict__[attribute] = values
        return values

    def size(self: Any) -> int:
        return int(self._size if _is_untouched(self) else original.__len__(self))

    def item(self: Any, index: int) -> Any:
        if not _is_untouched(self):
            return original.__getitem__(self, index)
        picture, label = _sample(kind, self, index)
        picture = self.transform(picture) if self.transform else picture
        return picture, self.target_transform(label) if self.target_transform else label

    members = {"__init__": make, "__len__": size, "__getitem__": item, "__getattr__": missing}
    return type(name, (original,), {**members, "__module__": original.__module__})


def _given(name: str, original: Any, args: Tuple[Any, ...], kwargs: Any) -> Dict[str, Any]:
    """What the arguments are to the original, which refuses what it does not take."""
    try:
        bound = inspect.signature(original.__init__).bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{name}.__init__() {error}") from None
    given = dict(bound.arguments)
    given.update(given.pop("kwargs", {}))
    given.pop("self")
    return given


def _is_folder(root: Any) -> bool:
    return bool(root) and Path(str(root)).is_dir()


def _begun(self: Any, given: Dict[str, Any], size: int) -> None:
    """Set what the original sets."""
    base: Any = sys.modules["torchvision.datasets"].VisionDataset
    both = {key: given.get(key) for key in ("transform", "target_transform")}
    base.__init__(self, given.get("root"), **both)
    for key, value in {"train": True, **given}.items():
        if key not in ("root", "transform", "target_transform", "download"):
            setattr(self, key, value)
    self.__dict__["_size"] = size


def _is_untouched(self: Any) -> bool:
    """Whether nobody has looked at all the values, and perhaps changed them."""
    return "_size" in self.__dict__ and not {"data", "samples", "imgs"} & self.__dict__.keys()


def _sample(kind: Kind, self: Any, index: int) -> Tuple[Any, int]:
    size = len(self)
    number = index + size if index < 0 else int(index)
    if not 0 <= number < size:
        raise IndexError(f"index {index} is out of range")
    labels = self.__dict__.get("targets")
    label = number % kind.classes if labels is None else int(labels[number])
    image: Any = importlib.import_module("PIL.Image")
    bands = 1 if kind.mode == "L" else 3
    values = random.Random(number).getrandbits(kind.side * kind.side * bands * 8)
    data = values.to_bytes(kind.side * kind.side * bands, "little")
    return image.frombytes(kind.mode, (kind.side, kind.side), data), label


class _Untrained(Dict[str, Any]):
    """A state that a network takes without changing."""


def _without_weights(scene: Scene) -> None:
    torch: Any = sys.modules["torch"]

    def nothing(*_: Any, **__: Any) -> _Untrained:
        scene.use(WEIGHTS)
        return _Untrained()

    load = torch.nn.Module.load_state_dict

    @functools.wraps(load)
    def load_state_dict(self: Any, state: Any, *args: Any, **kwargs: Any) -> Any:
        return [] if isinstance(state, _Untrained) else load(self, state, *args, **kwargs)

    torch.nn.Module.load_state_dict = load_state_dict
    torch.hub.load_state_dict_from_url = nothing
    torch.hub.load = _from_hub(torch.hub.load)
    for module in _weighted():
        module.load_state_dict_from_url = nothing


def _from_hub(load: Any) -> Any:
    """`torch.hub.load` that takes the networks of torchvision from where they are installed."""

    @functools.wraps(load)
    def found(repo: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
        if not str(repo).startswith("pytorch/vision"):
            return load(repo, model, *args, **kwargs)
        for key in ("source", "trust_repo", "force_reload", "verbose", "skip_validation"):
            kwargs.pop(key, None)
        networks: Any = sys.modules["torchvision.models"]
        if not hasattr(networks, str(model)):
            raise RuntimeError(f"Cannot find callable {model} in hubconf")
        return getattr(networks, model)(*args, **kwargs)

    return found


def _weighted() -> List[Any]:
    """The modules of torchvision that have a download function of their own."""
    named = [m for name, m in sys.modules.items() if name.startswith("torchvision.models")]
    return [module for module in named if hasattr(module, "load_state_dict_from_url")]
