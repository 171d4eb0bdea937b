"""Cards that are hard to learn: vague questions, long answers, long lists, mere echoes.

The limits follow the usual advice on spaced repetition: one idea a card, no long enumerations.
https://www.supermemo.com/en/blog/twenty-rules-of-formulating-knowledge
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from builder.lint.page import Page
from builder.markdown import walk
from builder.model import Block, Card, Note, Problem
from builder.patterns import late
from builder.plain import plain

#: Nobody recalls more than this, in characters of text and lines of code.
_LONGEST_TEXT: Final = 1600
_LONGEST_CODE: Final = 60
_LONGEST_LIST: Final = 9

_VAGUE = late(
    r"\W*(?:概念|定义|简介|介绍|背景|原理|方法|应对方法|总结|小结|其他|补充|注意|注意事项|示例|例子|代码|"
    r"实现|步骤|优点|缺点|优缺点|区别|参考|附录|说明|概述|问题|"
    r"introduction|overview|background|summary|notes?|other|examples?|(?:example |sample )?code|"
    r"code examples?|definitions?|concepts?|(?:key )?(?:points|ideas|takeaways)|methods?|remarks?|"
    r"details?|usage|conclusion|explanation|solution|(?:interview )?answer|output|purpose|"
    r"motivation|intuition|features|steps|syntax|properties|(?:pros|cons|(?:dis)?advantages?)"
    r"(?: (?:and|&) (?:cons|disadvantages))?|limitations|best practices|"
    r"(?:common )?(?:pitfalls|mistakes|gotchas)|how (?:does it work|it works)|what (?:it is|is it)|"
    r"why it matters|when to use(?: it)?|prerequisites|learning (?:objectives|outcomes)|"
    r"indledning|baggrund|formål|indhold|eksemp(?:el|ler)|kode|noter?|bemærk(?:ninger)?|metode|"
    r"opsummering|konklusion|fordele|ulemper|fordele og ulemper|syntaks|forklaring|svar|løsning|"
    r"læringsmål|andet|hvad er det|hvordan virker det)\W*",
    re.IGNORECASE,
)
_FILLER = late(r"[\W_]+")
#: Files that are there for other things than to ask.
_PAGE = late(
    r"(?:readme|index|summary|contents|toc|changelog|changes|licen[cs]e|contributing|authors|todo"
    r"|about|home|目录|索引|说明|indhold)(?:[._-]\w+)*$",
    re.IGNORECASE,
)
_LINK = late(r"\[[^\[\]]*\](?:\([^()]*\)|\])|https?://\S+")


def is_vague(question: str) -> bool:
    """Tell whether a question means nothing without the heading above it."""
    return bool(_VAGUE.fullmatch(question))


def cardless(page: Page) -> Iterator[Problem]:
    """Yield a note in which nothing is found that asks; a page of links, or a README, need not."""
    note = page.note
    made = any(it.cards or it.held_back for it in note.sections)
    if not made and not _is_page(note) and not _only_leads(note):
        lines = enumerate(note.source.lines, 1)
        first = next((section.span.line for section in note.sections if section.blocks), 0)
        line = first or next((n for n, text in lines if text.strip()), 1)
        help_ = "put each question into a heading, or mark it: `Q: ...`, and `A: ...` below it"
        message = "no card found in this note"
        yield Problem("no-card", note.source.span(line), message, help_, "note")


def _is_page(note: Note) -> bool:
    name = note.source.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return bool(_PAGE.match(name.lstrip("_")))


def _only_leads(note: Note) -> bool:
    """Tell whether half of what a note says, or more, leads elsewhere."""
    blocks = (block for section in note.sections for block in walk(section.blocks))
    texts = [block.text for block in blocks if block.kind in ("paragraph", "code", "table")]
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    return sum(bool(_LINK.search(line)) for line in lines) * 2 >= len(lines)


def vague(page: Page) -> Iterator[Problem]:
    """Yield questions that mean nothing without the heading above them."""
    for card in page.note.cards:
        if is_vague(plain(card.question)):
            above = f" of `{card.context[-1]}`" if card.context else ""
            message = f"`{plain(card.question)}` asks nothing by itself"
            yield _at(card, "vague-question", message, f"say what is asked{above}")


def long_answers(page: Page) -> Iterator[Problem]:
    """Yield answers that are too long to be learned as one."""
    for card in page.note.cards:
        text = sum(len(block.text) for block in walk(card.blocks) if block.kind == "paragraph")
        code = sum(block.text.count("\n") for block in walk(card.blocks) if block.kind == "code")
        if text > _LONGEST_TEXT or code > _LONGEST_CODE:
            how = f"{text} characters" if text > _LONGEST_TEXT else f"{code} lines of code"
            message = f"the answer has {how}: nobody recalls that as one"
            yield _at(card, "answer-too-long", message, "ask several questions instead")


def long_lists(page: Page) -> Iterator[Problem]:
    """Yield answers that enumerate more than can be learned by heart."""
    for card in page.note.cards:
        longest = max((_items(block) for block in walk(card.blocks)), default=0)
        if longest > _LONGEST_LIST:
            message = f"the answer lists {longest} things"
            help_ = "group them, or ask for each by itself"
            yield _at(card, "list-too-long", message, help_)


def _items(block: Block) -> int:
    return len(block.children) if block.kind == "list" else 0


def echoes(page: Page) -> Iterator[Problem]:
    """Yield answers that say no more than the question."""
    for card in page.note.cards:
        blocks = tuple(walk(card.blocks))
        answer = _bare("".join(b.text for b in blocks if b.kind == "paragraph"))
        question = _bare(plain(card.question))
        only_text = all(b.kind in ("paragraph", "list", "list_item") for b in blocks)
        if only_text and answer in question and len(answer) * 2 >= len(question) > 0:
            message = "the answer says no more than the question"
            yield _at(card, "answer-repeats-question", message, "say why, or how")


def _bare(text: str) -> str:
    return _FILLER.sub("", text).lower()


def _at(card: Card, code: str, message: str, help_: str) -> Problem:
    return Problem(code, card.span, message, help_, "warning")
