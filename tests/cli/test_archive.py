"""What a send publishes: the pages its mails may lead to stand before the first of them leaves."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sse_digest.app import open_app
from sse_digest.errors import FeedError
from sse_digest.feeds.publish import published_body, published_names, take_turn
from sse_digest.settings import load_settings
from sse_digest.store.items import ItemKeys, insert_item
from tests.builders import make_item
from tests.counting_server import joined
from tests.installation import APRIL, Installation, make_installation
from tests.smtp_server import listening, recipients

NO_KEYS = ItemKeys(source_item_id=None, canonical=None, link_number=None, heading="")
PAGES = {f"issues_monthly.2023-04.{language}.html" for language in ("en", "fr", "es", "ar")}


async def send(installation: Installation) -> None:
    async with installation.app() as app:
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


async def test_a_refused_publish_stops_the_send_before_any_mail_and_it_goes_on_later(tmp_path: Path) -> None:
    async with listening() as server:
        installation = await make_installation(tmp_path, port=server.port, people=4)
        async with installation.app() as app:
            await app.publish()
        break_a_feed(installation)

        code = await joined(installation.sender())

        assert code == 1
        assert recipients(server) == []
        log = (tmp_path / "output.log").read_text(encoding="utf-8")
        assert "no mail was sent" in log
        assert "id-of-feed" in log
        async with open_app(load_settings(installation.config), lambda: datetime.now(UTC)) as app:
            with pytest.raises(FeedError, match="no mail was sent"):
                await app.send(app.digest(None), APRIL, wait=timedelta(0), stop=asyncio.Event())
            await app.publish(accept_changed_ids=True)

        assert await joined(installation.sender()) == 0

    assert len(recipients(server)) == 4
    assert published_names(tmp_path / "feeds") >= PAGES


async def test_a_test_mail_and_a_dry_run_publish_nothing(tmp_path: Path) -> None:
    async with listening() as server:
        installation = await make_installation(tmp_path, port=server.port, people=2)
        async with installation.app() as app:
            await app.send_test(app.digest(None), APRIL, "someone@readers.example", None)
            await app.dry_run(app.digest(None), APRIL, tmp_path / "outbox")

    assert len(recipients(server)) == 1
    assert published_names(tmp_path / "feeds") == frozenset()


async def test_an_issue_that_was_not_sent_is_not_published(tmp_path: Path) -> None:
    installation = await make_installation(tmp_path, port=1, people=2)
    async with installation.app() as app:
        report = await app.publish()

    assert not [name for name in report.files if name.startswith("issues_")]


async def test_pages_of_a_digest_that_is_no_longer_configured_stay_as_they_are(tmp_path: Path) -> None:
    async with listening() as server:
        installation = await make_installation(tmp_path, port=server.port, people=2)
        await send(installation)
    before = {name: published_body(tmp_path / "feeds", name) for name in PAGES | {"issues_monthly.en.atom"}}
    text = installation.config.read_text(encoding="utf-8")
    installation.config.write_text(text.replace('name = "monthly"', 'name = "other"'), encoding="utf-8")

    async with installation.app() as app:
        await app.publish()

    assert {name: published_body(tmp_path / "feeds", name) for name in before} == before


async def test_a_publish_that_waited_publishes_what_is_stored_when_its_turn_comes(tmp_path: Path) -> None:
    installation = await make_installation(tmp_path, port=1, people=1)
    async with installation.app() as app:
        with take_turn(tmp_path / "feeds"):
            waiting = asyncio.create_task(app.publish())
            await asyncio.sleep(0.2)
            async with app.store.write() as connection:
                await insert_item(connection, make_item(77, title="What came meanwhile"), NO_KEYS)
        await waiting

    body = published_body(tmp_path / "feeds", "all.atom")
    assert body is not None
    assert b"What came meanwhile" in body
