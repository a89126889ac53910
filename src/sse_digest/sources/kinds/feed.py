"""Read a feed: Atom 1.0 and 0.3, RSS 0.9x to 2.0, RDF, and JSON Feed 1.0 and 1.1.

XML is parsed only after `xml_limits` accepted it. The parser's dates are not used: dates are read from the
feed's text. An incomplete document is refused, so that it is never mistaken for a short feed.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import feedparser

from sse_digest.errors import SourceError
from sse_digest.model.items import Reading, shorten
from sse_digest.sources.html.fragments import fragment_text
from sse_digest.sources.kinds.feed_entries import GENERATOR, FeedEntry, read_entry, said_dates
from sse_digest.sources.kinds.json_feed import feed_of_json
from sse_digest.sources.kinds.xml_limits import refuse_bomb
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.page import Page, refuse_binary
from sse_digest.sources.text.charsets import decode
from sse_digest.sources.text.dates import numeric_order
from sse_digest.sources.text.language import primary_tag
from sse_digest.sources.text.plain_text import plain_text

MAX_ITEMS = 12_000
"""The number of items of one feed that are read; publishers split longer feeds into several documents."""

_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>")
_STATED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_END = re.compile(
    r"</(?:\w+:)?(?:rss|feed|rdf|channel)\s*>(?:\s|<!--(?:(?!-->).){0,4000}-->)*$", re.IGNORECASE | re.DOTALL
)
_MEDIA = re.compile(r"xmlns:([\w.-]{1,40})\s*=\s*[\"']http://search\.yahoo\.com/mrss/?[\"']")
_IMAGE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:\?|$)", re.IGNORECASE)
_TAIL = 5000  # characters at the end of the document that are searched for the closing tag
# The parser's dictionaries are read with dict.get: their own look-up may return another field instead.
_Parsed = dict[str, Any]
_KICKER = ":kicker"  # the end of the scheme of kickers in the feeds of this program


def read_page(page: Page, options: SourceOptions) -> Reading:
    """Read the page of a source of kind `feed`.

    Raises:
        SourceError: the page is not a feed, is incomplete, has no items, or could overload the parser.
    """
    text, warnings = _decoded(page)
    if text.lstrip()[:1] == "{":
        entries, language, ours = feed_of_json(text, page.place)
    else:
        entries, language, ours = _feed_of_xml(text, page)
    base = page.url or options.url or ""
    expected = primary_tag(language) or primary_tag(options.language)
    order = numeric_order(said_dates(entries))
    read = [
        read_entry(entry, base=base, language=expected, order=order, ours=ours)
        for entry in entries[:MAX_ITEMS]
    ]
    items = tuple(item for item in read if item is not None)
    if not items:
        raise SourceError(f"{page.place} is a feed, but has no items. Look at it, and try again later.")
    if len(items) < len(read):
        warnings.append(f"entries without a title and a text, which were left out: {len(read) - len(items)}")
    if len(entries) > MAX_ITEMS:
        warnings.append(f"only the first {MAX_ITEMS} of {len(entries)} items were read")
    return Reading(items=items, warnings=tuple(warnings), language=expected)


def _decoded(page: Page) -> tuple[str, list[str]]:
    refuse_binary(page)
    declared = _STATED.match(page.data)
    stated = (page.charset, declared.group(1).decode("ascii", "replace") if declared else None)
    text, warning = decode(page.data, stated)
    return text, [warning] if warning else []


# ------------------------------------------------------------------ XML


def _feed_of_xml(text: str, page: Page) -> tuple[Sequence[FeedEntry], str | None, bool]:
    """Parse XML into entries, the feed's language, and whether this program wrote it."""
    document = _without_captions(_DECLARATION.sub("", text)).encode("utf-8", "replace")
    refuse_bomb(document, page.place)
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": page.url or ""}
    try:
        parsed = feedparser.parse(
            io.BytesIO(document), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except ValueError as error:  # a namespace with a space in it, from which expat makes names of four parts
        raise SourceError(
            f"{page.place} is not well-formed XML ({error}), so no items were read. Ask its publisher."
        ) from error
    version = str(dict.get(parsed, "version") or "")
    if not version:
        begin = shorten(plain_text(text[:200]), 60)
        raise SourceError(
            f"{page.place} is not a feed (it begins with “{begin}”), so no items were read. "
            "Check the address. For a web page, set kind to html."
        )
    if not _END.search(text[-_TAIL:]):
        raise SourceError(f"{page.place} is incomplete, so it was not read. Try again later.")
    feed = parsed.feed
    generator = str(dict.get(feed, "generator") or "")
    is_atom = version.startswith("atom")
    entries = [_entry(entry, is_atom=is_atom) for entry in parsed.entries[: MAX_ITEMS + 1]]
    return entries, dict.get(feed, "language"), generator.partition(" ")[0] == GENERATOR


def _without_captions(text: str) -> str:
    """Rename the descriptions of images: the parser would take them for the descriptions of entries."""
    for prefix in {match[1] for match in _MEDIA.finditer(text)}:
        text = re.sub(rf"(</?){re.escape(prefix)}:text\b", rf"\1{prefix}:transcript", text)
        text = re.sub(rf"(</?){re.escape(prefix)}:description\b", rf"\1{prefix}:text", text)
    return text


def _entry(parsed: _Parsed, *, is_atom: bool) -> FeedEntry:
    fields = {name: dict.get(parsed, name) for name in ("id", "link", "published", "updated", "language")}
    title = dict.get(parsed, "title_detail") or {}
    image = _image(parsed)
    return FeedEntry(
        id=fields["id"] or None,
        title=_text(title, is_html=False) or None,
        text=next(filter(None, (_text(one, is_html=not is_atom) for one in _texts(parsed))), None),
        link=fields["link"] or None,
        published=fields["published"] or None,
        changed=fields["updated"] or None,
        language=fields["language"] or dict.get(title, "language"),
        credit=next(
            filter(None, (dict.get(one, "content") for one in parsed.get("media_credit") or ())), None
        ),
        image_url=image and image[0],
        image_alt=image and image[1],
        html=next(filter(None, map(_html, dict.get(parsed, "content") or ())), None),
        kicker=next(_kickers(parsed), None),
    )


def _image(parsed: _Parsed) -> tuple[str, str | None] | None:
    """Return the address and description of an entry's image, or None if it has none."""
    media = [one for one in dict.get(parsed, "media_content") or () if _is_image(one) and one.get("url")]
    for one in media[:1]:
        # The parser keeps only one description: of several images, it may belong to another one.
        return one["url"], dict.get(parsed, "media_text") if len(media) == 1 else None
    for one in dict.get(parsed, "links") or ():
        if one.get("rel") == "enclosure" and _is_image(one) and one.get("href"):
            return one["href"], one.get("title") or dict.get(parsed, "media_text")
    for one in dict.get(parsed, "media_thumbnail") or ():
        if one.get("url"):
            return one["url"], dict.get(parsed, "media_text")
    return None


def _is_image(media: Mapping[str, str]) -> bool:
    kind = media.get("medium") or media.get("type", "")
    return kind.startswith("image") or (not kind and _IMAGE_NAME.search(media.get("url", "")) is not None)


def _html(detail: _Parsed) -> str | None:
    """Return a text as it is if it is HTML, or None if it is plain."""
    is_html = dict.get(detail, "type") in {"text/html", "application/xhtml+xml"}
    return str(dict.get(detail, "value") or "") if is_html else None


def _texts(parsed: _Parsed) -> Iterator[_Parsed]:
    """Yield the entry's texts, the summary first."""
    yield dict.get(parsed, "summary_detail") or {}
    yield from dict.get(parsed, "content") or ()


def _text(detail: _Parsed, *, is_html: bool) -> str:
    value = str(dict.get(detail, "value") or "")
    if is_html or dict.get(detail, "type") in {"text/html", "application/xhtml+xml"}:
        return fragment_text(value)
    return plain_text(value)


def _kickers(parsed: _Parsed) -> Iterator[str]:
    for tag in dict.get(parsed, "tags") or ():
        if str(dict.get(tag, "scheme") or "").endswith(_KICKER):
            yield plain_text(str(dict.get(tag, "term") or ""))
