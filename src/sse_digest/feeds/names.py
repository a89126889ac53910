"""File names and addresses of the published documents.

Both are permanent: readers keep the address they subscribed to for years.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit, urlunsplit

from sse_digest.errors import FeedError
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.xml_text import clean
from sse_digest.model.issues import Period
from sse_digest.rendering.host_names import ascii_host

ALL = "all"  # the feed of all items; no theme may have this key
MEDIA_TYPES = {  # by format, which is also the ending of the file's name
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "opml": "text/x-opml; charset=utf-8",
}
FEED_FORMATS = ("atom", "rss", "json")  # formats that feed readers read
FORMATS = (*FEED_FORMATS, "html")  # every feed is published in each of these
OUTLINE = "feeds.opml"  # the list of all feeds

_ISSUES = "issues_"  # comes before a digest's name; no theme's key has an underscore
_KEY = re.compile(rf"[a-z0-9]+(?:-[a-z0-9]+)*|{_ISSUES}[a-z0-9-]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
_ARCHIVE = re.compile(r"(?P<feed>[a-z0-9.-]+)\.archive-(?P<number>[1-9][0-9]{0,8})\.(?:atom|rss|json)")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
_PATH = "/:@!$&'()*+,;=-._~%"  # RFC 3986 section 3.3; stray percent signs are encoded afterwards
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedKey:
    """Which items a feed holds."""

    theme: str = ALL  # ALL for items of any theme or none
    language: str | None = None  # BCP 47 in lower case; None for all languages

    @property
    def name(self) -> str:
        """The file name of its documents, without the ending."""
        return f"{self.theme}.{self.language}" if self.language else self.theme


def themes_of(options: FeedOptions) -> tuple[str, ...]:
    """Return the keys of the configured themes, in order.

    Raises:
        FeedError: a theme has the name of the feed of all items.
    """
    if ALL in options.themes:
        raise FeedError(f"The theme {ALL!r} has the name of the feed of all items. Use another key.")
    return tuple(options.themes)


def name_of(feed: str, format_: str) -> str:
    """Return the file name of a feed in one format; `feed` is a `FeedKey.name`.

    Raises:
        FeedError: the theme's key cannot be in an address.
    """
    theme, _, language = feed.partition(".")
    if not _KEY.fullmatch(theme) or (language and not _LANGUAGE.fullmatch(language)):
        raise FeedError(
            f"The theme {theme!r} cannot be part of an address. "
            "Use a key of lower-case letters a to z, digits and single hyphens."
        )
    return f"{feed}.{format_}"


def feeds_of(names: Iterable[str]) -> frozenset[FeedKey]:
    """Return the feeds that published file names belong to; other names are skipped."""
    found: set[FeedKey] = set()
    for name in names:
        feed, _, format_ = name.rpartition(".")
        theme, _, language = feed.partition(".")
        ours = (
            _KEY.fullmatch(theme)
            and not is_of_issues(theme)
            and (not language or _LANGUAGE.fullmatch(language))
        )
        if ours and format_ in FORMATS:
            found.add(FeedKey(theme=theme, language=language or None))
    return frozenset(found)


def archive_of(feed: str, number: int) -> str:
    """Return the name of one archive of a feed, without the ending; no language tag looks like it."""
    return f"{feed}.archive-{number}"


def month_of(moment: datetime) -> str:
    """Return the name of the page of an instant's month, without the ending."""
    return f"{ALL}.{moment.isoformat()[:7]}"


def issues_of(digest: str, language: str) -> FeedKey:
    """Return the feed of a digest's issues in one language."""
    return FeedKey(theme=_ISSUES + digest, language=language.lower())


def issue_page(digest: str, period: Period, language: str) -> str:
    """Return the file name of an issue's page in one language."""
    return f"{_ISSUES}{digest}.{period}.{language.lower()}.html"


def is_of_issues(name: str) -> bool:
    """Return whether a document is a page or a feed of issues."""
    return name.startswith(_ISSUES)


def archives_in(names: Iterable[str]) -> Mapping[str, frozenset[int]]:
    """Return the numbers of the archives among published file names, by feed."""
    found: dict[str, set[int]] = defaultdict(set)
    for name in names:
        match = _ARCHIVE.fullmatch(name)
        if match:
            found[match["feed"]].add(int(match["number"]))
    return {feed: frozenset(numbers) for feed, numbers in found.items()}


def feed_named(name: str) -> str:
    """Return the name of the feed that a document or an archive belongs to."""
    archive = _ARCHIVE.fullmatch(name)
    return archive["feed"] if archive else name.rpartition(".")[0]


def is_subscribed(name: str) -> bool:
    """Return whether readers can subscribe to a document: it has a feed format and is no archive."""
    return name.endswith(tuple(f".{format_}" for format_ in FEED_FORMATS)) and not _ARCHIVE.fullmatch(name)


def url_of(public_url: str, name: str) -> str:
    """Return the address of a document; `public_url` is as in `FeedOptions`.

    Raises:
        FeedError: `public_url` is not an http or https address.
    """
    address = uri(f"{public_url.rstrip('/')}/feeds/{name}")
    if address is None:
        raise FeedError(f"public_url: {public_url!r} is not an http or https address.")
    return address


def urls_of(feed: FeedKey, options: FeedOptions) -> dict[str, str]:
    """Return the addresses of a feed by format; raise what `name_of` and `url_of` raise."""
    return {format_: url_of(options.public_url, name_of(feed.name, format_)) for format_ in FORMATS}


def authority_of(public_url: str) -> str:
    """Return the domain name of an address in lower case, as A-labels.

    Raises:
        FeedError: `public_url` is not an http or https address.
    """
    return urlsplit(url_of(public_url, "")).hostname or ""


def uri(text: str | None) -> str | None:
    """Convert an address as people write it into a URI (RFC 3987 section 3.1).

    Returns:
        An absolute http or https URI without user name. None if the text is not such an address, or if its
        host is an IPv6 literal, which RSS readers refuse.
    """
    try:
        parts = urlsplit(clean(text))
        host, port = ascii_host(parts.hostname or ""), parts.port
    except ValueError:  # also a UnicodeError of the host
        return None
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host):
        return None
    netloc = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    return urlunsplit(
        (parts.scheme, netloc, encoded(parts.path), encoded(parts.query, "?"), encoded(parts.fragment, "?"))
    )


def encoded(text: str, also: str = "") -> str:
    """Percent-encode what a URI's path must not contain, except the characters in `also`; keep escapes."""
    return _STRAY_PERCENT.sub("%25", quote(text, safe=_PATH + also, errors="replace"))
