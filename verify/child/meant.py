"""What there is in place of a key or a keyword that broke, looked up where it broke."""

from __future__ import annotations

import ast
import re
import types
from typing import Any, List, Optional, Tuple

from .near import near
from .script import Script

#: Longer keys, and more of them, tell an author nothing.
_LONGEST, _MOST = 60, 200


def keys_there(error: BaseException, script: Script) -> Optional[List[str]]:
    """The keys of the dictionary in which one was not found; None where that cannot be told."""
    found = where_it_broke(error, script) if type(error) is KeyError else None
    if found is None or not isinstance(found[0], ast.Subscript):
        return None
    value = _value(found[0].value, found[1])
    if not isinstance(value, dict) or list(error.args) != [_constant(found[0].slice)]:
        return None
    keys = [key for key in dict.keys(value) if isinstance(key, str) and len(key) <= _LONGEST]
    return keys[:_MOST] if len(keys) == len(value) else None


def near_key(error: BaseException, keys: Optional[List[str]]) -> List[str]:
    """Those of the keys that one which was not found may stand for."""
    return near(str(error.args[0]), keys) if keys and error.args else []


def near_keyword(error: BaseException, script: Script) -> List[str]:
    """What a function that is written in C says it takes, near to a keyword that it does not."""
    match = re.search(r"got an unexpected keyword argument '(\w+)'", _text(error))
    found = where_it_broke(error, script) if match and type(error) is TypeError else None
    if match is None or found is None or not isinstance(found[0], ast.Call):
        return []
    given = {keyword.arg for keyword in found[0].keywords}
    taken = taken_by(_value(found[0].func, found[1]))
    return near(match.group(1), [name for name in taken if name not in given])


def taken_by(function: Any) -> List[str]:
    """The parameters that the documentation of a function written in C begins with."""
    words = getattr(function, "__doc__", None)
    first = "\n".join(words.strip().split("\n")[:2]) if isinstance(words, str) else ""
    names = re.findall(r"[(,*\s](\w+)\s*(?==|,|\)|:)", first)
    return [name for name in dict.fromkeys(names) if not name.isdigit()]


def _text(error: BaseException) -> str:
    return error.args[0] if error.args and isinstance(error.args[0], str) else ""


def where_it_broke(
    error: BaseException, script: Script
) -> Optional[Tuple[ast.expr, types.FrameType]]:
    """The expression that broke by itself, and the frame that it stands in."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None or traceback.tb_frame.f_code.co_filename != script.path:
        return None
    place = script.place(traceback)
    try:
        text = script.text.between(place) if place else ""
        if text.startswith("assert"):
            [statement] = ast.parse(text).body
            whole = statement if isinstance(statement, ast.Assert) else None
            return (whole.test, traceback.tb_frame) if whole else None
        return ast.parse(f"({text})", mode="eval").body, traceback.tb_frame
    except (SyntaxError, ValueError):
        return None


def _constant(node: ast.AST) -> Any:
    return node.value if isinstance(node, ast.Constant) else None


def _value(node: ast.AST, frame: types.FrameType) -> Any:
    """What a dotted name stands for; only modules have dots, so that no code is run."""
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id, frame.f_globals.get(node.id))
    if isinstance(node, ast.Attribute):
        owner = _value(node.value, frame)
        return vars(owner).get(node.attr) if isinstance(owner, types.ModuleType) else None
    return None
