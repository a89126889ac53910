"""The pages, asked over HTTP as a reader, a mail program and a scanner ask."""

import gzip
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import brotli
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sse_digest.app import TokenOwner
from sse_digest.errors import TokenError
from sse_digest.sandbox.mailbox import Mailbox, MailboxView, mailbox_pages, read_mailbox
from sse_digest.web import create_app
from sse_digest.web.search_page import SearchPage
from sse_digest.web.static_feeds import StaticDocuments, StaticFeeds
from sse_digest.web.unsubscribe import UnsubscribePages
from tests.builders import make_item
from tests.feeds.documents import documents_for
from tests.feeds.feeds import OPTIONS, TAG
from tests.feeds.whole import publish

TOKEN = "t" * 39
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@dataclass
class Audience:
    """One subscriber, and what was done to her."""

    calls: list[str] = field(default_factory=list)
    language: str | None = "fr"

    def look_up(self, token: str) -> TokenOwner:
        if token != TOKEN:
            raise TokenError("not ours")
        return TokenOwner(list_title="News & <views>", language=self.language, address="a•••@readers.example")

    def unsubscribe(self, token: str) -> TokenOwner:
        found = self.look_up(token)
        self.calls.append(token)
        return found


@dataclass
class Site:
    """A site with one published feed."""

    client: TestClient
    audience: Audience
    folder: Path
    seconds: list[float]


def swap(folder: Path, generation: str, **files: str) -> None:
    made = folder / "generations" / generation
    made.mkdir(parents=True)
    for name, text in files.items():
        (made / name.replace("_", ".")).write_text(text)
    (folder / "next").symlink_to(Path("generations") / generation)
    (folder / "next").replace(folder / "current")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    swap(tmp_path, "one", all_atom="<feed/>", all_html="<!doctype html>", secret_txt="no")
    seconds = [0.0]
    audience = Audience()
    documents = StaticDocuments(tmp_path, max_age_s=3600, monotonic=lambda: seconds[0])
    unsubscribing = UnsubscribePages(look_up=audience.look_up, unsubscribe=audience.unsubscribe)
    client = TestClient(create_app(documents, unsubscribing), follow_redirects=False)
    return Site(client, audience, tmp_path, seconds)


def test_a_feed_is_served_with_what_a_polite_reader_needs(site: Site) -> None:
    answer = site.client.get("/feeds/all.atom")

    assert (answer.status_code, answer.text) == (200, "<feed/>")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["last-modified"].endswith("GMT")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_a_reader_that_has_it_gets_304_without_a_body(site: Site, form: str) -> None:
    etag = site.client.get("/feeds/all.atom").headers["etag"]

    answer = site.client.get("/feeds/all.atom", headers={"if-none-match": form.format(etag)})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag


def packed_site(tmp_path: Path) -> TestClient:
    made = tmp_path / "generations" / "one"
    made.mkdir(parents=True)
    (made / "all.atom").write_bytes(b"<feed/>" * 99)
    (made / "all.atom.gz").write_bytes(gzip.compress(b"<feed/>" * 99, mtime=0))
    (made / "all.atom.br").write_bytes(brotli.compress(b"<feed/>" * 99))
    (tmp_path / "current").symlink_to(Path("generations/one"))
    documents = StaticDocuments(
        tmp_path, max_age_s=1, monotonic=lambda: 0.0, public_url="https://news.example.org/digest"
    )
    audience = Audience()
    unsubscribing = UnsubscribePages(look_up=audience.look_up, unsubscribe=audience.unsubscribe)
    return TestClient(create_app(documents, unsubscribing))


@pytest.mark.parametrize(
    ("accepts", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("br, gzip;q=0.5", "br"),
        ("br;q=0.5, gzip", "gzip"),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("gzip;q=0.2, identity", None),
        ("gzip;q=0, br;q=0.000, *", None),
        ("identity", None),
        ("gzip;q=often", None),
        ("gzip;q=2, br;q=-1", None),
        ("*;q=0", None),
        ("", None),
    ],
)
def test_a_reader_gets_the_packed_form_where_it_takes_it(
    tmp_path: Path, accepts: str, coding: str | None
) -> None:
    client = packed_site(tmp_path)

    answer = client.get("/feeds/all.atom", headers={"accept-encoding": accepts})

    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == b"<feed/>" * 99
    assert answer.headers["link"] == '<https://news.example.org/digest/feeds/all.atom>; rel="self"'


def test_each_coding_has_its_own_etag_and_304_says_the_same(tmp_path: Path) -> None:
    client = packed_site(tmp_path)
    plain = client.get("/feeds/all.atom", headers={"accept-encoding": "identity"})
    packed = client.get("/feeds/all.atom", headers={"accept-encoding": "gzip"})
    best = client.get("/feeds/all.atom", headers={"accept-encoding": "br"})
    again = client.get(
        "/feeds/all.atom", headers={"accept-encoding": "gzip", "if-none-match": packed.headers["etag"]}
    )

    assert len({answer.headers["etag"] for answer in (plain, packed, best)}) == 3
    assert (again.status_code, again.content) == (304, b"")
    assert (again.headers["etag"], again.headers["vary"]) == (packed.headers["etag"], "Accept-Encoding")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 304),
        ({"if-modified-since": "Fri, 01 Jan 1999 00:00:00 GMT"}, 200),
        ({"if-modified-since": "yesterday"}, 200),
        ({"if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT", "if-none-match": '"other"'}, 200),
        ({"range": "bytes=0-1"}, 200),
    ],
)
def test_a_date_counts_only_where_no_etag_was_given(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    assert packed_site(tmp_path).get("/feeds/all.atom", headers=headers).status_code == status


def test_a_new_generation_appears_as_a_whole_a_second_later(site: Site) -> None:
    assert site.client.get("/feeds/all.atom").text == "<feed/>"
    swap(site.folder, "two", all_atom="<feed>2</feed>")
    assert site.client.get("/feeds/all.atom").text == "<feed/>"

    site.seconds[0] = 1.5

    assert site.client.get("/feeds/all.atom").text == "<feed>2</feed>"
    assert site.client.get("/feeds/all.html").status_code == 404


@pytest.mark.parametrize("moment", ["before it is read", "after it is read"])
def test_a_generation_that_is_taken_away_while_it_is_read_is_never_half_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Two publishes pass while the server reads: the first one's generation goes from under it."""
    client = packed_site(tmp_path)
    read, gone = Path.read_bytes, tmp_path / "generations" / "one"

    def overtaken(path: Path) -> bytes:
        monkeypatch.undo()
        body = read(path) if moment == "after it is read" else None
        swap(tmp_path, "three", all_atom="<feed>3</feed>")
        shutil.rmtree(gone)
        return read(path) if body is None else body

    monkeypatch.setattr(Path, "read_bytes", overtaken)

    assert client.get("/feeds/all.atom").text == "<feed>3</feed>", "what stands now is answered with"
    assert client.get("/feeds/youth.atom").status_code == 404


def test_documents_that_were_not_asked_for_longest_give_way_in_memory(tmp_path: Path) -> None:
    swap(tmp_path, "one", **{f"all_archive-{number}_atom": "x" * 100 for number in range(1, 8)})
    documents = StaticDocuments(tmp_path, max_age_s=1, monotonic=lambda: 0.0, room_bytes=350)
    client = TestClient(StaticFeeds(Starlette(), documents))
    names = [f"all.archive-{number}.atom" for number in range(1, 8)]

    for name in [*names, *names[:2], names[0]]:
        assert len(client.get(f"/feeds/{name}").content) == 100

    assert list(documents.in_memory()) == [names[6], names[1], names[0]]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_feeds_can_only_be_read(site: Site, method: str) -> None:
    answer = site.client.request(method, "/feeds/all.atom")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_head_of_a_feed_says_all_that_its_whole_says(site: Site) -> None:
    whole, head = site.client.get("/feeds/all.atom"), site.client.head("/feeds/all.atom")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == whole.headers
    assert head.headers["content-length"] == "7"


def test_etags_may_come_in_several_headers(site: Site) -> None:
    etag = site.client.get("/feeds/all.atom").headers["etag"]

    given = [("if-none-match", '"other"'), ("if-none-match", etag)]

    assert site.client.get("/feeds/all.atom", headers=given).status_code == 304


@pytest.mark.parametrize("name", ["secret.txt", "none.atom", "..%2F..%2Fetc%2Fpasswd", "%2e%2e"])
def test_nothing_else_is_served(site: Site, name: str) -> None:
    assert site.client.get(f"/feeds/{name}").status_code == 404


def test_before_the_first_publish_there_is_no_feed(tmp_path: Path) -> None:
    documents = StaticDocuments(tmp_path, max_age_s=1, monotonic=lambda: 0.0)
    assert documents.generation() is None
    assert documents.reply("all.atom", ()).status == 404


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_at_the_unsubscribe_link_changes_nothing(site: Site, method: str) -> None:
    answer = site.client.request(method, f"/unsubscribe/{TOKEN}")

    assert answer.status_code == 200
    assert site.audience.calls == []
    assert answer.headers["cache-control"] == "no-store"
    if method == "GET":
        assert '<html lang="fr"' in answer.text
        assert '<form method="post">' in answer.text
        assert "News &amp; &lt;views&gt;" in answer.text
        assert "a•••@readers.example" in answer.text


def test_one_click_in_both_encodings_as_often_as_it_comes(site: Site) -> None:
    first = site.client.post(f"/unsubscribe/{TOKEN}", data=ONE_CLICK)
    second = site.client.post(f"/unsubscribe/{TOKEN}", files={"List-Unsubscribe": (None, "One-Click")})

    assert (first.status_code, second.status_code) == (200, 200)
    assert site.audience.calls == [TOKEN, TOKEN]
    assert "set-cookie" not in first.headers
    assert "<form" not in first.text


@pytest.mark.parametrize("body", [b"", b"x=1", b"List-Unsubscribe=One-Click" + b"&" * 20_000])
def test_any_other_post_changes_nothing(site: Site, body: bytes) -> None:
    assert site.client.post(f"/unsubscribe/{TOKEN}", content=body).status_code == 400
    assert site.audience.calls == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_is_not_ours_is_explained_in_the_readers_language(site: Site, method: str) -> None:
    answer = site.client.request(
        method, "/unsubscribe/x", data=ONE_CLICK, headers={"accept-language": "ar-EG,en;q=0.5"}
    )

    assert answer.status_code == 404
    assert '<html lang="ar" dir="rtl">' in answer.text


def test_the_first_page_leads_to_the_feeds(site: Site) -> None:
    assert site.client.get("/").headers["location"].endswith("/feeds/all.html")


MAIL = (
    "From: News <news@example.org>\r\nTo: ana@example.net\r\nSubject: April\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nplain <b>words</b>\r\n"
    '--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p><a href="https://news.example/u/1">x</a>'
    "<script>alert(1)</script></p>\r\n--b--\r\n"
)


def view(here: str | None) -> MailboxView:
    return MailboxView(
        title="Demo", feeds=("all.atom",), feeds_at="feeds/", public_url="https://news.example", here=here
    )


def test_a_mail_is_shown_in_a_sandbox_with_its_links_on_this_server(site: Site, tmp_path: Path) -> None:
    maildir = tmp_path / "maildir"
    (maildir / "new").mkdir(parents=True)
    (maildir / "new" / "1.mail").write_bytes(MAIL.encode())
    mailbox = Mailbox(maildir, view("http://127.0.0.1:1"))
    documents = StaticDocuments(site.folder, max_age_s=1, monotonic=lambda: 0.0)
    unsubscribing = UnsubscribePages(look_up=site.audience.look_up, unsubscribe=site.audience.unsubscribe)
    client = TestClient(create_app(documents, unsubscribing, mailbox.routes()))

    assert 'href="mail-1.html">April</a>' in client.get("/").text
    page = client.get("/mail-1.html").text
    assert '<iframe sandbox="allow-popups"' in page
    assert "plain &lt;b&gt;words&lt;/b&gt;" in page
    assert "<script>" not in page
    body = client.get("/mail-1-body.html")
    assert 'href="http://127.0.0.1:1/u/1"' in body.text
    assert body.headers["content-security-policy"].startswith("sandbox")
    assert client.get("/mail-9.html").status_code == 404


def test_pages_in_files_keep_the_links_of_the_mail(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1").write_bytes(MAIL.encode())
    (tmp_path / "new" / "2").write_bytes(b"Subject: bare\r\n\r\nonly text\r\n")

    pages = mailbox_pages(read_mailbox(tmp_path), view(None))

    assert set(pages) == {"index.html", "mail-1.html", "mail-1-body.html", "mail-2.html"}
    assert b"https://news.example/u/1" in pages["mail-1-body.html"]


def test_an_empty_mailbox_says_so(tmp_path: Path) -> None:
    assert b"No mail was received" in mailbox_pages(read_mailbox(tmp_path / "none"), view(None))["index.html"]


def test_a_feed_names_itself_and_its_hub_in_the_answer_and_an_archive_only_itself(tmp_path: Path) -> None:
    swap(tmp_path, "one", all_atom="<feed/>", **{"all_archive-1_atom": "<feed/>"})
    documents = StaticDocuments(
        tmp_path,
        max_age_s=1,
        monotonic=lambda: 0.0,
        public_url="https://news.example.org",
        hub="https://hub.example.org/",
    )
    client = TestClient(
        create_app(
            documents, UnsubscribePages(look_up=Audience().look_up, unsubscribe=Audience().unsubscribe)
        )
    )

    own = '<https://news.example.org/feeds/{}>; rel="self"'
    assert client.get("/feeds/all.atom").headers["link"] == (
        own.format("all.atom") + ', <https://hub.example.org/>; rel="hub"'
    )
    assert client.get("/feeds/all.archive-1.atom").headers["link"] == own.format("all.archive-1.atom")


@pytest.fixture
def search(tmp_path: Path) -> TestClient:
    items = [make_item(number, themes=("youth",) if number % 2 else ("other",)) for number in range(60)]
    items.append(make_item(99, title="<script>x()</script>", summary="Un marché", language="fr"))
    publish(tmp_path, documents_for(items, OPTIONS, TAG))
    documents = StaticDocuments(tmp_path, max_age_s=1, monotonic=lambda: 0.0)
    audience = Audience()
    unsubscribing = UnsubscribePages(look_up=audience.look_up, unsubscribe=audience.unsubscribe)
    return TestClient(create_app(documents, unsubscribing, searching=SearchPage(documents, OPTIONS)))


def test_the_search_page_asks_and_answers_without_a_script(search: TestClient) -> None:
    form = search.get("/search")
    assert 'role="search" method="get"' in form.text
    assert "items found" not in form.text

    answer = search.get("/search", params={"q": "number 5", "theme": "youth"})
    assert "10 items found" in answer.text
    assert 'href="https://news.example.org/items/55"' in answer.text
    assert '<option value="youth" selected>' in answer.text
    assert "<script" not in answer.text
    assert answer.headers["cache-control"] == "no-cache"


def test_the_search_page_shows_the_newest_of_many_and_speaks_the_readers_language(search: TestClient) -> None:
    many = search.get("/search", params={"q": "item"}, headers={"accept-language": "fr-CH,en;q=0.5"})

    assert 'lang="fr"' in many.text
    assert "60 actualités trouvées" in many.text
    assert many.text.count("<article") == 50


def test_hostile_words_stay_words_and_hostile_items_too(search: TestClient) -> None:
    answer = search.get("/search?q=%22%3E%3Cscript%3E%00%ff")
    assert "<script>" not in answer.text
    found = search.get("/search", params={"q": "MARCHE"})
    assert "1 item found" in found.text
    assert "&lt;script&gt;" in found.text
    assert search.post("/search").status_code == 405


@pytest.mark.slow
def test_axe_finds_nothing_on_the_search_page(search: TestClient, chromium: str, tmp_path: Path) -> None:
    page = tmp_path / "search.html"
    page.write_bytes(search.get("/search", params={"q": "number 5"}).content)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for width in (320, 1000):
            view = browser.new_page(viewport={"width": width, "height": 700})
            view.goto(page.as_uri())
            assert Axe().run(view).response["violations"] == []
            assert view.evaluate("document.documentElement.scrollWidth") <= width
            view.screenshot(path=str(tmp_path / f"{width}.png"))
        browser.close()
