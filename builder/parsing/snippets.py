"""Finds what is to be examined: Python in code blocks, claims and set-ups in comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from builder.markdown import attributes, language, texts, walk, without_code
from builder.model import Block, Snippet, Source, Span
from builder.parsing.code import PYTHON, looks_like_python
from builder.parsing.leading import leads_to_output, printed, says_it_fails, says_it_never_ends
from builder.patterns import late

#: `python` with two neighbours swapped, or a letter lost: read like a fence without a label.
_SLIPS = frozenset({"pyhton", "pytohn", "pythno", "ptyhon", "pythn", "pyton", "pthon", "pythom"})
_HIDDEN = late(r"<!--\s*(?P<kind>claim|setup):\s*(?P<code>.*?)\s*-->", re.DOTALL)
#: Labels of what was printed, and of what may be anything.
_OUTPUT = frozenset({"output", "out", "console", "text", "txt", "plain", "plaintext", "none", ""})
#: Below words such as `Output:` it may be labelled like the code above it.
_OR_PYTHON = _OUTPUT | PYTHON
#: What leads up to code.
_TEXT = ("paragraph", "quote", "admonition")
_MAY_HIDE = late(r"<!--\s*(?:claim|setup):")
#: The end of what Python prints; the message may go on in lines that are indented.
_ERROR = late(r"^(?:\w+\.)*[A-Z]\w*(?:Error|Exception)(?::.*)?(?:\n[ \t]+\S.*)*\s*\Z", re.MULTILINE)


def find(source: Source, blocks: tuple[Block, ...], section: int) -> Iterator[Snippet]:
    """Yield the snippets of a section's blocks, in the order of the file."""
    beside = tuple(_beside_code(blocks))
    outputs, failing, said = _outputs(beside), _failing(beside), _said(source, beside)
    taken = {out.span for out in outputs.values() if not looks_like_python(out.text)}
    for block in walk(blocks):
        if block.kind == "code" and block.span not in taken and is_python(block):
            snippet, output = _code(source, block, section), outputs.get(block.span)
            expected = output.text if output else said.get(block.span)
            yield replace(snippet, expected=expected, fails=block.span in failing)
        elif block.kind in ("html", "paragraph"):
            yield from _hidden(source, block, section)


def is_python(block: Block) -> bool:
    """Tell whether a code block is Python, by its label or, without one, by what it holds."""
    named = language(block.info)
    if named and named not in _SLIPS:
        return named in PYTHON and bool(block.text.strip())
    return looks_like_python(block.text)


def _beside_code(blocks: tuple[Block, ...]) -> Iterator[tuple[Block, ...]]:
    """Yield blocks that stand beside one another, where one of them is code; outer ones first."""
    if any(block.kind == "code" for block in blocks):
        yield blocks
    for block in blocks:
        if block.children:
            yield from _beside_code(block.children)


def _outputs(beside: Iterable[tuple[Block, ...]]) -> dict[Span, Block]:
    """Return the output that stands behind code, by the place of the code.

    It is a fence right behind it that is marked as output or not at all, which words such as
    `输出：` may lead up to, and any sentence if it ends with an error.
    """
    found: dict[Span, Block] = {}
    for blocks in beside:
        for code, behind in pairwise(blocks):
            if code.kind == behind.kind == "code" and _may_be_output(behind):
                found[code.span] = behind
        for code, between, behind in zip(blocks, blocks[1:], blocks[2:], strict=False):
            leads = code.kind == behind.kind == "code" and between.kind == "paragraph"
            labels = _OR_PYTHON if leads and leads_to_output(between.text) else frozenset[str]()
            if leads and _may_be_output(behind, labels):
                found[code.span] = behind
    return found


def _said(source: Source, beside: Iterable[tuple[Block, ...]]) -> dict[Span, str]:
    """Return the output that stands right behind code as plain text, by the place of the code."""
    found: dict[Span, str] = {}
    for blocks in beside:
        for code, behind, after in zip(blocks, blocks[1:], (*blocks[2:], None), strict=False):
            if code.kind != "code":
                continue
            leads = behind.kind == "paragraph" and leads_to_output(behind.text)
            below = after if leads else behind
            shown = _shown(source, below, leads) if below else None
            if shown:
                found[code.span] = shown
    return found


def _shown(source: Source, block: Block, led: bool) -> str | None:
    """Return what was printed, if a paragraph is that and nothing else."""
    is_plain = block.kind == "paragraph" or (block.kind == "code" and not block.fenced)
    lines = source.lines[block.span.line - 1 : block.span.end_line]
    return printed("\n".join(lines), led) if is_plain else None


def _failing(beside: Iterable[tuple[Block, ...]]) -> frozenset[Span]:
    """Return the places of code that fails as the text right above says, or never ends.

    That it never ends may be said right below as well.
    """
    return frozenset(
        code.span
        for blocks in beside
        for above, code in pairwise(blocks)
        if code.kind == "code" and above.kind in _TEXT and says_it_fails("\n".join(texts(above)))
    ) | frozenset(
        code.span
        for blocks in beside
        for pair in pairwise(blocks)
        for code, text in (pair, pair[::-1])
        if code.kind == "code" and text.kind in _TEXT and says_it_never_ends("\n".join(texts(text)))
    )


def _may_be_output(block: Block, labels: frozenset[str] = _OUTPUT) -> bool:
    """Tell whether nothing says that a block is something else than what was printed."""
    is_code = language(block.info) not in labels or looks_like_python(block.text)
    return not is_code or _shows_error(block)


def _shows_error(block: Block) -> bool:
    """Tell whether a block is what Python prints when something was raised."""
    return language(block.info) not in PYTHON and bool(_ERROR.search(block.text))


def _code(source: Source, block: Block, section: int) -> Snippet:
    code = block.text.removesuffix("\n")
    lines = enumerate(code.split("\n"), block.span.line)
    return Snippet(
        span=block.span,
        code=code,
        language=language(block.info) if block.fenced else "",
        fenced=block.fenced,
        indents=tuple(_indent(source.line(number), text) for number, text in lines),
        section=section,
        options=attributes(block.info),
    )


def _indent(line: str, code: str) -> int:
    """Return how many characters of a file's line stand before its code."""
    if line.endswith(code):
        return len(line) - len(code)
    # The Markdown library turns tabs before code into spaces; what counts is where its text begins.
    text = code.strip()
    return line.rfind(text) - (len(code) - len(code.lstrip())) if text else 0


def _hidden(source: Source, block: Block, section: int) -> Iterator[Snippet]:
    """Yield the claims and set-ups of a block, outside code; several may stand in one."""
    text = "\n".join(source.lines[block.span.line - 1 : block.span.end_line])
    may_hide = "<!--" in text and _MAY_HIDE.search(text)
    for match in _HIDDEN.finditer(without_code(text)) if may_hide else ():
        start, end = match.span("code")
        line = block.span.line + text.count("\n", 0, start)
        column = start - text.rfind("\n", 0, start)
        first, *rest = text[start:end].split("\n")
        before = text[start - column + 1 : start]
        shifts = [_shared(before, other) for other in rest]
        yield Snippet(
            span=source.span(line, column, line + len(rest)),
            code="\n".join([first, *(o[n:] for o, n in zip(rest, shifts, strict=True))]),
            fenced=False,
            kind="claim" if match["kind"] == "claim" else "setup",
            indents=(column - 1, *shifts),
            section=section,
        )


def _shared(before: str, line: str) -> int:
    """Return how much of what stands before the first line of code stands before another too."""
    return len(before) if not before.strip() and line.startswith(before) else 0
