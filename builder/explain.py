"""docs/problems.md: what each problem means, an example that causes it, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from builder.patterns import late

_HEADING = late(r"^(##|###) (.+)\n", re.MULTILINE)
_FENCE = late(r"^(`{3,})(.*)\n((?:.*\n)*?)\1$", re.MULTILINE)
_LINK = late(r"\[([^\]]+)\]\([^)]+\)")
_SENTENCE = late(r".+?(?=:\s|[.;](?:\s|$))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is said of one code; `group` is the heading that it stands under."""

    code: str
    group: str
    text: str

    @property
    def example(self) -> tuple[str, str] | None:
        """The info string and the content of the first fence, if there is one."""
        match = _FENCE.search(self.text)
        return (match[2], match[3]) if match else None

    @property
    def line(self) -> str:
        """What it is, in one line."""
        match = _SENTENCE.match(self.text)
        return " ".join((match[0] if match else self.text).split())

    @property
    def plain(self) -> str:
        """The text as a terminal shows it: examples are indented, links are words."""
        text = _FENCE.sub(lambda fence: _shown(fence[2], fence[3]), self.text)
        return f"{self.code}\n\n" + _LINK.sub(r"\1", text) + "\n"


def _shown(info: str, example: str) -> str:
    """A fence whose attributes matter is shown whole."""
    whole = f"```{info}\n{example}```\n" if "{" in info else example
    return "".join(f"    {line}".rstrip() + "\n" for line in whole.splitlines()).rstrip("\n")


def explanations(document: str) -> dict[str, Explanation]:
    """Return all sections of the document, by their codes, in its order."""
    return {found.code: found for found in _sections(document)}


def _sections(document: str) -> Iterator[Explanation]:
    group = ""
    hidden = _FENCE.sub(lambda fence: re.sub("[^\n]", "-", fence[0]), document)
    heads = list(_HEADING.finditer(hidden))
    for head, end in zip(heads, [*(h.start() for h in heads[1:]), len(document)], strict=True):
        if head[1] == "##":
            group = head[2]
        else:
            yield Explanation(head[2], group, document[head.end() : end].strip())


def near(code: str, known: dict[str, Explanation]) -> tuple[str, ...]:
    """Return the codes that may be meant by one that there is not."""
    parts = [name for name in known if len(code) > 3 and code in name]
    return tuple(dict.fromkeys([*get_close_matches(code, known, 3, 0.75), *parts]))[:3]
