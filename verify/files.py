"""Which files a piece of code writes and reads, as far as its text says so."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

#: Functions that write or read a file, and which of their arguments says which: place, keyword.
_WRITERS = {
    "torch.save": (1, "f"),
    "torch.jit.save": (1, "f"),
    "np.save": (0, "file"),
    "np.savez": (0, "file"),
    "numpy.save": (0, "file"),
    "np.savetxt": (0, "fname"),
    "torch.onnx.export": (2, "f"),
}
_READERS = {
    "torch.load": (0, "f"),
    "torch.jit.load": (0, "f"),
    "np.load": (0, "file"),
    "numpy.load": (0, "file"),
    "np.loadtxt": (0, "fname"),
    "pd.read_csv": (0, "filepath_or_buffer"),
    "onnx.load": (0, "f"),
}
_WRITING_METHODS = {"to_csv": 0, "savefig": 0, "to_json": 0, "to_pickle": 0}


@dataclass(frozen=True, slots=True)
class Files:
    """Paths as the code writes them: a literal, or the name of the variable that holds one."""

    writes: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()


def files_of(text: str) -> Files:
    """Read the files of code that parses."""
    writes, reads = set(), set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            writes |= set(_written(node))
            reads |= set(_read(node))
    return Files(frozenset(writes), frozenset(reads - writes))


def _written(call: ast.Call) -> Iterator[str]:
    name = ast.unparse(call.func)
    if name in _WRITERS:
        yield from _path(call, *_WRITERS[name])
    elif name == "open" and _mode(call) & set("wax+"):
        yield from _path(call, 0, "file")
    elif isinstance(call.func, ast.Attribute) and call.func.attr in _WRITING_METHODS:
        yield from _path(call, _WRITING_METHODS[call.func.attr], "path")
    elif isinstance(call.func, ast.Attribute) and call.func.attr == "save" and len(call.args) == 1:
        yield from _path(call, 0, "path")


def _read(call: ast.Call) -> Iterator[str]:
    name = ast.unparse(call.func)
    if name in _READERS:
        yield from _path(call, *_READERS[name])
    elif name == "open" and not _mode(call) & set("wax"):
        yield from _path(call, 0, "file")


def _mode(call: ast.Call) -> set[str]:
    given = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "mode")]
    return {c for node in given if isinstance(node, ast.Constant) for c in str(node.value)}


def _path(call: ast.Call, position: int, keyword: str) -> Iterator[str]:
    found = [k.value for k in call.keywords if k.arg == keyword] or call.args[position:][:1]
    for node in found:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield repr(node.value)
        elif isinstance(node, ast.Name):
            yield node.id
