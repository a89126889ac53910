"""Where a feed is followed in one click: readers that many people have, and the program on their own device.

Plain links: nothing is fetched from a reader unless somebody goes there.
"""

from collections.abc import Iterator
from urllib.parse import quote

_READERS = (  # name, and the address up to that of the feed, which follows percent-encoded
    ("Feedly", "https://feedly.com/i/subscription/feed%2F"),
    ("Inoreader", "https://www.inoreader.com/?add_feed="),
    ("NewsBlur", "https://www.newsblur.com/?url="),
    ("Feedbin", "https://feedbin.com/?subscribe="),
    ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url="),
)


def readers_for(feed: str) -> Iterator[tuple[str, str]]:
    """Give the name of each reader and the address at which it takes up a feed."""
    return ((name, begins + quote(feed, safe="")) for name, begins in _READERS)


def on_this_device(feed: str) -> str:
    """Give the address that opens a feed in the program that the device has for feeds."""
    return f"feed:{feed}"
