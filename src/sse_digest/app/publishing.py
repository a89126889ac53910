"""Publish: what stands in the ledger and the settings, made into feeds and pages that are served.

Sends nothing but the pings of changed feeds to the configured hub.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from sse_digest.digest.page import pages_of
from sse_digest.errors import FeedError
from sse_digest.feeds.addresses import authority_of, is_subscribed, issue_page, issues_of, name_of, url_of
from sse_digest.feeds.issues import carried_over, issue_ids
from sse_digest.feeds.moving import moved_ids
from sse_digest.feeds.plan import documents_for
from sse_digest.feeds.publish import (
    PublishReport,
    Turn,
    publish,
    published_body,
    published_names,
    take_turn,
)
from sse_digest.feeds.rules import approve
from sse_digest.feeds.websub import ping, post_form
from sse_digest.model.issues import Digest, Period
from sse_digest.rendering.places import folder
from sse_digest.settings import Settings
from sse_digest.store import Store
from sse_digest.store.facts import tag_facts
from sse_digest.store.items import all_items


async def publish_all(
    settings: Settings, store: Store, *, now: datetime, accept_changed_ids: bool = False
) -> PublishReport:
    """Publish the feeds of all stored items; `accept_changed_ids` as in `feeds.rules.approve`.

    Raises:
        SettingsError: public_url is not set.
        FeedError: the feeds cannot be made, break a rule, or cannot be written.
    """
    options = settings.feed_options()
    with await asyncio.to_thread(take_turn, options.folder) as turn:
        report = await _publish_in(turn, settings, store, now, accept_changed_ids=accept_changed_ids)
    if options.hub is None:
        return report
    changed = [url_of(options.public_url, name) for name in report.changed if is_subscribed(name)]
    return replace(report, pings=await ping(options.folder, options.hub, changed, post_form))


async def _publish_in(
    turn: Turn, settings: Settings, store: Store, now: datetime, *, accept_changed_ids: bool
) -> PublishReport:
    options = settings.feed_options()
    async with store.write() as connection:
        items = await all_items(connection)
        tag = await tag_facts(connection, authority=authority_of(options.public_url), year=now.year)
        issues = [
            page
            for digest in settings.digests()
            for page in await pages_of(
                connection, digest, theme_labels(settings), folder("templates") / "web", now=now
            )
        ]
    kept = await asyncio.to_thread(published_names, options.folder)
    documents = documents_for(items, options, tag, kept=kept, issues=issues)
    standing = partial(published_body, options.folder)
    documents |= await asyncio.to_thread(carried_over, documents, kept, standing)
    await asyncio.to_thread(
        approve,
        documents,
        standing,
        {tag.item(item.id) for item in items} | issue_ids(issues, tag) | moved_ids(kept, tag),
        now=now,
        accept_changed_ids=accept_changed_ids,
    )
    return await asyncio.to_thread(publish, turn, documents)


async def publish_issue(
    settings: Settings, store: Store, digest: Digest, period: Period, *, now: datetime
) -> None:
    """Publish the pages of an issue unless they stand already: its mails may lead there.

    Raises:
        FeedError: they could not be published.
    """
    names = {issue_page(digest.name, period, language) for language in digest.languages}
    if names <= published_names(settings.feed_options().folder):
        return
    try:
        await publish_all(settings, store, now=now)
    except FeedError as error:
        raise FeedError(f"The issue's pages were not published, so no mail was sent. {error}") from error


def issue_pages(settings: Settings, digest: Digest, period: Period) -> Mapping[str, str]:
    """Give the pages of an issue by language; they are published before its first mail leaves."""
    public_url = settings.feed_options().public_url
    return {tag: url_of(public_url, issue_page(digest.name, period, tag)) for tag in digest.languages}


def archive_pages(settings: Settings, digest: Digest) -> Mapping[str, str]:
    """Give the pages of all issues by language; they are published with those of the first issue."""
    public_url = settings.feed_options().public_url
    names = {tag: name_of(issues_of(digest.name, tag).name, "html") for tag in digest.languages}
    return {tag: url_of(public_url, name) for tag, name in names.items()}


def theme_labels(settings: Settings) -> Mapping[str, Mapping[str, str]]:
    """Give the labels of all themes by key, then by language."""
    return {theme.key: theme.labels for theme in settings.theme_rules().themes}
