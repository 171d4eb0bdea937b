"""The CPU in place of devices that are not here: `.cuda()`, `.to("cuda")`, `device="cuda:1"`."""

from __future__ import annotations

import functools
import re
import sys
import time
from typing import Any, Callable, Dict, Tuple

from .scene import Scene

WORDS = "the CPU in place of a GPU"
_MENTIONED = re.compile(r"cuda|gpu|\bmps\b|\bxpu\b|\.to\(|device", re.IGNORECASE)
_ABSENT = re.compile(r"(?:cuda|mps|xpu|npu)(?::\d+)?$")


def absent_devices(scene: Scene) -> None:
    """Answer for the devices that the code asks for and the machine does not have."""
    torch: Any = sys.modules.get("torch")
    if (
        torch is None
        or "device" in scene.off
        or not any(_MENTIONED.search(text) for text in scene.texts)
    ):
        return
    if torch.cuda.is_available() or not hasattr(torch.overrides, "TorchFunctionMode"):
        return
    _mode(torch, scene).__enter__()
    _patch(torch, scene)


def is_absent(device: Any) -> bool:
    """Whether a device is one that is not here; its number alone means a GPU."""
    return bool(_ABSENT.match(str(device))) and not isinstance(device, (int, float))


def _mode(torch: Any, scene: Scene) -> Any:
    """What every function of torch goes through while the code runs."""

    class Here(torch.overrides.TorchFunctionMode):  # type: ignore[misc, name-defined, unused-ignore]
        def __torch_function__(
            self, func: Any, types: Any, args: Tuple[Any, ...] = (), kwargs: Any = None
        ) -> Any:
            kwargs = kwargs or {}
            if func is torch.Tensor.cuda:
                scene.use(WORDS)
                return _moved(torch, args[0])
            away = _moves_away(torch, func, args, kwargs)
            if not away:
                return func(*args, **kwargs)
            scene.use(WORDS)
            if func in (torch.Tensor.to, torch.Tensor.type):
                args = _here(args)
            if "device" in kwargs:
                kwargs = {**kwargs, "device": "cpu"}
            result = func(*args, **kwargs)
            return _moved(torch, result) if func is torch.Tensor.to else result

    return Here()


def _moves_away(torch: Any, func: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> bool:
    device = kwargs.get("device")
    if device is not None and (is_absent(device) or _is_number(device)):
        return True
    if func is torch.Tensor.to:
        return any(is_absent(a) for a in args[1:]) or any(_is_number(a) for a in args[1:2])
    return func is torch.Tensor.type and any("cuda" in str(a) for a in args[1:])


def _is_number(device: Any) -> bool:
    return isinstance(device, int) and not isinstance(device, bool)


def _here(args: Tuple[Any, ...]) -> Tuple[Any, ...]:
    """Arguments that name this machine's own device."""
    return tuple(
        "cpu" if n and (is_absent(a) or (n == 1 and _is_number(a))) else _type(a)
        for n, a in enumerate(args)
    )


def _type(value: Any) -> Any:
    return value.replace("torch.cuda.", "torch.") if isinstance(value, str) else value


def _moved(torch: Any, tensor: Any) -> Any:
    """A tensor as it comes from another device: no longer the leaf that it was."""
    leaf = tensor.requires_grad and tensor.is_leaf and torch.is_grad_enabled()
    return tensor.clone() if leaf else tensor


def _patch(torch: Any, scene: Scene) -> None:
    """What does not go through the mode."""
    for name in ("synchronize", "set_device", "reset_peak_memory_stats"):
        if hasattr(torch.cuda, name):
            setattr(torch.cuda, name, _quiet(getattr(torch.cuda, name), scene))
    torch.cuda.Event = functools.partial(_Event, scene)
    torch.load = _redirected(torch.load, "map_location", scene)
    torch.set_default_device = _redirected(torch.set_default_device, "device", scene)


def _quiet(function: Callable[..., Any], scene: Scene) -> Callable[..., None]:
    """A function that does nothing; the compiler wants one of its own for each name."""

    @functools.wraps(function)
    def called(*_: Any, **__: Any) -> None:
        scene.use(WORDS)

    return called


def _redirected(function: Callable[..., Any], keyword: str, scene: Scene) -> Callable[..., Any]:
    """A function whose device argument, first but one or by keyword, is looked at first."""

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        if is_absent(kwargs.get(keyword)):
            scene.use(WORDS)
            kwargs[keyword] = "cpu"
        position = 0 if keyword == "device" else 1
        if len(args) > position and is_absent(args[position]):
            scene.use(WORDS)
            args = (*args[:position], "cpu", *args[position + 1 :])
        return function(*args, **kwargs)

    return called


class _Event:
    """A point in time on a GPU, told by this machine's clock."""

    def __init__(self, scene: Scene, *_: Any, **__: Any) -> None:
        scene.use(WORDS)
        self.time = 0.0

    def record(self, *_: Any) -> None:
        self.time = time.perf_counter()

    def synchronize(self) -> None:
        """All is done already."""

    def query(self) -> bool:
        return True

    def elapsed_time(self, other: _Event) -> float:
        return (other.time - self.time) * 1000
