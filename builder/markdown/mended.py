"""What authors forget to close, and the lines that are read in the place of theirs.

A fence, a comment or a formula without its end takes all that follows, by the rules of Markdown.
Here it ends where its content does. Lines are replaced one for one, so that places stay what they
are. The rules for fences:

- A fence with a label inside another one, `markdown` aside, was opened by an author who thought
  the first one closed.
- Where the last fence of a note has no end, and prose follows it, either it or an earlier one lacks
  its partner: the reading with less prose inside fences and less code outside is taken.
- Code ends before a heading with prose or a fence below it, before a marked question, before the
  next item of its list, and before a sentence; never inside a string over several lines. A comment
  (`# ...`) above code is no heading.
- A fence without a label, above prose, is a stray one: it opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from builder.markdown.colons import as_tildes
from builder.markdown.depth import flat_html
from builder.markdown.sentences import has_signs, is_sentence
from builder.model import Source
from builder.patterns import late

#: Stands behind the info string of a fence, before the number of its lines.
LENGTH = "\ue003"

_FENCE = late(
    r"(?P<lead>(?:[ \t>]|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))*)"
    r"(?P<sign>`{3,}(?=[^`]*$)|~{3,})[ \t]*(?P<info>.*?)\s*$"
)
_LABEL = late(r"\{?\s*\.?(?P<word>[A-Za-z][\w+#-]*)(?:\s*$|[\s,{].*|:.*|\}.*)$|\{.*\}$")
_ITEM = late(r"(?P<lead>[ \t]*(?:[-*+:]|\d{1,9}[.)]|\[\^\w+\]:)[ \t]{1,4})(?=\S)")
_HEADING = late(r" {0,3}#{1,6}[ \t]+\S")
#: `::: tip Title` and `:::`, which VitePress and others put around a text.
_CONTAINER = late(r" {0,3}:{3,}[ \t]*(?:\{?[\w-]+\}?(?:[ \t]+(?P<title>[^\s{}:][^{}:\n]*?))?)?\s*$")
_WIDE_SPACE = late(
    r"^(?P<sign> {0,3}#{1,6})(?:[ \t]*[\xa0\u3000\u2002\u2003]+[ \t]*|(?<=##)(?=[^\W_]))"
)
_ASKS = late(
    r"(?:[-*+] )?(?:\*\*)?(?:Q|Question|A|Answer|问题?|答案?)\s*\d*(?:\*\*)?\s*[:：]"
    r"|\*\*[^*]+\*\*\s*$|<details\b|\?\?\?\+? |> ?\[!"
)
_STRINGS = late(r"""("|')(?:\\.|(?!\1).)*\1|(?:#|//).*""")
_TRIPLE = late(r'"{3}|\'{3}')
_CHINESE = late("[\u4e00-\u9fff]")
_CAPITAL = late(r" {0,3}(?:[-*+] |\d+\. )?[*_\"“]*[A-ZÀ-Þ]")
_COMMENT = late(r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?<!--")

#: What may hold prose, and fences that are shown.
_MARKUP = frozenset({"markdown", "md", "mdx", "rst", "html", "xml", "latex", "tex"})
_WORDS = frozenset({"text", "txt", "plain", "output", "console", "log"}) | _MARKUP

_NO_WIDTH = "\u200b\ufeff\u2060"
#: What a line begins with that may be read as another: a heading, a container.
_BEGINS = frozenset(f"#: {_NO_WIDTH}")

#: So many fences are put right in one note; a text with more is no note.
_MOST = 50
#: So far above a fence its list item is looked for.
_FARTHEST = 60

Kind = Literal["unclosed-fence", "stray-fence", "unclosed-comment", "unclosed-math", "too-deep"]


@dataclass(frozen=True, slots=True)
class Open:
    """Something without an end: where it was opened, and the last line that it is taken to have.

    Of kind `too-deep` are the first and the last line with tags that are taken for text.
    """

    kind: Kind
    line: int
    last: int


@dataclass(frozen=True, slots=True)
class _Fence:
    """A line with nothing but a fence: how wide what stands before it is, and what behind."""

    line: int
    lead: str
    sign: str
    info: str

    @property
    def width(self) -> int:
        return len(self.lead.expandtabs(4))

    @property
    def language(self) -> str:
        match = _LABEL.match(self.info)
        return (match["word"] or "").lower() if match else ""

    def closes(self, other: _Fence) -> bool:
        """Tell whether this may end what `other` opened."""
        return (
            not self.info
            and self.is_inside(other)
            and not self.lead.strip(" \t>")
            and self.sign.startswith(other.sign)
        )

    def is_inside(self, other: _Fence) -> bool:
        return self.width <= other.width + 3 and self.lead.count(">") <= other.lead.count(">")


@dataclass(frozen=True, slots=True)
class _Block:
    """A fence with its lines: `last` is that of its end, or of its code where it has no end."""

    fence: _Fence
    last: int
    fault: Kind | None = None
    is_final: bool = False
    is_nested: bool = False


@lru_cache(maxsize=4)
def mended(source: Source) -> tuple[tuple[str, ...], tuple[Open, ...]]:
    """Return the lines to be read in the place of a source's, and what has no end in it."""
    if not any(sign in source.text for sign in ("```", "~~~", ":::", "<", "$$")):
        return tuple([_spaced(ln) if ln[:1] in _BEGINS else ln for ln in source.lines]), ()
    lines, opened = list(as_tildes(source.lines)), []
    if any(sign in source.text for sign in _NO_WIDTH):
        lines = [_fenced(line) for line in lines]
    blocks = _blocks(tuple(lines))
    for block in blocks:
        _mend(lines, block)
        if block.fault:
            opened.append(Open(block.fault, block.fence.line, block.last))
    code = {n for block in blocks for n in range(block.fence.line, block.last + 1)}
    lines = [
        _spaced(line) if line[:1] in _BEGINS and n not in code else line
        for n, line in enumerate(lines, 1)
    ]
    opened += _comments(lines, code) if "<!--" in source.text else []
    opened += _formulas(lines, code) if "$$" in source.text else []
    if deep := tuple(flat_html(lines, code)):
        opened.append(Open("too-deep", deep[0], deep[-1]))
    return tuple(lines), tuple(sorted(opened, key=lambda it: it.line))


def _spaced(line: str) -> str:
    """Return a heading whose sign is followed by a space, as every one is meant to be.

    A no-break space is what some keyboards put there; Chinese authors often put none. What has no
    width before a sign is not seen, and does not count. Of a container only its title is read.
    """
    if ":::" in line and (match := _CONTAINER.match(line)):
        return f"**{match['title']}**" if match["title"] else ""
    line = line.lstrip(_NO_WIDTH)
    return _WIDE_SPACE.sub(r"\g<sign> ", line) if line.lstrip(" ").startswith("#") else line


def _fenced(line: str) -> str:
    """Return a line without what has no width before a fence; elsewhere it may be part of code."""
    bare = line.lstrip(_NO_WIDTH) if line[:1] in _NO_WIDTH else line
    return bare if bare.startswith(("```", "~~~")) else line


def _blocks(lines: tuple[str, ...]) -> list[_Block]:
    """Return the fenced blocks of a text, in the reading that makes the most sense."""
    fences = [
        _Fence(number, match["lead"], match["sign"], match["info"])
        for number, line in enumerate(lines, 1)
        if ("```" in line or "~~~" in line) and (match := _FENCE.match(line))
    ]
    cuts: dict[int, int] = {}
    found = _scan(lines, fences, cuts)
    for _ in range(_MOST):
        earlier = _earlier(lines, found)
        if not earlier:
            break
        other = _scan(lines, fences, cuts | earlier)
        if _nonsense(lines, other) >= _nonsense(lines, found):
            break
        found, cuts = other, cuts | earlier
    return found


def _scan(lines: tuple[str, ...], fences: list[_Fence], cuts: dict[int, int]) -> list[_Block]:
    """Read fences from the first to the last; `cuts` are ends that are known already."""
    found: list[_Block] = []
    quotes = _quote_ends(lines) if any(">" in fence.lead for fence in fences) else []
    faults = done = 0
    for place, fence in enumerate(fences):
        if fence.line <= done:
            continue
        block = _block(lines, fences, place, cuts.get(fence.line), faults < _MOST, quotes)
        found.append(block)
        done, faults = block.last, faults + bool(block.fault)
    return found


def _block(
    lines: tuple[str, ...],
    fences: list[_Fence],
    place: int,
    cut: int | None,
    may_cut: bool,
    quotes: list[int],
) -> _Block:
    fence = fences[place]
    if cut:
        return _ended(lines, fence, cut)
    bound = quotes[fence.line] if ">" in fence.lead else len(lines)
    depth, first = 0, 0
    for index in range(place + 1, len(fences)):
        other = fences[index]
        if other.line > bound:
            break
        if other.closes(fence):
            first = first or other.line
            if not depth:
                return _Block(fence, other.line, is_nested=other.line > first)
            depth -= 1
        elif other.language and other.is_inside(fence) and other.sign.startswith(fence.sign):
            if fence.language in _MARKUP:
                depth += 1
            elif may_cut:
                return _ended(lines, fence, _cut(lines, fence, other.line) or other.line)
    if first:
        return _Block(fence, first)
    cut = _cut(lines, fence, bound + 1) if may_cut and bound == len(lines) else None
    return _ended(lines, fence, cut or bound + 1, is_final=bound == len(lines))


def _ended(lines: tuple[str, ...], fence: _Fence, cut: int, is_final: bool = False) -> _Block:
    """Return a block without an end, whose code stops before line `cut`."""
    last = cut - 1
    while last > fence.line and not lines[last - 1].strip(" \t>"):
        last -= 1
    is_stray = last == fence.line and not fence.info
    return _Block(fence, last, "stray-fence" if is_stray else "unclosed-fence", is_final)


def _quote_ends(lines: tuple[str, ...]) -> list[int]:
    """Return, for each line of a quote, the last line of the quote."""
    ends, last = [len(lines)] * (len(lines) + 1), len(lines)
    for number in range(len(lines), 0, -1):
        if not lines[number - 1].lstrip().startswith(">"):
            last = number - 1
        ends[number] = last
    return ends


def _earlier(lines: tuple[str, ...], blocks: list[_Block]) -> dict[int, int]:
    """Return the first block that may have lost its end, if the last one lacks what it closes."""
    if not blocks or not blocks[-1].is_final:
        return {}
    last = blocks[-1]
    if last.last > last.fence.line and last.last == _last_text(lines):
        return {}  # it is code to the end of the note: there its own end is missing
    for block in blocks[:-1]:
        if not block.fault and (cut := _cut(lines, block.fence, block.last)):
            return {block.fence.line: cut}
    return {}


def _last_text(lines: tuple[str, ...]) -> int:
    return next((n for n in range(len(lines), 0, -1) if lines[n - 1].strip()), 0)


def _nonsense(lines: tuple[str, ...], blocks: list[_Block]) -> int:
    """Count what makes no sense: prose inside fences, code outside, fences without a partner."""
    faults = sum(1 for block in blocks if block.fault)
    prose = sum(1 for b in blocks if not b.fault and _cut(lines, b.fence, b.last))
    ends = [0, *(block.last for block in blocks)]
    starts = [*(block.fence.line for block in blocks), len(lines) + 1]
    gaps = zip(ends, starts, strict=True)
    return faults + prose + sum(_is_bare_code(lines[end : start - 1]) for end, start in gaps)


def _is_bare_code(lines: tuple[str, ...]) -> bool:
    full = [line for line in lines if line.strip()]
    prose = any(is_sentence(_STRINGS.sub("", line)) or _HEADING.match(line) for line in full)
    return not prose and any(has_signs(line) for line in full)


def _cut(lines: tuple[str, ...], fence: _Fence, end: int) -> int | None:
    """Return the first line behind a fence, before line `end`, that is no code."""
    inside = ""
    for number in range(fence.line + 1, end):
        line = lines[number - 1]
        if not inside and (_begins_item(line, fence) or _is_no_code(lines, number, fence.language)):
            return number
        for quote in _TRIPLE.findall(line):
            inside = "" if inside == quote else inside or quote
    return None


def _begins_item(line: str, fence: _Fence) -> bool:
    """Tell whether a line begins the next item of the list that a fence stands in."""
    return ">" not in fence.lead and _width(line) < fence.width and bool(_ITEM.match(line))


def _is_no_code(lines: tuple[str, ...], number: int, language: str) -> bool:
    line = lines[number - 1]
    if not line.strip() or line.startswith(("    ", "\t")):
        return False
    begins = not lines[number - 2].strip() or bool(_FENCE.match(lines[number - 2]))
    if begins and (_ASKS.match(line) or _is_heading(lines, number)):
        return True
    if language in _WORDS:
        return False
    text = _STRINGS.sub("", line)
    if not is_sentence(text) or has_signs(text):
        return False
    return bool(_CHINESE.search(text)) or (begins and bool(_CAPITAL.match(text)))


def _is_heading(lines: tuple[str, ...], number: int) -> bool:
    """Tell a heading from a comment: prose stands below it, or a fence."""
    line = lines[number - 1]
    if not _HEADING.match(line):
        return False
    below = next((text for text in lines[number : number + 4] if text.strip()), "")
    if _HEADING.match(below):
        return line.lstrip().startswith("##") or _is_heading(lines, lines.index(below, number) + 1)
    if has_signs(below) or below.startswith(("    ", "\t")):
        return False
    asks = line.rstrip().endswith(("?", "？")) or is_sentence(line)
    return is_sentence(below) or bool(_FENCE.match(below)) or asks


def _mend(lines: list[str], block: _Block) -> None:
    """Put right, in place, the lines of one block."""
    fence = block.fence
    if block.fault == "stray-fence":
        lines[fence.line - 1] = fence.lead if ">" in fence.lead else ""
        return
    _align(lines, block)
    if block.fault or block.is_nested:
        count = block.last - fence.line - block.is_nested
        lines[fence.line - 1] = f"{lines[fence.line - 1].rstrip()} {LENGTH}{count}"


def _align(lines: list[str], block: _Block) -> None:
    """Move a block to where the Markdown library sees it: not too far in, and not out of its item.

    An indented fence that is no part of a list is a fence all the same: authors indent the body of
    a box, or by accident.
    """
    fence = block.fence
    if ">" in fence.lead or not fence.width:
        return
    inner = lines[fence.line : block.last]
    least = min((_width(line) for line in inner if line.strip()), default=fence.width)
    has_sign = bool(fence.lead.strip())
    base = fence.width if has_sign else _offset(lines, fence)
    if fence.width - base < 4 and least >= base:
        return
    zero = min(fence.width, least)
    for number in range(fence.line + has_sign, block.last + 1):
        text = lines[number - 1].expandtabs(4)
        cut = zero if number > fence.line else fence.width
        moved = text[min(cut, len(text) - len(text.lstrip())) :]
        lines[number - 1] = (" " * base + moved) if moved.strip() else ""
    if not block.fault:
        lines[block.last - 1] = " " * base + lines[block.last - 1].strip()


def _width(line: str) -> int:
    text = line.expandtabs(4)
    return len(text) - len(text.lstrip())


def _offset(lines: list[str], fence: _Fence) -> int:
    """Return where the text of the item or definition begins that a fence stands in, 0 for none."""
    for number in range(fence.line - 1, max(fence.line - _FARTHEST, 0), -1):
        line = lines[number - 1]
        match = _ITEM.match(line)
        if (
            match
            and (width := min(len(match["lead"].expandtabs(4)), 4 + _width(line))) <= fence.width
        ):
            return width
        if line.strip() and not line[0].isspace() and not match:
            return 0
    return 0


def _comments(lines: list[str], code: set[int]) -> list[Open]:
    """End, in place, each comment that has no end before the next begins, on its own line."""
    found, opened = [], 0
    for number, line in enumerate(lines, 1):
        if number in code:
            continue
        at = 0
        if opened:
            if "<!--" in line.split("-->")[0]:
                found.append(_close_comment(lines, opened))
                opened = 0
            elif "-->" in line:
                opened, at = 0, line.index("-->")
            else:
                continue
        if _COMMENT.match(line) and line.rfind("<!--") > line.rfind("-->", at):
            opened = number
    if opened:
        found.append(_close_comment(lines, opened))
    return found


def _close_comment(lines: list[str], opened: int) -> Open:
    lines[opened - 1] += " -->"
    return Open("unclosed-comment", opened, opened)


def _formulas(lines: list[str], code: set[int]) -> list[Open]:
    """Take away, in place, each `$$` that has a heading or a sentence before its end."""
    found, opened = [], 0
    for number, line in enumerate(lines, 1):
        if number in code or (not opened and "$$" not in line):
            continue
        if line.strip() == "$$":
            opened = 0 if opened else number
        elif opened and _ends_formula(lines, number):
            lines[opened - 1] = lines[opened - 1].replace("$$", "\\$\\$")
            found.append(Open("unclosed-math", opened, number - 1))
            opened = 0
    if opened:
        lines[opened - 1] = lines[opened - 1].replace("$$", "\\$\\$")
        found.append(Open("unclosed-math", opened, len(lines)))
    return found


def _ends_formula(lines: list[str], number: int) -> bool:
    line = lines[number - 1]
    if lines[number - 2].strip() or not line.strip():
        return False
    return bool(_HEADING.match(line)) or ("\\" not in line and is_sentence(line))
