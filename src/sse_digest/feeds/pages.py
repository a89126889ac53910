"""Writes a feed as a plain HTML page for people; items without a link have their place there.

Works without scripts; addresses within the folder are relative, so the page can be moved or opened
from a disk.
"""

from collections.abc import Sequence
from functools import cache

from jinja2 import Environment

from sse_digest.feeds.addresses import MEDIA_TYPES, OUTLINE, name_of
from sse_digest.feeds.feed import FeedDocument
from sse_digest.rendering.catalogues import direction_of, load
from sse_digest.rendering.environment import make_environment
from sse_digest.rendering.places import folder


@cache
def page_environment(language: str) -> Environment:
    """Give the environment pages are rendered in, with words in the nearest language there is.

    Raises:
        SseDigestError: the templates or the catalogue are missing.
    """
    environment = make_environment(folder("templates") / "web", load(language))
    environment.globals["name_of"] = name_of
    environment.globals["outline"] = OUTLINE
    environment.globals["direction_of"] = direction_of
    environment.globals["media_types"] = {
        format_: kind.partition(";")[0] for format_, kind in MEDIA_TYPES.items()
    }
    return environment


def page(document: FeedDocument, feeds: Sequence[FeedDocument], environment: Environment) -> bytes:
    """Write one feed's page, in UTF-8.

    Args:
        document: the feed, with the entries the page shows.
        feeds: all feeds, for the way from one to the other.
        environment: from `page_environment`.
    """
    text = environment.get_template("feed.html").render(
        document=document, feeds=feeds, known={feed.name for feed in feeds}
    )
    return text.encode()
