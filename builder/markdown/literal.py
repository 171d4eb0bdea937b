"""Signs that are meant as they are: the stars of `A(m*n)`, and the underscores of `__init__`."""

from __future__ import annotations

from re import Match

from mistune import InlineParser, InlineState, Markdown

_TIMES = r"(?<=[0-9A-Za-z_)\]])\*(?=[0-9A-Za-z_])(?!\*)"
_DUNDER = r"__[a-z][a-z0-9]*(?:_[a-z0-9]+)*__(?![0-9A-Za-z_])"

_KINDS = (object, int, str, dict, list, type, float, set, BaseException, map, classmethod)

_OTHER = """
    __all__ __array__ __await__ __call__ __class_getitem__ __copy__ __deepcopy__ __del__ __enter__
    __exit__ __file__ __get__ __getattr__ __matmul__ __missing__ __name__ __path__ __post_init__
    __set__ __set_name__ __slots__ __torch_dispatch__ __torch_function__ __version__ __weakref__
    __wrapped__ __main__ __aenter__ __aexit__ __aiter__ __anext__ __annotations__ __builtins__
"""

#: Names that Python gives a meaning; any other word between underscores may be meant as bold.
_SPECIAL = frozenset(_OTHER.split()).union(
    name for kind in _KINDS for name in dir(kind) if name.startswith("__")
)


def literal_signs(md: Markdown) -> None:
    """Teach the Markdown library which stars and underscores mark nothing."""
    md.inline.register("times", _TIMES, _text, before="emphasis", start_chars="*")
    md.inline.register("dunder", _DUNDER, _dunder, before="emphasis", start_chars="_")


def _text(_inline: InlineParser, match: Match[str], state: InlineState) -> int:
    # Emphasis is found among the pieces of text in the end; these must not be one of them.
    state.append_token({"type": "literal", "raw": match[0]})
    return match.end()


def _dunder(inline: InlineParser, match: Match[str], state: InlineState) -> int | None:
    return _text(inline, match, state) if match[0] in _SPECIAL else None
