"""A hub is told which feeds changed, once; what it did not hear waits, and nothing waits for it."""

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import feedparser
import pytest

from sse_digest.errors import FeedError
from sse_digest.feeds.formats.feedgen_writer import atom, rss
from sse_digest.feeds.formats.json_feed import json_feed
from sse_digest.feeds.output.server_config import HOSTS
from sse_digest.feeds.validation.validate import check
from sse_digest.feeds.websub import ping, post_form
from tests.builders import NOON, make_item
from tests.feeds.documents import documents_for
from tests.feeds.feeds import OPTIONS, TAG, feed_of
from tests.installation import make_installation

HUB = "https://hub.example.org/"
A, B = "https://news.example.org/feeds/all.atom", "https://news.example.org/feeds/all.rss"


@dataclass
class Hub:
    """A hub that answers as told."""

    answers: Mapping[str, int] = field(default_factory=dict)  # by topic; else 204
    heard: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def hub() -> Iterator[Hub]:
    known = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            assert form["hub.mode"] == ["publish"]
            (topic,) = form["hub.url"]
            known.heard.append(topic)
            self.send_response(known.answers.get(topic, 204))
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            del arguments

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        known.url = f"http://127.0.0.1:{server.server_port}/"
        try:
            yield known
        finally:
            server.shutdown()


async def test_every_changed_feed_is_told_once(tmp_path: Path) -> None:
    with hub() as known:
        first = await ping(tmp_path, known.url, [B, A], post_form)
        second = await ping(tmp_path, known.url, [], post_form)

    assert known.heard == [A, B]
    assert (first.told, first.waiting, first.problem) == ((A, B), (), "")
    assert second.told == ()


async def test_what_a_hub_cannot_take_now_waits_and_what_it_refuses_does_not(tmp_path: Path) -> None:
    with hub() as known:
        known.answers = {A: 503, B: 404}
        first = await ping(tmp_path, known.url, [A, B], post_form)
        known.answers = {}
        second = await ping(tmp_path, known.url, [], post_form)

    assert first.waiting == (A,)
    assert "404" in first.problem
    assert (second.told, second.waiting) == ((A,), ())


async def test_a_dead_hub_is_asked_once_and_everything_waits(tmp_path: Path) -> None:
    with hub() as known:
        gone = known.url
    report = await ping(tmp_path, gone, [A, B], post_form)

    assert (report.told, report.waiting) == ((), (A, B))
    assert "cannot be reached" in report.problem


async def test_a_hub_that_never_answers_is_left_after_a_while(tmp_path: Path) -> None:
    async def post(address: str, fields: Mapping[str, str]) -> int:
        del address, fields
        await asyncio.sleep(3600)
        raise AssertionError

    report = await ping(tmp_path, HUB, [A], post, patience_s=0.05)

    assert report.waiting == (A,)
    assert "took longer" in report.problem


async def test_what_waits_for_another_hub_is_not_told_this_one(tmp_path: Path) -> None:
    async def away(address: str, fields: Mapping[str, str]) -> int:
        raise FeedError(f"{address} {fields}")

    await ping(tmp_path, "https://old.example.org/", [A], away)
    with hub() as known:
        report = await ping(tmp_path, known.url, [B], post_form)

    assert report.told == (B,)


@pytest.mark.parametrize("damage", ["{", "[]", '{"https://hub.example.org/": 3}'])
async def test_a_damaged_file_of_what_waits_stops_nothing(tmp_path: Path, damage: str) -> None:
    (tmp_path / "pings.json").write_text(damage)

    async def post(address: str, fields: Mapping[str, str]) -> int:
        del address, fields
        return 202

    assert (await ping(tmp_path, HUB, [A], post)).told == (A,)
    assert json.loads((tmp_path / "pings.json").read_text()) == {HUB: []}


def test_every_feed_names_its_hub_and_no_archive_does() -> None:
    feed = feed_of(make_item(1), hub=HUB)

    for document in (atom, rss):
        links = feedparser.parse(document(feed)).feed.links
        assert [link.href for link in links if link.rel == "hub"] == [HUB]
    assert json.loads(json_feed(feed))["hubs"] == [{"type": "WebSub", "url": HUB}]
    for name, document in (("a.atom", atom), ("a.rss", rss), ("a.json", json_feed)):
        assert check(name, document(feed), now=NOON, ours=True) == ()
    documents = documents_for(
        [make_item(number) for number in range(5)], replace(OPTIONS, hub=HUB, range_length=2), TAG
    )
    assert HUB.encode() not in documents["all.archive-1.atom"]
    assert HUB.encode() in documents["all.atom"]
    for write in HOSTS.values():
        assert f'<{HUB}>; rel="hub"' in write(replace(OPTIONS, hub=HUB))


@pytest.mark.slow
async def test_publishing_tells_the_hub_only_of_feeds_that_changed_and_never_waits_for_it(
    tmp_path: Path,
) -> None:
    with hub() as known:
        installation = await make_installation(tmp_path, port=1, people=0)
        text = installation.config.read_text(encoding="utf-8")
        installation.config.write_text(
            text.replace("[feeds]\n", f'[feeds]\nhub = "{known.url}"\n'), encoding="utf-8"
        )
        with installation.app() as app:
            first, again = await app.publish(), await app.publish()
    with installation.app() as app:
        (tmp_path / "feeds" / "current" / "all.atom").unlink()
        without = await app.publish()

    assert first.pings is not None
    assert set(known.heard) == set(first.pings.told)
    assert {heard.rpartition(".")[2] for heard in known.heard} == {"atom", "rss", "json"}
    assert again.pings is not None
    assert again.pings.told == ()
    assert without.built.changed == ("all.atom",)
    assert without.pings is not None
    assert without.pings.waiting == ("https://digest.organisation.example/feeds/all.atom",)
