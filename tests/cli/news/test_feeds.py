"""`feeds check` as an admin uses it."""

import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from sse_digest.cli import cli
from tests.builders import make_item
from tests.feeds.documents import documents_for
from tests.feeds.feeds import OPTIONS, TAG
from tests.feeds.whole import publish

GOOD = documents_for([make_item(1)], OPTIONS, TAG)["all.atom"]


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["feeds", "check", *words])


def test_a_good_feed_ends_with_0(tmp_path: Path) -> None:
    path = tmp_path / "all.atom"
    path.write_bytes(GOOD)

    result = run(str(path))

    assert (result.exit_code, result.output) == (0, f"{path}: no findings.\n")


def test_a_bad_one_ends_with_1_and_says_what_where_and_how_to_put_it_right(tmp_path: Path) -> None:
    path = tmp_path / "all.atom"
    path.write_bytes(GOOD.replace(b"/items/1", b" items 1"))

    told, data = run(str(path)), json.loads(run(str(path), "--json").output)

    assert told.exit_code == 1
    assert "error  uri" in told.output
    assert "Percent-encode" in told.output
    assert data["ours"] is True
    assert data["worst"] == "error"
    assert data["findings"][0]["entry"] == TAG.item(make_item(1).id)


def test_a_file_that_cannot_be_read_is_told() -> None:
    result = run("nowhere.atom")

    assert result.exit_code != 0
    assert "nowhere.atom" in str(result.exception)


def test_a_file_that_is_far_too_long_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "long").open("wb") as file:
        file.truncate(20_000_001)

    assert "Is it a feed?" in str(run(str(tmp_path / "long")).exception)


class OneFeed(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(GOOD)

    def log_message(self, *words: object) -> None:
        del words


def test_a_feed_is_read_from_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with HTTPServer(("127.0.0.1", 0), OneFeed) as server:
        Thread(target=server.handle_request, daemon=True).start()
        result = run(f"http://127.0.0.1:{server.server_port}/all.atom", "--allow-private-hosts")

    assert "no findings" in result.output


def run_here(tmp_path: Path, *words: str) -> Result:
    config = tmp_path / "config.toml"
    config.write_text(
        'organisation = "Example"\npublic_url = "https://news.example.org"\n[feeds]\nfolder = "out"\n',
        encoding="utf-8",
    )
    return CliRunner().invoke(cli, ["--config", str(config), *words])


@pytest.mark.parametrize("host", ["nginx", "caddy"])
def test_a_web_server_is_told_where_the_feeds_are_and_nothing_is_published(tmp_path: Path, host: str) -> None:
    result = run_here(tmp_path, "publish", "--host-config", host)

    assert str(tmp_path / "out" / "current") in result.output
    assert not (tmp_path / "out").exists()


def test_the_generation_before_is_brought_back(tmp_path: Path) -> None:
    first = publish(tmp_path / "out", {"all.atom": b"one"}).generation
    publish(tmp_path / "out", {"all.atom": b"two"})

    result = run_here(tmp_path, "publish", "--rollback")

    assert (result.exit_code, result.output) == (0, f"Generation {first} is in place again.\n")
    assert (tmp_path / "out" / "current" / "all.atom").read_bytes() == b"one"


def test_a_page_of_the_organisation_is_told_how_to_name_every_feed(tmp_path: Path) -> None:
    before = run_here(tmp_path, "feeds", "links")
    publish(tmp_path / "out", documents_for([make_item(1, themes=("youth",))], OPTIONS, TAG))

    result = run_here(tmp_path, "feeds", "links")

    assert "Nothing is published yet" in str(before.exception)
    assert result.output.splitlines()[2] == (
        '<link rel="alternate" type="application/atom+xml" title="Example news: Youth"'
        ' href="https://news.example.org/feeds/youth.atom">'
    )
    assert len(result.output.splitlines()) == 4


def test_a_damaged_list_of_feeds_is_told(tmp_path: Path) -> None:
    publish(tmp_path / "out", {"feeds.opml": b"<opml"})

    assert "Publish again" in str(run_here(tmp_path, "feeds", "links").exception)


def test_everything_is_written_anew_where_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    first = run_here(tmp_path, "publish")
    document = tmp_path / "out" / "current" / "feeds.opml"
    body, at = document.read_bytes(), document.stat()
    document.write_bytes(body[::-1])
    os.utime(document, ns=(at.st_atime_ns, at.st_mtime_ns))

    again, anew = run_here(tmp_path, "publish"), run_here(tmp_path, "publish", "--anew", "--json")

    assert "Published 5 changed and 0 unchanged documents in" in first.output
    assert again.output == "Nothing changed: 5 documents stayed the same.\n"
    assert json.loads(anew.output)["changed"] == ["feeds.opml"]
    assert json.loads(anew.output)["unchanged"] == 4
    assert document.read_bytes() == body
