"""The words of ours that a card or a deck shows, in the languages there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in one language; `{...}` is filled in where it is used."""

    verified: str
    broken: str
    line: str
    snippet: str
    more: str
    claim: str
    source: str
    missing: str
    figure: str
    reverse: str
    prints: str
    nothing: str
    cards: str
    checked: str
    search: str
    verified_cards: str
    broken_cards: str
    updated: str


_ZH: Final = Words(
    verified="代码已运行验证",
    broken="代码有误",
    line="第 {line} 行",
    snippet="第 {number} 段代码",
    more="另有 {count} 处",
    claim="断言不成立",
    source="原文",
    missing="图片缺失",
    figure="代码绘制的图",
    reverse="这说的是什么？",
    prints="这段代码输出什么？",
    nothing="（没有输出）",
    cards="{count} 张卡片，其中 {verified} 张的代码已运行验证",
    checked="运行环境：{versions}",
    search="在 Anki 中搜索：",
    verified_cards="代码已验证的卡片",
    broken_cards="代码有误的卡片",
    updated="更新于 {date}",
)

_EN: Final = Words(
    verified="code verified",
    broken="code is broken",
    line="line {line}",
    snippet="snippet {number}",
    more="{count} more",
    claim="a claim does not hold",
    source="Source",
    missing="image missing",
    figure="a figure that the code drew",
    reverse="What is this?",
    prints="What does this print?",
    nothing="(nothing)",
    cards="Cards: {count}; verified by running their code: {verified}",
    checked="Run on: {versions}",
    search="Search in Anki:",
    verified_cards="cards whose code is verified",
    broken_cards="cards whose code is broken",
    updated="Updated {date}",
)


def words(language: str) -> Words:
    """Return the words of a language; English where it has none of its own."""
    return _ZH if language.lower().startswith("zh") else _EN
