"""The only file that knows Pillow: pictures that can be shown, none larger than needed."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from builder.model import Asset
from builder.patterns import late

if TYPE_CHECKING:
    from PIL import Image

#: Pixels of the longer side; what is larger is made smaller.
LARGEST: Final = 2400

_RASTER: Final = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".bmp"})
#: What runs in an SVG that somebody opens by itself, and what asks other hosts.
_UNSAFE = late(
    rb"<script\b.*?(?:</script\s*>|/>|\Z)"
    rb"|<foreignObject\b.*?(?:</foreignObject\s*>|/>|\Z)"
    rb"|<\?xml-stylesheet\b.*?(?:\?>|\Z)"
    rb"|<(?:set|animate\w*)\b[^>]*attributeName\s*=\s*[\"'](?:\w+:)?href\b[^>]*>"
    rb"|<!ENTITY\b[^>]*(?:script|[<&])[^>]*>"
    rb"|\son[a-z]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+)"
    rb"|\s(?:\w+:)?href\s*=\s*(?:\"(?!#|data:image/(?:png|jpe?g|gif|webp)\b)[^\"]*\""
    rb"|'(?!#|data:image/(?:png|jpe?g|gif|webp)\b)[^']*')"
    rb"|@import\b[^;}<]*;?",
    re.DOTALL | re.IGNORECASE,
)
#: A part of the picture itself may be asked for, and nothing else.
_ADDRESS = late(rb"\burl\(\s*(?![\"'\s]*(?:&quot;|&apos;)?(?:#|data:image/))[^)]*\)", re.IGNORECASE)
#: The first tag of a drawing, and its sides in pixels.
_ROOT = late(rb"<svg\b[^>]*>")
_SIDES: Final = {
    side: late(rb"\s%s\s*=\s*[\"'](\d+(?:\.\d+)?)(?:px)?[\"']" % side.encode())
    for side in ("width", "height")
}
#: How a camera was held, and where that means that the sides change places.
_ORIENTATION: Final = 0x0112
_TURNED: Final = range(5, 9)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def fit(asset: Asset) -> tuple[Asset, str]:
    """Return a picture as it is shown, and what is wrong with it, if anything is.

    Its name stays that of the file it was: another machine may shrink it to other bytes.
    """
    content, wrong = _fitted(PurePosixPath(asset.name).suffix, asset.content)
    return (asset if content is asset.content else replace(asset, content=content)), wrong


@lru_cache(maxsize=64)  # many notes show the same
def _fitted(kind: str, content: bytes) -> tuple[bytes, str]:
    if kind == ".svg":
        content = _drawn(content)
        return content, "" if re.search(rb"<svg\b", content) else "there is no `<svg>` in it"
    return _raster(kind, content) if kind in _RASTER else (content, "")


@lru_cache(maxsize=1024)
def size(name: str, content: bytes) -> tuple[int, int] | None:
    """Return how wide and high a picture is shown, where it says so; `name` tells its kind."""
    kind = PurePosixPath(name).suffix
    if kind == ".svg":
        head = _ROOT.search(content)
        sides = [_SIDES[side].search(head[0]) for side in ("width", "height")] if head else []
        width, height = (int(float(it[1])) if it else 0 for it in sides) if sides else (0, 0)
        return (width, height) if width and height else None
    return _pixels(content) if kind in _RASTER else None


def _pixels(content: bytes) -> tuple[int, int] | None:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as image:
            width, height = image.size
            is_turned = image.getexif().get(_ORIENTATION, 1) in _TURNED
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        return None
    return (height, width) if is_turned else (width, height)


def _drawn(svg: bytes) -> bytes:
    """Return a drawing without what runs or asks others; what is left may make another of these."""
    if svg.startswith(_UTF_16):
        svg = re.sub(r"^<\?xml.*?\?>", "", svg.decode("utf-16", "replace")).encode()
    before = b""
    while svg != before:
        before, svg = svg, _ADDRESS.sub(b"none", _UNSAFE.sub(b"", svg))
    return svg


def _raster(suffix: str, content: bytes) -> tuple[bytes, str]:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as image:
            image.verify()
        with Image.open(io.BytesIO(content)) as image:
            if max(image.size) <= LARGEST or _is_animated(image):
                return content, ""
            return _smaller(image), ""
    except Image.DecompressionBombError:
        return content, "it has more pixels than can be shown"
    except (OSError, SyntaxError, ValueError) as error:
        unknown = isinstance(error, UnidentifiedImageError)
        known = suffix in Image.registered_extensions()
        said = "it is no picture of its kind" if unknown else "its content is damaged"
        return content, said if known else ""


def _is_animated(image: Image.Image) -> bool:
    """A photograph of a phone may hold another one, smaller, behind the first."""
    return image.format != "MPO" and getattr(image, "is_animated", False)


def _smaller(image: Image.Image) -> bytes:
    """Return a picture in the same format, its longer side as long as may be.

    How a camera was held is not taken along, so the picture is turned as it is to be seen.
    """
    from PIL import ImageOps

    file = io.BytesIO()
    kind = "JPEG" if image.format == "MPO" else image.format
    colours = image.info.get("icc_profile")
    small = ImageOps.exif_transpose(image)
    if kind == "PNG" and small.mode == "P":  # the mean of two colours is not one of a few
        small = small.convert("RGBA" if "transparency" in image.info else "RGB")
    small.thumbnail((LARGEST, LARGEST))
    small.save(file, kind, optimize=True, icc_profile=colours)
    return file.getvalue()
