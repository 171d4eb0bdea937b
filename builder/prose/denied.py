"""Tells sentences that say themselves that what they name is wrong, gone, or not there yet."""

from __future__ import annotations

_CHINESE_WORDS = """
    不存在 还能 警告 没有 并无 未定义 找不到 无此 移除 删除 废弃 弃用 淘汰 过时 不再 不推荐 不建议
    改名 更名 重命名 取代 代替 替代 替换 改为 改成 换成 迁移 早期 旧 老版 老的 老式 以前
    曾 之前版本 之前的版本 拼写 拼错 笔误 写错 误写 写成 打错 错误 错写 不对 报错
    出错 抛出 不支持 虚构 假想 假设有 不是 并非 而非 误以为 未来
    将来 计划 提案
"""
#: Beginnings of words.
_ENGLISH_WORDS = """
    does not|do not|did not|will not|would not|cannot|can not|doesn't|don't|didn't|won't|can't
    wouldn't|isn't|aren't|not a |not an |not exist|no such|no longer|no more|is no |are no |has no
    have no |there's no|removed|remove |removal|deprecat|legacy|obsolete|old |older |used to
    former|previous|earlier|early |renam|replac|instead|supersed|prior to|misspel|typo|wrong
    incorrect|invalid|error|fail|raise|hypothetic|propos|imaginary|fictional|nonexist|non-exist
    missing|unlike|still |migrat|mistak|unsupported|upcoming|future|planned|nightly|prototype|rfc
    since torch|since pytorch|since numpy|since v|since 0|since 1|since 2|before|until
"""
#: What a heading, or the beginning of a list, says of all that stands below it.
_GONE_WORDS = """
    移除 删除 废弃 弃用 淘汰 过时 不再 不存在 改名 更名 重命名 迁移 旧版 旧的 旧接口 老版 老的 还能
    替代 取代 被换成
"""
_GONE_ENGLISH_WORDS = """
    removed|removal|deprecat|legacy|obsolete|old |older |former|renamed|no longer|migrat|supersed
    replaced|breaking change|do not exist|does not exist|no more
"""
_CHINESE = tuple(_CHINESE_WORDS.split())
_LINES = _ENGLISH_WORDS.strip().split("\n")
_ENGLISH = tuple(" " + words for line in _LINES for words in line.lstrip().split("|"))
_GONE = tuple(_GONE_WORDS.split())
_GONE_LINES = _GONE_ENGLISH_WORDS.strip().split("\n")
_GONE_ENGLISH = tuple(" " + words for line in _GONE_LINES for words in line.lstrip().split("|"))


def denies(sentence: str) -> bool:
    """Tell whether a sentence may be about what is not there."""
    if any(word in sentence for word in _CHINESE) or "Error" in sentence:
        return True
    plain = _plain(sentence)
    return any(words in plain for words in _ENGLISH)


def buries(heading: str) -> bool:
    """Tell whether a heading says that what stands below is gone, or going."""
    plain = _plain(heading)
    return any(w in heading for w in _GONE) or any(words in plain for words in _GONE_ENGLISH)


def _plain(sentence: str) -> str:
    plain = " " + " ".join(sentence.lower().replace("\u2019", "'").split()) + " "
    return plain.replace("(", " ").replace('"', " ").replace("*", " ")
