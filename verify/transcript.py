"""What people paste around code: prompts, magics, shell lines, output, a common indent."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

from verify.shapes import plain_code

_PROMPT = re.compile(r"(\s*)(>>>|\.\.\.)( |$)")
_NOTEBOOK = re.compile(r"\s*(?:In\s*\[[\d ]*\]:|\s*\.\.\.:) ?")
_RESULT = re.compile(r"\s*Out\s*\[[\d ]*\]:")
_MAGIC = re.compile(r"\s*(?:%%?[a-zA-Z]\w*|!|\?\w|\w[\w.]*\?{1,2}\s*$|\$ )")
#: What a notebook makes of magic and shell lines when it is saved as a script.
_SAVED = re.compile(r"^\s*get_ipython\(\)\.(?:magic|run_line_magic|system)\(.*\)\s*$", re.MULTILINE)
_CELL = re.compile(r"\s*%%(?!time\b|timeit\b|capture\b|prun\b)\w+")
_PROGRAMS = (
    "pip3? (?:install|list|show|uninstall|freeze)|conda|mamba|apt(?:-get)?|sudo|brew|git|wget|curl|"
    r"nvidia-smi|nvcc|python3? (?:-\w|\S+\.py\b)|torchrun|mpirun|cd [\w./~$-]+$|mkdir|export \w+=|"
    "source |unzip|tar |docker|tensorboard --|CUDA_VISIBLE_DEVICES=|OMP_NUM_THREADS=|"
    r"jupyter (?:notebook|lab|contrib|nbextension|labextension|nbconvert)\b|wandb (?:login|init)\b|"
    r"huggingface-cli |hf auth|accelerate (?:launch|config)|deepspeed \S+\.py\b|uv (?:add|pip)\b|"
    # a word, more words and an option: `poetry add --group dev torch`
    r"[a-z][\w-]*(?: [\w./~:@-]+)+ --[a-z][\w-]+(?:[ =]|$)"
)
_SHELL = re.compile(rf"\s*(?:{_PROGRAMS})")
_DEBUGGER = re.compile(r"^\s*(?:ipdb>|\(Pdb\+*\)|\(gdb\))", re.MULTILINE)
_TRACEBACK = re.compile(r"\s*Traceback \(most recent call last\):")
_RAISED = re.compile(
    r"^\s*((?:\w+\.)*\w*(?:Error|Exception|Warning|Interrupt|Iteration|Exit))\b(?::|$)"
)


@dataclass(frozen=True, slots=True)
class Bare:
    """Code without what was pasted around it, line for line.

    `shifts` says for each line how many columns were taken off its front. `errors` are the lines
    where the output of an error begins; what stands above each is meant to raise it. `outputs` are
    other outputs, each with the line that it begins on.
    """

    text: str
    shifts: tuple[int, ...]
    doctest: bool = False
    foreign: str | None = None
    errors: tuple[int, ...] = ()
    outputs: tuple[tuple[int, str], ...] = ()


def bare(code: str) -> Bare:
    """Take off what is not code; a line of it becomes an empty line."""
    lines = code.split("\n")
    if (cell := next((line for line in lines if line.strip()), "")) and _CELL.match(cell):
        return Bare(code, (0,) * len(lines), foreign=f"a cell of `{cell.split()[0]}`")
    if _DEBUGGER.search(code) and not _is_plain(code):
        return Bare(code, (0,) * len(lines), foreign="a session with a debugger")
    if _has_prompts(code):
        session = _doctest(lines)
        without = _without_prompted(lines)
        if _is_plain(session.text) or not _is_plain("\n".join(without)):
            return session
        lines, code = without, "\n".join(without)
    if _is_plain(code):
        return _dedented([(_unsaved(line), 0) for line in lines], ())
    outputs = tuple(
        (number, line[match.end() :].strip())
        for number, line in enumerate(lines, 1)
        if (match := _RESULT.match(line)) and line[match.end() :].strip()
    )
    lines, errors = _without_errors(_joined_commands(lines))
    stripped = _dedented([_stripped(line) for line in lines], errors)
    return replace(stripped, outputs=outputs)


def _has_prompts(code: str) -> bool:
    """Whether there are `>>>` lines that do not stand in a docstring."""
    first = re.search(r"^\s*>>>(?: |$)", code, re.MULTILINE)
    if first is None:
        return False
    before = code[: first.start()]
    return before.count('"""') % 2 == 0 and before.count("'''") % 2 == 0


def _is_plain(code: str) -> bool:
    """Whether it is Python as it stands, so that nothing in it can be a prompt or output."""
    if re.search(r"^(?:In ?\[|Out ?\[|\w+Error: )", code, re.MULTILINE):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _doctest(lines: list[str]) -> Bare:
    """Only prompted lines are code, and what their brackets hold; the rest is output or talk."""
    texts: list[str] = []
    shifts, inside, depth = [], False, 0
    for line in lines:
        match = _PROMPT.match(line)
        inside = (match is not None and (match.group(2) == ">>>" or inside)) or depth > 0
        cut = match.end() if match and inside else 0 if inside else len(line)
        texts.append(_stripped(line[cut:])[0])
        shifts.append(cut if inside else 0)
        fresh = match is not None and match.group(2) == ">>>"
        depth = max((0 if fresh else depth) + _depth(texts[-1]), 0)
    shown = [line if _PROMPT.match(line) else _uncommented(line) for line in lines]
    _, errors = _without_errors(shown)
    outputs = tuple(_outputs(lines, [bool(text.strip()) for text in texts], errors))
    return Bare("\n".join(texts), tuple(shifts), doctest=True, errors=errors, outputs=outputs)


def _uncommented(line: str) -> str:
    """What is shown below a prompt may stand behind `#`, so that it can be pasted with the code."""
    return re.sub(r"^\s*# ?", "", line)


def _outputs(
    lines: list[str], code: list[bool], errors: tuple[int, ...]
) -> Iterator[tuple[int, str]]:
    """What stands right below prompted lines, up to a blank one."""
    number = 1
    while number < len(lines):
        if not code[number - 1] or code[number] or not lines[number].strip():
            number += 1
            continue
        start = end = number
        while end < len(lines) and lines[end].strip() and not code[end]:
            end += 1
        if not _PROMPT.match(lines[start]) and not any(start < e <= end for e in errors):
            yield start + 1, "\n".join(lines[start:end])
        number = end + 1


def _depth(line: str) -> int:
    """How many more brackets a line opens than it closes."""
    return sum((c in "([{") - (c in ")]}") for c in plain_code(line))


def _without_prompted(lines: list[str]) -> list[str]:
    """Sometimes `>>>` marks what was printed; then the other lines are the code."""
    return ["" if re.match(r"\s*>>>", line) else line for line in lines]


def _without_errors(lines: list[str]) -> tuple[list[str], tuple[int, ...]]:
    """The lines without pasted tracebacks, and where these began."""
    kept, errors, inside = [], [], False
    for number, line in enumerate(lines, 1):
        starts = bool(_TRACEBACK.match(line))
        last = bool(_RAISED.match(line)) and (inside or bool(re.match(r"\w+Error: \S", line)))
        if (starts or last) and not inside and number > 1:
            errors.append(number)
        inside = (inside or starts) and not last
        kept.append("" if inside or starts or last else line)
    return kept, tuple(errors)


def _joined_commands(lines: list[str]) -> list[str]:
    """The lines without those that go on with a command for a shell, behind its backslash."""
    kept, inside = [], False
    for line in lines:
        goes_on = line.rstrip().endswith("\\")
        kept.append("" if inside else line)
        inside = goes_on and (inside or bool(re.match(r"\s*(?:!|\$ )", line) or _SHELL.match(line)))
    return kept


def _stripped(line: str) -> tuple[str, int]:
    """A line without its prompt, and how much that took off; magic and shell lines are emptied."""
    if _RESULT.match(line):
        return "", 0
    if match := _NOTEBOOK.match(line):
        return line[match.end() :], match.end()
    if _MAGIC.match(line) or _SHELL.match(line) or _SAVED.match(line):
        indent = line[: len(line) - len(line.lstrip())]
        return (indent + "pass" if indent else ""), 0
    return line, 0


def _unsaved(line: str) -> str:
    """A line, or what is left of one that was magic."""
    indent = line[: len(line) - len(line.lstrip())]
    return (indent + "pass" if indent else "") if _SAVED.match(line) else line


def _dedented(lines: list[tuple[str, int]], errors: tuple[int, ...]) -> Bare:
    """The lines without the indent that all of them share."""
    indents = [re.match(r"[ \t\u00a0\u3000]*", text) for text, _ in lines if text.strip()]
    common = min((m.group() for m in indents if m), key=len, default="")
    if not all(text.startswith(common) for text, _ in lines if text.strip()):
        common = ""
    size = len(common)
    text = "\n".join(text[size:] if text.strip() else "" for text, _ in lines)
    return Bare(text, tuple(shift + size for _, shift in lines), errors=errors)
