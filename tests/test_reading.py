"""Whatever stands in a file: no exception, and places that are true."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from builder import config
from builder.markdown import Renderer
from builder.model import Note, Source
from builder.parsing import parse

ROOT = Path(__file__).parent.parent

#: What Markdown, its dialects and our own styles give a meaning to, and what surrounds it.
PIECES = [
    *("# ", "## 1. ", "### ", "\n", "\n\n", "```", "```python\n", "~~~", "    ", "\t", "> ", "- "),
    *("1. ", "2. ", "* ", "**", "*", "__", "_", "`", "$", "$$\n", "|", "|-|-|\n", "[", "](", ")"),
    *("![", "<", ">", "<details>", "<summary>", "</summary>", "</details>", "<!--", "-->", "&"),
    *("Q: ", "A: ", "**Q1:** ", "问：", "答：", " :: ", ":::", "\n?\n", '??? question "', '"\n'),
    *("> [!question] ", "==", "~~", "---\n", "===\n", "\\", "[TOC]", "<!-- id: x -->", "[^1]: "),
    *(
        "<!-- claim: 1 == 1 -->",
        "<!-- ",
        "{{c1::",
        "}}",
        "````",
        "    ```\n",
        "[!note]",
        ": ",
        "title: x\n",
        "{raises=E}",
        "#a",
        "http://a.b/c",
        "(#a)",
        "\u200b",
    ),
    *(
        "x = torch.ones(2)\n",
        "print(x)\n",
        "def f():\n",
        ">>> f()\n",
        "文字",
        "，",
        "。",
        "word ",
        "\xa0",
    ),
    *(
        "\x0c",
        "\u2028",
        "\x00",
        "\ue0000\ue001",
        "🙂",
        "[x] ",
        "[[a]]",
        "![[b]]",
        "^id",
        "%magic\n",
    ),
    *("{{c1::x::y}}", "{{c2::", "==x==", "<!-- cards: reversed -->\n", "<!-- cards -->\n"),
    *("[[a#b|c]]", "![[b.png|300]]", "%%", "[^1]", "term\n: said\n", "| a | b |\n|---|---|\n"),
    *(
        "---\ncards: [tables, definitions]\n---\n",
        "---\ncloze: marks\n---\n",
        "#flashcard",
        "<div>",
        "~ ",
    ),
]

texts = st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=60)
slow_machine = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def read(text: str) -> Note:
    source = Source("note.md", text)
    front, _ = config.parse_front_matter(source)
    note, _ = parse(source, front)
    return note


@slow_machine
@given(texts)
@example("\u200b```python\n$$\n")
@example("\u2060~~~\nx\n~~~\n\n$$\n")
def test_any_text_is_read(text: str) -> None:
    note = read(text)
    check_places(note)
    assert read(text) == note
    render(note)


def check_places(note: Note) -> None:
    source = note.source
    count = len(source.lines)
    for section in note.sections:
        spans = [section.span, *(snippet.span for snippet in section.snippets)]
        spans += [section.body] if section.body else []
        for span in spans:
            assert 1 <= span.line <= span.end_line <= count
            assert 1 <= span.column <= len(source.line(span.line)) + 1
            assert 1 <= span.end_column <= len(source.line(span.end_line)) + 1
        for snippet in section.snippets:
            check_code(source, snippet.span.line, snippet.code, snippet.indents)
    starts = [section.span.line for section in note.sections]
    assert starts == sorted(starts)


def check_code(source: Source, first: int, code: str, indents: tuple[int, ...]) -> None:
    """Every line of code stands in the file, where the snippet says that it does."""
    lines = code.split("\n")
    assert len(lines) == len(indents)
    for number, (line, indent) in enumerate(zip(lines, indents, strict=True), first):
        written = source.line(number)[max(indent, 0) :].replace("\t", "    ")
        assert written.strip().startswith(line.replace("\t", "    ").strip()), (number, line)


def render(note: Note) -> None:
    renderer = Renderer()
    for section in note.sections:
        html = renderer.blocks(section.blocks) + renderer.inline(section.title)
        assert "<script" not in html.lower()


@pytest.mark.parametrize("path", sorted((ROOT / "notes").glob("*.md")), ids=lambda path: path.name)
def test_notes_that_were_damaged_are_read(path: Path) -> None:
    whole = path.read_text("utf-8")
    chance = random.Random(path.name)
    for _ in range(10):
        start = chance.randrange(len(whole))
        text = whole[start : start + 3000]
        for _ in range(8):
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice(PIECES) + text[at + chance.randrange(4) :]
        note = read(text)
        check_places(note)
        render(note)


BOMBS = {
    **{
        repr(piece): piece for piece in ("[", "*", "$", ">", "`", "_a", "![", "<", "|", "\\", "<a ")
    },
    "quoted lines": "> a\n",
    "rows": "|a|b|\n",
    "pairs": "Q: a\nA: b\n",
    "one line": "a :: b\n",
    "fences": "```\n",
    "folds": "<details>\n",
    "statements": "x = torch.ones(2)\n",
    "open calls": "f(\n",
    "headings": "# a\n\nb\n\n",
    "questions": "1. x\n\ny\n\n",
    "emphasis": "**中：**文",
    "formulas": "$a ",
    "quoted fences": "> ```\n",
    "labelled fences": "```python\n",
    "comments": "<!-- \n",
    "deletions": "{{c1::",
    "signs of formulas": "$$\n",
    "terms": "a\n: b\n\n",
    "elements": "<div>\n",
    "waves": "~~~~\n",
    "definitions of links": "[a]: b\n",
    "footnotes": "a[^1]\n\n[^1]: b\n\n",
    "items": "- a\n",
    "wiki links": "[[a]] ",
    "comments of Obsidian": "%%",
    "tags": "#tag ",
    "entities": "&",
    "empty calls": "f(x)\n\n中文\n\n",
}


@pytest.mark.parametrize("piece", BOMBS.values(), ids=BOMBS.keys())
def test_the_same_sign_over_and_over_is_read(piece: str) -> None:
    note = read(piece * (50_000 // len(piece)))
    check_places(note)
    render(note)


def test_nesting_has_an_end() -> None:
    for text in (
        "".join("  " * n + "- a\n" for n in range(300)),
        "\n".join(">" * n for n in range(300)),
    ):
        check_places(read(text))


def test_a_flood_of_signs_is_shown_as_it_stands() -> None:
    text = "## What is this?\n\n" + "<a " * 10_000 + "\n\n## And this?\n\n*Text*.\n"
    source = Source("note.md", text)
    note, problems = parse(source)
    assert [(problem.code, problem.span.line) for problem in problems] == [("too-dense", 3)]
    first, second = (Renderer().blocks(card.blocks) for card in note.cards)
    assert first.count("&lt;a") == 10_000
    assert second == "<p><em>Text</em>.</p>\n"


def test_a_sign_before_an_answer_is_left_out() -> None:
    note, problems = parse(Source("a.md", "### Q1：批是什么？\n\n答：看的样本。\n", "a.md"))
    assert [block.text.strip() for block in note.cards[0].blocks] == ["看的样本。"]
    assert problems == ()
