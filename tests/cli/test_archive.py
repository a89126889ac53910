"""What a send publishes: the pages its mails may lead to stand before the first of them leaves."""

import asyncio
import re
import shutil
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from sse_digest.app import open_app
from sse_digest.errors import FeedError
from sse_digest.feeds.output.generations import published_body, published_names, take_turn
from sse_digest.feeds.output.manifest import Record, write_record
from sse_digest.rendering.resources import folder
from sse_digest.settings import load_settings
from sse_digest.store.news.items import ItemKeys, insert_item
from tests.builders import make_item
from tests.counting_server import joined
from tests.installation import APRIL, Installation, make_installation
from tests.smtp_server import listening, recipients

NO_KEYS = ItemKeys(source_item_id=None, canonical=None, link_number=None, heading="")
PAGES = {f"issues_monthly.2023-04.{language}.html" for language in ("en", "fr", "es", "ar")}


async def send(installation: Installation) -> None:
    with installation.app() as app:
        await app.send(app.digest(None), APRIL, wait=timedelta(0), stop=asyncio.Event())


def break_a_feed(installation: Installation) -> None:
    """Let it look as if other feeds had been published here before."""
    standing = (installation.root / "feeds" / "current" / "all.atom").resolve()
    standing.write_bytes(standing.read_bytes().replace(b":feed/all<", b":feed/other<"))


async def test_the_pages_stand_before_the_first_mail_leaves(tmp_path: Path) -> None:
    at_first_mail: list[frozenset[str]] = []

    def on_mail(sender: str) -> str:
        at_first_mail.append(published_names(tmp_path / "feeds"))
        return f"250 {sender} ok"

    async with listening(MAIL=on_mail) as server:
        installation = await make_installation(tmp_path, port=server.port, people=4)
        await send(installation)

    assert len(recipients(server)) == 4
    assert at_first_mail[0] >= PAGES
    for name in PAGES:
        page = published_body(tmp_path / "feeds", name)
        assert page is not None
        assert b"unsubscribe" not in page.lower()
        assert b"readers.example" not in page


@pytest.mark.slow
async def test_a_refused_publish_stops_the_send_before_any_mail_and_it_goes_on_later(tmp_path: Path) -> None:
    async with listening() as server:
        installation = await make_installation(tmp_path, port=server.port, people=4)
        with installation.app() as app:
            await app.publish()
        break_a_feed(installation)

        code = await joined(installation.sender())

        assert code == 1
        assert recipients(server) == []
        log = (tmp_path / "output.log").read_text(encoding="utf-8")
        assert "no mail was sent" in log
        assert "id-of-feed" in log
        with open_app(load_settings(installation.config), lambda: datetime.now(UTC)) as app:
            with pytest.raises(FeedError, match="no mail was sent"):
                await app.send(app.digest(None), APRIL, wait=timedelta(0), stop=asyncio.Event())
            await app.publish(accept_changed_ids=True)

        assert await joined(installation.sender()) == 0

    assert len(recipients(server)) == 4
    assert published_names(tmp_path / "feeds") >= PAGES


async def test_a_send_that_is_stopped_while_it_publishes_leaves_what_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, may_go_on = threading.Event(), threading.Event()

    def held_up(generation: Path, record: Record) -> None:
        reached.set()
        assert may_go_on.wait(30)
        write_record(generation, record)

    async with listening() as server:
        installation = await make_installation(tmp_path, port=server.port, people=2)
        with installation.app() as app:
            before = (await app.publish()).built.generation
        with monkeypatch.context() as patched:
            patched.setattr("sse_digest.feeds.output.build.write_record", held_up)
            sending = asyncio.create_task(send(installation))
            assert await asyncio.to_thread(reached.wait, 30)
            threading.Timer(0.3, may_go_on.set).start()  # the end of the build waits for it
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending

        assert (tmp_path / "feeds" / "current").readlink().name == before
        assert not (tmp_path / "feeds" / "generations" / ".next").exists()
        take_turn(tmp_path / "feeds", patience_s=0).lock.close()  # nobody is at work any more
        assert recipients(server) == []
        await send(installation)

    assert len(recipients(server)) == 2
    assert published_names(tmp_path / "feeds") >= PAGES


async def test_a_test_mail_and_a_dry_run_publish_nothing(tmp_path: Path) -> None:
    async with listening() as server:
        installation = await make_installation(tmp_path, port=server.port, people=2)
        with installation.app() as app:
            await app.send_test(app.digest(None), APRIL, "someone@readers.example", None)
            app.dry_run(app.digest(None), APRIL, tmp_path / "outbox")

    assert len(recipients(server)) == 1
    assert published_names(tmp_path / "feeds") == frozenset()


async def test_an_issue_that_was_not_sent_is_not_published(tmp_path: Path) -> None:
    installation = await make_installation(tmp_path, port=1, people=2)
    with installation.app() as app:
        report = await app.publish()

    assert not [name for name in report.built.changed if name.startswith("issues_")]


async def test_pages_of_a_digest_that_is_no_longer_configured_stay_as_they_are(tmp_path: Path) -> None:
    async with listening() as server:
        installation = await make_installation(tmp_path, port=server.port, people=2)
        await send(installation)
    before = {name: published_body(tmp_path / "feeds", name) for name in PAGES | {"issues_monthly.en.atom"}}
    text = installation.config.read_text(encoding="utf-8")
    installation.config.write_text(text.replace('name = "monthly"', 'name = "other"'), encoding="utf-8")

    with installation.app() as app:
        await app.publish()

    assert {name: published_body(tmp_path / "feeds", name) for name in before} == before


async def test_a_publish_that_waited_publishes_what_is_stored_when_its_turn_comes(tmp_path: Path) -> None:
    installation = await make_installation(tmp_path, port=1, people=1)
    with installation.app() as app:
        with take_turn(tmp_path / "feeds"):
            waiting = asyncio.create_task(app.publish())
            await asyncio.sleep(0.2)
            with app.store.writing() as connection:
                insert_item(connection, make_item(77, title="What came meanwhile"), NO_KEYS)
        await waiting

    body = published_body(tmp_path / "feeds", "all.atom")
    assert body is not None
    assert b"What came meanwhile" in body


async def test_what_a_mail_has_no_room_for_is_found_at_its_place_on_the_page(tmp_path: Path) -> None:
    async with listening() as server:
        limits = 'section_limits = { cooperatives = 1 }\nfirst_period = "2023-04"'
        installation = await make_installation(tmp_path, port=server.port, people=1)
        text = installation.config.read_text(encoding="utf-8")
        installation.config.write_text(text.replace('first_period = "2023-04"', limits), encoding="utf-8")
        await send(installation)
    [taken] = server.taken
    html = message_from_bytes(taken.content, policy=policy.default).get_body(("html",))
    assert html is not None
    found = re.search(r'3 more items in this section<br><a [^>]*href="([^"]+)"', html.get_content())
    assert found is not None
    name, _, place = found[1].rpartition("/")[2].partition("#")

    page = published_body(tmp_path / "feeds", name)

    assert (name, place) == ("issues_monthly.2023-04.en.html", "theme-cooperatives")
    assert page is not None
    section = page.decode().partition(f'<h2 id="{place}">')[2].partition("<h2")[0]
    assert section.count("<article") == 3  # and the top story, which stands above


async def test_every_mail_names_the_page_of_all_issues_in_its_language(tmp_path: Path) -> None:
    async with listening() as server:
        installation = await make_installation(tmp_path, port=server.port, people=4)
        await send(installation)

    assert len(server.taken) == 4
    for taken in server.taken:
        mail = message_from_bytes(taken.content, policy=policy.default)
        plain, *_ = mail.iter_parts()
        text, html = (part.get_content() for part in mail.iter_parts())
        page = mail["List-Archive"].strip("<>")
        name = f"issues_monthly.{plain['Content-Language']}.html"

        assert page.endswith(f"/feeds/{name}")
        assert f'href="{page}"' in html
        assert f"\n{page}\n" in text.replace("\r\n", "\n")
        assert published_body(tmp_path / "feeds", name) is not None


def parts_of(mail: bytes) -> str:
    """Text and HTML of a mail, without the reader's own token."""
    token = re.search(rb"/unsubscribe/([a-z2-7]{39})>", mail)
    assert token is not None
    parts = [part.get_content() for part in message_from_bytes(mail, policy=policy.default).iter_parts()]
    return "".join(parts).replace(token[1].decode(), "TOKEN")


async def test_the_archived_mail_is_what_was_sent_and_a_new_rendering_the_same(tmp_path: Path) -> None:
    async with listening() as server:
        installation = await make_installation(tmp_path, port=server.port, people=4)
        await send(installation)
    with installation.app() as app:
        archived = app.preview(app.digest(None), APRIL, language=None, themes=())
    with sqlite3.connect(tmp_path / "var" / "sse-digest.db") as database:
        assert database.execute("DELETE FROM editions WHERE list != ''").rowcount == 4
    with installation.app() as app:
        again = app.preview(app.digest(None), APRIL, language=None, themes=())

    assert archived == again
    mails = [body for name, body in archived.items() if name.endswith(".eml")]
    assert {parts_of(mail) for mail in mails} == {parts_of(taken.content) for taken in server.taken}


async def test_what_was_sent_is_shown_as_it_was_whatever_the_templates_became(tmp_path: Path) -> None:
    async with listening() as server:
        installation = await make_installation(tmp_path, port=server.port, people=4)
        await send(installation)
    with installation.app() as app:
        before = app.preview(app.digest(None), APRIL, language=None, themes=())
    mine = Path(shutil.copytree(folder("templates") / "email", tmp_path / "mine"))
    (mine / "footer.html").write_text("<p>Something else</p>", encoding="utf-8")
    with installation.config.open("a", encoding="utf-8") as config:
        config.write('\n[templates]\nemail = "mine"\n')
    with installation.app() as app:
        after = app.preview(app.digest(None), APRIL, language=None, themes=())
        other = app.preview(app.digest(None), APRIL, language="en", themes=("youth",))

    assert before == after
    assert b"Something else" in other["monthly-2023-04.en.html"]  # nobody got that one
