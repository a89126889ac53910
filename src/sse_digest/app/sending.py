"""The use cases of an operator: the account of an issue, and decisions about its deliveries."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sse_digest.app.facade import App
from sse_digest.delivery.relays.relay_status import RelayStatus, read_standings
from sse_digest.errors import DeliveryError, DigestError
from sse_digest.model.deliveries import Account, State
from sse_digest.model.issues import Digest, Period
from sse_digest.store import Connection
from sse_digest.store.sending import accounts, operator
from sse_digest.store.sending import deliveries as ledger
from sse_digest.store.sending.accounts import DeliveryRow

WAYS = ("themes", "language", "domain", "hour")
"""What the deliveries of an issue are counted by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReport:
    """The account of an issue, with a count for every state."""

    total: int
    open: int
    closed: int
    balances: bool
    held: int
    states: Mapping[State, int]

    @classmethod
    def of(cls, account: Account) -> "AccountReport":
        """Return the report of an account."""
        return cls(
            total=account.total,
            open=account.open,
            closed=account.closed,
            balances=account.balances,
            held=account.held,
            states={state: account.states.get(state, 0) for state in State},
        )

    @property
    def needs_attention(self) -> bool:
        """Whether a delivery is open or the account does not balance."""
        return self.open > 0 or not self.balances


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """The number of deliveries in one state for one reason."""

    state: State
    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderReport:
    """A sender and the deliveries it has claimed."""

    sender: str
    host: str
    pid: int
    started_at: datetime
    claimed: int
    submitting: int
    runs: bool  # whether the process is running


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """The state of sending an issue."""

    digest: str
    period: Period
    k: int  # a crash leaves at most this many deliveries in doubt
    paused_at: datetime | None  # None if it is not paused
    relays: Sequence[RelayStatus]
    account: AccountReport | None  # None if it was not sent yet
    held: int = 0
    reasons: Sequence[ReasonCount] = ()
    senders: Sequence[SenderReport] = ()
    deliveries: Sequence[DeliveryRow] | None = None  # None if not requested


def status(app: App, digest_name: str | None, period: Period | None, *, each: bool = False) -> StatusReport:
    """Return the account of an issue and, with `each`, every delivery with its address."""
    digest, wanted, key = issue_of(app, digest_name, period)
    with app.store.reading() as connection:
        account = accounts.account(connection, *key)
        return StatusReport(
            digest=digest.name,
            period=wanted,
            k=app.settings.send_options().in_doubt_limit,
            paused_at=operator.paused_since(connection, *key),
            relays=read_standings(connection, app.settings.relay_limits(), app.clock()),
            account=None if account is None else AccountReport.of(account),
            held=0 if account is None else account.held,
            reasons=[
                ReasonCount(state=State(state), reason=reason, count=count)
                for (state, reason), count in accounts.count_reasons(connection, *key).items()
            ],
            senders=_senders(app, connection, key),
            deliveries=list(accounts.told_deliveries(connection, *key)) if each else None,
        )


def _senders(app: App, connection: Connection, key: tuple[str, str]) -> list[SenderReport]:
    return [
        SenderReport(
            sender=load.sender,
            host=load.host,
            pid=load.pid,
            started_at=load.started_at,
            claimed=load.claimed,
            submitting=load.submitting,
            runs=app.lives(load.sender),
        )
        for load in accounts.hands(connection, *key)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class InDoubtReport:
    """The deliveries in doubt, and how many of them were resolved."""

    in_doubt: Sequence[Mapping[str, object]]
    changed: int = 0


def in_doubt(app: App, digest_name: str | None, period: Period | None) -> InDoubtReport:
    """Return the deliveries of an issue that are in doubt."""
    _, _, key = issue_of(app, digest_name, period)
    with app.store.reading() as connection:
        return InDoubtReport(in_doubt=accounts.in_doubt(connection, *key))


def resolve(
    app: App, digest_name: str | None, period: Period | None, *, ids: Sequence[int] | None, resend: bool
) -> InDoubtReport:
    """Resolve deliveries in doubt, all if `ids` is None: plan them again with `resend`, else give them up."""
    _, _, key = issue_of(app, digest_name, period)
    with app.store.writing() as connection:
        held = accounts.in_doubt(connection, *key)
        changed = ledger.resolve(connection, *key, ids=ids, resend=resend, now=app.clock())
    return InDoubtReport(in_doubt=held, changed=changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseReport:
    """Whether an issue's sending is paused now."""

    issue: str
    paused: bool


def pause(app: App, digest_name: str | None, period: Period | None, *, paused: bool) -> PauseReport:
    """Pause or resume the sending of an issue.

    Raises:
        DigestError: there is no such issue.
    """
    _, wanted, key = issue_of(app, digest_name, period)
    with app.store.writing() as connection:
        known = operator.mark_paused(connection, *key, app.clock() if paused else None)
    if not known:
        raise DigestError(f"There is no issue {'/'.join(key)}. Compose it: sse-digest compose {wanted}")
    return PauseReport(issue="/".join(key), paused=paused)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelReport:
    """What cancelling an issue did."""

    issue: str
    changed: int
    in_other_hands: int  # deliveries of running senders, which were not changed


def cancel(
    app: App, digest_name: str | None, period: Period | None, *, nap: Callable[[float], None] = time.sleep
) -> CancelReport:
    """Cancel the deliveries of an issue that cannot have reached anybody.

    A running send is paused first, so that it releases the deliveries it has not begun. This waits up to ten
    seconds for that.

    Args:
        nap: sleeps for a number of seconds.

    Raises:
        DeliveryError: it was not sent yet.
    """
    _, _, key = issue_of(app, digest_name, period)
    _stop_running(app, key, nap)
    with app.store.writing() as connection:
        if accounts.account(connection, *key) is None:
            raise DeliveryError(
                f"{'/'.join(key)} was not sent yet, so there is nothing to cancel."
                " Its recipients are fixed by the first `sse-digest send`."
            )
        changed = operator.cancel(connection, *key, now=app.clock())
        in_hands = accounts.in_hands(connection, *key, but="")
    return CancelReport(issue="/".join(key), changed=changed, in_other_hands=in_hands)


def _stop_running(app: App, key: tuple[str, str], nap: Callable[[float], None]) -> None:
    """Pause an issue until running sends have released their claims, or for ten seconds at most."""
    with app.store.writing() as connection:
        was_paused = operator.is_paused(connection, *key)
        if not accounts.in_hands(connection, *key, but=""):
            return
        operator.mark_paused(connection, *key, app.clock())
    for _ in range(_STOP_STEPS):
        nap(_STOP_STEP_S)
        with app.store.reading() as connection:
            if not accounts.in_hands(connection, *key, but=""):
                break
    if not was_paused:
        with app.store.writing() as connection:
            operator.mark_paused(connection, *key, None)


_STOP_STEP_S, _STOP_STEPS = 0.2, 50  # ten seconds: enough for some replies and a commit

Counts = Mapping[str, dict[str, Counter[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesReport:
    """Counts of the deliveries of an issue."""

    issue: str
    account: AccountReport
    by: Counts  # way, then name, then state to count; "reason" has only what was not accepted
    zone: str  # time zone of the hours


def deliveries_report(app: App, digest_name: str | None, period: Period | None) -> DeliveriesReport:
    """Count the deliveries of an issue by themes, language, domain, hour and reason.

    Raises:
        DeliveryError: it was not sent yet.
    """
    digest, _, key = issue_of(app, digest_name, period)
    by: Counts = {way: {} for way in (*WAYS, "reason")}
    with app.store.reading() as connection:
        account = _account(connection, key)
        for delivery in accounts.told_deliveries(connection, *key):
            _count(by, delivery, digest.zone)
    return DeliveriesReport(
        issue="/".join(key), account=AccountReport.of(account), by=by, zone=str(digest.zone)
    )


def each_delivery(
    app: App, digest_name: str | None, period: Period | None
) -> Iterator[AccountReport | DeliveryRow]:
    """Yield the account of an issue, then each of its deliveries, without loading all of them.

    Raises:
        DeliveryError: it was not sent yet.
    """
    _, _, key = issue_of(app, digest_name, period)
    with app.store.reading() as connection:
        yield AccountReport.of(_account(connection, key))
        yield from accounts.told_deliveries(connection, *key)


def _account(connection: Connection, key: tuple[str, str]) -> Account:
    account = accounts.account(connection, *key)
    if account is None:
        raise DeliveryError(f"{'/'.join(key)} was not sent yet, so its recipients are not fixed.")
    return account


def _count(by: Counts, delivery: DeliveryRow, zone: tzinfo) -> None:
    names = {
        "themes": delivery.themes.replace(" ", ", ") or "(nothing)",
        "language": delivery.language,
        "domain": delivery.domain,
        "hour": f"{delivery.changed_at.astimezone(zone):%Y-%m-%d %H}:00",
    }
    for way, name in names.items():
        by[way].setdefault(name, Counter())[delivery.state] += 1
    if delivery.reason and delivery.state is not State.ACCEPTED:
        by["reason"].setdefault(delivery.reason, Counter())[delivery.state] += 1


def issue_of(
    app: App, digest_name: str | None, period: Period | None
) -> tuple[Digest, Period, tuple[str, str]]:
    """Return a digest, a period (by default the last complete month), and their key in the database."""
    digest = app.digest(digest_name)
    wanted = period or app.last_period(digest)
    return digest, wanted, (digest.name, str(wanted))
