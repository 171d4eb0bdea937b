"""What stands in place of Python in notes: prose, formulas, sketches, output, other languages."""

from __future__ import annotations

import ast
import difflib
import keyword
import re

_CJK = "\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af"
_MATH = re.compile(
    r"[×÷±≤≥≠≈∑Σ∏∂∇√∞∈∉∀∃→←⇒⇔·∘⊙⊗⊕αβγλμσθφω²³]|\\(?:frac|sum|times|cdot|left|text)\b"
)
#: Small letters below or above a name, which code has only where it calls a library by its name.
_INDICES = re.compile(r"\w[₀-₉ₙᵢⱼₖₜᵀ]")
_LIBRARIES = re.compile(r"\b(?:torch|nn|np|F|tf)\.\w")
_SHORT = re.compile(r"\.\.\.|…|\. \. \.|省略|略去")
_BLANK = re.compile(
    rf"<[A-Za-z_ /{_CJK}-]+>|\[(?:your|你的)[^\]]*\]|_{{3,}}|\?\?+|\bTODO\b", re.IGNORECASE
)
#: Two words side by side, one of them in another script.
_WORDS = re.compile(rf"[{_CJK}]\s+\w|[A-Za-z]\s+[{_CJK}]")
_IN_WORDS = re.compile(
    r"\s*(?:[A-Za-z_]\w*(?:\[[^\]]*\])?\s*[-+*/]?=\s*)?(?P<words>[^\W\d_]+(?:\s+\w+){2,})\s*(?:#.*)?$"
)
_HEADS = [*keyword.kwlist, "print"]
#: `Row wise product: a * b`, and `x.numpy(): 转成数组`.
_NAMED = re.compile(r"\s*(?P<words>[^\W\d_]+(?:[ -][^\W\d_]+)+)(?: ?\([^()]*\))? ?[:：]\s*\S")
_EXPLAINED = re.compile(rf"\s*[A-Za-z_.][\w.]*(?:\(.*\))?\s*[:：][^={{}}\[\]]*[{_CJK}]{{2}}")
_PSEUDO = re.compile(r"伪代码|伪码|pseudo-?\s?code", re.IGNORECASE)
#: How blocks begin and end where they are told in no language in particular.
_BLOCKS = re.compile(
    r"^\s*(?:end ?(?:if|for|while|function|procedure)|repeat|until\b[^(=]*|"
    r"(?:else ?)?if\b.*\bthen:?|(?:for|while)\b.*\bdo:?)\s*$",
    re.MULTILINE | re.IGNORECASE,
)
#: `size (int, optional) – ...`: how manuals describe what a function takes.
_DESCRIBED = re.compile(r"^\s*\*{0,2}\w+ ?\([^()\n]*\)\s*(?:[–—:：]|-(?=\s|$))", re.MULTILINE)
_STRING_OR_REMARK = re.compile(r"#.*|(['\"]).*?\1")
_LONG_STRING = re.compile(r"(\"{3}|'{3}).*?\1", re.DOTALL)
#: What programs write to a log: when, how grave, at which step, or what came to what.
_LOGGED = re.compile(
    r"\s*(?:\[?\d{4}[-/]\d{1,2}[-/]\d{1,2}[T ]\d|\[?(?:INFO|WARN(?:ING)?|DEBUG|ERROR)\b|"
    r"(?:[Ee]poch|[Ss]tep|[Ii]ter(?:ation)?|[Rr]ank)\W{0,2}\d|"
    r"[A-Za-z]\w*(?: \w+)+(?: \[[\d., ]+\])? ?[:=]\s*\[*\s*[-+]?\d[-+\d.e, ]*[\s\]]*$|"
    r"[A-Z]\w*: ?[-+]?\d[-+\d.e]*%?\s*$|[A-Z][a-z]+(?: [a-z]+)+ \d[\d.]* ?[a-z%]*\.?\s*$|"
    r"(?!(?:if|for|while|def|class|with|lambda|return|print|try|else|elif)\b)"
    r"\w[\w ]*: ?[^:,]+,(?: ?\w[\w ]*: ?[^:,]+,)* ?\w[\w ]*: ?\S)"
)
#: What JSON calls values that Python calls otherwise, and what data does not have.
_OF_JSON = re.compile(r"[:\[,]\s*(?:null|true|false)\s*[,}\]\n]")
_OF_PROGRAMS = re.compile(r"[\w)\]]\(|^\s*(?:import|def)\b|[^=!<>]=", re.MULTILINE)
_PYTHON2 = re.compile(
    r"^\s*(?:print\s+[^\s=(.,:\[]|print\s*>>|exec\s+['\"\w]|raise\s+\w+\s*,|except\s+[\w.]+\s*,\s*\w+\s*:)|"
    r"<>|^\s*print\s+\(?['\"]|`\w+`",
    re.MULTILINE,
)
_OTHER = re.compile(
    r"^\s*(?:#include|using namespace|public |private |function \w+\s*\(|const \w+ =|"
    r"let \w+ =|var \w+|(?:int|void|float|double|auto|char)\s+\w+\s*[(=;]|"
    r"SELECT |CREATE |FROM \S+:|RUN |<\?xml|<!DOCTYPE|</?[a-z]+>|\w+:\s*$\n\s+- )|"
    r"std::|;\s*$\n.*;\s*$|^\s*//",
    re.MULTILINE,
)
_OUTPUT = re.compile(
    r"\s*(?:tensor\(|array\(|torch\.Size\(|\[|\(|\{|<|OrderedDict\(|odict_|Parameter containing|"
    r"\d|[-+]\d|nan|inf|True|False|None|device\(|\w+\(\s*$|\(\w+\): |\)|\]|grad_fn|"
    r"[\w ./%-]+[:=]\s*\S|[\w ]+\s+[-\d.]+|\w+(?: \w+)* *$|[|+=-]{3,}|\d+%|-?\d+\.\d|"
    r"\w+\(<|[A-Za-z_]\w* [\w .()]+(?::| is)\s*$|[\w.]+ is\s*$|\.\.\. *(?:\.\.\.)?$)"
)
#: What stands in output and hardly in code.
_CERTAIN_OUTPUT = re.compile(
    r"^\s*\(\w+\): \w+\(|grad_fn=<|<[\w.]+ object at 0x|[=(]<[\w.]+: shape=|"
    r"^\s*(?:tensor\(\[|array\(\[|torch\.Size\(|<)",
    re.MULTILINE,
)
#: A row of numbers behind another, with no comma between them.
_ROWS = re.compile(r"\[\[ *-?[\d.]+\.?(?:e[-+]\d+)?\]\s*\n\s*\[ *-?\d")
_PLAIN_OUTPUT = re.compile(
    r"\s*(?:(?:tensor|array|Parameter|OrderedDict|odict_\w+|dict_\w+)\(|Parameter containing:|"
    r"<\S+.*>|\[\s*-?\d+\.?\d*\s+-?\d|\[\[\s*-?\d+\.?\d*\s+-?\d|Epoch|epoch:? \d|Step|\w+\($|"
    r"\(\w+\): \w|Traceback|"
    r"(?:Extract|Download|Load|Sav|Unpack|Unzipp)ing (?!=)\S|Successfully \w)"
)
_STATEMENT = re.compile(
    r"\s*(?:import |from \w|def |class |for .*:|while .*:|if .*:|with .*:|return\b|@|print\(|"
    r"[A-Za-z_][\w.\[\], ]*\s*(?:[-+*/]?=)(?!=)\s*\S)"
)
_PYTHON312 = re.compile(
    r"^\s*(?:async )?def \w+\[|^\s*class \w+\[\w[^\]]*\]\s*[(:]|^\s*type \w+(?:\[[^\]]*\])? = "
    r"|\b[fF]\"[^\"{]*\{[^}\"]*\"[^\"]*\"[^}]*\}|\b[fF]'[^'{]*\{[^}']*'[^']*'[^}]*\}",
    re.MULTILINE,
)
_RESULT = re.compile(r"(?:^|[\w)\]'\"]\s*)(?:-+|=+)>\s*[\w\[({'\"-]", re.MULTILINE)
#: What a manual puts around what may be left out, or between what may be chosen:
#: `range(start, stop[, step])`, `torch.[ones|zeros](2)`.
_NOTATION = re.compile(
    r"\([^()\n]*\[\s*,\s*\*{0,2}[A-Za-z_]\w*[^()\n]*\]\s*\)|\w\(\[[^\[\]\n]*,\s*\]\s*\w|"
    r"\.\s*[\[{(<]\s*\w+(?:\s*\|\s*\w+)+\s*[\]})>]"
)
#: What puts another file, or a value, in its place when a document is built.
_PUT_IN = re.compile(
    r"^\s*(?::include\b|@include\b|!include\b|;?-+8<-+|<<<\s*@|\.\. include::)|\{%.*%\}|\{\{.*\}\}",
    re.IGNORECASE | re.MULTILINE,
)
#: Words that are none of Python's, one of which hardly a sentence goes without: of English, French,
#: German, Spanish and Danish.
_LITTLE_WORDS = frozenset(
    ["a", "an", "are", "at", "be", "by", "each", "every", "here", "its", "of", "on", "should",
     "that", "the", "then", "there", "this", "to", "we", "when", "where", "which", "will", "you",
     "your", "avec", "dans", "de", "des", "du", "est", "la", "le", "les", "pour", "que", "qui",
     "sur", "un", "une", "auf", "das", "dem", "den", "der", "die", "ein", "eine", "ist", "mit",
     "nicht", "sind", "und", "von", "wird", "zu", "con", "el", "en", "las", "los", "para", "se",
     "una", "af", "det", "ikke", "kan", "og", "på", "som", "til"]
)  # fmt: skip
#: A statement with a remark behind it.
_REMARKED = re.compile(r"\s*[^#\s].*?\s#\s*\S")
#: A number behind words of its own: `Cost for b = -3 : 0.36`.
_LABELLED = re.compile(r"\s*[A-Za-z]\w*(?: +[\w=.,%/()+-]+)+ *: *[-+\[(]*\d[\d.,e+% -]*[\])]*\s*$")
#: What is done with a place for a value: `<list> = <dict>.keys()`.
_TEMPLATE = re.compile(r"^\s*<[A-Za-z_][\w./ -]*>(?:\s*=\s|\.\w+|\[.*\]\s*=)", re.MULTILINE)
#: The number of an item: `1.` in front of a word, and no number with a decimal point.
_ITEM = re.compile(rf"^\s*\d{{1,2}}[.、．]\s*(?=[A-Za-z{_CJK}])")
_CURLY = re.compile(r"“[^“”]*”|‘[^‘’]*’")
#: What lines of code begin with and sentences hardly do: a word of Python's, a call, a target.
_HEAD_OF_CODE = re.compile(
    rf"\s*(?:(?:{'|'.join(keyword.kwlist)}|print)\b|[A-Za-z_][\w.]*\s*\(|[^\W\d][\w.]*\s*=)"
)
_METHOD = re.compile(r"\s*(?:else|elif|except|finally|case)\b")


def plain_code(text: str) -> str:
    """Code without its strings of one line, and without its remarks."""
    return _STRING_OR_REMARK.sub("", text)


def is_empty(text: str) -> bool:
    """Whether there is nothing but comments."""
    return all(line.strip()[:1] in ("", "#") for line in text.split("\n"))


def is_of_python_312(text: str) -> bool:
    """Type parameters, `type` statements, and quotes inside the same quotes of an f-string."""
    return bool(_PYTHON312.search(text))


def shows_results(text: str) -> bool:
    """`torch.ones(1) -> tensor([1.])`: what a line gives, behind an arrow."""
    return bool(_RESULT.search(text)) and not re.match(r"\s*(?:async )?def\b", text)


def is_prose(line: str) -> bool:
    """A line of talk in Chinese, Japanese or Korean, without the signs of code."""
    text = _ITEM.sub("", plain_code(line))
    if not re.search(f"[{_CJK}]", text):
        return False
    signs = r"\w\s*[=(\[]|\w\.\w|^\s*(?:import|from|def|class|return)\b|[+*/]"
    return not re.search(signs, text) or is_told(line)


def is_told(line: str) -> bool:
    """A sentence in Chinese as its author wrote it, whatever signs of code stand in it.

    It has full-width punctuation, and words outside quotation marks, and does not begin as code.
    """
    text = _ITEM.sub("", plain_code(line))
    words = re.findall(f"[{_CJK}]", _CURLY.sub("", text))
    return len(words) > 6 and bool(re.search("[，。；：]", text)) and not _HEAD_OF_CODE.match(text)


def is_sentence(line: str) -> bool:
    """Five words or more, with nothing between them that code has."""
    words = re.sub(r"[.!?:,]+(?=\s|$)", "", _ITEM.sub("", line)).split()
    if len(words) < 5 or "import" in words:
        return False
    if not all(re.fullmatch(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", word) for word in words):
        return False
    return bool(_LITTLE_WORDS & {word.lower() for word in words})


def is_notation(text: str) -> bool:
    """A call as manuals show it, with brackets around what may be left out."""
    return bool(_NOTATION.search(plain_code(text)))


def is_put_in(text: str) -> bool:
    """A place where another file, or a value, is put when the document is built."""
    return bool(_PUT_IN.search(text))


def is_sheet(text: str) -> bool:
    """Lines with a remark each, as on a sheet to look things up on, rather than a program."""
    filled = [line for line in text.split("\n") if line.strip() and line.lstrip()[0] != "#"]
    remarked = sum(bool(_REMARKED.match(line)) for line in filled)
    return remarked >= 2 and remarked * 4 >= len(filled) * 3


def is_formula(text: str) -> bool:
    """Mathematics rather than code."""
    plain = plain_code(text)
    is_indexed = _INDICES.search(plain) and not _LIBRARIES.search(plain)
    return bool(_MATH.search(plain) or is_indexed)


def is_cut_short(text: str) -> bool:
    """Something left out on purpose: `...` where Python does not take it."""
    return bool(_SHORT.search(re.sub(r"(['\"]).*?\1", "", text)))


def has_blanks(text: str) -> bool:
    """Places for the reader to fill in, such as `<your path>`."""
    return bool(_BLANK.search(plain_code(_LONG_STRING.sub("", text))))


def has_words(text: str) -> bool:
    """Words in place of a value: `queue = [等待中的请求 Prefill]`."""
    return bool(_WORDS.search(plain_code(text)))


def is_in_words(line: str) -> bool:
    """Three words or more beside each other, alone or for a value: `best[i] = sum from zero`.

    So is what names in words what stands behind a colon, or says in words what stands before it.
    """
    if _EXPLAINED.match(plain_code(line)) and not _begins_statement(line):
        return True
    match = _NAMED.match(line) or _IN_WORDS.match(line)
    words = match.group("words").split() if match else ["def"]
    return not any(map(keyword.iskeyword, words)) and not _begins_statement(line)


def _begins_statement(line: str) -> bool:
    """Whether a line begins with a word that heads a statement, or with a slip of one."""
    word = re.match(r"\s*([A-Za-z]+)", line)
    return bool(word and difflib.get_close_matches(word[1], _HEADS, 1, 0.7))


def leaves_open(text: str) -> bool:
    """Whether a bracket is opened and never closed."""
    plain = plain_code(text)
    return any(plain.count(a) > plain.count(b) for a, b in ("()", "[]", "{}"))


def is_pseudo(text: str) -> bool:
    """Whether the comment that code begins with calls it pseudo-code, or its blocks show it."""
    first = next((line for line in text.split("\n") if line.strip()), "").strip()
    said = first.startswith("#") and bool(_PSEUDO.search(first))
    return said or len(_BLOCKS.findall(text)) > 1


def is_manual(text: str) -> bool:
    """Two lines or more that describe what a function takes, outside of strings."""
    return len(_DESCRIBED.findall(_LONG_STRING.sub("", text))) > 1


def is_bare_call(text: str) -> bool:
    """Whether it is one call, written as its signature is: `Bernoulli(probs=None, logits=None)`."""
    body = ast.parse(text).body
    call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name | ast.Attribute):
        return False
    plain = all(isinstance(value, ast.Name | ast.Starred) for value in call.args)
    values = [k.value for k in call.keywords if isinstance(k.value, ast.Constant)]
    is_signature = plain and len(values) == len(call.keywords)
    return is_signature and any(value.value is None for value in values)


def is_json(text: str) -> bool:
    """Data with `null` or `true` in it, and nothing that a program does."""
    plain = re.sub(r"(['\"]).*?\1", "", text)
    return bool(_OF_JSON.search(plain + "\n")) and not _OF_PROGRAMS.search(plain)


def is_python2(text: str) -> bool:
    """`print x` and the like."""
    return bool(_PYTHON2.search(text))


def is_other_language(text: str) -> bool:
    """C++, JavaScript, SQL, a Dockerfile, markup or the like."""
    return bool(_OTHER.search(text))


def is_output(lines: list[str]) -> bool:
    """Lines that a program may have printed, and none that is plainly a statement."""
    filled = [line for line in lines if line.strip()]
    return bool(filled) and all(
        _OUTPUT.match(line) and not _STATEMENT.match(line) for line in filled
    )


def is_printed_array(text: str) -> bool:
    """An array as numpy prints it, rows below each other without a comma, and no call."""
    return bool(_ROWS.search(text)) and not re.search(r"\w\(", text)


def is_only_output(text: str) -> bool:
    """Whether code that does not parse is nothing but what a program has printed."""
    if _TEMPLATE.search(text):
        return False
    if all(_LABELLED.match(line) for line in text.split("\n") if line.strip()):
        return True
    filled = [line for line in text.split("\n") if line.strip() and not line.startswith("#")]
    if _CERTAIN_OUTPUT.search(text):
        return is_output(filled)
    if filled and all(map(_LOGGED.match, filled)):
        return True
    return _is_one_value([line.strip() for line in filled])


def is_shown_object(text: str) -> bool:
    """Whether it begins as libraries show an object: `Metric(name: "bleu", ...`."""
    return bool(re.match(r"\s*[A-Z]\w*\(\w+: [\"'{]", text))


def _is_one_value(lines: list[str]) -> bool:
    """Lines in one pair of brackets that begins with them and ends with them."""
    depth, whole = 0, "\n".join(lines)
    if not re.match(r"[(\[{]", whole):
        return False
    for number, sign in enumerate(whole):
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0:
            return number == len(whole) - 1
    return False


def begins_as_output(line: str) -> bool:
    """A line that begins as printed values do, and as no statement does."""
    return bool(_PLAIN_OUTPUT.match(line))


def is_branch(line: str) -> bool:
    """The later part of a statement whose beginning is not shown: `else:`."""
    return bool(_METHOD.match(line))
