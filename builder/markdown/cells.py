"""Cells of other tools: `{code-cell} ipython3` of MyST, `{python, eval=FALSE}` of knitr and Quarto.

What they say in front of their code, `:tags: [...]`, is no code; what it means is said in our way.
"""

from __future__ import annotations

import re

from builder.markdown.info import attributes
from builder.patterns import late

_DIRECTIVE = late(r"\{(?:code-cell|code-block|code|sourcecode)\}\s*(?P<language>[\w+#.-]*)\s*$")
#: A bare word before the first comma is the name of the chunk.
_CHUNK = late(r"\{(?P<language>[A-Za-z]\w*)(?:\s+[\w-]+(?=\s*,))?(?P<rest>[\s,][^}]*)?\}\s*$")
_OPTIONS = late(r"\s*(?:---\n(?:.*\n)*?---[ \t]*\n|(?::[\w-]+:.*(?:\n|\Z))+)(?:[ \t]*\n)*")
_SETS = late(r"^#\|\s*(?P<name>eval|error)\s*:\s*(?P<value>\w+)", re.MULTILINE)

#: What knitr knows, and has nothing to do with running the code.
_OF_PAGE = frozenset(
    {"echo", "include", "message", "warning", "results", "cache", "label", "collapse", "comment"}
)


def read(info: str, code: str) -> tuple[str, int]:
    """Return an info string in our words, and how many lines of the code are options."""
    if cell := _DIRECTIVE.match(info):
        options = _OPTIONS.match(code)
        said = options[0] if options else ""
        wishes = [
            wish
            for tag, wish in (("raises-exception", "raises"), ("skip-execution", "skip"))
            if tag in said
        ]
        return _info(cell["language"], wishes), said.count("\n")
    if chunk := _CHUNK.match(info):
        named = dict(attributes(f"{{{(chunk['rest'] or '').strip(' ,')}}}"))
        named |= {found["name"]: found["value"] for found in _SETS.finditer(code)}
        return _info(chunk["language"], list(_wishes(named))), 0
    return info, 0


def _wishes(named: dict[str, str]) -> list[str]:
    """Return the options of a chunk that are ours, and what knitr's own mean."""
    found = []
    for name, value in named.items():
        if name == "eval":
            found += ["skip"] * (value.lower() in ("false", "f"))
        elif name == "error":
            found += ["raises"] * (value.lower() in ("true", "t"))
        elif name not in _OF_PAGE and not name.startswith(("fig", "out", "code-", "tbl")):
            found.append(f'{name}="{value}"' if value else name)
    return found


def _info(language: str, wishes: list[str]) -> str:
    return f"{language} {{{' '.join(wishes)}}}" if wishes else language
