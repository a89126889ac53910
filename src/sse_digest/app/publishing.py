"""Publish the stored items as feeds and pages, and tell the configured hub which feeds changed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain

from sse_digest.digest.web_page import page_html, pages_of
from sse_digest.feeds.issue_archive import issue_ids
from sse_digest.feeds.ledger import LedgerWriter
from sse_digest.feeds.names import authority_of, is_of_issues, is_subscribed, url_of
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.output.build import Build, BuildReport
from sse_digest.feeds.output.generations import explained, take_turn
from sse_digest.feeds.output.redirects import moved_ids
from sse_digest.feeds.plan import batches_for
from sse_digest.feeds.publish import KnownIds, carried_over, publish
from sse_digest.feeds.validation.validate import ValidationContext
from sse_digest.feeds.websub import PingReport, ping, post_form
from sse_digest.model.issues import IssuePage
from sse_digest.model.tag_uri import TagAuthority
from sse_digest.rendering.fingerprint import program_mark
from sse_digest.rendering.resources import folder
from sse_digest.settings import Settings
from sse_digest.store import Store
from sse_digest.store.installation import tag_facts
from sse_digest.store.news.items import get_items, item_cards


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """What one publish did."""

    built: BuildReport
    pings: PingReport | None  # None if no hub is configured


async def publish_all(
    settings: Settings,
    store: Store,
    *,
    now: datetime,
    accept_changed_ids: bool = False,
    anew: bool = False,
) -> PublishReport:
    """Publish the feeds of all stored items; `accept_changed_ids` is as in `ValidationContext`.

    With `anew` every document is written and compared, even if the manifest shows no change.

    Raises:
        SettingsError: public_url is not set.
        FeedError: a document cannot be made, breaks a rule, or cannot be written.
    """
    options, program = settings.feed_options(), program_mark()  # first: an upgrade may happen while waiting
    with await asyncio.to_thread(take_turn, options.folder) as turn, explained(options.folder):
        tag, issues = _common(settings, store, now)
        with await asyncio.to_thread(Build, turn, anew=anew) as build:
            built = await _build(
                build, options, store, tag, issues, now, program, accept_changed_ids=accept_changed_ids
            )
    if options.hub is None:
        return PublishReport(built=built, pings=None)
    changed = [url_of(options.public_url, name) for name in built.changed if is_subscribed(name)]
    pings = await ping(options.folder, options.hub, changed, post_form)
    return PublishReport(built=built, pings=pings)


def _common(settings: Settings, store: Store, now: datetime) -> tuple[TagAuthority, Sequence[IssuePage]]:
    """Return the tag authority and the pages of issues; store both if they are not stored yet."""
    authority = authority_of(settings.feed_options().public_url)
    with store.writing() as connection:
        tag = tag_facts(connection, authority=authority, year=now.year)
        pages = [
            page
            for digest in settings.digests()
            for page in pages_of(
                connection, digest, settings.theme_labels(), folder("templates") / "web", now=now
            )
        ]
    return tag, pages


async def _build(
    build: Build,
    options: FeedOptions,
    store: Store,
    tag: TagAuthority,
    issues: Sequence[IssuePage],
    now: datetime,
    program: bytes,
    *,
    accept_changed_ids: bool,
) -> BuildReport:
    with store.reading() as connection:  # one state of the database for the whole publish
        writer = LedgerWriter(options.range_length)
        for card in item_cards(connection):
            writer.enter(card)
        ledger, kept = writer.ledger, build.firsts()
        batches = batches_for(ledger, options, tag, program=program, kept=kept, issues=issues)
        of_digests = [digest_of for digest_of in build.names() if is_of_issues(digest_of)]
        gate = ValidationContext(
            known=KnownIds(ledger, tag, issue_ids(issues, tag) | moved_ids(kept, tag)),
            now=now,
            accept_changed_ids=accept_changed_ids,
        )
        return await publish(
            build,
            chain(batches, carried_over(build, of_digests)),
            partial(get_items, connection),
            gate,
            partial(page_html, connection),
        )
