"""What web servers are told: the same as our own server answers with."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sse_digest.feeds.names import MEDIA_TYPES
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.output.generations import published_names
from sse_digest.feeds.output.server_config import HOSTS
from sse_digest.web.static_feeds import StaticDocuments, StaticFeeds
from tests.builders import make_item
from tests.feeds.documents import documents_for
from tests.feeds.feeds import OPTIONS, TAG
from tests.feeds.whole import publish

SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
HERE = replace(
    OPTIONS, folder=Path("/srv/feeds"), public_url="https://news.example.org/digest", ttl_minutes=90
)


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_serves_the_folder_with_types_ages_and_packed_forms(host: str) -> None:
    text = HOSTS[host](HERE)

    assert "/srv/feeds/current" in text
    assert "/digest/feeds/" in text
    assert "max-age=5400" in text
    assert "news.example.org" in text
    assert all(kind.partition(";")[0] in text for kind in MEDIA_TYPES.values())
    assert "gzip" in text
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("host", HOSTS)
def test_nothing_in_a_new_address_is_read_by_the_host(host: str) -> None:
    there = 'https://young.example.org/a;b?x=$uri&y={z}&q="end";.{format}'
    moved = replace(HERE, moved_to={"all": there})

    text = HOSTS[host](moved)

    line = next(line for line in text.splitlines() if "young" in line)
    assert '"https://young.example.org/a%3Bb?x=%24uri&y=%7Bz%7D&q=%22end%22%3B.atom"' in line
    assert line.count('"') == 2


@pytest.mark.skipif(shutil.which("nginx", path=SEARCH) is None, reason="needs nginx")
def test_nginx_takes_what_it_is_told(tmp_path: Path) -> None:
    moved = replace(
        HERE, moved_to={"all": "https://young.example.org/a;b?x=$uri.{format}"}, gone=frozenset({"youth"})
    )
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; server {{ listen 127.0.0.1:1; {HOSTS['nginx'](moved)} }} }}\n"
    )
    nginx = shutil.which("nginx", path=SEARCH)
    assert nginx is not None
    done = subprocess.run(
        [nginx, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@contextmanager
def nginx_on(tmp_path: Path, options: FeedOptions) -> Iterator[int]:
    """Serve with what nginx is told, on loopback."""
    nginx = shutil.which("nginx", path=SEARCH)
    assert nginx is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    places = " ".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}}\n"
        f"http {{ access_log off; {places}\n"
        f"server {{ listen 127.0.0.1:{port}; {HOSTS['nginx'](options)} }} }}\n"
    )
    command = [nginx, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "log")]
    with subprocess.Popen(command) as process:
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("nginx", path=SEARCH) is None, reason="needs nginx")
def test_nginx_answers_as_our_own_server_does(tmp_path: Path) -> None:
    options = replace(
        OPTIONS,
        folder=tmp_path / "feeds",
        public_url="https://news.example.org",
        hub="https://hub.example.org/?a=$uri'",
        moved_to={"other": "https://other.example.org/{format}"},
        gone=frozenset({"left-over", "youth.fr"}),
        range_length=5,
    )
    publish(options.folder, documents_for([make_item(number) for number in range(12)], options, TAG))
    ours = StaticDocuments(
        options.folder,
        max_age_s=options.ttl_minutes * 60,
        monotonic=lambda: 0.0,
        public_url=options.public_url,
        hub="https://hub.example.org/?a=%24uri%27",
        moves=options,
    )
    client = TestClient(StaticFeeds(Starlette(), ours), follow_redirects=False)
    same = ("content-type", "cache-control", "access-control-allow-origin", "x-content-type-options", "link")
    names = sorted(published_names(options.folder))
    away = ["other.rss", "left-over.atom", "left-over.archive-3.json", "youth.fr.html", "nothing.atom"]

    with nginx_on(tmp_path, options) as port, httpx2.Client(base_url=f"http://127.0.0.1:{port}") as there:
        for name in names:
            wanted = client.get(f"/feeds/{name}", headers={"accept-encoding": "gzip"})
            found = there.get(f"/feeds/{name}", headers={"accept-encoding": "gzip"})
            assert found.content == wanted.content
            assert {key: found.headers.get(key) for key in same} == {
                key: wanted.headers.get(key) for key in same
            }, name
            assert found.headers["content-encoding"] == wanted.headers["content-encoding"] == "gzip"
            assert found.headers["last-modified"] == wanted.headers["last-modified"]
            known = {"if-none-match": found.headers["etag"], "accept-encoding": "gzip"}
            assert there.get(f"/feeds/{name}", headers=known).status_code == 304
        for name in away:
            wanted, found = client.get(f"/feeds/{name}"), there.get(f"/feeds/{name}")
            assert (found.status_code, found.headers.get("location")) == (
                wanted.status_code,
                wanted.headers.get("location"),
            ), name
