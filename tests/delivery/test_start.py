"""From an issue and people to letters: who gets what, fixed once, looked up at the last moment."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sse_digest.delivery.dry_run import dry_run
from sse_digest.delivery.issue_mail import IssueMail, MailSetup
from sse_digest.delivery.job import MessageRequest, Recipient
from sse_digest.delivery.options import Security
from sse_digest.delivery.recipients import TokenKeys, count_recipients, edition_key, message_id
from sse_digest.delivery.smtp.connect import SmtpRelay
from sse_digest.delivery.start import freeze_recipients, send_test
from sse_digest.digest.compose import compose
from sse_digest.digest.options import Letterhead
from sse_digest.errors import DeliveryError, DigestError, TokenError
from sse_digest.model.deliveries import Skip, State, Verdict
from sse_digest.model.issues import Digest, Issue, Period
from sse_digest.model.signed_tokens import TokenPurpose, read, scope_of
from sse_digest.model.subscribers import Status, Subscriber
from sse_digest.rendering.resources import folder
from sse_digest.store import Connection, Store, subscribers
from sse_digest.store.issues.issues import load_issue
from sse_digest.store.news.items import ItemKeys, insert_item
from sse_digest.store.sending import accounts
from sse_digest.store.sending.deliveries import ClaimedDelivery
from sse_digest.store.subscribers import SubscriptionRecord, write_records
from tests.builders import make_item
from tests.delivery.ground import claim
from tests.options import relay_options
from tests.smtp_server import listening, recipients
from tests.smtp_server import message_id as id_of

NOW = datetime(2023, 5, 2, 8, tzinfo=UTC)
APRIL = Period(2023, 4)
SIGNING = TokenKeys(secret_keys=(b"k" * 32,), domain="news.example")
DIGEST = Digest(
    name="monthly",
    title={"en": "News"},
    themes=("youth", "un-coordination", "cooperatives", "other"),
    lists=("news",),
    late_days=92,
    zone=ZoneInfo("UTC"),
    default_language="en",
    languages=("en", "fr", "es", "ar"),
)
LETTERHEAD = Letterhead(
    from_name="News",
    from_address="news@news.example",
    reply_to=None,
    list_name="news",
    list_title="News",
    list_id="news.news.example",
    organisation="The organisation",
    postal_address="1 Street, Town",
    public_url="https://news.example",
)
STATIONERY = MailSetup(
    digest=DIGEST,
    letterheads={"news": LETTERHEAD},
    theme_labels={},
    templates=folder("templates") / "email",
    signing=SIGNING,
    envelope_from="bounces@news.example",
)


def add_people(store: Store, *people: tuple[str, str, tuple[str, ...], Status]) -> None:
    with store.writing() as connection:
        records = [
            SubscriptionRecord(
                key=address.lower(),
                address=address,
                name="Ana" if n == 0 else None,
                language=language,
                status=status,
                themes=themes,
                origin="test",
            )
            for n, (address, language, themes, status) in enumerate(people)
        ]
        write_records(connection, "news", records, NOW)


def add_items(store: Store) -> Issue:
    with store.writing() as connection:
        for number, themes in enumerate((("youth", "cooperatives"), ("cooperatives",)), start=1):
            item = make_item(number, themes=themes)
            keys = ItemKeys(source_item_id=None, canonical=None, link_number=None, heading=item.heading)
            insert_item(connection, item, keys)
    report = compose(store, DIGEST, APRIL, now=NOW)
    assert report.issue is not None
    return report.issue


@dataclass
class Ground:
    """A composed issue and its people."""

    store: Store
    issue: Issue


@pytest.fixture
def ground(store: Store) -> Ground:
    add_people(
        store,
        ("ana@example.net", "fr", (), Status.ACTIVE),
        ("ben@example.net", "xx", ("youth",), Status.ACTIVE),
        ("cem@example.net", "en", ("other",), Status.ACTIVE),
        ("dia@example.net", "en", (), Status.ENDED),
        ("eli@example.net", "en", (), Status.ACTIVE),
        ("fay@example.net", "en", (), Status.PENDING),
    )
    with store.writing() as connection:
        subscribers.suppress(
            connection, "eli@example.net", reason="dead", secret_keys=SIGNING.secret_keys, now=NOW
        )
    return Ground(store, add_items(store))


def person(**changes: object) -> Subscriber:
    values = {
        "id": 7,
        "number": 7,
        "address": "p@x.y",
        "name": None,
        "language": "en",
        "list": "news",
        "status": Status.ACTIVE,
        "themes": (),
    }
    return Subscriber(**{**values, **changes})  # type: ignore[arg-type] # the test's own changes


def number_of(connection: Connection, subscriber_id: int) -> int:
    return int(connection.value("SELECT number FROM subscribers WHERE id = ?", (subscriber_id,)))


def edition_of(issue: Issue, reader: Subscriber) -> tuple[str, str] | None:
    return edition_key(issue, DIGEST, reader.language, reader.themes)


def test_people_who_read_the_same_share_an_edition(ground: Ground) -> None:
    issue = ground.issue

    assert edition_of(issue, person()) == ("en", "youth cooperatives")
    assert edition_of(issue, person(themes=("youth", "cooperatives", "other"))) == (
        "en",
        "youth cooperatives",
    )
    assert edition_of(issue, person(themes=("cooperatives",), language="fr")) == (
        "fr",
        "cooperatives",
    )
    assert edition_of(issue, person(themes=("other",))) is None
    assert edition_of(issue, person(themes=("a theme of last year",))) is None


def test_recipients_are_counted_without_writing(ground: Ground) -> None:
    with ground.store.reading() as connection:
        counted = count_recipients(connection, ground.issue, DIGEST, SIGNING)
        assert accounts.account(connection, "monthly", "2023-04") is None

    assert counted.editions == {("fr", "youth cooperatives"): 1, ("en", "youth"): 1}
    assert counted.skips == {Skip.NOTHING_FOR_THEMES: 1, Skip.SUPPRESSED: 1}
    assert counted.total == 4


def test_fixing_freezes_and_plans_at_once_and_only_once(ground: Ground) -> None:
    first = freeze_recipients(ground.store, APRIL, STATIONERY, now=NOW)
    add_people(ground.store, ("late@example.net", "en", (), Status.ACTIVE))
    second = freeze_recipients(ground.store, APRIL, STATIONERY, now=NOW)

    assert (first.total, first.was_fixed, first.issue.frozen) == (4, False, True)
    assert (second.total, second.was_fixed) == (4, True)
    with ground.store.reading() as connection:
        account = accounts.account(connection, "monthly", "2023-04")
    assert account is not None
    assert account.states == {State.PLANNED: 2, State.SKIPPED: 2}
    assert account.balances


def test_without_subscribers_nothing_is_frozen(store: Store) -> None:
    add_items(store)

    with pytest.raises(DeliveryError, match="Nobody is subscribed to"):
        freeze_recipients(store, APRIL, STATIONERY, now=NOW)

    with store.reading() as connection:
        issue = load_issue(connection, "monthly", APRIL)
    assert issue is not None
    assert not issue.frozen


def test_an_issue_that_was_not_composed_cannot_be_fixed(store: Store) -> None:
    with pytest.raises(DigestError, match="2023-04"):
        freeze_recipients(store, APRIL, STATIONERY, now=NOW)


def test_somebody_on_two_lists_gets_one_delivery(ground: Ground) -> None:
    digest = replace(DIGEST, lists=("news", "more"))
    with ground.store.writing() as connection:
        record = SubscriptionRecord(
            key="ana@example.net",
            address="ana@example.net",
            name=None,
            language="fr",
            status=Status.ACTIVE,
            themes=(),
            origin="x",
        )
        write_records(connection, "more", [record], NOW)

    stationery = replace(STATIONERY, digest=digest, letterheads={"news": LETTERHEAD, "more": LETTERHEAD})
    fixed = freeze_recipients(ground.store, APRIL, stationery, now=NOW)

    assert fixed.total == 4


async def looked_up(store: Store, letters: IssueMail, row: ClaimedDelivery) -> Recipient | Skip:
    def work(whole: Connection) -> Recipient | Skip:
        return (letters.recipients(whole, [row]))[row.id]

    return await store.write_deliveries(work)


async def claimed(store: Store) -> dict[int, ClaimedDelivery]:
    rows = await claim(store, sender="s", limit=10)
    return {row.subscriber_id: row for row in rows}


async def written(letters: IssueMail, row: ClaimedDelivery, recipient: Recipient) -> bytes:
    (content,) = await letters.contents([MessageRequest(row, recipient, NOW)])
    assert isinstance(content, tuple), content
    return b"".join(content)


async def test_a_letter_carries_the_persons_own_tokens(ground: Ground) -> None:
    fixed = freeze_recipients(ground.store, APRIL, STATIONERY, now=NOW)
    letters = IssueMail(
        ground.store, fixed.issue, replace(STATIONERY, envelope_from="b+{token}@news.example"), now=NOW
    )
    row = (await claimed(ground.store))[1]
    recipient = await looked_up(ground.store, letters, row)
    assert isinstance(recipient, Recipient)

    content = (await written(letters, row, recipient)).decode()

    assert "To: Ana <ana@example.net>" in content
    assert (
        id_of(content.encode()) == row.message_id == message_id(SIGNING, "monthly", APRIL, recipient.number)
    )
    token = content.split("https://news.example/unsubscribe/")[1][:39]
    assert read(SIGNING.secret_keys, TokenPurpose.UNSUBSCRIBE, token).number == recipient.number
    assert read(SIGNING.secret_keys, TokenPurpose.UNSUBSCRIBE, token).scope == scope_of("news")
    verp = letters.sender(row, recipient).removeprefix("b+").removesuffix("@news.example")
    assert read(SIGNING.secret_keys, TokenPurpose.RETURN_PATH, verp).number == recipient.number


async def test_stored_bytes_are_what_a_later_send_sends(ground: Ground, tmp_path: Path) -> None:
    fixed = freeze_recipients(ground.store, APRIL, STATIONERY, now=NOW)
    row = (await claimed(ground.store))[1]
    someone = Recipient(address="x@example.net", name=None)
    first = await written(IssueMail(ground.store, fixed.issue, STATIONERY, now=NOW), row, someone)

    broken = replace(STATIONERY, templates=tmp_path)
    again = await written(IssueMail(ground.store, fixed.issue, broken, now=NOW), row, someone)

    assert again == first


async def test_people_are_looked_up_at_the_moment_of_submission(ground: Ground) -> None:
    fixed = freeze_recipients(ground.store, APRIL, STATIONERY, now=NOW)
    letters = IssueMail(ground.store, fixed.issue, STATIONERY, now=NOW)
    rows = await claimed(ground.store)
    assert isinstance(await looked_up(ground.store, letters, rows[1]), Recipient)
    with ground.store.writing() as connection:
        subscribers.end_subscription(
            connection, number_of(connection, 1), scope_of("news"), now=NOW, origin="one click"
        )

    assert await looked_up(ground.store, letters, rows[1]) is Skip.NOT_ACTIVE
    assert await looked_up(ground.store, letters, rows[1]._replace(id=99, subscriber_id=99)) is Skip.ERASED


async def test_who_was_looked_up_is_not_looked_up_again_while_nobody_else_writes(ground: Ground) -> None:
    fixed = freeze_recipients(ground.store, APRIL, STATIONERY, now=NOW)
    letters = IssueMail(ground.store, fixed.issue, STATIONERY, now=NOW)
    row = (await claimed(ground.store))[1]
    before = await looked_up(ground.store, letters, row)

    def same_connection(
        whole: Connection,
    ) -> None:  # that a send never does; it shows what is remembered
        whole.execute("UPDATE subscribers SET name = 'Another' WHERE id = 1")

    await ground.store.write_deliveries(same_connection)
    assert await looked_up(ground.store, letters, row) == before
    with ground.store.writing() as connection:
        subscribers.end_subscription(
            connection, number_of(connection, 2), scope_of("news"), now=NOW, origin="one click"
        )
    again = await looked_up(ground.store, letters, row)
    assert isinstance(again, Recipient)
    assert (again.address, again.name) == ("ana@example.net", "Another")


def test_a_list_that_left_the_configuration_is_named(ground: Ground) -> None:
    freeze_recipients(ground.store, APRIL, STATIONERY, now=NOW)

    with pytest.raises(DeliveryError, match="not in the configuration"):
        STATIONERY.letterhead("gone")


def test_a_dry_run_writes_every_mail_and_nothing_else(ground: Ground, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "1.eml").write_text("an earlier one, for all to read")

    report = dry_run(ground.store, ground.issue, STATIONERY, tmp_path / "out", now=NOW)

    assert (report.written, report.skipped) == (2, 2)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["1.eml", "2.eml"]
    assert b"To: Ana <ana@example.net>" in (tmp_path / "out" / "1.eml").read_bytes()
    assert (tmp_path / "out" / "1.eml").stat().st_mode & 0o077 == 0
    with ground.store.reading() as connection:
        issue = load_issue(connection, "monthly", APRIL)
        assert accounts.account(connection, "monthly", "2023-04") is None
    assert issue is not None
    assert not issue.frozen


def test_a_dry_run_into_a_place_that_is_no_folder_is_explained(ground: Ground, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DeliveryError, match="another folder"):
        dry_run(ground.store, ground.issue, STATIONERY, tmp_path / "file", now=NOW)


async def test_a_test_mail_is_marked_and_can_end_nothing(ground: Ground) -> None:
    async with listening() as server:
        relay = SmtpRelay(relay_options(host="127.0.0.1", port=server.port, security=Security.NONE))
        outcome = await send_test(
            relay, ground.issue, STATIONERY, "me@example.org", language="en", now=NOW, nonce="n1"
        )

    assert outcome.verdict is Verdict.ACCEPTED
    assert recipients(server) == ["me@example.org"]
    content = server.taken[0].content.decode()
    assert "Subject: =?utf-8?q?=5BTest=5D_News" in content
    token = content.split("https://news.example/unsubscribe/")[1][:39]
    with pytest.raises(TokenError):
        read(SIGNING.secret_keys, TokenPurpose.UNSUBSCRIBE, token)
    with ground.store.reading() as connection:
        assert accounts.account(connection, "monthly", "2023-04") is None
