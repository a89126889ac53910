"""Readers through twelve months: nothing twice, nothing lost, edits shown, 304 where nothing changed."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sse_digest.model.items import Item
from sse_digest.web.static_feeds import StaticDocuments, StaticFeeds
from tests.builders import make_item
from tests.feeds.feeds import OPTIONS, TAG
from tests.feeds.rules import ATOM, parse
from tests.feeds.whole import publish_items

OLD, NEW = "https://news.example.org", "https://digest.example.net"
MOVE_IN = 7  # the month in which the host changes
START = datetime(2023, 1, 5, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """What a reader got."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Publisher:
    """An installation that publishes, serves, and moves to another host once."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.items, self.host = folder, dict[str, Item](), OLD
        seconds = iter(range(10**6))
        documents = StaticDocuments(folder, max_age_s=3600, monotonic=lambda: float(next(seconds)))
        self._client = TestClient(StaticFeeds(Starlette(), documents))

    def publish(self, now: datetime) -> None:
        options = replace(OPTIONS, public_url=self.host, themes={}, range_length=10, newest=5)
        publish_items(self.folder, self.items.values(), options, now=now)

    def get(self, address: str, headers: Mapping[str, str]) -> Answer:
        """Answer as the host of the address would; the old one redirects for good after the move."""
        parts = urlsplit(address)
        if f"{parts.scheme}://{parts.netloc}" != self.host:
            return Answer(301, {"location": self.host + parts.path}, b"")
        found = self._client.get(parts.path, headers=dict(headers))
        return Answer(found.status_code, found.headers, found.content)


@dataclass
class Reader:
    """A strict reader: knows entries by id, takes the newest version, follows 301, asks conditionally."""

    address: str
    get: Callable[[str, Mapping[str, str]], Answer]
    parse: Callable[[bytes], tuple[dict[str, tuple[str, str]], str | None]]  # entries, the archive before
    entries: dict[str, tuple[str, str]] = field(default_factory=dict)  # id to updated and title
    news: list[str] = field(default_factory=list)  # ids shown as new, in order
    statuses: list[int] = field(default_factory=list)
    etags: dict[str, str] = field(default_factory=dict)

    def poll(self) -> None:
        answer = self._ask(self.address)
        if answer.status == 301:
            self.address = answer.headers["location"]
            answer = self._ask(self.address)
        self.statuses.append(answer.status)
        if answer.status == 200:
            self._take(answer.body)

    def _take(self, body: bytes) -> None:
        found, before = self.parse(body)
        for entry, version in found.items():
            if entry not in self.entries:
                self.news.append(entry)
            self.entries[entry] = max(self.entries.get(entry, version), version)
        if before is not None and before not in self.etags:  # an archive it has not read yet
            answer = self._ask(before)
            assert answer.status == 200
            self._take(answer.body)

    def _ask(self, address: str) -> Answer:
        known = self.etags.get(address)
        answer = self.get(address, {"if-none-match": known} if known else {})
        if answer.status == 200:
            self.etags[address] = answer.headers["etag"]
        return answer


def read_atom(body: bytes) -> tuple[dict[str, tuple[str, str]], str | None]:
    root = parse(body)
    found = {
        entry.findtext(f"{ATOM}id"): (entry.findtext(f"{ATOM}updated"), entry.findtext(f"{ATOM}title"))
        for entry in root.iterfind(f"{ATOM}entry")
    }
    links = {link.get("rel"): link.get("href") for link in root.iterfind(f"{ATOM}link")}
    return found, links.get("prev-archive")


def read_json(body: bytes) -> tuple[dict[str, tuple[str, str]], str | None]:
    feed = json.loads(body)
    return {item["id"]: (item["date_modified"], item["title"]) for item in feed["items"]}, feed.get(
        "next_url"
    )


def read_with_feedparser(body: bytes) -> tuple[dict[str, tuple[str, str]], str | None]:
    feed = feedparser.parse(body)
    assert not feed.bozo
    links = {link.rel: link.href for link in feed.feed.links}
    return {entry.id: (entry.updated, entry.title) for entry in feed.entries}, links.get("prev-archive")


def year_of(publisher: Publisher, poll: Callable[[], None]) -> None:
    """Live through twelve months: additions, edits, deletions, undeletions, quiet weeks, one move."""
    chance, number = random.Random(12), 0
    for month in range(1, 13):
        if month == MOVE_IN:
            publisher.host = NEW
        for week in range(4):
            now = START + timedelta(days=30 * (month - 1) + 7 * week)
            if week != 2:  # a quiet week
                for _ in range(chance.randint(1, 4)):
                    number += 1
                    item = make_item(
                        number,
                        first_seen=now,
                        updated=now,
                        published=now.date() - timedelta(days=chance.randint(0, 9)),
                        image_url=f"https://a.example/{number}.jpg" if number % 3 else None,
                        language=None,
                    )
                    publisher.items[item.id] = item
                known = [item for item in publisher.items.values() if item.first_seen < now] or [item]
                edited = chance.choice([item for item in known if not item.hidden])
                publisher.items[edited.id] = replace(edited, title=f"Edited in {month}/{week}", updated=now)
                other = chance.choice([item for item in known if item.id != edited.id] or [edited])
                publisher.items[other.id] = replace(publisher.items[other.id], hidden=not other.hidden)
            publisher.publish(now)
            poll()
            poll()


@pytest.mark.slow
def test_readers_follow_a_year_without_loss_or_repetition(
    tmp_path: Path, proof: Callable[[str, str], None]
) -> None:
    publisher = Publisher(tmp_path)
    readers = [
        Reader(f"{OLD}/feeds/all.{format_}", publisher.get, read)
        for format_, read in (("atom", read_atom), ("json", read_json), ("atom", read_with_feedparser))
    ]

    def poll_all() -> None:
        for reader in readers:
            reader.poll()

    year_of(publisher, poll_all)

    visible = {TAG.item(item.id): item for item in publisher.items.values() if not item.hidden}
    for reader in readers:
        assert len(reader.news) == len(set(reader.news)), "no item is shown as new twice"
        assert set(reader.news) >= visible.keys(), "no item is lost"
        assert {entry: reader.entries[entry][1] for entry in visible} == {
            entry: item.title for entry, item in visible.items()
        }, "edits are shown"
        assert reader.statuses[1::2] == [304] * 48, "a second poll is answered 304"
        quiet = reader.statuses[4::8]
        assert quiet == [304] * 12, "a week without news is answered 304"
        assert reader.address.startswith(NEW)
    proof("Readers through a year", f"{len(publisher.items)} items, 96 polls each, none twice, none lost")


def test_enclosures_and_dates_reach_a_reader(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    item = make_item(
        1, published=date(2023, 1, 4), first_seen=START, updated=START, image_url="https://a.example/1.jpg"
    )
    publisher.items[item.id] = item
    publisher.publish(START)

    for format_ in ("atom", "rss"):
        (entry,) = feedparser.parse(publisher.get(f"{OLD}/feeds/all.{format_}", {}).body).entries
        assert entry.published_parsed[:5] == (2023, 1, 4, 12, 0)
        assert [enclosure.href for enclosure in entry.enclosures] == ["https://a.example/1.jpg"]
