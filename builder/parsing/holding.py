"""Why a section that asks something makes no card: no title, no answer, nothing but links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from builder.markdown import images, walk, without_code
from builder.model import Block, Problem, Span
from builder.parsing import signs
from builder.parsing.numbering import asks_to_do
from builder.patterns import late
from builder.plain import plain

_COMMENT = late(r"<!--.*?-->", re.DOTALL)
_URL = late(r"(?:https?://|www\.)[^\s<>)）」】]+")
_LINK = late(
    r"(?<!!)\[(?:[^\[\]]|\[[^\[\]]*\]){0,300}\](?:\([^()]*\))|<https?://[^<>]*>"
    r"|(?<!!)\[\[[^\[\]\n]+\]\]"
)
_SHOWN = late(
    r"!\[\[[^\[\]\n]+\]\]|!\[[^\[\]]*\](?:\((?:<[^<>]*>|[^()]|\([^()]*\))*\)|\[[^\[\]]*\])|<img\b[^<>]*>",
    re.IGNORECASE,
)
#: Tags that place what they hold, and say nothing.
_LAYOUT = late(r"</?(?:br|hr|div|center|p|span|figure)\b[^<>]*>", re.IGNORECASE)
_LABEL = late(
    r"(?i)(?:(?:详细|具体|更多)(?:内容)?)?(?:请|可以?)*(?:参[考见阅看]|来源|出处|原文|转载|(?:回答|答案|解析|题解)?链接|详见|见)"
    r"(?:我的?|下面|这|那|几|一|另外|篇|文章|博客|链接|资料|文献|地址|自)*"
    r"|(?:see(?: also)?|source|sources|reference|references|link|links|read more"
    r"|(?:more|further|additional)[ ](?:reading|info(?:rmation)?)"
    r"|læs mere|kilder?)\b"
)
_PLACEHOLDER = late(
    r"(?i)(?:to-?do|tbd|tba|fixme|待补充?|待完善|待续|未完待续|略|暂无"
    r"|(?:write |your )?answer here|placeholder|coming soon|\.{3,}|…+)[\s.。!！…]*$"
)
#: Then an address is what was asked for.
_WANTS_LINK = late(r"(?i)\b(?:urls?|uri|web ?address|webadresse)\b.*[?？]|网址")
#: A sign that an answer begins, with no answer behind it.
_ONLY_SIGN = late(rf"(?i)\W*{signs.ANSWERS}\W*")
#: What is left of an image where only the text of a page was copied.
_LOST = late(r"(?i)(?:image|img|图片|在这里插入图片描述)(?:[-_ ]?\d*\.(?:png|jpe?g|gif))?")
_BOX = late(r"^\s*\[[ xX]\]\s*")
_ITEM_NUMBER = late(r"^\s*(?:\[\d+\]|\d+[.)、])", re.MULTILINE)
#: Below such a heading there are links, whatever is said of them.
_NAMES = (
    r"(?:参考(?:资料|文献|链接)?|延伸阅读|相关链接|链接|references?|sources|bibliography|links"
    r"|(?:further|more) reading|see also|resources|kilder|referencer|litteratur|læs mere)"
)
_REFERENCES = late(rf"(?i){_NAMES}\W*")
#: As it may begin in Markdown; what HTML says is not known before it is read.
_MAY_REFER = late(rf"(?i)\W*{_NAMES}|.*[<&]")
#: What stands before or behind a link and only says where it leads: `me/notes/[4](...) - GitHub`.
_AROUND = late(
    r"(?:[\w.-]{1,60}/){1,6}(?=\[)|(?<=\))\s*[-–—|]{1,2}\s*(?:github|csdn|知乎|简书|掘金|博客园|medium"
    r"|wikipedia|stack ?overflow|维基百科|百度百科"
    r"|[^\s。，,.]{0,12}(?:博客|技术|技术团队|公众号|专栏|blog))\s*$",
    re.IGNORECASE | re.MULTILINE,
)
#: Programs and styles in HTML, which no card and no page shows, and what is seen of HTML.
_DROPPED = late(r"(?is)<(script|style|title|head|canvas)\b.*?</\1\s*>|<!doctype[^<>]*>")
_SEEN = late(r"(?i)<(?:img|video|audio|svg|table|input|hr)\b")
_TAG = late(r"<[^<>]*>")
_FILLER = late(r"[\s\W_]+")
#: Below such a heading it is asked, not answered: `Review questions`, `Refleksionsspørgsmål`.
_NAMES_QUESTIONS = late(
    r"(?i)(?:\bquestions|spørgsmål|check your understanding|self[- ](?:test|check)"
    r"|思考题?|习题|自测题?|问题|追问|面试题|练习题|复习题)(?:[(（][^()（）]{0,12}[)）])?\W*$"
)
#: The same with what it is worth behind it, `[10]`; and a question with its answer behind it.
_ENDS = late(r"[?？]\W{0,4}(?:[\[(][\d ]{1,4}\w{0,6}[\])])?\W*$")
_ANSWERED = late(r"[?？:：]\s+\S|\s[–—-]\s")
_ASKED = late(r"[?？]\W{0,4}$")
#: Fewer questions are something that an answer asks.
_FEWEST = 3


def why_held_back(
    place: Span, title: str, blocks: tuple[Block, ...], is_missing: Callable[[str], bool]
) -> Problem | None:
    """Return the reason, as a problem at the question, or None for a card that can be made.

    `is_missing` tells whether the file of an image, as the note writes it, is not there.
    """
    text, codes = _text(blocks), tuple(_codes(blocks))
    if not plain(title):
        return _problem("untitled", place, "this heading has no title", "say what is asked")
    if not text.strip() and not codes:
        return _problem(
            "no-answer", place, f"`{_short(title)}` has no answer", "write one below it"
        )
    if _is_placeholder("\n".join((text, *codes))):
        return _problem(
            "placeholder-answer",
            place,
            f"the answer of `{_short(title)}` is still to be written",
            "write it, or take the heading out",
        )
    if codes:
        return None
    if _NAMES_QUESTIONS.search(plain(title)) and (only_asks(blocks) or _only_tasks(blocks)):
        message = f"`{_short(title)}` asks questions and answers none of them"
        return _problem("no-answer", place, message, "write an answer below each")
    return _only_links(place, title, text) or _only_images(place, title, blocks, text, is_missing)


def only_asks(blocks: tuple[Block, ...]) -> bool:
    """Tell whether blocks are nothing but lists of questions."""
    lines = [line for line in _text(blocks).splitlines() if line.strip()]
    asking = sum(bool(_ASKED.search(line)) for line in lines)
    is_list = all(block.kind in ("list", "rule") for block in blocks)
    return is_list and len(lines) >= _FEWEST and asking * 4 >= len(lines) * 3


def _only_tasks(blocks: tuple[Block, ...]) -> bool:
    """Tell whether blocks are nothing but lists of what somebody is asked to do."""
    lists = [block for block in blocks if block.kind == "list"]
    said = [item.children[0].text for block in lists for item in block.children if item.children]
    asking = sum(bool(_ENDS.search(text)) or _is_task(text) for text in said)
    is_list = all(block.kind in ("list", "rule") for block in blocks)
    return is_list and asking >= _FEWEST and asking * 2 >= len(said)


def _is_task(text: str) -> bool:
    """Tell whether a text only asks, and does not answer as well: `Explain it: it is ...`."""
    return asks_to_do(text) and not _ANSWERED.search(text)


def _is_placeholder(text: str) -> bool:
    """Tell whether an answer is still to be written, though links for it may be there."""
    lines = tuple(_lines(text))
    if all(map(_ONLY_SIGN.fullmatch, lines)):
        return not all(map(_is_reference, lines))
    is_said = False
    for line in lines:
        is_reference = _is_reference(line)
        if not is_reference and not _PLACEHOLDER.match(line):
            return False
        is_said = is_said or not is_reference
    return is_said


def _lines(text: str) -> Iterator[str]:
    """Yield the lines that are not blank, without boxes and back-ticks."""
    return (_BOX.sub("", line).strip(" \t`") for line in text.splitlines() if line.strip())


def _is_reference(line: str) -> bool:
    is_link = bool(_LINK.search(line)) and not _FILLER.sub("", _LINK.sub("", line))
    return is_link or bool(_MAY_REFER.match(line) and _REFERENCES.fullmatch(plain(line)))


def _only_links(place: Span, title: str, text: str) -> Problem | None:
    said = without_code(text)
    if not (_URL.search(said) or _LINK.search(said)) or _WANTS_LINK.search(plain(title)):
        return None
    without = _URL.sub(
        "", _LINK.sub("", _AROUND.sub("", _ITEM_NUMBER.sub("", _LAYOUT.sub("", text))))
    )
    if not _REFERENCES.fullmatch(plain(title)) and _FILLER.sub("", _LABEL.sub("", without)):
        return None
    return _problem(
        "links-only",
        place,
        f"the answer of `{_short(title)}` is nothing but links",
        "write down what they say in a sentence or two",
    )


def _only_images(
    place: Span,
    title: str,
    blocks: tuple[Block, ...],
    text: str,
    is_missing: Callable[[str], bool],
) -> Problem | None:
    if urls := images(blocks):
        says_more = _FILLER.sub("", _LAYOUT.sub("", _SHOWN.sub("", text)))
        is_lost = not says_more and all(map(is_missing, urls))
    else:
        is_lost = all(_LOST.fullmatch(line.strip()) for line in text.splitlines() if line.strip())
    if not is_lost:
        return None
    return _problem(
        "images-missing",
        place,
        f"the answer of `{_short(title)}` is an image that is not there",
        "put the image beside the note, or write the answer down",
    )


def _problem(code: str, place: Span, message: str, help_: str) -> Problem:
    return Problem(code, place, message, help_, "warning")


def _codes(blocks: tuple[Block, ...]) -> Iterator[str]:
    """Yield what must be a placeholder too if an answer with code is one."""
    for block in walk(blocks):
        if block.kind in ("math", "table"):
            yield block.kind
        elif block.kind == "code" and block.text.strip():
            yield block.text


def _text(blocks: tuple[Block, ...]) -> str:
    kinds = ("paragraph", "heading", "html")
    text = _COMMENT.sub("", "\n".join(b.text for b in walk(blocks) if b.kind in kinds))
    if "<" not in text or any(b.kind not in ("html", "rule", "paragraph") for b in blocks):
        return text
    shown = _DROPPED.sub("", text)
    return shown if _SEEN.search(shown) or _TAG.sub("", shown).strip() else ""


def _short(title: str) -> str:
    text = plain(title)
    return text if len(text) <= 40 else text[:39] + "…"
