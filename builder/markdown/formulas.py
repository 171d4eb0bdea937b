r"""Formulas: `$...$`, `$$...$$`, `\(...\)`, `\[...\]`, `\begin{align}`; and dollars that are none.

What is written with TeX's own signs is a formula. Without any, it must stand close between its
dollars, and `$5 or 3$` is money; and `\[1\]` and `\(see below\)` are escaped brackets.
"""

from __future__ import annotations

from re import Match

from mistune import BlockParser, BlockState, InlineParser, InlineState, Markdown

from builder.markdown.lines import LineState
from builder.markdown.ticks import code_spans
from builder.patterns import late

_INLINE = (
    r"\$\$(?P<display_math>(?:[^$\\]|\\.)+?)\$\$"
    r"|\$(?P<math_ticks>`+)(?P<ticked_math>(?:(?!(?P=math_ticks)).)+)(?P=math_ticks)\$"
    r"|\$(?!\$)(?P<math>(?:[^$\\\n]|\\.)+?)\$(?!\d)"
)
_BRACKETS = (
    r"\\\((?P<in_round>(?:[^\\\n]|\\[^()\n])+)\\\)"
    r"|\\\[(?P<in_square>(?:[^\\]|\\[^\[\]])+)\\\]"
)
_BLOCK = r"^ {0,3}(?:\$\$|\\\[|\\begin\{(?P<environment>(?:equation|align|gather|multline)\*?)\})"

#: A formula is shorter than this.
_LONGEST = 5000

_TEX = late(r"\\[A-Za-z,;!]|[\^_{}]")
_WORDS = late(r"[A-Za-z]{2,}|[\u3040-\u9fff，。；：]")
_SHORT = late(r"\s*[A-Za-z](?:'|\d)*(?:\s*[-+*/=<>,|()]+\s*\w{1,3})*\s*$")
_DISPLAY = {"align": "aligned", "gather": "gathered", "multline": "gathered"}


def formulas(md: Markdown) -> None:
    """Teach the Markdown library formulas."""
    md.block.register("formula", _BLOCK, _parse_block, before="list")
    for rules in (md.block.list_rules, md.block.block_quote_rules):
        md.block.insert_rule(rules, "formula", before="list")
    md.inline.register("brackets", _BRACKETS, _parse_brackets, before="escape", start_chars="\\")
    md.inline.register("inline_math", _INLINE, _parse_inline, before="codespan", start_chars="$")


def _parse_block(_block: BlockParser, match: Match[str], state: BlockState) -> int | None:
    """Take a formula that begins a line and ends one."""
    assert isinstance(state, LineState)
    sign = match[0].strip()
    close = {"$$": "$$", "\\[": "\\]"}.get(sign) or f"\\end{{{match['environment']}}}"
    at = state.src.find(close, match.end(), match.end() + _LONGEST)
    end = state.find_line_end_at(at)
    if at < 0 or state.src[at + len(close) : end].strip(" \t\n.,。，"):
        return None
    tex = state.src[match.end() : at]
    if match["environment"]:
        tex = _environment(match["environment"].rstrip("*"), tex)
    state.append_token({"type": "block_math", "raw": tex})
    return end


def _environment(name: str, tex: str) -> str:
    """Return the inside of an equation; one of several lines must be told so once more."""
    inner = _DISPLAY.get(name)
    return f"\\begin{{{inner}}}{tex}\\end{{{inner}}}" if inner else tex


def _parse_inline(_inline: InlineParser, match: Match[str], state: InlineState) -> int | None:
    if _ends_in_code(match, state.src):
        return None
    if match["display_math"]:
        state.append_token({"type": "block_math", "raw": match["display_math"]})
        return match.end()
    tex = match["ticked_math"] or match["math"]
    if not match["ticked_math"] and not _is_formula(tex):
        return None
    state.append_token({"type": "inline_math", "raw": tex})
    return match.end()


def _ends_in_code(match: Match[str], text: str) -> bool:
    """Tell whether the last dollar belongs to inline code that begins behind the first."""
    if "`" not in match[0] or match["ticked_math"]:
        return False
    length = match.end() - match.start()
    return any(start < length < end for start, end in code_spans(text[match.start() :]))


def _is_formula(text: str) -> bool:
    """Tell a formula between dollars from amounts of money, and from dollars in a sentence."""
    if _TEX.search(text):
        return True
    if text[0].isspace() or text[-1].isspace():
        return False
    return not (text[0].isdigit() and _WORDS.search(text))


def _parse_brackets(_inline: InlineParser, match: Match[str], state: InlineState) -> int | None:
    tex = match["in_round"] or match["in_square"]
    if not (_TEX.search(tex) or _SHORT.match(tex)):
        state.append_token({"type": "text", "raw": match[0][1]})
        return match.start() + 2
    kind = "inline_math" if match["in_round"] else "block_math"
    state.append_token({"type": kind, "raw": tex})
    return match.end()
