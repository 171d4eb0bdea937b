"""What a piece of code is and what is wrong with its form; the only file that knows parso."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeGuard

import parso

from verify import shapes
from verify.announced import announced
from verify.listing import Listing, listings
from verify.mistakes import mistake, odd_mistakes
from verify.model import Finding, Kind
from verify.punctuation import Odd, mended, odd_characters
from verify.transcript import Bare, bare

_HEADER = re.compile(r"\s*(?:async\s+)?(def|class|CLASS)\s+([\w.]+)")
_OUTSIDE = re.compile(
    r"'(return|yield|await|async \w+|yield from)' .*(?:outside|not in)|'(break|continue)'"
)
_COLON = re.compile(r":\s*(?:#.*)?$")
_MOST_REGIONS = 40
#: What values that Python prints begin with.
_PRINTED = frozenset(
    ["tensor", "array", "OrderedDict", "odict_keys", "dict_keys", "dict_values", "Parameter"]
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A piece of code as the other layers take it.

    `text` always parses: prompts are off, punctuation is mended, broken statements are blank, and
    lines are those of the given code; `columns` were taken off the front of each. `reason` says
    why it is not run though nothing is wrong with it. `broken_at` is the first line that does not
    parse. `announced` are lines where an error is expected, `listings` the signatures it shows.
    With `python` false there is nothing to examine.
    """

    text: str = ""
    kind: Kind = "code"
    findings: tuple[Finding, ...] = ()
    reason: str | None = None
    broken_at: int | None = None
    announced: tuple[tuple[int, int], ...] = ()
    listings: tuple[Listing, ...] = ()
    columns: tuple[int, ...] = ()
    python: bool = True

    def in_given_code(self, finding: Finding) -> Finding:
        """A finding in `text`, moved to where it stands in the code as it was given."""
        first, last = self._shift(finding.line), self._shift(finding.end_line)
        fix = finding.fix
        if fix is not None:
            left, right = self._shift(fix.line), self._shift(fix.end_line)
            fix = replace(fix, column=fix.column + left, end_column=fix.end_column + right)
        return replace(
            finding,
            column=finding.column + first,
            end_column=finding.end_column + last,
            fix=fix,
        )

    def _shift(self, line: int) -> int:
        return self.columns[line - 1] if 1 <= line <= len(self.columns) else 0


@dataclass(frozen=True, slots=True)
class _Region:
    """Lines that do not parse, and what is to be said of them: a finding, a reason, or nothing."""

    first: int
    last: int
    finding: Finding | None = None
    reason: str | None = None
    signature: bool = False
    foreign: bool = False


def read(code: str) -> Reading:
    """Read a piece of code; never fails."""
    pasted = bare(code.replace("\r\n", "\n").replace("\r", "\n"))
    if pasted.foreign:
        return Reading(python=False, reason=pasted.foreign)
    if not pasted.text.strip():
        return Reading(python=False, reason=_why_empty(code))
    odd = tuple(odd_characters(pasted.text))
    whole = mended(pasted.text, odd)
    text, regions = _blanked(whole)
    if any(region.foreign for region in regions):
        return Reading(python=False, reason="not Python")
    return _reading(pasted, odd, whole, text, regions)


def _why_empty(code: str) -> str:
    return "only commands for a shell or a notebook" if code.strip() else "empty"


def _reading(
    pasted: Bare, odd: tuple[Odd, ...], whole: str, text: str, regions: list[_Region]
) -> Reading:
    text, talk = _without_talk(text)
    excused = {n for r in regions if not r.finding for n in range(r.first, r.last + 1)}
    findings = [*odd_mistakes(pasted.text, odd, excused | talk)]
    findings += [region.finding for region in regions if region.finding]
    reason = next((r.reason for r in regions if r.reason), None)
    if not regions:
        reason, late = _compiled(text)
        findings += late
    elif not reason and _is_hardly_code(whole, regions):
        findings, reason = [], "hardly any of it is Python"
    signature = any(region.signature for region in regions)
    if signature and not pasted.doctest:
        reason = "a signature listing, not a program"
    reading = Reading(
        text=text,
        kind="doctest" if pasted.doctest else "signature" if signature else "code",
        reason=reason or ("prose between the code" if talk else None),
        broken_at=min((r.first for r in regions), default=None),
        announced=tuple(announced(whole, text, pasted.errors)),
        listings=listings(whole.split("\n"), ((r.first, r.last) for r in regions if r.signature)),
        columns=pasted.shifts,
    )
    placed = (reading.in_given_code(f) for f in findings)
    return replace(reading, findings=tuple(sorted(placed, key=lambda f: (f.line, f.column))))


# --- the regions that do not parse ---------------------------------------------------------------


def _blanked(text: str) -> tuple[str, list[_Region]]:
    """The text with every broken statement blank, and what was broken."""
    regions: list[_Region] = []
    while (error := _error(text)) and len(regions) < _MOST_REGIONS:
        first, last = _bounds(text, error)
        lines = text.split("\n")
        region = _judged(lines, first, last, error)
        if _is_echo(region, regions):
            region = _Region(first, last)
        regions.append(region)
        text = _blank(lines, first, last)
    if _error(text):
        text = "\n" * text.count("\n")
    return text, regions


def _error(text: str) -> SyntaxError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxError(str(error), ("", 1, 1, "", 1, 1))
    return None


def _bounds(text: str, error: SyntaxError) -> tuple[int, int]:
    """The lines to blank: the broken statement, no more."""
    lines = text.split("\n")
    line = min(max(error.lineno or 1, 1), len(lines))
    message = error.msg or ""
    if "never closed" in message:
        return line, _until_dedent(lines, line)
    if "unterminated triple-quoted" in message:
        return line, len(lines)
    header = re.match(r"expected an indented block after .* on line (\d+)", message)
    if header:
        first = int(header.group(1))
        colon = (n for n in range(first, line + 1) if _COLON.search(lines[n - 1]))
        return first, next(colon, first)
    for first, last in _broken_statements(text):
        if first <= line <= last:
            return first, last
    return line, line


def _until_dedent(lines: list[str], line: int) -> int:
    """The last line of a bracket that is never closed: before the next line as far to the left."""
    indent = _indent(lines[line - 1])
    for number in range(line + 1, len(lines) + 1):
        text = lines[number - 1]
        if text.strip() and _indent(text) <= indent and text.strip()[0] not in ")]}":
            return number - 1
    return len(lines)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _broken_statements(text: str) -> Iterator[tuple[int, int]]:
    """Line ranges of what parso could not make into statements, neighbours joined."""
    spans: list[tuple[int, int]] = []
    module = parso.parse(text)  # type: ignore[no-untyped-call]
    for first, last in sorted(_error_nodes(module)):
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    yield from spans


def _error_nodes(node: parso.tree.NodeOrLeaf) -> Iterator[tuple[int, int]]:
    if node.type in ("error_node", "error_leaf"):
        first, (last, column) = node.start_pos[0], node.end_pos
        yield first, last - (column == 0 and last > first)
        return
    for child in getattr(node, "children", ()):
        yield from _error_nodes(child)


def _blank(lines: list[str], first: int, last: int) -> str:
    """Lines emptied but for what keeps the statements around them in their places."""
    head = lines[first - 1]
    indent = head[: _indent(head)]
    behind = next((line for line in lines[last:] if line.strip()), "")
    opens = _indent(behind) > len(indent) and not behind.lstrip().startswith("#")
    keep = indent + ("if 1:" if opens else "pass")
    if head.strip() in ("pass", "if 1:"):
        keep = ""
    return "\n".join([*lines[: first - 1], keep, *[""] * (last - first), *lines[last:]])


def _is_echo(region: _Region, earlier: list[_Region]) -> bool:
    """Whether an error only follows from one that was found just beside it."""
    return region.finding is not None and any(
        r.first - 1 <= region.last and region.first <= r.last + 1 for r in earlier
    )


def _is_hardly_code(whole: str, regions: list[_Region]) -> bool:
    """Whether so much is broken that it was never meant to be run."""
    filled = sum(bool(line.strip()) for line in whole.split("\n"))
    broken = sum(r.last - r.first + 1 for r in regions)
    return len(regions) > 3 and broken * 2 > filled


# --- what a region is ----------------------------------------------------------------------------


def _judged(lines: list[str], first: int, last: int, error: SyntaxError) -> _Region:
    """What is to be said of some broken lines."""
    own = lines[first - 1 : last]
    text = "\n".join(own)
    if _is_listing(lines, first, last):
        return _Region(first, last, signature=True)
    reason = _not_meant_to_run(lines, own, last, error.msg or "")
    if reason:
        return _Region(first, last, reason=reason)
    if shapes.is_other_language(text):
        return _Region(first, last, foreign=_alone(lines, first, last), reason="not all Python")
    if first > 1 and shapes.begins_as_output(own[0]):
        return _Region(first, last)
    if first > 1 and _is_pasted_output(lines, first):
        return _Region(first, len(lines))
    return _Region(first, last, finding=mistake(lines, last, error))


def _not_meant_to_run(lines: list[str], own: list[str], last: int, message: str) -> str | None:
    """Why broken lines are no mistake, if they are none."""
    text = "\n".join(own)
    headless = message.startswith("expected an indented block")
    ends = not any(line.strip() for line in lines[last:])
    filled = [line for line in own if line.strip()]
    if filled and all(shapes.is_prose(line) for line in filled):
        return "prose between the code"
    if shapes.is_python2(text):
        return "written for Python 2"
    if filled and shapes.is_branch(filled[0]):
        return f"an excerpt that begins in the middle (`{filled[0].split()[0]}`)"
    if ends and (headless or re.match(r"\s*@[\w.]+", text)):
        return "an excerpt that ends where a block begins"
    if headless and _body_is_comment(lines, last):
        return "a skeleton whose blocks are only comments"
    if shapes.is_cut_short(text):
        return "cut short on purpose (`...`)"
    if shapes.has_blanks(text):
        return "it has places for the reader to fill in"
    if shapes.is_formula(text):
        return "a formula, not a program"
    return None


def _body_is_comment(lines: list[str], last: int) -> bool:
    behind = next((line for line in lines[last:] if line.strip()), "")
    return behind.lstrip().startswith("#")


def _is_listing(lines: list[str], first: int, last: int) -> bool:
    """`class torch.nn.X(a, b=1):`, or a head with a docstring or another head for a body."""
    match = _HEADER.match(lines[first - 1])
    if match is None:
        return False
    if match.group(1).lower() == "class" and "." in match.group(2):
        return True
    if not _COLON.search(lines[last - 1]):
        return False
    behind = next((line for line in lines[last:] if line.strip()), "def").strip()
    return bool(re.match(r"(?:[rRuU]?('''|\"\"\"|'|\")|def\b|class\b|@|#|>>>|async def)", behind))


def _alone(lines: list[str], first: int, last: int) -> bool:
    """Whether next to nothing stands around some lines."""
    rest = [line for line in [*lines[: first - 1], *lines[last:]] if line.strip()]
    return len(rest) <= (last - first + 1) or not _parses("\n".join(rest))


def _parses(text: str) -> bool:
    return _error(text) is None


def _is_pasted_output(lines: list[str], first: int) -> bool:
    """Whether everything from a line on was printed rather than written."""
    before = "\n".join(lines[: first - 1])
    return shapes.is_output(lines[first - 1 :]) and _parses(before) and bool(before.strip())


def _compiled(text: str) -> tuple[str | None, list[Finding]]:
    """Why code that parses cannot be run as it stands, and what only the compiler finds."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "snippet", "exec", dont_inherit=True)
    except SyntaxError as error:
        match = _OUTSIDE.search(error.msg or "")
        if match:
            return f"an excerpt from a function (`{match.group(1) or match.group(2)}`)", []
        lines = text.split("\n")
        line = min(max(error.lineno or 1, 1), len(lines))
        return None, [mistake(lines, line, error)]
    except (ValueError, RecursionError, MemoryError):
        return None, []
    return None, []


def _without_talk(text: str) -> tuple[str, set[int]]:
    """Code without talk and output that happen to parse, and the lines that were talk."""
    lines, talk = text.split("\n"), set()
    tree = ast.parse(text)
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not _is_load(n)}
    bound |= {a.asname or a.name for n in ast.walk(tree) if _is_import(n) for a in n.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and (_is_talk(node.value) or _is_output(node.value, bound)):
            if _is_talk(node.value):
                talk.add(node.lineno)
            lines[node.lineno - 1] = " " * node.col_offset + "pass"
            for line in range(node.lineno, node.end_lineno or node.lineno):
                lines[line] = ""
    return "\n".join(lines), talk


def _is_load(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def _is_import(node: ast.AST) -> TypeGuard[ast.Import | ast.ImportFrom]:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _is_talk(node: ast.expr) -> bool:
    """Words in another script, which are names to Python."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    names = [p for p in parts if isinstance(p, ast.Name) and not p.id.isascii()]
    numbers = [p for p in parts if isinstance(p, ast.Constant)]
    return bool(names) and len(names) + len(numbers) == len(parts)


def _is_output(node: ast.expr, bound: set[str]) -> bool:
    """A value as Python prints it: `tensor([1., 2.])` where nothing is called `tensor`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    if node.func.id not in _PRINTED or node.func.id in bound:
        return False
    parts = [*node.args, *(keyword.value for keyword in node.keywords)]
    return all(_is_printed(part) for part in parts)


def _is_printed(node: ast.expr) -> bool:
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return names <= {*_PRINTED, "nan", "inf", "torch", "float32", "float64", "int64"}


def looks_like_python(code: str) -> bool:
    """Whether code that nobody marked as Python is clearly Python."""
    reading = read(code)
    if not reading.python or not reading.text.strip() or shapes.is_other_language(code):
        return False
    if reading.kind != "code":
        return True
    try:
        statements = ast.parse(reading.text).body
    except SyntaxError:
        return False
    strong = sum(_is_strong(node) for node in statements)
    filled = [line for line in code.split("\n") if line.strip()]
    weak = sum(not isinstance(node, ast.Pass) for node in statements) - strong
    broken = reading.broken_at is not None or reading.reason is not None
    return strong > 0 and strong >= weak and (not broken or (strong > 2 and len(filled) > 4))


def _is_strong(node: ast.stmt) -> bool:
    """Statements that hardly anything but Python looks like."""
    if isinstance(
        node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.For | ast.With
    ):
        return True
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr):
        return isinstance(node.value, ast.Call) and isinstance(
            node.value.func, ast.Name | ast.Attribute
        )
    return isinstance(node, ast.Assert | ast.If | ast.Try | ast.While)
