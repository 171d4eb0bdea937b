"""Cards that are hard to learn: vague questions, long answers, long lists, mere echoes.

The limits follow the usual advice on spaced repetition: one idea a card, no long enumerations.
https://www.supermemo.com/en/blog/twenty-rules-of-formulating-knowledge
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from builder.markdown import walk
from builder.model import Block, Card, Course, Note, Problem
from builder.patterns import late
from builder.plain import plain

#: Nobody recalls more than this, in characters of text and lines of code.
_LONGEST_TEXT: Final = 1600
_LONGEST_CODE: Final = 60
_LONGEST_LIST: Final = 9

_VAGUE = late(
    r"(?:概念|定义|简介|介绍|背景|原理|方法|应对方法|总结|小结|其他|补充|注意|注意事项|示例|例子|代码|"
    r"实现|步骤|优点|缺点|优缺点|区别|参考|附录|说明|概述|问题|"
    r"introduction|overview|background|summary|notes?|other|example|examples|code|definition|"
    r"concept|concepts|method|methods|remarks?|details|usage|conclusion)\W*",
    re.IGNORECASE,
)
_FILLER = late(r"[\W_]+")

_Exists = Callable[[Note, str], bool]


def is_vague(question: str) -> bool:
    """Tell whether a question means nothing without the heading above it."""
    return bool(_VAGUE.fullmatch(question))


def vague(course: Course, _exists: _Exists) -> Iterator[Problem]:
    """Yield questions that mean nothing without the heading above them."""
    for card in course.cards:
        if is_vague(plain(card.question)):
            above = f" of `{card.context[-1]}`" if card.context else ""
            message = f"`{plain(card.question)}` asks nothing by itself"
            yield _at(card, "vague-question", message, f"say what is asked{above}")


def long_answers(course: Course, _exists: _Exists) -> Iterator[Problem]:
    """Yield answers that are too long to be learned as one."""
    for card in course.cards:
        text = sum(len(block.text) for block in walk(card.blocks) if block.kind == "paragraph")
        code = sum(block.text.count("\n") for block in walk(card.blocks) if block.kind == "code")
        if text > _LONGEST_TEXT or code > _LONGEST_CODE:
            how = f"{text} characters" if text > _LONGEST_TEXT else f"{code} lines of code"
            message = f"the answer has {how}: nobody recalls that as one"
            yield _at(card, "answer-too-long", message, "ask several questions instead")


def long_lists(course: Course, _exists: _Exists) -> Iterator[Problem]:
    """Yield answers that enumerate more than can be learned by heart."""
    for card in course.cards:
        longest = max((_items(block) for block in walk(card.blocks)), default=0)
        if longest > _LONGEST_LIST:
            message = f"the answer lists {longest} things"
            help_ = "group them, or ask for each by itself"
            yield _at(card, "list-too-long", message, help_)


def _items(block: Block) -> int:
    return len(block.children) if block.kind == "list" else 0


def echoes(course: Course, _exists: _Exists) -> Iterator[Problem]:
    """Yield answers that say no more than the question."""
    for card in course.cards:
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
