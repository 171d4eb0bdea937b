"""Folders that code writes into and never makes: they stand beside the author's notes."""

from __future__ import annotations

import ast
import contextlib
import re
from pathlib import Path, PurePath
from typing import Dict, Iterator

from .scene import Scene

WORDS = "a folder made for what is written into it"
#: Functions and methods that write a file which an argument names.
_WRITERS = frozenset(
    [
        "save", "savez", "savetxt", "savefig", "imsave", "imwrite", "save_image", "export",
        "to_csv", "to_json", "to_pickle", "write_text", "write_bytes", "open",
    ]
)  # fmt: skip
_MAKES = re.compile(r"mkdir|makedirs|symlink|copytree|extractall|exists\(|isdir\(|is_dir\(")


def folders_to_write_into(scene: Scene) -> None:
    """Make them, unless the code makes folders itself, or asks whether they are there."""
    if "files" in scene.off or any(_MAKES.search(text) for text in scene.texts):
        return
    known: Dict[str, str] = {}
    for text in scene.texts:
        for folder in _folders(ast.parse(text), known):
            with contextlib.suppress(OSError):
                if not folder.exists():
                    folder.mkdir(parents=True)
                    scene.use(WORDS)


def _folders(tree: ast.Module, known: Dict[str, str]) -> Iterator[Path]:
    """The folders of what is written; `known` are the names that stand for a text."""
    known.update(texts_of(tree, known))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and writes(node):
            for given in (*node.args, *(keyword.value for keyword in node.keywords)):
                folder = PurePath(text_of(given, known)).parent
                if folder.parts and not folder.is_absolute() and ".." not in folder.parts:
                    yield Path(folder)


def texts_of(tree: ast.Module, known: Dict[str, str]) -> Dict[str, str]:
    """What is known of the texts that names stand for; `known` are those of earlier code."""
    found = dict(known)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = text_of(node.value, found)
    return found


def writes(call: ast.Call) -> bool:
    """Whether a call writes a file that it is given the name of."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name == "open":
        return any(text_of(given, {})[:1] in ("w", "a", "x") for given in call.args[1:2])
    return name in _WRITERS


def text_of(node: ast.expr, known: Dict[str, str]) -> str:
    """What is known of a text: all of it, or how it begins."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return "" if "\n" in node.value or "://" in node.value else node.value
    if isinstance(node, ast.JoinedStr):
        first = node.values[0] if node.values else None
        begin = text_of(first, known) if isinstance(first, ast.Constant) else ""
        return begin[: begin.rfind("/") + 1] + "file" if "/" in begin else ""
    return known.get(node.id, "") if isinstance(node, ast.Name) else ""
