"""The links of a feed, which every format writes in its own way (RFC 4287, RFC 5005)."""

from dataclasses import dataclass

from sse_digest.feeds.model import FeedDocument
from sse_digest.feeds.names import FEED_FORMATS, MEDIA_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A link from a feed to another document."""

    rel: str
    href: str
    type: str | None = None  # media type without charset
    hreflang: str | None = None

    def attributes(self) -> dict[str, str]:
        """Return the attributes of an Atom link, in a fixed order."""
        pairs = (("rel", self.rel), ("href", self.href), ("type", self.type), ("hreflang", self.hreflang))
        return {name: value for name, value in pairs if value}


def links_of(document: FeedDocument, format_: str) -> tuple[FeedLink, ...]:
    """Return the links of a feed in one format; the link to itself comes first."""
    own = kind_of(format_)
    links = [FeedLink(rel="self", href=document.urls[format_], type=own)]
    if document.hub:
        links.append(FeedLink(rel="hub", href=document.hub))
    links += [
        FeedLink(rel="alternate", href=document.urls[other], type=kind_of(other))
        for other in ("html", *FEED_FORMATS)
        if other != format_
    ]
    links += [
        FeedLink(rel="alternate", href=sister.urls[format_], type=own, hreflang=sister.language)
        for sister in document.sisters
        if sister.language  # the feed of all languages has no hreflang to distinguish it
    ]
    history = (
        ("current", document.current),
        ("prev-archive", document.previous),
        ("next-archive", document.following),
    )
    links += [FeedLink(rel=rel, href=there[format_], type=own) for rel, there in history if there]
    return tuple(links)


def kind_of(format_: str) -> str:
    """Return the media type of a format, without its charset."""
    return MEDIA_TYPES[format_].partition(";")[0]
