"""A mistake in the form of code, in its author's terms."""

from __future__ import annotations

import difflib
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from verify.model import Finding, Fix
from verify.punctuation import Odd

_CUT = "the code ends in the middle of this statement: add the rest"
_UNFINISHED = re.compile(
    r"[-+*/%=,.(\[{\\|&^<>]\s*$|\b(?:and|or|not|in|is|if|else|lambda|from|import)\s*$"
)


#: A remark in the manner of C, in words: behind `//` Python takes one number or name.
_SLASHES = re.compile(r"(?:^|\s)//\s*(?:[^\W\d]\w*|[^\x00-\x7f]\S*)(?:\s+\S|[^\x00-\x7f])")
#: Words that a statement begins with, and a name or a value follows.
_OPENING = (
    "from", "import", "def", "class", "return", "while", "for", "with", "if", "del", "raise",
    "assert", "global", "async", "await", "yield",
)  # fmt: skip
#: The head of a block, to its colon.
_HEAD = re.compile(r"\s*(?:class|def|if|elif|while|for|with)\b.*:$")
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_KEYWORDS = frozenset([*keyword.kwlist, "match", "case", "type"])


@dataclass(frozen=True, slots=True)
class _Sort:
    """A kind of mistake: how Python words it, and how we do.

    `{0}` and `{1}` stand for what the pattern caught. One that `opens` something gets other advice
    where the code ends without it; one that is of a `line` covers all of it from its column on.
    """

    pattern: str
    code: str
    message: str
    help: str
    opens: bool = False
    line: bool = False


_SORTS = (
    _Sort(
        r"'(.)' was never closed",
        "unclosed-bracket",
        "the `{0}` that opens here is never closed",
        "close it before the next statement begins",
        opens=True,
    ),
    _Sort(
        r"unmatched '(.)'",
        "unmatched-bracket",
        "`{0}` closes a bracket that was never opened",
        "remove it, or add what is missing at the beginning of the statement",
    ),
    _Sort(
        r"closing \w+ '(.)' does not match opening \w+ '(.)'",
        "unmatched-bracket",
        "`{0}` cannot close the `{1}` before it",
        "make the two brackets a pair",
    ),
    _Sort(
        r"unterminated",
        "unclosed-string",
        "the string that begins here is never closed",
        "close it on the same line, or use three quotes",
        opens=True,
        line=True,
    ),
    _Sort(
        r"expected an indented block after (.+?) on line",
        "indentation",
        "the block of the {0} above is not indented",
        "indent the lines that belong to it",
        line=True,
    ),
    _Sort(
        r"inconsistent use of tabs and spaces",
        "indentation",
        "this line is indented with tabs, and others of its block with spaces",
        "indent all lines of a block with spaces",
        line=True,
    ),
    _Sort(
        r".*indent",
        "indentation",
        "this line is indented more or less than the block it stands in",
        "line it up with the statements around it",
        line=True,
    ),
    _Sort(
        r"invalid syntax\. Perhaps you forgot a comma",
        "syntax-error",
        "two values follow each other, and nothing stands between them",
        "put a comma, or an operator, between this value and the next",
    ),
    _Sort(
        r"expected ':'",
        "syntax-error",
        "the colon is missing here",
        "write `:` where the head of the block ends",
    ),
    _Sort(
        r"positional argument follows keyword argument",
        "syntax-error",
        "an argument without a name stands behind one with a name",
        "put it first, or give it its name",
    ),
    _Sort(
        r"invalid (?:non-printable )?character ('.' )?\(?(U\+\w+)\)?",
        "invalid-character",
        "the character {0}({1}) means nothing in Python",
        "replace or remove it",
    ),
)


#: A word of Python's own where a value is passed: `move(from, to)`.
KEYWORD_GIVEN = re.compile(
    r"[\w)\]]\((?:[^()\n]*,)?\s*(from|in|is|as|class|def|import|global|with|del|pass|return)\s*[,)]"
)


def mistake(lines: list[str], last: int, error: SyntaxError) -> Finding:
    """A broken statement that ends on line `last`, as Python's own parser complains of it."""
    message = error.msg or "invalid syntax"
    line = min(max(error.lineno or last, 1), len(lines))
    ends = not any(text.strip() for text in lines[max(line, last) :])
    place = _place(lines[line - 1], line, error)
    if message == "invalid syntax" and (opened := _open_head(lines[line - 1])):
        message, ends = f"'{lines[line - 1][opened - 1]}' was never closed", False
        place = replace(place, column=opened, end_line=line, end_column=opened + 1)
    elif "was never closed" in message and (inner := _left_open(lines, line)):
        (line, column), ends = inner, False
        place = replace(place, line=line, column=column, end_line=line, end_column=column + 1)
    for sort in _SORTS:
        match = re.match(sort.pattern, message)
        if match:
            return _of_sort(place, sort, match, lines[line - 1], ends)
    if ends and _UNFINISHED.search(lines[line - 1]):
        return replace(place, code="cut-off", message="the statement is cut off", help=_CUT)
    said = _told_by_text(lines[line - 1], place.column) if message == "invalid syntax" else None
    return replace(
        place,
        message=said[0] if said else _in_house_style(message),
        help=said[1] if said else "write it as Python has it, or mark it as text",
    )


def _without_strings(line: str) -> str:
    """A line with a stroke for each character of its strings."""
    return re.sub(r"(['\"]).*?\1", lambda match: "_" * len(match.group()), line)


def _open_head(line: str) -> int | None:
    """The column of the bracket that the head of a block opens and does not close: `class A(B:`."""
    plain = _without_strings(line).partition("#")[0].rstrip()
    if not _HEAD.match(plain):
        return None
    opened: list[int] = []
    for column, sign in enumerate(plain, 1):
        if sign in "([{":
            opened.append(column)
        elif sign in ")]}" and opened:
            opened.pop()
    return opened[-1] if opened else None


def _left_open(lines: list[str], first: int) -> tuple[int, int] | None:
    """The bracket that is open where another, by its indent, closes one further out."""
    opened: list[tuple[int, int, str, int]] = []
    for number, line in enumerate(lines[first - 1 :], first):
        plain = _without_strings(line).partition("#")[0]
        indent = len(plain) - len(plain.lstrip())
        for column, sign in enumerate(plain, 1):
            if sign in "([{":
                opened.append((number, column, sign, indent))
            elif sign in ")]}" and opened:
                within = opened[-1]
                closes = column == indent + 1 and any(
                    o[3] == indent and _PAIRS[o[2]] == sign for o in opened[:-1]
                )
                if closes and within[3] > indent and within[0] < number:
                    return within[:2]
                opened.pop()
    return None


def _told_by_text(line: str, column: int) -> tuple[str, str] | None:
    """What is wrong, and what to do, where Python has no words for it, and the line tells."""
    plain = _without_strings(line)
    if re.search(r"[(,]\s*async\s*=[^=]", plain):
        return "`async` is a word of Python's own since 3.7", "torch calls it `non_blocking=`"
    if named := re.match(r"\s*from\s+([\w.]+)\s+as\s+(\w+)\s*(?:#.*)?$", plain):
        return (
            "`from` says where names come from, and no name follows that is to be imported",
            f"a module is renamed by `import {named[1]} as {named[2]}`",
        )
    if given := KEYWORD_GIVEN.search(plain):
        return (
            f"`{given[1]}` is a word of Python's own, and no name for a value",
            f"call it otherwise, such as `{given[1]}_`",
        )
    if _SLASHES.search(plain):
        return "`//` begins no comment in Python", "write `#` in its place"
    before, word = plain[: column - 1].rstrip(), re.match(r"[A-Za-z_]\w*", plain[column - 1 :])
    last = re.search(r"(?<![\w.])[A-Za-z_]\w*$", before)
    if not word or not last or {word.group(), last.group()} & _KEYWORDS:
        return None
    meant = difflib.get_close_matches(last.group(), _OPENING, 2, 0.75)
    meant.sort(key=lambda keyword: sorted(keyword) != sorted(last.group()))
    is_first = before == " " * last.start() + last.group()
    return (
        f"`{last.group()}` and `{word.group()}` follow each other, and nothing stands between them",
        f"did you mean `{meant[0]}`?"
        if meant and is_first
        else "write them as one name, put an operator between them, or begin a new line",
    )


def _place(text: str, line: int, error: SyntaxError) -> Finding:
    indent = len(text) - len(text.lstrip())
    column = min(max(error.offset or 1, indent + 1), len(text) + 1)
    end = error.end_offset or 0
    if error.end_lineno != error.lineno or end <= column:
        end = column + 1
    return Finding("syntax-error", line, column, line, end, "")


def _of_sort(place: Finding, sort: _Sort, match: re.Match[str], text: str, ends: bool) -> Finding:
    parts = [(part or "").replace("'", "`") for part in match.groups()]
    bare = [part[1:-1] if re.fullmatch("`[^`]*`", part) else part for part in parts]
    return replace(
        place,
        code=sort.code,
        message=sort.message.format(*bare),
        help=_CUT if sort.opens and ends else sort.help,
        end_column=max(len(text.rstrip()) + 1, place.column + 1) if sort.line else place.end_column,
    )


def _in_house_style(message: str) -> str:
    message = re.sub(r"'([^']+)'", r"`\1`", message.rstrip("."))
    return message[:1].lower() + message[1:]


def odd_mistakes(text: str, odd: tuple[Odd, ...], excused: set[int]) -> Iterator[Finding]:
    """A finding for each odd character, but for those in the excused lines."""
    for one in odd:
        line = text.count("\n", 0, one.offset) + 1
        if line not in excused:
            column = one.offset - text.rfind("\n", 0, one.offset)
            rest = text[one.offset + 1 :].partition("\n")[0]
            yield _odd_mistake(one, line, column, trailing=not rest.strip())


def _odd_mistake(one: Odd, line: int, column: int, *, trailing: bool) -> Finding:
    """Invisible characters and a full stop behind the code harm nobody enough to be errors."""
    blank = one.sort in ("space", "nothing")
    harmless = trailing and (blank or one.character == "。")
    meant = "" if harmless else one.meant
    return Finding(
        code="invisible-character" if blank else "fullwidth-punctuation",
        line=line,
        column=column,
        end_line=line,
        end_column=column + 1,
        message=f"{one.name} in code",
        help=f"write `{meant}`" if meant.strip() else "use a plain space" if meant else "remove it",
        severity="warning" if harmless else "error",
        fix=Fix(line, column, line, column + 1, meant, safe=True),
    )
