"""Pygments' lexers made quicker: patterns are chosen by the character they can begin with.

A lexer tries the patterns of its state one after another, some forty for each token, and most could
never match there. Which are left out is all that is decided here; how the others match, and in
which order, is the library's own, and `tests/test_lexing.py` holds the tokens against its.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Any, Final, TypeAlias

from pygments.lexer import Lexer, RegexLexer
from pygments.token import Error, Whitespace, _TokenType

try:
    from re import _parser  # type: ignore[attr-defined]
except ImportError:  # it is nobody's promise that they stay; without them all patterns are tried
    _parser = None

#: What matches at a place, what that is, and the states that follow: as the library keeps it.
_Rule: TypeAlias = tuple[Callable[[str, int], re.Match[str] | None], Any, Any]
#: The rules for each character of ASCII, and at last those for all others and for the end.
_Rules: TypeAlias = tuple[tuple[_Rule, ...], ...]

_ALL: Final = frozenset(map(chr, range(128)))


def quicken(lexer: Lexer) -> Lexer:
    """Return the lexer, quicker if it is one of patterns alone; its tokens are the same."""
    if _parser and type(lexer).get_tokens_unprocessed is RegexLexer.get_tokens_unprocessed:
        lexer.get_tokens_unprocessed = partial(_tokens, lexer, {})  # type: ignore[method-assign]
    return lexer


def _tokens(
    lexer: Lexer, known: dict[str, _Rules], text: str, stack: Iterable[str] = ("root",)
) -> Iterator[tuple[int, _TokenType, str]]:
    """Yield the tokens as `RegexLexer.get_tokens_unprocessed` does."""
    states = list(stack)
    rules = _rules(lexer, known, states[-1])
    at, end = 0, len(text)
    while True:
        for match, action, following in rules[min(ord(text[at]), 128) if at < end else 128]:
            if not (found := match(text, at)):
                continue
            if type(action) is _TokenType:
                yield at, action, found.group()
            elif action is not None:
                yield from action(lexer, found)
            at = found.end()
            if following is not None:
                _follow(states, following)
                rules = _rules(lexer, known, states[-1])
            break
        else:
            if at >= end:
                return
            if text[at] == "\n":
                states = ["root"]
                rules = _rules(lexer, known, "root")
            yield at, Whitespace if text[at] == "\n" else Error, text[at]
            at += 1


def _follow(states: list[str], following: Any) -> None:
    """Go to the states that follow: names, how many to leave, or the same once more."""
    if isinstance(following, int):
        del states[1 if abs(following) >= len(states) else following :]
        return
    for name in following if isinstance(following, tuple) else (following,):
        if name == "#pop":
            if len(states) > 1:
                states.pop()
        else:
            states.append(states[-1] if name == "#push" else name)


def _rules(lexer: Lexer, known: dict[str, _Rules], state: str) -> _Rules:
    if state not in known:
        every: tuple[_Rule, ...] = tuple(lexer._tokens[state])  # type: ignore[attr-defined]
        firsts = [(_beginnings(getattr(rule[0], "__self__", None)), rule) for rule in every]
        by_character = (
            tuple(rule for first, rule in firsts if character in first)
            for character in map(chr, range(128))
        )
        known[state] = (*by_character, every)
    return known[state]


@cache
def _beginnings(pattern: object) -> frozenset[str]:
    """Return the characters of ASCII that what a pattern matches may begin with, or more."""
    if not isinstance(pattern, re.Pattern):
        return _ALL
    first, may_be_empty = _of_all(_parser.parse(pattern.pattern, pattern.flags))
    if may_be_empty:
        return _ALL
    if not pattern.flags & re.IGNORECASE:
        return first
    # A few signs beyond ASCII are letters of it in another case.
    return _ALL if not pattern.pattern.isascii() else _either_case(first)


def _either_case(first: frozenset[str]) -> frozenset[str]:
    return first | {character.swapcase() for character in first}


def _of_all(parts: Iterable[tuple[Any, Any]]) -> tuple[frozenset[str], bool]:
    """Return what parts that follow each other may begin with, and whether they may be empty."""
    first: frozenset[str] = frozenset()
    for kind, value in parts:
        more, may_be_empty = _of(kind, value)
        first |= more
        if not may_be_empty:
            return first, False
    return first, True


def _of(kind: Any, value: Any) -> tuple[frozenset[str], bool]:
    """Return the same for one part; one that is not known may be anything."""
    match str(kind):
        case "LITERAL":
            return frozenset({chr(value)}) & _ALL, False
        case "IN":
            return _of_set(value), False
        case "NOT_LITERAL" | "ANY":
            return _ALL, False
        case "BRANCH":
            found = [_of_all(branch) for branch in value[1]]
            return frozenset().union(*(it[0] for it in found)), any(it[1] for it in found)
        case "SUBPATTERN" if not (value[1] or value[2]):
            return _of_all(value[3])
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            first, may_be_empty = _of_all(value[2])
            return first, may_be_empty or value[0] == 0
        case "AT" | "ASSERT" | "ASSERT_NOT":
            return frozenset(), True
        case _:
            return _ALL, True


def _of_set(items: list[tuple[Any, Any]]) -> frozenset[str]:
    """Return the characters of ASCII in a set such as `[a-z_]`."""
    first: set[str] = set()
    for kind, value in items:
        match str(kind):
            case "LITERAL":
                first.add(chr(value))
            case "RANGE":
                first |= {chr(code) for code in range(value[0], min(value[1], 127) + 1)}
            case "CATEGORY" if str(value) in _CATEGORIES:
                first |= _CATEGORIES[str(value)]
            case _:
                return _ALL
    return _ALL & first


_CATEGORIES: Final = {
    f"CATEGORY_{name}": frozenset(character for character in _ALL if re.match(sign, character))
    for name, sign in (("DIGIT", r"\d"), ("SPACE", r"\s"), ("WORD", r"\w"))
}
