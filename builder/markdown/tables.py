"""Rows of tables with a cell too many or too few, which every other tool takes as they are.

The Markdown library turns the whole table into a paragraph for one such row. Here rows are filled
up or cut to the width of their head, as GitHub does, and signs between back-ticks or dollars divide
no cells. Line for line, so that places stay what they are.
"""

from __future__ import annotations

from builder.markdown.ticks import code_spans
from builder.patterns import late

#: Stands for a `|` that divides no cells until its row is rendered.
PIPE = "\ue002"

_DIVIDER = late(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_FENCE = late(r"\s*(?:>\s*)*(`{3,}|~{3,})")
_FORMULA = late(r"(?<!\\)\$[^$]+\$")
_DIVIDES = late(r"(?<!\\)\|")


def even_rows(lines: list[str]) -> list[str]:
    """Return lines with every row of a table as wide as its head."""
    if not any("|" in line for line in lines):
        return lines
    found, fence, width = list(lines), "", 0
    for number, line in enumerate(lines):
        if ("```" in line or "~~~" in line) and (match := _FENCE.match(line)):
            fence = "" if fence and match[1].startswith(fence) else fence or match[1]
        if fence or "|" not in line:
            width = 0
        elif width:
            found[number] = _row(line, width)
        elif number and _DIVIDER.match(line) and "|" in lines[number - 1]:
            head = _cells(lines[number - 1])
            width = len(head) if len(head) == len(_cells(line)) else 0
    return found


def _row(line: str, width: int) -> str:
    cells = _cells(line)
    if len(cells) == width == len(line.strip().strip("|").split("|")):
        return line
    indent = line[: len(line) - len(line.lstrip())]
    filled = (cells + [""] * width)[:width]
    return f"{indent}| {' | '.join(cell.strip() for cell in filled)} |"


def _cells(line: str) -> list[str]:
    """Take a row apart; what stands between back-ticks or dollars is one piece.

    A back-slash before a `|` has done its work there, and goes.
    """
    text = _whole(line.strip()).removeprefix("|")
    if text.endswith("|") and not text.endswith("\\|"):
        text = text[:-1]
    return _DIVIDES.split(text) if "\\" in text else text.split("|")


def _whole(text: str) -> str:
    """Return a row whose signs between back-ticks or dollars divide nothing."""
    if "`" in text:
        pieces, done = [], 0
        for start, end in code_spans(text):
            pieces += [_formulas(text[done:start]), text[start:end].replace("|", PIPE)]
            done = end
        return "".join([*pieces, _formulas(text[done:])])
    return _formulas(text)


def _formulas(text: str) -> str:
    if "$" not in text:
        return text
    return _FORMULA.sub(lambda match: match[0].replace("|", PIPE), text)
