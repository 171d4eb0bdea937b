"""Scripts and stylesheets as browsers get them: without what is in them for designers alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from builder.model import Artifact
from builder.patterns import late

_COMMENT = late(r"/\*.*?\*/", re.DOTALL)
_SPACE = late(r"\s*([{};,])\s*|(?<=:) ")
_LAST = late(r";(?=})")
_REMARK = late(r"^\s*//.*\n|^\s+", re.MULTILINE)
#: What a script says is left as it is, and the spaces around its signs, and a break behind some.
_SAID = late(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|/(?:[^/\\\n]|\\.)+/')
_SIGNS = late(r" *([{}(),;=<>?:&|*!]) *")
_GOES_ON = late(r"([{;,(&|])\n")


def bare(name: str, text: str) -> str:
    """Return a script or a stylesheet without comments and needless spaces."""
    if name.endswith(".js"):
        return _GOES_ON.sub(r"\1", _close(_REMARK.sub("", text)))
    if not name.endswith(".css"):
        return text
    return _LAST.sub("", _SPACE.sub(r"\1", _COMMENT.sub("", text)).strip())


def with_look(script: str, look: str, templates: Mapping[str, str]) -> Artifact:
    """Return a script that is only asked for by some, with a stylesheet as its `look`."""
    css = json.dumps(bare(look, templates[look]), ensure_ascii=False)
    name = look.removesuffix(".css")
    given = f"const {name}Look = {css};\n"
    return Artifact(f"assets/{script}", (given + bare(script, templates[script])).encode())


def _close(script: str) -> str:
    """Return a script without spaces around its signs."""
    pieces: list[str] = []
    at = 0
    for said in _SAID.finditer(script):
        pieces += _SIGNS.sub(r"\1", script[at : said.start()]), said[0]
        at = said.end()
    return "".join(pieces) + _SIGNS.sub(r"\1", script[at:])
