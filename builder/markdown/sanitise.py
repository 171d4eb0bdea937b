"""The only file that knows nh3: what HTML of an author's may reach a page or a card."""

from __future__ import annotations

from collections.abc import Callable

import nh3

from builder.patterns import late

_MORE = {
    "audio",
    "big",
    "details",
    "figcaption",
    "figure",
    "font",
    "kbd",
    "mark",
    "source",
    "summary",
}
_TAGS = nh3.ALLOWED_TAGS | _MORE
_ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "*": {"class", "id", "lang", "dir", "title"},
    "a": {"href", "hreflang"},
    "audio": {"controls", "src"},
    "details": {"open"},
    "font": {"color"},
    "source": {"src", "type"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
}

_NAME = late(r"</?([A-Za-z][A-Za-z0-9-]*)[\s/>]")


def is_allowed(html: str) -> bool:
    """Tell whether a piece of inline HTML is a comment, or an element that may stay."""
    name = _NAME.match(html)
    return name is None or name[1].lower() in _TAGS


#: Rewrites the `href` of a link or the `src` of an image; None takes it away.
Url = Callable[[str, str], str | None]


#: What browsers leave out of an address, or before it.
_UNREAD = late(r"[\x00-\x20]+")


def _kept(url: str | None) -> str | None:
    """An image in an address becomes a file; what is left as it was may be a page with a script."""
    return None if url and _UNREAD.sub("", url).lower().startswith("data:") else url


def sanitiser(url: Url) -> Callable[[str], str]:
    """Return what leaves nothing in HTML but the allowed tags and attributes.

    No `style` is among them: the site's content security policy would refuse it.
    """
    lost: list[BaseException] = []

    def rewrite(_tag: str, name: str, value: str) -> str | None:
        try:
            return _kept(url(name, value)) if name in ("href", "src") else value
        except BaseException as error:
            lost.append(error)  # the library would drop it, be it an interrupt
            return None

    cleaner = nh3.Cleaner(
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=rewrite,
        link_rel="noopener noreferrer",
        url_schemes=nh3.ALLOWED_URL_SCHEMES | {"data"},
    )

    def clean(html: str) -> str:
        cleaned = cleaner.clean(html)
        if lost:
            raise lost.pop()
        return cleaned

    return clean
