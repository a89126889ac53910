"""Make the entry that feeds show from a stored item; pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlsplit

from sse_digest.feeds.model import Category, Entry, EntryImage
from sse_digest.feeds.names import month_of, uri, url_of
from sse_digest.feeds.options import EntryContent, FeedOptions
from sse_digest.feeds.unique_timestamps import dateline, published_at
from sse_digest.feeds.xml_text import clean, clean_lines, not_doubly_encoded
from sse_digest.model.items import Item, shorten
from sse_digest.model.tag_uri import TagAuthority
from sse_digest.rendering.sanitize_html import allowed_html
from sse_digest.rendering.translations import direction_of

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")  # the part of BCP 47 that is used here
_TITLE_LENGTH = 80
_PICTURES = {  # by file name ending; the system's own list differs between machines
    "avif": "image/avif",
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webp": "image/webp",
}


def make_entry(
    item: Item, *, updated: datetime, options: FeedOptions, tag: TagAuthority, language: str | None = None
) -> Entry:
    """Make the entry of one item.

    Args:
        item: as stored; its texts may contain anything.
        updated: in UTC; no two items may share it.
        options: addresses and the labels of themes.
        tag: mints the ids.
        language: of the labels of themes; None for the feeds' own language.

    Raises:
        FeedError: `options.public_url` is not an http or https address.
    """
    published, summary, kicker = published_at(item), clean(item.summary), clean(item.kicker)
    anchor, seen = f"item-{item.id}", item.first_seen.astimezone(UTC)
    body = item.body if options.content is EntryContent.FULL else None
    entry = Entry(
        id=tag.item(item.id),
        anchor=anchor,
        title=clean(item.title) or clean(shorten(summary, _TITLE_LENGTH)) or item.id,
        summary=summary,
        dateline=dateline(item),
        link=uri(item.link),
        place=f"{url_of(options.public_url, month_of(published or seen) + '.html')}#{anchor}",
        words=clean(item.date_text),
        credit=clean(item.credit),
        group=tag.uri(f"group/{item.group}"),
        location=clean(item.place),
        published=published,
        day=item.published if published else None,
        precision=item.precision,
        seen=seen,
        updated=updated,
        language=language_tag(item.language),
        kicker=kicker,
        categories=_categories(item, kicker, options, tag, language),
        picture=_picture(item),
    )
    return replace(entry, content=content_of(body, entry.text, entry.picture, entry.language))


def _picture(item: Item) -> EntryImage | None:
    image = item.image
    address = uri(image.url) if image else None
    if image is None or address is None:
        return None
    return EntryImage(
        url=address,
        type=_PICTURES.get(urlsplit(address).path.rpartition(".")[2].lower()),
        alt=clean(image.alt),
        credit=clean(image.credit),
    )


def label_of(theme: str, options: FeedOptions, language: str | None = None) -> str:
    """Return a theme's label in a language, or in the feeds' own, or its first label, or its key."""
    labels: Mapping[str, str] = options.themes.get(theme, {})
    wanted = (labels.get(language or options.language), labels.get(options.language), *labels.values())
    return next(filter(None, map(clean, wanted)), theme)


def language_tag(language: str | None) -> str | None:
    """Return the language tag if it is valid and its writing direction is known, else None."""
    known = language and _LANGUAGE.fullmatch(language) and direction_of(language)
    return language if known else None


def _categories(
    item: Item, kicker: str, options: FeedOptions, tag: TagAuthority, language: str | None
) -> tuple[Category, ...]:
    themes = (
        Category(scheme=tag.uri("theme"), term=theme, label=label_of(theme, options, language), feed=theme)
        for theme in item.decision.themes
    )
    own = (Category(scheme=tag.uri("kicker"), term=kicker, label=kicker),) if kicker else ()
    return (*own, *themes)


def content_of(body: str | None, text: str, picture: EntryImage | None, language: str | None) -> str:
    """Return an entry's content as HTML; empty if it would add nothing to the plain text.

    Args:
        body: the whole text as untrusted HTML; if None, `text` is used instead.
        text: the entry's text besides the title, plain.
        picture: placed first, unless the body contains it.
        language: of the text; None if unknown.
    """
    whole = _allowed(body)
    if not whole and picture is None:
        return ""
    shown = picture is not None and f'src="{escape(picture.url)}"' not in whole
    figure = _figure(picture) if picture is not None and shown else ""
    inside = not_doubly_encoded(figure + (whole or f"<p>{escape(text, quote=False)}</p>"))
    direction = direction_of(language)
    if direction is None:
        return inside
    return f'<div lang="{language}" dir="{direction}">{inside}</div>'


def _allowed(body: str | None) -> str:
    """Sanitise a body, then clean it again: character references may decode to characters XML forbids."""
    return clean_lines(allowed_html(clean_lines(body))) if body else ""


def _figure(picture: EntryImage) -> str:
    image = f'<img src="{escape(picture.url)}" alt="{escape(picture.alt)}">'
    caption = f"<figcaption>{escape(picture.credit, quote=False)}</figcaption>" if picture.credit else ""
    return f"<figure>{image}{caption}</figure>"
