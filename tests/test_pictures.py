"""Pictures as files hold them, and as they are shown."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image

from builder import pictures
from builder.model import Asset
from tests.deck.pixels import png


def fit(name: str, content: bytes) -> tuple[bytes, str]:
    asset, wrong = pictures.fit(Asset("notes/a.md", name, name, content))
    assert asset.name == name
    return asset.content, wrong


def test_an_ordinary_picture_is_not_touched() -> None:
    assert fit("a.png", png(40, 30, 9)) == (png(40, 30, 9), "")


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_an_absurdly_large_one_is_made_smaller(kind: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (6000, 300), "teal").save(file, kind)
    content, wrong = fit(f"a.{kind}", file.getvalue())
    small = Image.open(io.BytesIO(content))
    assert (small.size, small.format, wrong) == ((2400, 120), kind.upper(), "")


def held_sideways(kind: str, **more: Any) -> bytes:
    """Return a photograph of 3000 by 1000, red on its left, that was taken standing."""
    file, exif = io.BytesIO(), Image.Exif()
    exif[274] = 6
    image = Image.new("RGB", (3000, 1000), "white")
    image.paste((255, 0, 0), (0, 0, 300, 1000))
    image.save(file, kind, exif=exif, icc_profile=b"colours", **more)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_a_photograph_that_is_made_smaller_stands_as_it_was_taken(kind: str) -> None:
    content, _ = fit(f"a.{kind}", held_sideways(kind))
    small = Image.open(io.BytesIO(content))
    assert small.size == (800, 2400)
    assert small.getexif().get(274, 1) == 1
    assert small.info["icc_profile"] == b"colours"
    top = small.convert("RGB").getpixel((400, 20))
    assert isinstance(top, tuple)
    assert top[0] > 200 > 99 > top[1]


def test_a_photograph_with_another_behind_it_is_one_photograph() -> None:
    both = held_sideways("MPO", save_all=True, append_images=[Image.new("RGB", (300, 100))])
    content, wrong = fit("a.jpg", both)
    small = Image.open(io.BytesIO(content))
    assert (small.size, small.format, wrong) == ((800, 2400), "JPEG", "")


def test_few_colours_become_more_and_what_is_clear_stays_clear() -> None:
    file, image = io.BytesIO(), Image.new("P", (3000, 10), 1)
    image.putpalette([0, 0, 0, 255, 255, 255])
    image.paste(0, (0, 0, 1500, 10))
    image.save(file, "PNG", transparency=0)
    small = Image.open(io.BytesIO(fit("a.png", file.getvalue())[0]))
    assert (small.size, small.mode) == ((2400, 8), "RGBA")
    assert (small.getpixel((2, 2)), small.getpixel((2300, 2))) == ((0, 0, 0, 0), (255,) * 4)


@pytest.mark.parametrize(
    ("name", "content", "wrong"),
    [
        ("a.png", b"<html>not found</html>", "it is no picture of its kind"),
        ("a.png", b"", "it is no picture of its kind"),
        ("a.png", png(40, 30, 9)[:-20], "its content is damaged"),
        ("a.png", png(40, 30, 9).replace(b"IDAT", b"IDAX"), "it is no picture of its kind"),
        ("a.svg", b"GIF89a", "there is no `<svg>` in it"),
        ("a.mp3", b"whatever", ""),
    ],
)
def test_what_cannot_be_shown_is_said(name: str, content: bytes, wrong: str) -> None:
    assert fit(name, content) == (content, wrong)


def test_an_svg_runs_nothing() -> None:
    drawn = b'<svg onload="go()"><script>go()</script><a href="javascript:go()"><path/></a></svg>'
    assert fit("a.svg", drawn) == (b"<svg><a><path/></a></svg>", "")


@pytest.mark.parametrize(
    "unsafe",
    [
        b"<scr<script/>ipt>go()</script>",
        b"<foreignObject><body onload='go()'/></foreignObject>",
        b"<set attributeName='href' to='javascript:go()'/>",
        b"<g onclick=go()/>",
        b"<a xlink:href='&#106;avascript:go()'/>",
        b"<image href='https://example.org/a.png'/>",
        b"<style>@import 'https://example.org/a.css'; b{fill:url(//example.org/b)}</style>",
        b"<?xml-stylesheet href='a.css'?>",
        b"<use href='other.svg#a'/>",
    ],
)
def test_an_svg_asks_nobody(unsafe: bytes) -> None:
    drawn, wrong = fit("a.svg", b"<svg><g id='a'/>" + unsafe + b"</svg>")
    assert wrong == ""
    assert not re.search(rb"go\(|example|href=|\bon\w+=|stylesheet|import", drawn), drawn


def test_an_svg_keeps_what_is_its_own() -> None:
    own = (
        b"<svg><style>b{fill:url(#a)}</style><use xlink:href='#a'/><g clip-path='url(#a)'/>"
        b"<image href='data:image/png;base64,AAAA'/></svg>"
    )
    assert fit("a.svg", own) == (own, "")
    wide = "<svg onload='go()'/>".encode("utf-16")
    assert fit("a.svg", wide) == (b"<svg/>", "")


@pytest.mark.parametrize(
    ("name", "content", "size"),
    [
        ("a.png", png(40, 30, 9), (40, 30)),
        ("a.png", b"no picture", None),
        (
            "a.svg",
            b'<svg viewBox="0 0 9 9" width="468" height=\'30.5px\'><a width="1"/>',
            (468, 30),
        ),
        ("a.svg", b'<svg viewBox="0 0 360 236" width="100%"/>', None),
        ("a.svg", b'<svg viewBox="0 0 360 236"/>', None),
        ("a.mp3", b"", None),
    ],
)
def test_what_says_its_size_is_shown_with_it(
    name: str, content: bytes, size: tuple[int, int] | None
) -> None:
    assert pictures.size(name, content) == size


def test_a_photograph_that_is_turned_is_as_wide_as_it_was_high() -> None:
    assert pictures.size("a.jpg", held_sideways("jpeg")) == (1000, 3000)
