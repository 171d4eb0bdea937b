"""Whether what a note shows as output contradicts what the code really showed.

Only values are compared that can be read: tensors, sizes, numbers, truth values. What cannot be
decided is no contradiction.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

#: Code whose values differ from run to run, machine to machine or version to version.
_RANDOM = re.compile(
    r"rand|normal_?\(|uniform_?\(|\bnn\.[A-Z]|[Dd]ropout|shuffle|empty|init\b|bernoulli|multinomial|"
    r"\b[A-Z]\w*(?:Net|Model|Layer|Block)?\(|sample|\btime\b|\bid\(|hash|cuda|device|optim|seed|"
    r"version|\bset\(|memory|getsizeof|os\.|sys\.|thread|eig|svd|qr\(|datetime|platform|uuid|getpass|"
    r"data_ptr|refcount|\bdir\(|\binput\("
)
#: Operations whose result has as many elements as the values happen to ask for.
_DATA_DEPENDENT = re.compile(r"masked_select|nonzero|unique|where\(|argwhere|mask")
_SIZED = re.compile(r"\bshape\b|\bsize\(")
_NUMBER = r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|nan|inf)"
_NOISE = re.compile(
    r",?\s*(?:grad_fn=<[^>]*>|requires_grad=(?:True|False)|device='[^']*'|size=\([^)]*\)|"
    r"dtype=(?:torch\.)?\w+)"
)
_LITERAL = re.compile(
    rf"(tensor|array|torch\.Size)\(|[\[(]|(True|False)\b|({_NUMBER})(?![\w.])|'[^'\n]*'|None\b"
)


@dataclass(frozen=True, slots=True)
class Value:
    """One value as it is shown: its kind, its sizes, its numbers, and its type if that is said.

    `head` is what a sequence begins with: `torch.Size`, or a bracket.
    """

    kind: str
    sizes: tuple[int, ...] | None
    parts: tuple[str, ...]
    dtype: str = ""
    head: str = ""


def is_random(code: str) -> bool:
    """Whether the values that code shows may be others the next time."""
    return bool(_RANDOM.search(code))


def is_data_dependent(code: str) -> bool:
    """Whether the sizes of what it shows depend on values."""
    return bool(_DATA_DEPENDENT.search(code)) or _picks(code)


def _picks(code: str) -> bool:
    """Whether an index is a comparison, or a name that was given one: `x[x[:, 0] > 5, :]`."""
    try:
        nodes = list(ast.walk(ast.parse(code)))
    except (SyntaxError, ValueError, RecursionError):
        return False
    given = (n for n in nodes if isinstance(n, ast.Assign) and _compares(n.value, set()))
    truths = {t.id for n in given for t in n.targets if isinstance(t, ast.Name)}
    return any(isinstance(n, ast.Subscript) and _compares(n.slice, truths) for n in nodes)


def _compares(node: ast.expr, truths: set[str]) -> bool:
    return any(
        isinstance(n, ast.Compare) or (isinstance(n, ast.Name) and n.id in truths)
        for n in ast.walk(node)
    )


def values(text: str) -> tuple[Value, ...] | None:
    """The values that a text consists of; None where there is anything else in it."""
    found, position = [], 0
    while position < len(text):
        if text[position] in " \t\n,":
            position += 1
            continue
        match = _LITERAL.match(text, position)
        end = match and _end(text, match)
        if not match or not end:
            return None
        found.append(_value(text[position:end], match))
        position = end
    return tuple(found)


def first_value(text: str) -> str | None:
    """The value that a comment begins with, if words can only follow it: a tensor or a size."""
    match = re.match(r"(?:tensor|array|torch\.Size)\(", text)
    end = match and _end(text, match)
    return text[:end] if end else None


def _end(text: str, match: re.Match[str]) -> int | None:
    """Where a value ends: behind its brackets."""
    if match.group()[-1] not in "([":
        return match.end()
    depth = 0
    for position in range(match.end() - 1, len(text)):
        depth += (text[position] in "([{") - (text[position] in ")]}")
        if depth == 0:
            return position + 1
    return None


def _value(text: str, match: re.Match[str]) -> Value:
    head = match.group(1)
    dtype = re.search(r"dtype=(?:torch\.)?(\w+)", text)
    plain = _NOISE.sub("", text)
    inner = plain[len(head) + 1 : -1] if head else plain
    parts = tuple(re.findall(rf"True|False|{_NUMBER}(?![\w.])", inner))
    if head == "torch.Size" or (not head and text[0] in "(["):
        return Value("sequence", _sizes(inner), parts, head=head or text[0])
    if head:
        return Value(head, _sizes(inner), parts, dtype.group(1) if dtype else "")
    if text == "None":
        return Value("none", (), (text,))
    kind = "truth" if match.group(2) else "number" if match.group(3) else "text"
    return Value(kind, (), parts if kind != "text" else (text,))


def _sizes(text: str) -> tuple[int, ...] | None:
    """The sizes of nested brackets; None where rows are left out, or are not alike."""
    text = text.strip().rstrip(",").strip()
    if "..." in text:
        return None
    if not text or text[0] not in "[(":
        return () if text and re.fullmatch(rf"True|False|{_NUMBER}", text) else None
    rows = _rows(text[1:-1])
    if not rows:
        return (0,)
    sizes = {_sizes(row) for row in rows}
    inner = next(iter(sizes))
    return None if len(sizes) > 1 or inner is None else (len(rows), *inner)


def _rows(text: str) -> list[str]:
    rows, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            rows.append(text[start:position])
            start = position + 1
    return [row for row in (*rows, text[start:]) if row.strip()]


def contradicts(said: str, real: str, code: str, *, strict: bool) -> bool:
    """Whether a text cannot be what the code shows; `strict` where it was pasted, not typed."""
    wanted, got = values(said), values(real)
    if not wanted or not got or len(wanted) != len(got):
        return False
    pairs = zip(wanted, got, strict=True)
    return any(_differ(a, b, code, strict=strict) for a, b in pairs)


def _differ(said: Value, real: Value, code: str, *, strict: bool) -> bool:
    if said.kind == "number" and not strict and (real.kind == "none" or _is_number(real)):
        return not is_random(code) and not _is_meant(said, real)
    if said.kind != real.kind:
        return {said.kind, real.kind} == {"none", "tensor"}
    if said.kind in ("tensor", "array") and _differ_in_form(said, real, code, strict=strict):
        return True
    if is_random(code) and (said.kind != "sequence" or is_data_dependent(code)):
        return False
    if is_random(code) and not _is_size(real, code):
        return False
    if said.sizes is None or real.sizes is None or said.sizes != real.sizes:
        return said.kind == "sequence" and bool(said.parts and said.sizes and real.sizes)
    pairs = zip(said.parts, real.parts, strict=False)
    return len(said.parts) != len(real.parts) or not all(_same(a, b) for a, b in pairs)


def _is_number(value: Value) -> bool:
    """Whether it is one number, be it in a tensor: `tensor(2.)`."""
    shown = value.kind in ("number", "tensor", "array") and value.sizes == ()
    return shown and len(value.parts) == 1 and value.parts[0] not in ("True", "False")


def _is_meant(said: Value, real: Value) -> bool:
    """Whether somebody may write the one number for the other, an integer for what is near it.

    For `None` it may be 0, as of a gradient.
    """
    if real.kind == "none":
        return float(said.parts[0]) == 0
    [wanted], [got] = said.parts, real.parts
    if _same(wanted, got):
        return True
    is_near = abs(float(wanted) - float(got)) <= max(1.01, abs(float(got)) * 0.05)
    is_rough = "." in got or wanted.endswith("00")
    return "." not in wanted and is_rough and is_near


def _is_size(value: Value, code: str) -> bool:
    """Whether a sequence says how large something is, which chance does not change."""
    if any("." in part for part in value.parts) or len(value.parts) > 6:
        return False
    return value.head == "torch.Size" or (value.head == "(" and bool(_SIZED.search(code)))


def _differ_in_form(said: Value, real: Value, code: str, *, strict: bool) -> bool:
    """Whether dimensions, sizes or types are others; nothing picked by chance has no dimensions."""
    loose = is_random(code) and is_data_dependent(code)
    if loose and not real.parts:
        return False
    if said.sizes is not None and real.sizes is not None and said.parts:
        if len(said.sizes) != len(real.sizes):
            return True
        if said.sizes != real.sizes and not loose:
            return True
    if said.dtype and real.dtype and said.dtype != real.dtype:
        return True
    return strict and bool(said.parts and real.parts) and _sort(said) != _sort(real)


def _sort(value: Value) -> str:
    """What kind of numbers are shown, told by how they are written."""
    if value.dtype:
        return re.sub(r"\d", "", value.dtype)
    if value.parts[0] in ("True", "False"):
        return "bool"
    return "float" if any(re.search(r"[.na]", part) for part in value.parts) else "int"


def _same(said: str, real: str) -> bool:
    """Whether two values are the same, numbers as far as the shorter one goes, cut or rounded."""
    if said == real:
        return True
    if {said, real} & {"True", "False"} or "'" in said + real:
        return False
    a, b = float(said), float(real)
    if a != a or b != b:
        return a != a and b != b
    places = min(_places(said), _places(real))
    slack = 1.01 if places > 0 else 0.51
    return abs(a - b) <= slack * 10.0**-places + 1e-3 * abs(b)


def _places(number: str) -> int:
    mantissa, _, exponent = number.lower().partition("e")
    places = len(mantissa.partition(".")[2])
    return places - int(exponent) if exponent else max(places, 0)
