"""What a sentence says of the code below it: that it is output, or that it fails."""

from __future__ import annotations

import re

from builder.patterns import late

#: No more than that output follows.
_OUTPUT = late(
    r"[*_ ]*(?:(?:代码|程序|上面|上述|运行|执行|打印|控制台|屏幕|最终|得到|期望|预期)*的?"
    r"(?:输出|结果|打印|显示)(?:内容|信息|结果)?(?:如下|为|是)?(?:所示)?"
    r"|(?:the )?(?:console |expected |(?:s|ex)ample )?(?:outputs?|results?|prints|out)(?: is| are)?"
    r"|(?:it|this|which|that)(?: will)? (?:print|give|output|return|show|produce|yield)s?(?: this)?"
    r"|(?:det |som )?(?:udskriver|output|resultat(?:et)?|giver)(?: er)?"
    r"|(?:ce |cela |ceci )?(?:qui )?(?:produit|donne|affiche|renvoie)(?: ceci| cela)?"
    r"|(?:la )?sortie(?: est)?|(?:le )?résultat(?: est)?"
    r"|(?:esto |lo que |que |isso )?(?:imprime|muestra|devuelve|produce|exibe|produz)"
    r"|(?:la |a )?(?:salida|saída)(?: es| é)?|(?:el |o )?resultado(?: es| é)?"
    r"|(?:das |dies )?(?:liefert|ergibt|erzeugt)|(?:die |das )?(?:ausgabe|ergebnis)(?: ist)?"
    r"|(?:실행 ?|출력 ?)*(?:결과|출력)(?:는|은)?|(?:実行|出力)*(?:結果|出力)(?:例|は)?"
    r"|(?:вывод|результат)(?: программы)?)"
    r"(?: *[(（][^()（）]*[)）])?[*_ ]*[:：]?[*_ ]*$",
    re.IGNORECASE,
)
#: Words such as `输出：` on the line of what they lead up to, or on the one above it.
_LEAD = late(
    r"[*_ ]*(?:代码|程序|运行|执行|打印)?的?(?:输出|结果|打印)(?:结果|内容)?(?:如下|为|是)?"
    r"[*_]*\s*[:：]\s*"
    r"|[*_ ]*(?:the )?(?:console |expected )?(?:output|result|prints)[*_]*\s*:\s*",
    re.IGNORECASE,
)
#: What is printed as this is written by nobody; other values need words that lead up to them.
_PRINTED = late(r"(?:tensor|array|torch\.Size)\(.*\)\s*", re.DOTALL)
_VALUE = late(r"[-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?|True|False|\[.*\]|\(.*,.*\)", re.DOTALL)
_FAILS = late(
    r"(?:会|将|就|便|则|都|而)(?:直接|立即|立刻|因此|导致|得到|产生|出现|发生|在运行时)*"
    r"(?:报|抛出|出错|引发|触发|失败|崩溃|异常|错误)"
    r"|\bpython ?2(?:\.[\dx])?\b(?!.*\b3)"
    r"|运行时?(?:会)?(?:报错|出错|错误)|(?:不能|无法)(?:正常)?运行|(?:是|为)错误的"
    r"|错误(?:的)?(?:示例|示范|例子|写法|用法|做法|代码)|反例"
    r"|\b(?:raises?|throws?|fails|crashes)\b"
    r"|\b(?:will|would) (?:error|break|fail|raise|throw|crash)\b"
    r"|\b(?:gives?|causes?|produces?|leads? to|results? in|get|see)"
    r" (?:an? |the |this )?(?:\w+ )?(?:error|exception)\b"
    r"|\b(?:does(?:n't| not)|won't|will not|cannot) (?:work|run)\b|\bthe wrong way\b"
    r"|\b(?:examples?|cases?) of (?:an? |the )?(?:invalid|illegal|incompatible|wrong|incorrect)\b"
    r"|\b(?:giver|kaster) (?:en )?(?:\w+)?fejl\b|\b(?:fejler|virker ikke)\b",
    re.IGNORECASE,
)
#: Then it is said of something else: of what the code mends, or of code that is not there.
_OTHERWISE = late(
    r"不会|不再|避免|防止|以免|解决|如果|若|否则|假如|除非|之前|上面|上述|前面|原因"
    r"|\b(?:if|unless|otherwise|without|avoids?|prevents?|fix(?:es|ed)?|solves?|instead|above"
    r"|never|previous|no longer|hvis|ellers|uden|undgå)\b",
    re.IGNORECASE,
)
#: The code shows how it is done well.
_RIGHT = late(
    r"正确(?!率)|改[为成]|应[该当]|\b(?:correct|right|proper|should|rigtig)(?:ly|t|e)?\b",
    re.IGNORECASE,
)
#: A loop that runs on and on is the lesson then.
_ENDLESS = late(
    r"死循环|无限循环|不会(?:停止|结束)|無限ループ|무한 ?루프|\b(?:infinite|endless) loops?\b"
    r"|\b(?:never (?:ends|stops|terminates|finishes)|(?:runs?|loops?|prints?|goes on) forever)\b"
    r"|\bboucles? infinies?\b|\bne s'arrête(?:ra)? jamais|\b(?:bucle|ciclo|laço) infinito\b"
    r"|\bnunca (?:termina|acaba)|\bendlosschleife\b|\bendet nie\b"
    r"|\buendelig løkke|\bstopper aldrig",
    re.IGNORECASE,
)
_SENTENCE = late(r"[。！？!?\n]|\.(?=\s|$)")


def leads_to_output(text: str) -> bool:
    """Tell whether a paragraph is nothing but words such as `输出：`."""
    return bool(_OUTPUT.match(text))


def printed(text: str, led: bool = False) -> str | None:
    """Return what was printed, where a paragraph is nothing else; `led` if words lead up to it."""
    lead = _LEAD.match(text)
    shown = text[lead.end() :] if lead else text
    is_value = _PRINTED.fullmatch(shown) or ((lead or led) and _VALUE.fullmatch(shown.strip()))
    return shown if is_value and _is_even(shown) else None


def _is_even(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in ("()", "[]"))


def says_it_fails(text: str) -> bool:
    """Tell whether the end of a text says that the code which follows raises an error."""
    last = [sentence for sentence in _SENTENCE.split(text) if sentence.strip()][-2:]
    return any(
        _FAILS.search(sentence) and not _OTHERWISE.search(sentence) for sentence in last
    ) and not any(map(_RIGHT.search, last))


def says_it_never_ends(text: str) -> bool:
    """Tell whether a text speaks of a loop that does not end."""
    return bool(_ENDLESS.search(text))
