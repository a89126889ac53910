"""People whose addresses are beyond ASCII get their mail, from the import to the relay."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from sse_digest.audience.import_csv import import_subscribers
from sse_digest.model.deliveries import State
from tests.installation import APRIL, NOW, Installation, make_installation
from tests.smtp_server import listening

PEOPLE = (
    "address,name,language\njörg@bücher.example,Jörg,en\n用户@例子.广告,用户,en\nann@readers.example,Ann,en\n"
)


async def with_people(root: Path, port: int) -> Installation:
    installation = await make_installation(root, port=port, people=0)
    (root / "more.csv").write_text(PEOPLE, encoding="utf-8")
    with installation.app() as app:
        keys = app.settings.secret_keys()
        import_subscribers(
            app.store, root / "more.csv", app.audience_options(None), secret_keys=keys, now=NOW
        )
    return installation


@pytest.mark.parametrize("able", [True, False])
async def test_a_relay_that_offers_smtputf8_gets_them_and_another_the_rest(
    tmp_path: Path, able: bool
) -> None:
    offers = "250-test\r\n250-SMTPUTF8\r\n250 8BITMIME" if able else "250-test\r\n250 8BITMIME"
    async with listening(EHLO=offers) as server:
        installation = await with_people(tmp_path, server.port)
        with installation.app() as app:
            report = await app.send(app.digest(None), APRIL, wait=timedelta(0), stop=asyncio.Event())

    beyond = ["jörg@xn--bcher-kva.example", "用户@xn--fsqu00a.xn--4rr70v"]
    taken = {one.recipient: one.content for one in server.taken}
    assert set(taken) == {"ann@readers.example", *(beyond if able else ())}
    assert report.account.states == ({State.ACCEPTED: 3} if able else {State.ACCEPTED: 1, State.REJECTED: 2})
    assert all(f" <{address}>\r\n".encode() in content for address, content in taken.items())
    asked = [line for line in server.commands if line.startswith("MAIL") and "SMTPUTF8" in line]
    assert len(asked) == (2 if able else 0)
    assert taken["ann@readers.example"].isascii()
