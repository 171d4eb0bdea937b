"""The stand-ins for torchvision, with a tiny package in its place."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest

from verify.child.stand_ins.scene import Scene
from verify.child.stand_ins.vision import DATA, SAMPLES, WEIGHTS, pictures_and_weights


class _Module:
    def load_state_dict(self, state: Any) -> Any:
        return f"took {len(state)}"


class _MNIST:
    def __init__(self, *_: Any, **__: Any) -> None:
        raise AssertionError("it would download")


def _fake(name: str, **members: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    vars(module).update(members)
    return module


@pytest.fixture
def vision(monkeypatch: pytest.MonkeyPatch) -> Scene:
    def frombytes(mode: str, size: tuple[int, int], data: bytes) -> tuple[str, int, int]:
        return mode, size[0], len(data)

    fakes = [
        _fake("torch", nn=types.SimpleNamespace(Module=_Module), hub=types.SimpleNamespace()),
        _fake("torchvision"),
        _fake("torchvision.datasets", MNIST=_MNIST),
        _fake("torchvision.models", load_state_dict_from_url=None),
        _fake("PIL"),
        _fake("PIL.Image", frombytes=frombytes),
    ]
    for module in fakes:
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(_Module, "load_state_dict", _Module.load_state_dict)
    scene = Scene(["import torchvision"], 10)
    pictures_and_weights(scene)
    return scene


def test_samples_are_what_the_documentation_promises(vision: Scene) -> None:
    kind: Any = sys.modules["torchvision.datasets"].MNIST
    data = kind("./data", train=True, download=True, transform=lambda picture: ("seen", picture))
    picture, label = data[3]
    assert (picture, label) == (("seen", ("L", 28, 28 * 28)), 3)
    assert (len(data), len(list(data)), data.classes[9]) == (SAMPLES, SAMPLES, "9")
    assert isinstance(data, _MNIST)
    assert vision.used == [DATA]


def test_weights_are_not_downloaded(vision: Scene) -> None:
    models: Any = sys.modules["torchvision.models"]
    state = models.load_state_dict_from_url("https://example.org/weights.pth")
    assert _Module().load_state_dict(state) == []
    assert _Module().load_state_dict({"a": 1}) == "took 1"
    assert vision.used == [WEIGHTS]
