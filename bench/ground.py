"""What the benchmark of sending uses: an installation with an issue of 40 kB and many subscribers.

It is made once for each number of people. Every run gets a copy of its database in which nothing has been
sent yet.
"""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

from sse_digest.app import App, open_app
from sse_digest.digest.mail.dkim import make_key
from sse_digest.digest.mail.message import MessageTemplate, prepare
from sse_digest.model.issues import Period
from sse_digest.model.subscribers import key_of
from sse_digest.settings import load_settings

PERIOD = Period(2023, 4)
NOW = datetime(2023, 5, 2, 8, tzinfo=UTC)
ITEMS = 28  # so that a mail has about 40 kB
DOMAIN = "readers.example"
LANGUAGES = ("en", "fr", "es", "ar")
CONFIG = """\
organisation = "The example organisation"
public_url = "https://digest.organisation.example"
secret_keys = ["0123456789abcdefghijklmnopqrstuvwxyzABCDEF"]
[[sources]]
name = "news"
kind = "text"
path = "news.txt"
[[digests]]
name = "monthly"
title = "News on Social and Solidarity Economy"
lists = ["readers"]
first_period = "2023-04"
[[lists]]
name = "readers"
title = "SSE news by e-mail"
list_id = "readers.organisation.example"
from_address = "news@organisation.example"
postal_address = "The example organisation, 1 Example Street, 1200 Geneva, Switzerland"
[smtp]
host = "127.0.0.1"
security = "none"
helo = "bench.organisation.example"
envelope_from = "bounces@organisation.example"
"""
_PEOPLE = "INSERT INTO subscribers (id, address, address_key, language, created_at) VALUES (?, ?, ?, ?, ?)"
_LISTED = (
    "INSERT INTO subscriptions (list, subscriber_id, status, themes, origin, changed_at)"
    " VALUES ('readers', ?, 'active', '[]', 'bench', ?)"
)
_STAMP = "2023-01-01T00:00:00.000000Z"


def address_of(number: int) -> str:
    """Return a made-up address; all have the same length."""
    return f"p{number:07d}@{DOMAIN}"


@dataclass(frozen=True, slots=True)
class Ground:
    """One installation whose recipients are fixed."""

    folder: Path
    people: int

    @property
    def config(self) -> Path:
        """The path of its configuration, without the relay."""
        return self.folder / "config.toml"

    def environment(self, database: Path, settings: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a sender with this database and these further settings."""
        more = {"DATABASE__URL": f"sqlite:///{database}", **settings}
        return {**os.environ, **{f"SSE_DIGEST__{name}": value for name, value in more.items()}}

    @property
    def mail_bytes(self) -> int:
        """The average size of a mail."""
        sizes = [file.stat().st_size for file in self.folder.glob("*.eml")]
        return sum(sizes) // len(sizes)

    def signing(self) -> Mapping[str, str]:
        """Return the settings with which every mail is signed here."""
        return {
            "DKIM__DOMAIN": "organisation.example",
            "DKIM__SELECTOR": "bench",
            "DKIM__KEY_FILE": str(self.folder / "dkim.pem"),
        }

    def copy(self) -> Path:
        """Return a copy of the database; it overwrites the previous copy."""
        target = self.folder / "copy.db"
        for old in self.folder.glob("copy.db*"):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        shutil.copyfile(self.folder / "ground.db", target)
        return target


def make_ground(folder: Path, people: int) -> Ground:
    """Make an installation with this many recipients, fixed as a first `send` does it."""
    folder.mkdir(parents=True)
    ground = Ground(folder, people)
    ground.config.write_text(CONFIG, encoding="utf-8")
    (folder / "news.txt").write_text("\n".join(_news()), encoding="utf-8")
    key = folder / "dkim.pem"
    key.touch(mode=0o600)
    key.write_bytes(make_key())
    os.environ["SSE_DIGEST__DATABASE__URL"] = f"sqlite:///{folder}/ground.db"
    try:
        asyncio.run(_begin(ground))
    finally:
        del os.environ["SSE_DIGEST__DATABASE__URL"]
    with sqlite3.connect(folder / "ground.db") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return ground


async def _begin(ground: Ground) -> None:
    with open_app(load_settings(ground.config), lambda: NOW) as app:
        digest = app.digest(None)
        (read,) = await app.fetch()
        assert read.problem is None, read.problem
        app.compose(digest, PERIOD)
        for number, template in enumerate(prepared(app)):
            mail = template.fill(address=address_of(0), message_id="<0@organisation.example>", date=NOW)
            (ground.folder / f"{number}.eml").write_bytes(mail)
        invite(ground.folder / "ground.db", ground.people)
        stopped = asyncio.Event()
        stopped.set()
        report = await app.send(digest, PERIOD, wait=timedelta(0), stop=stopped)
        assert report.account.open == ground.people, report.account


def invite(file: Path, people: int) -> None:
    """Write made-up subscribers, all for every theme, each in one of four languages."""
    languages = cycle(LANGUAGES)
    with sqlite3.connect(file) as database:
        database.executemany(
            _PEOPLE,
            (
                (number, address_of(number), key_of(address_of(number)), next(languages), _STAMP)
                for number in range(1, people + 1)
            ),
        )
        database.executemany(_LISTED, ((number, _STAMP) for number in range(1, people + 1)))
    database.close()


def prepared(app: App) -> Sequence[MessageTemplate]:
    """Write what is the same for all readers of a language."""
    digest = app.digest(None)
    stationery, issue = app.stationery(digest), app.issue(digest, PERIOD)
    themes = " ".join(section.theme for section in issue.sections)
    editions = [
        stationery.render(issue, list_name="readers", language=language, themes=themes)
        for language in LANGUAGES
    ]
    return [prepare(one, stationery.letterhead("readers"), signer=stationery.signer) for one in editions]


def _news() -> Iterator[str]:
    subjects = ("A cooperative of growers", "Young founders", "The United Nations Task Force", "A workshop")
    yield "News on Social and Solidarity Economy"
    yield "April 2023"
    for number in range(ITEMS):
        yield "-"
        yield f"{subjects[number % len(subjects)]} in town {number} share what they have learned so far"
        yield f"{1 + number % 30} April 2023"
        yield (
            f"In report {number} they tell how they began, what it cost, who helped them, and what they would"
            " do otherwise today; their figures are open to everybody who asks, and a visit is welcome."
        )
