"""The only file that knows fontTools: a math font, cut down to what the formulas of a site show."""

from __future__ import annotations

import io
import re
from functools import cache
from html import unescape
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from builder.kept import Kept, key_of
from builder.patterns import late

#: STIX Two Math lies in this package, which is not imported. The font is under the SIL Open Font
#: License, whose text and copyright the cut keeps in its table of names.
_PACKAGE, _FONT = "ziamath", "fonts/STIXTwoMath-Regular.ttf"
#: What it depends on how the font is cut.
_CUTTERS: Final = (_PACKAGE, "fonttools", "brotli")
_NAMES: Final = (0, 1, 2, 3, 4, 5, 6, 13, 14)

_ANNOTATION = late(r"<annotation.*?</annotation>", re.DOTALL)
_SINGLE = late(r"<mi>(.)</mi>", re.DOTALL)
_ROOT = late(r"<m(?:sqr|roo)t")
_TAG = late(r"<[^>]*>")

#: A lone letter is slanted by the browser, which takes another character for it.
_SLANTED: Final = {
    **{chr(ord("a") + n): chr(0x1D44E + n) for n in range(26)},
    **{chr(ord("A") + n): chr(0x1D434 + n) for n in range(26)},
    **{chr(0x3B1 + n): chr(0x1D6FC + n) for n in range(25)},
    **{chr(0x391 + n): chr(0x1D6E2 + n) for n in range(25)},
    "h": "\u210e",
    "∂": "\U0001d715",
    "ϵ": "\U0001d716",
    "ϕ": "\U0001d719",
}


def characters(mathml: str) -> frozenset[str]:
    """Return the characters that a formula shows."""
    shown = _ANNOTATION.sub("", mathml)
    roots = "√" if _ROOT.search(shown) else ""  # which the browser draws by itself
    slanted = (_SLANTED.get(letter, letter) for letter in _SINGLE.findall(shown))
    return frozenset(unescape(_TAG.sub("", shown))).union(slanted, roots)


def font(shown: frozenset[str], kept: Kept) -> bytes:
    """Return the font as woff2, with the glyphs of these characters and all that they grow into."""
    key = key_of("font", [version(package) for package in _CUTTERS], sorted(shown))
    found = kept.get(key)
    if not isinstance(found, bytes):
        found = _cut(shown)
        kept.put(key, found)
    return found


@cache
def _cut(shown: frozenset[str]) -> bytes:
    from fontTools import subset  # type: ignore[import-untyped]

    options = subset.Options(
        flavor="woff2",
        layout_features=["*"],
        hinting=False,
        name_IDs=list(_NAMES),
        recalc_timestamp=False,
    )
    whole = subset.load_font(str(_file()), options)
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(sorted(shown)))
    cutter.subset(whole)
    cut = io.BytesIO()
    subset.save_font(whole, cut, options)
    return cut.getvalue()


def _file() -> Path:
    spec = find_spec(_PACKAGE)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / _FONT
