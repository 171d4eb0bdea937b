"""What stands in lines that do not parse: a mistake, or something that was never meant to run."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from dataclasses import dataclass

from verify import shapes
from verify.mistakes import KEYWORD_GIVEN, mistake
from verify.model import Finding

_HEADER = re.compile(r"\s*(?:async\s+)?(def|class|CLASS)\s+([\w.]+)")
#: How a notebook heads what it says of a function.
_HELP = re.compile(r"\s*(?:Init s|S)ignature ?:\s*$")
_BARE_HEAD = re.compile(r"\s*[A-Za-z_][\w.]*(\(.*\)(?:\s*->\s*[^:]+)?)\s*$", re.DOTALL)
_TYPES = frozenset(["int", "float", "bool", "str", "list", "dict", "tuple", "set", "bytes", "type"])
#: What only Python before 3.12 says of the expressions in an f-string.
_LATER = re.compile(r"f-string expression part cannot include (?:a backslash|'#')")
COLON = re.compile(r":\s*(?:#.*)?$")
#: Why sentences are not run.
TALK = "prose between the code"
#: Why code of Python 2 is not run.
OLD = "written for Python 2"


@dataclass(frozen=True, slots=True)
class Region:
    """Lines that do not parse, and what is to be said of them: a finding, a reason, or nothing."""

    first: int
    last: int
    finding: Finding | None = None
    reason: str | None = None
    signature: bool = False
    foreign: bool = False


def judged(lines: list[str], first: int, last: int, error: SyntaxError, given: list[str]) -> Region:
    """What is to be said of some broken lines; as `given` their punctuation is not mended."""
    own = lines[first - 1 : last]
    text = "\n".join(own)
    if _is_listing(lines, first, last) or _HELP.match(own[0]):
        return Region(first, last, signature=True)
    pairs = zip(own, given[first - 1 : last], strict=True)
    filled = [pair for pair in pairs if pair[0].strip()]
    if filled and all(_is_talk(line) or shapes.is_told(written) for line, written in filled):
        return Region(first, last, reason=TALK)
    reason = _not_meant_to_run(lines, own, last, error.msg or "")
    if reason:
        return Region(first, last, reason=reason)
    if shapes.is_other_language(text):
        return Region(first, last, foreign=_alone(lines, first, last), reason="not all Python")
    if first > 1 and shapes.begins_as_output(own[0]):
        return Region(first, last)
    if first > 1 and _is_pasted_output(lines, first):
        return Region(first, len(lines))
    return Region(first, last, finding=mistake(lines, last, error))


def _not_meant_to_run(lines: list[str], own: list[str], last: int, message: str) -> str | None:
    """Why broken lines are no mistake, if they are none."""
    text = "\n".join(own)
    headless = message.startswith("expected an indented block")
    ends = shapes.is_empty("\n".join(lines[last:]))
    filled = [line for line in own if line.strip()]
    if sys.version_info < (3, 12) and (_LATER.match(message) or shapes.is_of_python_312(text)):
        return "it needs a newer Python than the one it was tried on"
    if shapes.is_put_in(text):
        return "something else is put in its place when the document is built"
    if shapes.is_python2(text):
        return OLD
    if filled and shapes.is_branch(filled[0]):
        return f"an excerpt that begins in the middle (`{filled[0].split()[0]}`)"
    decorates = re.match(r"\s*@[\w.]+", text) or _hangs_on_decorator(lines, own, last)
    if ends and (headless or decorates):
        return "an excerpt that ends where a block begins"
    if headless and _body_is_comment(lines, last):
        return "a skeleton whose blocks are only comments"
    if (headless or decorates or KEYWORD_GIVEN.search(text)) and shapes.is_sheet("\n".join(lines)):
        return "lines with a remark each, not a program"
    if shapes.is_notation(text):
        return "a call in the notation of manuals, not a program"
    if shapes.is_cut_short(text):
        return "cut short on purpose (`...`)"
    if shapes.has_blanks(text):
        return "it has places for the reader to fill in"
    if shapes.has_words(text) or (filled and all(map(shapes.is_in_words, filled))):
        return "it has words where values should stand"
    short = sum(bool(line.strip()) for line in lines) < 3
    if shapes.is_formula(text) or (short and message.startswith("cannot assign to")):
        return "a formula, not a program"
    if shapes.shows_results(text):
        return "it shows results behind arrows, which is no code"
    return None


def _is_talk(line: str) -> bool:
    return shapes.is_prose(line) or shapes.is_sentence(line)


def _hangs_on_decorator(lines: list[str], own: list[str], last: int) -> bool:
    """Whether some lines are only remarks, and a decorator stands above them."""
    if not shapes.is_empty("\n".join(own)):
        return False
    above = [line.strip() for line in lines[:last] if line.strip()[:1] not in ("", "#")]
    return bool(above) and above[-1].startswith("@")


def _body_is_comment(lines: list[str], last: int) -> bool:
    behind = next((line for line in lines[last:] if line.strip()), "")
    return behind.lstrip().startswith("#")


def _is_listing(lines: list[str], first: int, last: int) -> bool:
    """`class torch.nn.X(a, b=1):`, or a head with a docstring or another head for a body."""
    match = _HEADER.match(lines[first - 1])
    if match is None:
        return _is_bare_head("\n".join(lines[first - 1 : last]))
    if match.group(1).lower() == "class" and "." in match.group(2):
        return True
    if not COLON.search(lines[last - 1]) or shapes.leaves_open("\n".join(lines[first - 1 : last])):
        return False
    if match.group(1) == "def" and _returns_beside(lines, first, last):
        return False
    behind = next((line for line in lines[last:] if line.strip()), "def").strip()
    return bool(re.match(r"(?:[rRuU]?('''|\"\"\"|'|\")|def\b|class\b|@|#|>>>|async def)", behind))


def _returns_beside(lines: list[str], first: int, last: int) -> bool:
    """Whether a `return` stands as far left as the `def` above it: its block lost its indent."""
    head = lines[first - 1]
    for line in lines[last:]:
        if _HEADER.match(line):
            return False
        if re.match(r"\s*return\b", line):
            return len(line) - len(line.lstrip()) <= len(head) - len(head.lstrip())
    return False


def _is_bare_head(text: str) -> bool:
    """`torch.nn.functional.relu(input: Tensor, inplace: bool = False) -> Tensor`, without `def`."""
    match = _BARE_HEAD.match(text)
    head = f"def f{match.group(1)}: pass" if match else ""
    if not head or not parses(head):
        return False
    [made] = ast.parse(head).body
    annotations = [n.annotation for n in ast.walk(made) if isinstance(n, ast.arg) and n.annotation]
    return bool(annotations) and all(map(_is_type, annotations))


def _is_type(annotation: ast.expr) -> bool:
    """Whether an annotation is a type by its name, and no value that a colon stands before."""
    name = re.match(r"[\w.]*", ast.unparse(annotation).strip("'"))
    last = name.group().rpartition(".")[2] if name else ""
    return last[:1].isupper() or last in _TYPES


def _alone(lines: list[str], first: int, last: int) -> bool:
    """Whether next to nothing stands around some lines."""
    rest = [line for line in [*lines[: first - 1], *lines[last:]] if line.strip()]
    return len(rest) <= (last - first + 1) or not parses("\n".join(rest))


def parses(text: str) -> bool:
    """Whether a text is Python as it stands."""
    return syntax_error(text) is None


def _is_pasted_output(lines: list[str], first: int) -> bool:
    """Whether everything from a line on was printed rather than written."""
    before = "\n".join(lines[: first - 1])
    return shapes.is_output(lines[first - 1 :]) and parses(before) and bool(before.strip())


def syntax_error(text: str) -> SyntaxError | None:
    """What Python's own parser complains of first."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxError(str(error), ("", 1, 1, "", 1, 1))
    return None
