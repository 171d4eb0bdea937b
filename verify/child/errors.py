"""What can be said of an exception: its kind, text, place, and what may have been meant."""

from __future__ import annotations

import re
import types
from typing import Any, Dict, Iterator, List, Optional, Sequence

from .asserted import asserted
from .meant import keys_there, near_key, near_keyword
from .near import is_slip, near, stands_for_others
from .script import Script

_LONGEST = 2000
#: So many keys show what a dictionary holds.
_SHOWN = 9


def describe(error: BaseException, scripts: Sequence[Script]) -> Dict[str, Any]:
    """An exception as plain facts; the last of `scripts` is the one that is judged."""
    place = scripts[-1].place(error.__traceback__)
    keys = keys_there(error, scripts[-1])
    return {
        "type": type(error).__name__,
        "kinds": [f"{c.__module__}.{c.__qualname__}" for c in type(error).__mro__],
        "text": text_of(error),
        "place": place,
        "statement": scripts[-1].outermost(error.__traceback__),
        "inside": _inside(error, scripts),
        "earlier": _earlier(error, scripts) if place is None else None,
        "inner": _innermost_module(error),
        "own": _raised_in(error, scripts),
        "name": _name(error),
        "owner": _owner(error),
        "any": _stands_for_others(error),
        "near": _near(error) or near_keyword(error, scripts[-1]) or near_key(error, keys),
        "asserted": asserted(error, scripts[-1]),
        "keys": keys if keys is None else keys[:_SHOWN],
        "slip": _is_slip(error),
        "status": error.code if isinstance(error, SystemExit) and _is_plain(error.code) else None,
    }


def text_of(error: BaseException) -> str:
    """Its message, which may itself fail to be made."""
    try:
        text = str(error)
    except BaseException:  # an exit, too, is no text
        text = ""
    if isinstance(error, KeyError) and len(error.args) == 1 and isinstance(error.args[0], str):
        text = repr(error.args[0])
    return text[:_LONGEST]


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (int, str))


def _earlier(error: BaseException, scripts: Sequence[Script]) -> Optional[int]:
    return next((i for i, s in enumerate(scripts) if s.place(error.__traceback__)), None)


def _inside(error: BaseException, scripts: Sequence[Script]) -> Optional[List[int]]:
    """Which of the earlier scripts it was raised below, and on what line of that."""
    paths = [script.path for script in scripts]
    found = None
    for step in _steps(error):
        path = step.tb_frame.f_code.co_filename
        if path in paths:
            index = paths.index(path)
            found = [index, step.tb_lineno - scripts[index].padding]
    return found if found and found[0] < len(scripts) - 1 else None


def _frames(error: BaseException) -> List[types.FrameType]:
    return [step.tb_frame for step in _steps(error)]


def _steps(error: BaseException) -> Iterator[types.TracebackType]:
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _innermost_module(error: BaseException) -> str:
    frames = _frames(error)
    return str(frames[-1].f_globals.get("__name__", "")) if frames else ""


def _raised_in(error: BaseException, scripts: Sequence[Script]) -> bool:
    frames = _frames(error)
    return bool(frames) and frames[-1].f_code.co_filename in {s.path for s in scripts}


def _name(error: BaseException) -> Optional[str]:
    name = getattr(error, "name", None)
    if isinstance(name, str):
        return name
    match = re.search(r"name '(\w+)' is not defined", text_of(error))
    return match.group(1) if match else None


def _owner(error: BaseException) -> Optional[str]:
    """The type or module that lacks an attribute."""
    owner = getattr(error, "obj", None)
    if not isinstance(error, AttributeError) or owner is None:
        return None
    if type(owner).__name__ == "module":
        return getattr(owner, "__name__", None)
    return type(owner).__name__


def _stands_for_others(error: BaseException) -> bool:
    """Whether what a module lacks is no name, but says that any may be written there."""
    owner, name = getattr(error, "obj", None), _name(error)
    if not isinstance(error, AttributeError) or type(owner).__name__ != "module" or not name:
        return False
    return stands_for_others(name, dir(owner))


def _near(error: BaseException) -> List[str]:
    name = getattr(error, "name", None)
    if not isinstance(name, str):
        return []
    try:
        if isinstance(error, AttributeError) and getattr(error, "obj", None) is not None:
            return near(name, dir(error.obj))
        if isinstance(error, NameError):
            return near(name, _visible(error))
    except Exception:  # dir() runs the code of the object
        return []
    return []


def _is_slip(error: BaseException) -> bool:
    name = _name(error)
    return name is not None and [is_slip(name, meant) for meant in _near(error)] == [True]


def _visible(error: BaseException) -> List[str]:
    frame = _frames(error)[-1]
    return [*frame.f_locals, *frame.f_globals]
