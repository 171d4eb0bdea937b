"""The words with which a text says that it asks, or that it answers, in the languages of notes.

What marks a question or an answer in a line takes them from here, so that a word that one way
knows all know. Two ways have lists of their own: what counts a question, `面试题 3`, may be another
word than what asks one, and a heading may say `Explanation`, which is no mark in a text.
"""

from __future__ import annotations

#: What stands before a question.
ASKS = r"(?:Q(?:ue(?:s|stion)?)?|问题?|提问|面试题|题目|Spørgsmål|Spm\.?|Sp\.)"

#: What may count questions behind such a word.
COUNT = r"(?:\d+|[一二三四五六七八九十]+)"

#: What stands before an answer, `A` alone aside: that may be the first of several choices.
ANSWERS = (
    r"(?:(?:(?:the|correct|right|model|sample|suggested|expected|korrekte?|rigtigt?)[ ]){0,2}"
    r"(?:ans(?:wer)?|solution|svar|sv\.|løsning(?:sforslag)?|facit)"
    r"|(?:官方|参考|标准|正确)?(?:答案解析|答案|解答|解析|回答|答))"
)

#: What stands on a fold that says only that an answer is inside: `Click to see the answer`.
OPENS = (
    r"(?:(?:查看|点击|点我|展开|显示|click|tap|press|open|expand|show|see|view|reveal|toggle|check|klik|tryk|vis|se|åbn"
    r"|me|here|her|to|for|at|the|my|din|den)\b\W*|(?:查看|点击|点我|展开|显示)\W*)*"
    rf"(?:{ANSWERS}s?|hint|spoiler|details|详情|提示|展开|查看)(?:[ ](?:here|below|her|\d+))?\W*"
)

#: Words that only together say what asks and what answers, and how many pairs there must be.
TOGETHER = (
    (r"front(?:[ ]side)?", r"back(?:[ ]side)?", 1),
    (r"forside", r"bagside", 1),
    (r"正面", r"[反背]面", 1),
    (r"prompt", r"response", 2),
    (r"interviewer", r"(?:candidate|interviewee|me|you)", 2),
    (r"面试官", r"(?:候选人|面试者|应聘者|求职者|我)", 2),
    (r"(?:(?:exercise|task|opgave|øvelse)|problem(?=[ ]\d))", ANSWERS, 2),
    (r"(?:term|begreb|术语)", r"(?:definition|定义)", 2),
)


def marks(words: str) -> str:
    """Return a pattern of what marks an answer: `Answer:`, `**Answer**`, `【答案】`.

    A line that is bold as a whole, `**Answer: B**`, is marked at its beginning.
    """
    return (
        rf"(?:(?=(?P<whole>\*\*|__){words}[ \t]*\d*[ \t]*[:：]"
        r"(?:(?!(?P=whole)).)+(?P=whole)[ \t]*$)"
        rf"|【{words}[ \t]*\d*】[ \t]*[:：]?"
        rf"|(?P<bold>\*{{1,3}}|__?)?{words}[ \t]*\d*[ \t]*"
        r"(?:[:：][ \t]*(?(bold)(?P=bold))|(?(bold)[.]?(?P=bold)[ \t]*[:：]?|(?!))))[ \t]*"
    )
