"""What the published documents are called and where they stand.

Names and addresses are permanent: readers keep the address they subscribed to for years.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit, urlunsplit

from sse_digest.errors import FeedError
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.text import clean

ALL = "all"  # the feed of all items; no theme may be called so
MEDIA_TYPES = {  # by format, which is also the ending of the file's name
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "html": "text/html; charset=utf-8",
}

_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
_PATH = "/:@!$&'()*+,;=-._~%"  # RFC 3986 section 3.3; % is looked at afterwards
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_PORTS = {"http": 80, "https": 443}


def file_names(options: FeedOptions) -> tuple[str, ...]:
    """Give the name of every document there may be: of all items, then of each theme in order.

    Raises:
        FeedError: a theme's key cannot stand in an address.
    """
    return tuple(name_of(feed, format_) for feed in (ALL, *themes_of(options)) for format_ in MEDIA_TYPES)


def themes_of(options: FeedOptions) -> tuple[str, ...]:
    """Give the keys of the configured themes, in order.

    Raises:
        FeedError: a theme has the name of the feed of all items.
    """
    if ALL in options.themes:
        raise FeedError(f"The theme {ALL!r} has the name of the feed of all items. Give it another key.")
    return tuple(options.themes)


def name_of(feed: str, format_: str) -> str:
    """Give the file name of one feed in one format.

    Raises:
        FeedError: the key cannot stand in an address.
    """
    if not _KEY.fullmatch(feed):
        raise FeedError(
            f"The theme {feed!r} cannot stand in an address. "
            "Give it a key of small letters a to z, digits and single hyphens."
        )
    return f"{feed}.{format_}"


def feeds_of(names: Iterable[str]) -> frozenset[str]:
    """Give the feeds that published file names belong to; names that are not ours are passed over."""
    parts = (name.rpartition(".") for name in names)
    return frozenset(feed for feed, _, format_ in parts if format_ in MEDIA_TYPES and _KEY.fullmatch(feed))


def media_type(name: str) -> str:
    """Give the media type of a document, with its charset.

    Raises:
        KeyError: it is no document of ours.
    """
    return MEDIA_TYPES[name.rpartition(".")[2]]


def url_of(public_url: str, name: str) -> str:
    """Give the address of a document; `public_url` as in FeedOptions.

    Raises:
        FeedError: `public_url` is not an http or https address.
    """
    address = uri(f"{public_url.rstrip('/')}/feeds/{name}")
    if address is None:
        raise FeedError(f"public_url: {public_url!r} is not an http or https address.")
    return address


def authority_of(public_url: str) -> str:
    """Give the domain name of an address in lower case, as A-labels.

    Raises:
        FeedError: `public_url` is not an http or https address.
    """
    return urlsplit(url_of(public_url, "")).hostname or ""


def uri(text: str | None) -> str | None:
    """Turn an address as people write it into a URI (RFC 3987 section 3.1).

    Returns:
        An absolute http or https URI without user name; None where the text holds none, or one whose
        host is an IPv6 literal, which RSS readers refuse.
    """
    try:
        parts = urlsplit(clean(text))
        host, port = _ascii_host(parts.hostname or ""), parts.port
    except ValueError:  # also a UnicodeError of the host
        return None
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host):
        return None
    netloc = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    return urlunsplit(
        (parts.scheme, netloc, encoded(parts.path), encoded(parts.query, "?"), encoded(parts.fragment, "?"))
    )


def encoded(text: str, also: str = "") -> str:
    """Percent-encode what may not stand in a URI's path (nor in `also`); escapes stay as they are."""
    return _STRAY_PERCENT.sub("%25", quote(text, safe=_PATH + also, errors="replace"))


def _ascii_host(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode("ascii")
