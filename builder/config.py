"""proofdeck.toml and front matter to values, with problems for what cannot be understood.

Each key stands in one visible table with the type it must have. What is unknown or of another
type is a problem at its place; the rest is taken.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any, Literal

from builder.model import Allowance, Problem, Severity, Source, Span, Verifying
from builder.patterns import late


@dataclass(frozen=True, slots=True)
class DeckConfig:
    """`[deck]`. `name` is permanent: Anki matches decks by name; `split` says what has its own."""

    name: str = ""
    broken: Literal["mark", "hold"] = "mark"
    split: Literal["note", "folder", "none"] = "note"


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """`[site]`. `url` is where the site will stand, with a slash at its end, or empty."""

    url: str = ""


@dataclass(frozen=True, slots=True)
class VerifyConfig:
    """`[verify]`. `timeout` is in seconds and `memory` in bytes, both for one snippet.

    `prelude` is None where nothing else is said. `allow` are patterns of notes' names, with what
    is allowed in these.
    """

    preload: tuple[str, ...] = ("torch", "numpy")
    timeout: float = 30.0
    memory: int = 2 << 30
    names: tuple[tuple[str, str], ...] = ()
    prelude: tuple[str, ...] | None = None
    stand_ins_off: tuple[str, ...] = ()
    allow: tuple[tuple[str, Allowance], ...] = ()


@dataclass(frozen=True, slots=True)
class LintConfig:
    """`[lint]`. `off` are the codes of problems that nobody wants to hear of."""

    off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """`proofdeck.toml`. `path` is empty where there is none, `root` the folder it stands in."""

    path: str = ""
    root: str = "."
    title: str = ""
    language: str = "zh"
    notes: str = "notes"
    exclude: tuple[str, ...] = ()
    out: str = "dist"
    deck: DeckConfig = DeckConfig()
    site: SiteConfig = SiteConfig()
    verify: VerifyConfig = VerifyConfig()
    lint: LintConfig = LintConfig()


_AS_CONFIGURED = Verifying()


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a note says of itself above its first line; `end_line` is its last, 0 for none."""

    end_line: int = 0
    title: str = ""
    deck: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    lint_off: tuple[str, ...] = ()
    verify: Verifying = _AS_CONFIGURED
    cloze: str = "braces"
    cards: tuple[str, ...] = ()


class _WrongValueError(ValueError):
    """What a key must be, in words that go on after `must be`."""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _WrongValueError("text in quotes")
    return value


def _folder(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _WrongValueError("the path of a folder in quotes")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _WrongValueError("a list of texts")
    return tuple(value)


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise _WrongValueError("a number of seconds, more than 0")
    return float(value)


_UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def _size(value: object) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]iB)?", str(value))
    size = int(float(match[1]) * _UNITS[match[2] or ""]) if match else 0
    if isinstance(value, bool) or not size:
        raise _WrongValueError('a size such as `"2 GiB"`')
    return size


#: `zh`, `zh-CN`, `pt_BR`.
_LANGUAGE = late(r"[a-z]{2,3}(?:[-_]\w+)*", re.IGNORECASE)


def _language(value: object) -> str:
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise _WrongValueError('the short name of a language, such as `"en"`')
    return value


def _short(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()


def _broken(value: object) -> str:
    if value not in ("mark", "hold"):
        raise _WrongValueError('`"mark"` or `"hold"`')
    return str(value)


def _split(value: object) -> str:
    if value not in ("note", "folder", "none"):
        raise _WrongValueError('`"note"`, `"folder"` or `"none"`')
    return str(value)


def _url(value: object) -> str:
    text = _text(value)
    if text and not text.startswith(("http://", "https://")):
        raise _WrongValueError("an address that begins with `https://`")
    return text if text.endswith("/") or not text else text + "/"


def _names(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
        raise _WrongValueError('names with expressions in quotes: `model = "nn.Linear(10, 2)"`')
    for name, expression in value.items():
        if not name.isidentifier() or not _parses(expression, "eval"):
            raise _WrongValueError(f"names with expressions: `{name} = {expression}` is none")
    return tuple(value.items())


def _prelude(value: object) -> tuple[str, ...]:
    lines = value.strip().split("\n") if isinstance(value, str) else _texts(value)
    wrong = next((line for line in lines if not _parses(line, "exec")), None)
    if wrong is not None:
        raise _WrongValueError(f"a list of lines of Python: `{wrong}` is none")
    return tuple(line for line in lines if line.strip())


def _parses(code: str, mode: Literal["eval", "exec"]) -> bool:
    try:
        compile(code, "prelude", mode, dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


#: What can be put in place of what a machine lacks.
STAND_INS = ("device", "data", "weights", "loops", "files")


def _stand_ins(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not set(map(str, value)) <= set(STAND_INS):
        raise _WrongValueError("a list of these: " + _listed(STAND_INS))
    return tuple(value)


def _allow(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, Mapping):
        raise _WrongValueError('patterns with lists of codes: `"drafts/**" = ["runtime-error"]`')
    return tuple((str(pattern), _texts(codes)) for pattern, codes in value.items())


def _scope(value: object) -> str:
    if value not in ("note", "card", "snippet"):
        raise _WrongValueError("`note`, `card` or `snippet`")
    return str(value)


Reader = Callable[[object], object]

#: Every key of proofdeck.toml, and what reads it.
KEYS: Mapping[str, Reader] = {
    "title": _text,
    "language": _language,
    "notes": _folder,
    "exclude": _texts,
    "out": _folder,
    "deck.name": _text,
    "deck.broken": _broken,
    "deck.split": _split,
    "site.url": _url,
    "verify.preload": _texts,
    "verify.timeout": _seconds,
    "verify.memory": _size,
    "verify.names": _names,
    "verify.prelude": _prelude,
    "verify.stand-ins-off": _stand_ins,
    "verify.allow": _allow,
    "lint.off": _texts,
}

_TABLES = ("deck", "site", "verify", "lint")


def parse(
    source: Source,
    root: str,
    languages: tuple[str, ...],
    codes: Callable[[], tuple[str, ...]] = tuple,
) -> tuple[Config, tuple[Problem, ...]]:
    """Return the configuration that `source` holds; it stands in the folder `root`.

    `languages` are those that there are words for, `codes` are those of all problems.
    """
    try:
        data = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        return Config(source.path, root), (_syntax(source, error),)
    found, problems = _read(
        _flat(data),
        KEYS,
        lambda key: _toml_place(source, key),
        lambda key: _toml_value(source, _toml_place(source, key)),
    )
    if "language" in found and _short(found["language"]) not in languages:
        place = _toml_place(source, "language")
        message = f"there are no words for the language `{found.pop('language')}`"
        help_ = f"take one of these, or add its words: {_listed(languages)}"
        problems += (Problem("unknown-language", place, message, help_),)
    problems += _unknown_codes(source, "lint.off", found, codes, lambda k: _toml_place(source, k))
    if "verify.allow" in found:
        found["verify.allow"] = tuple(
            (pattern, Allowance(_quoted_place(source, pattern), codes))
            for pattern, codes in found["verify.allow"]
        )
    top = {key: value for key, value in found.items() if "." not in key}
    config = Config(
        path=source.path,
        root=root,
        deck=DeckConfig(**_table(found, "deck")),
        site=SiteConfig(**_table(found, "site")),
        verify=VerifyConfig(**_table(found, "verify")),
        lint=LintConfig(**_table(found, "lint")),
        **top,
    )
    return config, problems


def _flat(data: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield `deck.name` for what stands in `[deck]`."""
    for key, value in data.items():
        if key in _TABLES and isinstance(value, Mapping):
            yield from ((f"{key}.{inner}", item) for inner, item in value.items())
        else:
            yield str(key), value


def _table(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {
        key.split(".")[1].replace("-", "_"): v
        for key, v in found.items()
        if key.startswith(name + ".")
    }


def _read(
    items: Iterator[tuple[str, object]],
    readers: Mapping[str, Reader],
    place: Callable[[str], Span],
    value_place: Callable[[str], Span],
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Return the values that can be read, and a problem for each that cannot."""
    found: dict[str, Any] = {}
    problems = []
    for key, value in items:
        if key not in readers:
            problems.append(_unknown(key, tuple(readers), place(key)))
            continue
        try:
            found[key] = readers[key](value)
        except _WrongValueError as error:
            message = f"`{key}` must be {error}"
            problems.append(
                Problem("wrong-value", value_place(key), message, "see docs/configuration.md")
            )
    return found, tuple(problems)


def _unknown(key: str, known: tuple[str, ...], place: Span) -> Problem:
    tables = tuple(word.split(".")[0] for word in known if "." in word)
    help_ = _advice(key, known + tables, "known are " + _listed(known))
    return Problem("unknown-key", place, f"unknown key `{key}`", help_)


def _advice(word: str, known: tuple[str, ...], otherwise: str) -> str:
    """Return what may have been meant by a word that is not known, or else another advice."""
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1)
    return f"did you mean `{near[0]}`?" if near else otherwise


def _unknown_codes(
    source: Source,
    key: str,
    found: Mapping[str, Any],
    codes: Callable[[], tuple[str, ...]],
    place: Callable[[str], Span],
) -> tuple[Problem, ...]:
    """Return a problem for each code below a key that no problem has; `codes` may be none."""
    known = codes() if found.get(key) else ()
    return tuple(
        Problem(
            "unknown-code",
            _word_place(source, place(key), code),
            f"there is no problem `{code}`",
            _advice(code, known, "`build explain` lists them all"),
        )
        for code in (found[key] if known else ())
        if code not in known
    )


def _word_place(source: Source, key: Span, word: str) -> Span:
    """Find a word that stands behind a key or below it; else return the place of the key."""
    pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
    for number in range(key.line, len(source.lines) + 1):
        start = key.end_column - 1 if number == key.line else 0
        if match := pattern.search(source.line(number), start):
            return source.span(number, match.start() + 1, number, match.end() + 1)
    return key


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _toml_place(source: Source, key: str) -> Span:
    """Find the line that a key is set on; the library reads values and forgets their places."""
    table, _, name = key.rpartition(".")
    inside = ""
    pattern = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[.=]|\s*\[{re.escape(key)}[.\]]")
    for number, line in enumerate(source.lines, 1):
        match = pattern.match(line)
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
        if match and (inside == table or header):
            column = len(line) - len(line.lstrip()) + 1
            return source.span(number, column, number, column + len(name))
        inside = header[1] if header else inside
    return source.span(1)


_VALUE = late(r"[\"']?\s*=\s*((?:\"[^\"]*\"|'[^']*'|[^\"'#])+)")


def _toml_value(source: Source, key: Span) -> Span:
    """Return the place of the value behind a key, as far as it stands on the same line."""
    match = _VALUE.match(source.line(key.line), key.end_column - 1)
    if not match:
        return key
    start = match.start(1) + 1
    return source.span(key.line, start, key.line, start + len(match[1].rstrip()))


def _quoted_place(source: Source, key: str) -> Span:
    """Find the line of a key that is written in quotes."""
    for number, line in enumerate(source.lines, 1):
        match = re.match(rf"\s*([\"']){re.escape(key)}\1\s*=", line)
        if match:
            column = line.index(match[1]) + 1
            return source.span(number, column, number, column + len(key) + 2)
    return _toml_place(source, "verify.allow")


def _syntax(source: Source, error: tomllib.TOMLDecodeError) -> Problem:
    at = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
    line, column = (int(at[1]), int(at[2])) if at else (len(source.lines), 1)
    said = re.sub(r"\s*\(at .*\)$", "", str(error))
    message = said[:1].lower() + said[1:]
    place = source.span(line, column, line, column + 1)
    return Problem("toml-syntax", place, message, "the file must be valid TOML: https://toml.io")


def _tags(value: object) -> tuple[str, ...]:
    items = re.split(r"[,，\s]+", value) if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise _WrongValueError("a list of words")
    return tuple(item.lstrip("#") for item in items if item)


def _language_of_note(value: object) -> str | None:
    """A browser and a voice know more languages than there are words for here."""
    text = _text(value)
    return _short(text) if _LANGUAGE.fullmatch(text) else None


def _cloze(value: object) -> str:
    if value not in ("braces", "marks"):
        raise _WrongValueError("`braces` or `marks`")
    return str(value)


#: What `cards` may name, besides the levels of headings.
_MAKE_CARDS = ("headings", "questions", "pairs", "tables", "definitions")


def _cards(value: object) -> tuple[str, ...]:
    """Read `h2`, `[2, 3]`, `questions, tables`: what makes cards in a note."""
    items = re.split(r"[,，\s]+", value.strip()) if isinstance(value, str) else value
    words = [str(item).lower() for item in items] if isinstance(items, list) else []
    found = [f"h{word}" if re.fullmatch("[1-6]", word) else word for word in words]
    if not found or not all(re.fullmatch("h[1-6]", it) or it in _MAKE_CARDS for it in found):
        raise _WrongValueError("levels such as `h2`, or some of " + _listed(_MAKE_CARDS))
    return tuple(found)


#: Every key of a note's front matter, and what reads it.
FRONT_MATTER: Mapping[str, Reader] = {
    "title": _text,
    "deck": _text,
    "tags": _tags,
    "lang": _language_of_note,
    "lint-off": _tags,
    "cloze": _cloze,
    "cards": _cards,
    "verify.names": _names,
    "verify.prelude": _prelude,
    "verify.scope": _scope,
}

_FIELDS = {"lang": "language", "lint-off": "lint_off"}


def parse_front_matter(
    source: Source, codes: Callable[[], tuple[str, ...]] = tuple
) -> tuple[FrontMatter, tuple[Problem, ...]]:
    """Return what stands between `---` lines at the top of a note; most notes have none.

    `codes` are those of all problems.
    """
    start = _front_matter_start(source)
    end = _front_matter_end(source, start) if start else 0
    if not end:
        return FrontMatter(), tuple(_unclosed(source, start) if start else ())
    import yaml

    text = "\n" * (start - 1) + "\n".join(source.lines[start : end - 1])
    try:
        node = yaml.compose(text, yaml.BaseLoader)
        data = yaml.load(text, yaml.BaseLoader)  # every scalar stays the text that it is
    except yaml.YAMLError as error:
        return FrontMatter(end), (_yaml_syntax(source, error, text),)
    if not isinstance(data, dict) or not isinstance(node, yaml.MappingNode):
        return FrontMatter(), ()
    nodes = {name: (key, value) for name, key, value in _keys(node)}

    def place(key: str) -> Span:
        return _yaml_span(source, nodes[key][0])

    def value_place(key: str) -> Span:
        value = _yaml_span(source, nodes[key][1])
        return value if value.line == place(key).line else place(key)

    found, problems = _read(_flat(data), FRONT_MATTER, place, value_place)
    problems += _unknown_codes(source, "lint-off", found, codes, place)
    problems = tuple(
        replace(problem, severity=_how_bad(problem))
        for problem in problems
        if problem.code != "unknown-key" or _key(problem) not in _THEIRS
    )
    named = {_FIELDS.get(key, key): v for key, v in found.items() if "." not in key}
    return FrontMatter(end, **named, verify=Verifying(**_table(found, "verify"))), problems


def _yaml_span(source: Source, node: Any) -> Span:
    """Return where a key or a value stands, as far as it does so on its first line."""
    line, column = node.start_mark.line + 2, node.start_mark.column + 1
    is_alone = node.end_mark.line == node.start_mark.line
    end = node.end_mark.column + 1 if is_alone else len(source.line(line)) + 1
    return source.span(line, column, line, max(end, column))


def _keys(node: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the keys of front matter with their values, those of tables too, as `table.key`."""
    for key, value in node.value:
        yield str(key.value), key, value
        if key.value in _TABLES and isinstance(value.value, list):
            yield from (
                (f"{key.value}.{pair[0].value}", *pair)
                for pair in value.value
                if isinstance(pair, tuple)
            )


def _how_bad(problem: Problem) -> Severity:
    """Other tools read front matter too: a key that is near none of ours is theirs."""
    return "note" if problem.code == "unknown-key" and not _is_slip(problem) else "warning"


def _is_slip(problem: Problem) -> bool:
    from difflib import get_close_matches

    return bool(get_close_matches(_key(problem), FRONT_MATTER, 1, _SLIP))


def _key(problem: Problem) -> str:
    return problem.message.split("`")[1]


#: How alike a misspelt key is; `subtitle` is none of ours.
_SLIP = 0.8
#: What Obsidian and its plugins, and the builders of sites, keep in front matter.
_THEIRS = frozenset(
    re.split(
        r"\s+",
        """alias aliases cssclass cssclasses publish created modified updated date lastmod id
        uid uuid sr-due sr-interval sr-ease layout permalink slug url author authors
        category categories description summary draft status type weight order parent
        nav_order nav_exclude has_children sidebar_position sidebar_label sidebar hide_title
        hide_table_of_contents pagination_next pagination_prev image images cover banner toc
        comments math mermaid output format jupyter kernelspec jupytext keywords series menu
        subtitle titles tag language lang-ref version linter-yaml-title-alias hide icon
        source related up course""",
    )
)


def _front_matter_start(source: Source) -> int:
    """Return the line of the first `---`, or 0 where the note begins with something else."""
    first = next((n for n, line in enumerate(source.lines, 1) if line.strip()), 0)
    return first if first and source.line(first).rstrip() == "---" else 0


def _front_matter_end(source: Source, start: int) -> int:
    """Return the line of the second `---`, or 0 where the one at `start` begins something else.

    Some notes divide cards by such lines: what stands between must have a key, in small letters as
    all tools write theirs. Below blank lines nothing but keys, lists and comments may stand there.
    """
    ends = (n for n, line in enumerate(source.lines[start:], start + 1) if _RULE.match(line))
    end = next(ends, 0)
    lines = source.lines[start : end - 1]
    has_key = any(map(_KEY.match, lines))
    if start > 1:
        return end if has_key and all(map(_YAML.match, lines)) else 0
    return end if end == 2 or has_key else 0


def _unclosed(source: Source, start: int) -> Iterator[Problem]:
    """Yield a problem where nothing ends what is front matter by its keys, down to a blank line."""
    if any(map(_RULE.match, source.lines[start:])):
        return
    lines = tuple(takewhile(str.strip, source.lines[start:]))
    keys = {match[1] for match in map(_KEY.match, lines) if match}
    if all(map(_YAML.match, lines)) and keys & (FRONT_MATTER.keys() | _THEIRS):
        message = "front matter is never closed: it is taken for text"
        place = source.span(start, 1, start, 4)
        yield Problem("front-matter", place, message, "write `---` on a line of its own below it")


_RULE = late(r"(?:---|\.\.\.)\s*$")
_KEY = late(r"[\"']?([a-z][\w-]+)[\"']?\s*:(?:\s|$)")
_YAML = late(rf"{_KEY.pattern}|\s|-\s|#|$")


def _yaml_place(error: Any, text: str) -> tuple[int, int]:
    """Return where it went wrong; for what is never closed, where that was opened.

    The library goes on to the next line, or to the end, before it notices the latter.
    """
    if (at := getattr(error, "position", None)) is not None:
        return text.count("\n", 0, at) + 2, at - text.rfind("\n", 0, at)
    mark, begun = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    is_open = mark and begun and begun.line < mark.line and "block" not in str(error.context)
    mark = begun if is_open or not mark else mark
    return (mark.line + 2, mark.column + 1) if mark else (1, 1)


def _yaml_syntax(source: Source, error: Any, text: str) -> Problem:
    line, column = _yaml_place(error, text)
    place = source.span(line, column, line, column + 1)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or error
    message = f"front matter is not valid YAML: {what}"
    return Problem("front-matter", place, message, "mend it, or take the lines out")
