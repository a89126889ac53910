"""Put feeds and archives together from their entries and their own metadata; pure.

A plan holds everything a document depends on besides its items, the options and the tag authority.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sse_digest.feeds.entry import label_of, language_tag
from sse_digest.feeds.model import Entry, FeedDocument, Translation
from sse_digest.feeds.names import ALL, FEED_FORMATS, FeedKey, archive_of, uri, url_of, urls_of
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.output.redirects import with_last_entry
from sse_digest.feeds.xml_text import clean
from sse_digest.model.tag_uri import TagAuthority
from sse_digest.rendering.translations import own_name


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPlan:
    """The subscription document of a feed."""

    key: FeedKey
    last: int | None  # number of its last archive, or None if it has none
    sisters: tuple[FeedKey, ...]  # the same theme in other languages
    moved_at: datetime | None  # date of the entry that announces the new address; None if nothing moved


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePlan:
    """One archive of a feed."""

    key: FeedKey
    number: int
    before: int | None  # number of the previous archive
    behind: int | None  # number of the next archive


def feed_document(
    plan: FeedPlan, entries: Sequence[Entry], options: FeedOptions, tag: TagAuthority
) -> FeedDocument:
    """Put a feed together; without entries it holds what other documents say about it."""
    feed = replace(
        _document(plan.key, tuple(entries), options, tag),
        hub=uri(options.hub),
        previous=_archive_urls(plan.key, plan.last, options),
        # Not in archives: a new language must not change them.
        sisters=tuple(
            Translation(
                language=sister.language,
                label=_language_name(sister.language),
                urls=urls_of(sister, options),
            )
            for sister in plan.sisters
        ),
    )
    return feed if plan.moved_at is None else with_last_entry(feed, options, tag, when=plan.moved_at)


def archive_document(
    plan: ArchivePlan, entries: Sequence[Entry], options: FeedOptions, tag: TagAuthority
) -> FeedDocument:
    """Put an archive together."""
    document = _document(plan.key, tuple(entries), options, tag)
    own = _archive_urls(plan.key, plan.number, options) or {}
    return replace(
        document,
        urls={**document.urls, **own},
        current=document.urls,
        previous=_archive_urls(plan.key, plan.before, options),
        following=_archive_urls(plan.key, plan.behind, options),
    )


def _archive_urls(key: FeedKey, number: int | None, options: FeedOptions) -> dict[str, str] | None:
    if number is None:
        return None
    name = archive_of(key.name, number)
    return {format_: url_of(options.public_url, f"{name}.{format_}") for format_ in FEED_FORMATS}


def _document(
    key: FeedKey, entries: tuple[Entry, ...], options: FeedOptions, tag: TagAuthority
) -> FeedDocument:
    language = key.language or language_tag(options.language) or "en"
    label = None if key.theme == ALL else label_of(key.theme, options, key.language)
    urls = urls_of(key, options)
    return FeedDocument(
        key=key,
        label=label,
        language_name=_language_name(key.language),
        id=tag.uri(f"feed/{key.name}"),
        title=_title(key, label, options),
        subtitle=clean(options.subtitle),
        author=clean(options.author),
        language=language,
        rights=clean(options.rights),
        site_url=uri(options.site_url) or urls["html"],
        urls=urls,
        ttl_minutes=options.ttl_minutes,
        icon=uri(options.icon),
        logo=uri(options.logo),
        # A fixed instant if there are no entries, so that an empty feed never changes.
        updated=max((entry.updated for entry in entries), default=beginning_of(tag)),
        entries=entries,
    )


def beginning_of(tag: TagAuthority) -> datetime:
    """Return the `updated` of a feed without entries."""
    return datetime(tag.year, 1, 1, tzinfo=UTC)


def _title(key: FeedKey, label: str | None, options: FeedOptions) -> str:
    """Return a title that no other feed has."""
    title = clean(options.title) or clean(options.author) or key.theme
    of_theme = f"{title}: {label}" if label else title
    return f"{of_theme} ({_language_name(key.language)})" if key.language else of_theme


def _language_name(language: str | None) -> str:
    return own_name(language) if language else ""
