"""The quicker lexers against the library's own: the same tokens, whatever the text."""

from __future__ import annotations

import random
import re
from html import unescape
from pathlib import Path

import pytest
from pygments.lexers import get_lexer_by_name

from builder.markdown.highlight import highlight
from builder.markdown.lexing import quicken

HERE = Path(__file__)
LANGUAGES: tuple[str, ...] = (
    "python",
    "pycon",
    "bash",
    "json",
    "yaml",
    "c",
    "cpp",
    "html",
    "js",
    "sql",
    "rust",
)
LANGUAGES += ("ini", "toml", "diff", "make", "docker", "cuda", "tex", "r", "julia", "md", "vbnet")


def written() -> str:
    """Return code with strings of every kind, a non-ASCII name, tabs and half a string."""
    code = HERE.read_text("utf-8") + (HERE.parent / "conftest.py").read_text("utf-8")
    return code + "\t变量 = rf'''{x!r:>{width}}\\n''' @ b\"\\x00\" if ſ else K\r\n>>> '半"


def scrambled(text: str, chance: random.Random) -> str:
    """Return pieces of a text in another order, with signs between them."""
    signs = [*"\"'`\n\t {}()<>#$%&*/\\-_=+|;:,.?!@^~0aZſK变\x00\x7f", '"""', "<?", "*/", "${"]
    starts = [chance.randrange(len(text)) for _ in range(300)]
    return "".join(text[at : at + chance.randrange(20)] + chance.choice(signs) for at in starts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tokens_are_those_of_the_library(language: str) -> None:
    chance = random.Random(7)
    texts = [written(), "", "\n\n", *(scrambled(written(), chance) for _ in range(5))]
    quick, plain = quicken(get_lexer_by_name(language)), get_lexer_by_name(language)
    for text in texts:
        assert list(quick.get_tokens(text)) == list(plain.get_tokens(text))


def test_no_span_goes_over_a_line_or_marks_plain_text() -> None:
    """Problems mark whole lines, and most of a text looks like nothing."""
    code = 'import torch\nx = """a\n\n<b>"""  # 1 < 2\nprint(f"{x!r}")\n'
    html = highlight(code, "python")
    for line in html.split("\n"):
        assert line.count("<span") == line.count("</span>")
    assert unescape(re.sub(r"<[^>]*>", "", html)) == code
    assert html.startswith('<span class="kn">import</span> torch\nx <span class="o">=</span> ')
    assert "<span></span>" not in html
    assert highlight("x", "python") == highlight("x\n", "python") == "x\n"
    assert highlight("", "python") == ""
