"""The pages of an issue, which its mails link to and which are published before the first mail is sent."""

from collections.abc import Mapping
from datetime import datetime

from sse_digest.errors import FeedError
from sse_digest.feeds.names import issue_page, issues_of, name_of, url_of
from sse_digest.feeds.output.generations import published_names
from sse_digest.model.issues import Digest, Period
from sse_digest.settings import Settings
from sse_digest.store import Store


async def publish_issue(
    settings: Settings, store: Store, digest: Digest, period: Period, *, now: datetime
) -> None:
    """Publish the pages of an issue unless they are published already.

    Raises:
        FeedError: they could not be published.
    """
    names = {issue_page(digest.name, period, language) for language in digest.languages}
    if names <= published_names(settings.feed_options().folder):
        return
    from sse_digest.app.publishing import publish_all  # noqa: PLC0415 # not needed in most sends

    try:
        await publish_all(settings, store, now=now)
    except FeedError as error:
        raise FeedError(f"The issue's pages were not published, so no mail was sent. {error}") from error


def issue_pages(settings: Settings, digest: Digest, period: Period) -> Mapping[str, str]:
    """Return the addresses of an issue's pages by language."""
    public_url = settings.feed_options().public_url
    return {tag: url_of(public_url, issue_page(digest.name, period, tag)) for tag in digest.languages}


def archive_pages(settings: Settings, digest: Digest) -> Mapping[str, str]:
    """Return the addresses of the pages that list all issues of a digest, by language."""
    public_url = settings.feed_options().public_url
    names = {tag: name_of(issues_of(digest.name, tag).name, "html") for tag in digest.languages}
    return {tag: url_of(public_url, name) for tag, name in names.items()}
