"""What a piece of code is and what is wrong with its form; the only file that knows parso."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

import parso

from verify import shapes
from verify.announced import announced
from verify.expected import Expected, expectations
from verify.listing import Listing, listings
from verify.mistakes import mistake, odd_mistakes
from verify.model import Finding, Kind
from verify.punctuation import Odd, mended, odd_characters
from verify.regions import COLON, TALK, Region, judged, syntax_error
from verify.talk import printed_lines, without_talk
from verify.transcript import Bare, bare

_OUTSIDE = re.compile(
    r"'(return|yield|await|async \w+|yield from)' .*(?:outside|not in)|'(break|continue)'"
)
_MOST_REGIONS = 40
_DISPLAYS = (ast.Tuple, ast.List, ast.Constant, ast.Dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """A piece of code as the other layers take it.

    `text` always parses: prompts are off, punctuation is mended, broken statements are blank, and
    lines are those of the given code; `columns` were taken off the front of each, and are `fronts`
    as text. `reason` says why it is not run though nothing is wrong with it. `broken_at` is the
    first line that does not parse. `announced` are lines where an error is expected, `listings`
    the signatures it shows, `expected` the output. With `python` false there is nothing to examine.
    """

    text: str = ""
    kind: Kind = "code"
    findings: tuple[Finding, ...] = ()
    reason: str | None = None
    broken_at: int | None = None
    announced: tuple[tuple[int, int], ...] = ()
    listings: tuple[Listing, ...] = ()
    expected: tuple[Expected, ...] = ()
    columns: tuple[int, ...] = ()
    fronts: tuple[str, ...] = ()
    python: bool = True

    def in_given_code(self, finding: Finding) -> Finding:
        """A finding in `text`, moved to where it stands in the code as it was given."""
        first, last = self._shift(finding.line), self._shift(finding.end_line)
        fix = finding.fix
        if fix is not None:
            left, right = self._shift(fix.line), self._shift(fix.end_line)
            front = self.fronts[fix.line - 1] if 1 <= fix.line <= len(self.fronts) else ""
            fix = replace(
                fix,
                column=fix.column + left,
                end_column=fix.end_column + right,
                text=fix.text.replace("\n", "\n" + front),
            )
        return replace(
            finding,
            column=finding.column + first,
            end_column=finding.end_column + last,
            fix=fix,
        )

    def _shift(self, line: int) -> int:
        return self.columns[line - 1] if 1 <= line <= len(self.columns) else 0


def read(code: str, below: str | None = None) -> Reading:
    """Read a piece of code, with the output that stands right below it; never fails."""
    code = code.replace("\r\n", "\n").replace("\r", "\n")
    pasted = bare(code)
    if pasted.foreign:
        return Reading(python=False, reason=pasted.foreign)
    if shapes.is_empty(pasted.text) or _is_emptied(code, pasted.text):
        return Reading(python=False, reason=_why_empty(code))
    if shapes.is_json(pasted.text):
        return Reading(python=False, reason="not Python")
    if shapes.is_printed_array(pasted.text):
        return Reading(python=False, reason="output, not code")
    odd = tuple(odd_characters(pasted.text))
    whole = mended(pasted.text, odd)
    given = mended(pasted.text, tuple(one for one in odd if one.sort in ("space", "nothing")))
    text, regions = _blanked(whole, given.split("\n"))
    if regions and (shapes.is_only_output(whole) or shapes.is_shown_object(whole)):
        return Reading(python=False, reason="output, not code")
    if regions and shapes.is_pseudo(pasted.text):
        return Reading(python=False, reason="pseudo-code, not Python")
    if regions and shapes.is_manual(pasted.text):
        return Reading(python=False, reason="a call in the notation of manuals, not a program")
    if any(region.foreign for region in regions):
        return Reading(python=False, reason="not Python")
    if not regions and _is_printed(text):
        return Reading(python=False, reason="output, not code")
    return _reading(code.split("\n"), pasted, odd, whole, text, regions, below)


def _is_printed(text: str) -> bool:
    """Whether there is nothing but values beside each other: `('a', 1) ('b', 2)`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        body = ast.parse(text).body
    if body and all(map(_is_shown_size, body)):
        return True
    values = [statement.value for statement in body if isinstance(statement, ast.Expr)]
    beside = [v for v in values if isinstance(v, ast.Call) and isinstance(v.func, _DISPLAYS)]
    plain = [v for v in values if isinstance(v, _DISPLAYS)]
    return bool(beside) and len(beside) + len(plain) == len(body)


def _is_shown_size(statement: ast.stmt) -> bool:
    """`x.shape = torch.Size([2, 3])`: printed, for nobody can set a size so."""
    match statement:
        case ast.Assign(targets=[ast.Attribute(attr="shape")], value=ast.Call(func=function)):
            return ast.unparse(function) == "torch.Size"
    return False


def _is_emptied(code: str, text: str) -> bool:
    """Whether only the blanks are left that stand for indented commands."""
    return "pass" not in code and set(text.split()) == {"pass"}


def _why_empty(code: str) -> str:
    if not code.strip():
        return "empty"
    return "only comments" if shapes.is_empty(code) else "only commands for a shell or a notebook"


def _is_shown(region: Region, pasted: Bare) -> bool:
    """Whether the output of an error stands right below what does not parse."""
    last = max(region.last, region.finding.line if region.finding else 0)
    below = pasted.text.split("\n")[last:]
    first_code = next((n for n, line in enumerate(below, 1) if line.strip()), len(below) + 1)
    return any(last < error < last + first_code for error in pasted.errors)


def _reading(
    given: list[str],
    pasted: Bare,
    odd: tuple[Odd, ...],
    whole: str,
    text: str,
    regions: list[Region],
    below: str | None,
) -> Reading:
    before = text
    text, talk = without_talk(text, pasted.text.split("\n"))
    printed = printed_lines(before, text, talk) | _printed_regions(regions)
    outputs = sorted([*pasted.outputs, *_joined(whole, printed)])
    if below:
        outputs.append((whole.count("\n") + 2, below))
    excused = {n for r in regions if not r.finding for n in range(r.first, r.last + 1)}
    findings = [*odd_mistakes(pasted.text, odd, excused | talk)]
    findings += [r.finding for r in regions if r.finding and not _is_shown(r, pasted)]
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
        reason=reason or (TALK if talk else None),
        broken_at=min((r.first for r in regions), default=None),
        announced=tuple(announced(whole, text, pasted.errors)),
        expected=tuple(expectations(whole, text, outputs)),
        listings=listings(whole.split("\n"), ((r.first, r.last) for r in regions if r.signature)),
        columns=pasted.shifts,
        fronts=tuple(line[:shift] for line, shift in zip(given, pasted.shifts, strict=False)),
    )
    placed = (reading.in_given_code(f) for f in findings)
    return replace(reading, findings=tuple(sorted(placed, key=lambda f: (f.line, f.column))))


# --- the regions that do not parse ---------------------------------------------------------------


def _blanked(text: str, given: list[str]) -> tuple[str, list[Region]]:
    """The text with every broken statement blank, and what was broken."""
    whole = text
    text, regions = _without_gaps(text)
    while (error := syntax_error(text)) and len(regions) < _MOST_REGIONS:
        first, last = _bounds(text, error)
        lines = text.split("\n")
        region = judged(lines, first, last, error, given)
        if (
            region.finding
            and "is not indented" in region.finding.message
            and shapes.is_sheet(whole)
        ):
            region = Region(first, last, reason="lines with a remark each, not a program")
        if _is_echo(region, regions) or _closes_after_all(region, regions, whole):
            region = Region(first, last)
        regions.append(region)
        text = _blank(lines, first, last)
    if syntax_error(text):
        text = "\n" * text.count("\n")
    return text, regions


def _without_gaps(text: str) -> tuple[str, list[Region]]:
    """The text without the dots that stand for more arguments, if it is Python without them."""
    lines = text.split("\n")
    gaps = [n for n, line in enumerate(lines, 1) if re.fullmatch(r"\s*(?:\.\.\.|…|···)\s*,?", line)]
    if not gaps or syntax_error(text) is None:
        return text, []
    without = "\n".join("" if n in gaps else line for n, line in enumerate(lines, 1))
    if syntax_error(without):
        return text, []
    return without, [Region(n, n, reason="cut short on purpose (`...`)") for n in gaps]


def _closes_after_all(region: Region, earlier: list[Region], whole: str) -> bool:
    """Whether what a bracket closes was only lost with a broken statement before it."""
    if region.finding is None or region.finding.code != "unmatched-bracket":
        return False
    code = shapes.plain_code(whole)
    even = all(code.count(a) == code.count(b) for a, b in ("()", "[]", "{}"))
    return even and any(r.finding or r.reason for r in earlier)


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
        colon = (n for n in range(first, line + 1) if COLON.search(lines[n - 1]))
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
    try:
        broken = sorted(_error_nodes(parso.parse(text)))  # type: ignore[no-untyped-call]
    except RecursionError:  # deeper than code can be
        return
    for first, last in broken:
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
    behind = next((line for line in lines[last:] if not shapes.is_empty(line)), "")
    opens = _indent(behind) > len(indent)
    keep = indent + ("if 1:" if opens else "pass")
    if head.strip() in ("pass", "if 1:"):
        keep = ""
    return "\n".join([*lines[: first - 1], keep, *[""] * (last - first), *lines[last:]])


def _is_echo(region: Region, earlier: list[Region]) -> bool:
    """Whether an error only follows from one that was found just beside it."""
    return region.finding is not None and any(
        r.first - 1 <= region.last and region.first <= r.last + 1 for r in earlier
    )


def _is_hardly_code(whole: str, regions: list[Region]) -> bool:
    """Whether so much is broken that it was never meant to be run."""
    filled = sum(bool(line.strip()) for line in whole.split("\n"))
    broken = sum(r.last - r.first + 1 for r in regions)
    return len(regions) > 3 and broken * 2 > filled


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


def _printed_regions(regions: list[Region]) -> set[int]:
    """Lines that do not parse, and of which nothing is to be said: what was printed."""
    silent = [r for r in regions if not (r.finding or r.reason or r.signature or r.foreign)]
    return {number for r in silent for number in range(r.first, r.last + 1)}


def _joined(whole: str, printed: set[int]) -> Iterator[tuple[int, str]]:
    """Neighbouring lines of output as one, with the line that it begins on."""
    lines = whole.split("\n")
    for first in sorted(n for n in printed if n - 1 not in printed):
        last = first
        while last + 1 in printed:
            last += 1
        yield first, "\n".join(lines[first - 1 : last])


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
