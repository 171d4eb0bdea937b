"""Rules between all questions of a note: then one ends the last answer too.

What stands below it, a farewell or what is to be done, is no part of that answer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from itertools import pairwise

from builder.model import Block
from builder.parsing.document import Mark, Region
from builder.parsing.furniture import is_rule

#: Fewer rules divide a text, not questions.
_FEWEST = 3


def ended(region: Region, marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """Return marks of which the last ends at its rule, if all before it do."""
    rules = [block.span.line for block in region.blocks if _is_rule(block)]
    if len(rules) < _FEWEST or len(marks) < _FEWEST:
        return marks
    ends = [_divides(region, rules, *both) for both in pairwise(marks)]
    below = next((rule for rule in rules if rule > marks[-1].end_line), None)
    is_longer = below and marks[-1].end(otherwise=region.last) > below
    if not below or not is_longer or not all(ends) or ends.count("rule") < _FEWEST - 1:
        return marks
    return (*marks[:-1], replace(marks[-1], last=below - 1, closes=None))


def _is_rule(block: Block) -> bool:
    return block.kind == "rule" or (block.kind == "paragraph" and is_rule(block.text))


def _divides(region: Region, rules: list[int], mark: Mark, behind: Mark) -> str:
    """Return what divides two marks: a rule right above the second, or nothing between them."""
    between = rules[bisect_right(rules, mark.end_line) : bisect_left(rules, behind.line)]
    if not between:
        return "nothing" if region.is_blank(mark.end_line + 1, behind.line - 1) else ""
    is_above = len(between) == 1 and region.is_blank(between[0], behind.line - 1)
    return "rule" if is_above else ""
