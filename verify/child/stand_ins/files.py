"""Files that code reads and nobody wrote: lines of text, a picture, a table of numbers."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import struct
import sys
import zlib
from pathlib import Path
from typing import Any, Dict, Iterator, List

from .folders import text_of, texts_of, writes
from .scene import Scene

_WORDS = "made-up content in place of the file `{}`"
#: Functions and methods that read a file which their first argument names.
_READERS = frozenset(["open", "Path", "imread", "loadtxt", "genfromtxt", "read_csv"])
#: Functions that open it themselves, so that nobody hears of it.
_UNHEARD = frozenset(["cv2.imread", "read_image", "io.read_image", "torchvision.io.read_image"])
#: Where it may be the lesson that a file is not there.
_MISSED = re.compile(
    r"FileNotFoundError|OSError|IOError|\bException\b|\bexcept\s*:|exists\(|is_file\("
)
#: Where files are made or moved by methods of their paths.
_MAKES = re.compile(r"\.(?:write_\w+|touch|rename|replace|unlink|symlink_to|hardlink_to)\(")
#: Then it is looked for so that it need not be fetched again.
_FETCHES = re.compile(r"urlretrieve|requests\.get|urlopen|download|wget")
_NONE = re.compile(r"missing|no_?(?:such|t)|non_?exist|absent|invalid|wrong", re.IGNORECASE)
_PICTURES = frozenset([".jpg", ".jpeg", ".png", ".bmp"])
_NAMES = ("anna", "ben", "carla", "david", "emil", "frida", "gustav", "hanna", "ida", "jonas")
_COLUMNS, _ROWS = 8, 64
_SIDE = 256


def files_to_read(scene: Scene) -> None:
    """Make them up, unless the code may be about a file that is not there, or writes it itself."""
    whole = "\n".join(scene.texts)
    if scene.off & {"files", "reading"} or (_MISSED.search(whole) and not _FETCHES.search(whole)):
        return
    trees = [ast.parse(text) for text in scene.texts]
    known: Dict[str, str] = {}
    for tree in trees:
        known = texts_of(tree, known)
    calls = [n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Call) and n.args]
    own = {text_of(given, known) for call in calls if writes(call) for given in call.args}
    if _MAKES.search(whole):
        own |= {text_of(call.args[0], known) for call in calls if ast.unparse(call.func) == "Path"}
    read = [text_of(call.args[0], known) for call in calls if not writes(call) and _reads(call)]
    made = [name for name in dict.fromkeys(read) if name not in own and _make(name, trees)]
    unheard = {text_of(c.args[0], known) for c in calls if ast.unparse(c.func) in _UNHEARD}
    for name in made:
        if name in unheard:
            scene.use(_WORDS.format(name))
    if made:
        _watch(scene, {str(Path(name).absolute()): name for name in made})


def _reads(call: ast.Call) -> bool:
    last = getattr(call.func, "attr", getattr(call.func, "id", ""))
    return last in _READERS or ast.unparse(call.func) in _UNHEARD


def _watch(scene: Scene, made: Dict[str, str]) -> None:
    """Hear of it when one of them is opened: what is never read was not needed."""

    def hear(event: str, given: Any) -> None:
        if event == "open" and isinstance(given[0], (str, os.PathLike)):
            name = made.get(str(Path(given[0]).absolute()))
            if name and not set(given[1] or "r") & set("wax"):
                scene.use(_WORDS.format(name))

    sys.addaudithook(hear)


def _make(name: str, trees: List[ast.Module]) -> bool:
    """Whether there is such a file now."""
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or _NONE.search(name) or path.exists():
        return False
    with contextlib.suppress(OSError):
        if path.suffix in (".txt", ".csv", *_PICTURES):
            path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".txt":
            path.write_text("".join(f"{word}\n" for word in _NAMES * 20))
            return True
        if path.suffix == ".csv":
            path.write_text(_table(trees))
            return True
        if path.suffix in _PICTURES:
            _draw(path)
            return True
    return False


def _draw(path: Path) -> None:
    """Colours that change evenly, as a PNG whatever it is called: readers look at what it holds."""
    head = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes(v for x in range(_SIDE) for v in (x, y, 90)) for y in range(_SIDE))
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(packed))


def _table(trees: List[ast.Module]) -> str:
    """Numbers, below the names that the code takes columns by where it does that."""
    names = list(dict.fromkeys(name for tree in trees for name in _keys(tree)))
    wide = max(len(names), _COLUMNS)
    names += [f"column{number}" for number in range(len(names), wide)]
    rows = [[(row * (place + 3) + place) % 10 + 1 for place in range(wide)] for row in range(_ROWS)]
    called = {n.attr for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    head = [] if called & {"loadtxt", "genfromtxt"} else [",".join(names)]
    return "".join(f"{line}\n" for line in (*head, *(",".join(map(str, row)) for row in rows)))


def _keys(tree: ast.Module) -> Iterator[str]:
    """Texts in the brackets behind a value: `table["height"]`, `table[["height", "age"]]`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            parts = node.slice.elts if isinstance(node.slice, ast.List) else [node.slice]
            texts = (part.value for part in parts if isinstance(part, ast.Constant))
            yield from (text for text in texts if isinstance(text, str))
