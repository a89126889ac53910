"""The `App`: the program with its database open, and the use cases that its users share."""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from sse_digest.app.issue_pages import publish_issue
from sse_digest.app.mail_setup import edition_of, stationery_of, with_stand_ins
from sse_digest.audience.options import AudienceOptions
from sse_digest.delivery.dry_run import DryRun, dry_run
from sse_digest.delivery.issue_mail import IssueMail, MailSetup
from sse_digest.delivery.progress import Progress
from sse_digest.delivery.recipients import RecipientCount, count_recipients
from sse_digest.delivery.relays.relay_state import RelayState
from sse_digest.delivery.send_job import SenderName, SendJob
from sse_digest.delivery.sender import Sender, SendReport
from sse_digest.delivery.sender_lock import SenderLocks
from sse_digest.delivery.smtp.connect import SmtpRelay
from sse_digest.delivery.start import freeze_recipients, plan_failed, send_test
from sse_digest.digest.approval import refuse_unapproved
from sse_digest.digest.compose import ComposeReport, compose
from sse_digest.digest.edition import Edition
from sse_digest.digest.mail.message import preview
from sse_digest.errors import QuietMonthError, StoreError, UsageError
from sse_digest.model.deliveries import Account, Outcome
from sse_digest.model.issue_rules import last_complete_period
from sse_digest.model.issues import Digest, Issue, Period
from sse_digest.model.signed_tokens import TokenPurpose, TokenTarget, read
from sse_digest.model.subscribers import masked
from sse_digest.settings import Settings
from sse_digest.sources.options import DEFAULT, FetchRequest
from sse_digest.store import Store, open_store, subscribers
from sse_digest.store.departures import DepartureJournal
from sse_digest.store.issues.issues import load_issue
from sse_digest.store.sending import accounts

if TYPE_CHECKING:
    from sse_digest.app.publishing import PublishReport
    from sse_digest.sources.ledger.ingest import IngestReport

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyIssue:
    """An issue that can be sent, with everything that is shown before that."""

    issue: Issue
    subjects: Mapping[str, str]  # language to subject
    recipients: RecipientCount | None  # None if an earlier send fixed them
    account: Account | None  # None if it was never sent
    in_doubt_limit: int  # K: a crash leaves at most K deliveries in doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOwner:
    """The list and person of an unsubscribe link."""

    list_title: str
    address: str | None  # masked, so that readers of a forwarded mail see whose link it is; None if erased
    language: str | None  # None if the person was erased


def _ignore(progress: Progress, total: int) -> None:
    del progress, total


log = structlog.get_logger()

_PATIENCE_MS = 2_000  # to wait for a busy database; mail programs do not wait long for a reply


class App:
    """The program with its database open."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self.settings, self.store, self.clock = settings, store, clock
        self._departures = None if store.path is None else DepartureJournal.beside(store.path)

    async def fetch(self, wanted: FetchRequest = DEFAULT) -> "Sequence[IngestReport]":
        """Read all sources and store what is new; a failing source does not stop the others.

        Raises:
            UsageError: `wanted` names a source that is not configured.
        """
        sources = self.settings.source_options()
        options = self.settings.fetch_options()
        unknown = sorted(set(wanted.accept) - {source.name for source in sources})
        if unknown:
            known = ", ".join(source.name for source in sources)
            raise UsageError(f"There is no source {', '.join(unknown)}. Configured: {known}.")
        # Loaded only if needed: the libraries for pages and feeds would be a tenth of a sender's memory.
        from sse_digest.sources.fetch import fetch_all  # noqa: PLC0415 # as above
        from sse_digest.sources.http.schedule import HostDelays  # noqa: PLC0415 # as above

        return await fetch_all(
            self.store,
            sources,
            options,
            now=self.clock(),
            rules=self.settings.theme_rules(),
            wanted=wanted,
            pace=HostDelays(options.delay_s, random=secrets.SystemRandom().random),
        )

    async def publish(self, *, accept_changed_ids: bool = False, anew: bool = False) -> "PublishReport":
        """Publish the feeds of all stored items; see `app.publishing`."""
        from sse_digest.app.publishing import publish_all  # noqa: PLC0415 # as in `fetch`

        return await publish_all(
            self.settings,
            self.store,
            now=self.clock(),
            accept_changed_ids=accept_changed_ids,
            anew=anew,
        )

    def digest(self, name: str | None) -> Digest:
        """Return a digest by name, or the only one if `name` is None.

        Raises:
            UsageError: there is none of that name, or not exactly one to choose.
        """
        digests = {digest.name: digest for digest in self.settings.digests()}
        if name is None and len(digests) == 1:
            return next(iter(digests.values()))
        if name in digests:
            return digests[name]
        known = ", ".join(digests) or "none: add a [[digests]] block to the configuration"
        wanted = "Name the digest with --digest" if name is None else f"There is no digest {name!r}"
        raise UsageError(f"{wanted}. Known: {known}.")

    def last_period(self, digest: Digest) -> Period:
        """Return the last complete month in the digest's time zone."""
        return last_complete_period(self.clock(), digest.zone)

    def compose(self, digest: Digest, period: Period | None, *, skip_earlier: bool = False) -> ComposeReport:
        """Compose an issue; see `digest.compose`."""
        return compose(self.store, digest, period, now=self.clock(), skip_earlier=skip_earlier)

    def issue(self, digest: Digest, period: Period | None) -> Issue:
        """Return an issue; compose it if there is none yet.

        Raises:
            QuietMonthError: there is nothing to print in that period.
            DigestError: it cannot be composed.
        """
        wanted = period or self.last_period(digest)
        with self.store.reading() as connection:
            issue = load_issue(connection, digest.name, wanted)
        if issue is None:
            report = self.compose(digest, wanted)
            issue = report.issue
            if issue is None:
                raise QuietMonthError(report.explanation or f"There is nothing to print in {wanted}.")
        return issue

    def preview(
        self, digest: Digest, wanted: Issue | Period | None, *, language: str | None, themes: tuple[str, ...]
    ) -> Mapping[str, bytes]:
        """Return preview files of editions by name; without a language, of all languages.

        Editions that were sent are returned as they were sent, even if templates and settings changed.

        Raises:
            UsageError: the digest has no such language or theme.
        """
        unknown = [*(set(themes) - set(digest.themes)), *({language} - {None, *digest.languages})]
        if unknown:
            raise UsageError(
                f"Unknown: {', '.join(map(str, unknown))}. The digest {digest.name} has the languages"
                f" {', '.join(digest.languages)} and the themes {', '.join(digest.themes)}."
            )
        issue = wanted if isinstance(wanted, Issue) else self.issue(digest, wanted)
        languages = digest.languages if language is None else (language,)
        stationery = stationery_of(with_stand_ins(self.settings), digest)
        with self.store.reading() as connection:
            editions = [
                edition_of(connection, stationery, issue, language=tag, themes=themes) for tag in languages
            ]
        return preview(editions, stationery.letterhead(digest.lists[0]), stationery.signer)

    def _edition(self, issue: Issue, digest: Digest, language: str, themes: tuple[str, ...]) -> Edition:
        stationery = self.stationery(digest)
        return stationery.render(issue, list_name=digest.lists[0], language=language, themes=" ".join(themes))

    def audience_options(self, list_name: str | None) -> AudienceOptions:
        """Return the options of a list by name, or of the only one if `list_name` is None.

        Raises:
            UsageError: there is none of that name, not exactly one to choose, or it receives no digest.
        """
        names = self.settings.list_names()
        if list_name is None and len(names) != 1:
            known = ", ".join(names) or "none: add a [[lists]] block to the configuration"
            raise UsageError(f"Name the list with --list. Known: {known}.")
        return self.settings.audience_options(list_name or names[0])

    def stationery(self, digest: Digest) -> MailSetup:
        """Return everything that the mails of a digest are made with; see `app.mail_setup`."""
        return stationery_of(self.settings, digest)

    def ready(self, digest: Digest, period: Period | None) -> ReadyIssue:
        """Return an issue that can be sent, with everything that is shown before that; plan no delivery.

        Raises:
            SettingsError: a setting that every mail needs is missing.
            DigestError: there is no issue and none can be composed, or it needs approval.
        """
        stationery = self.stationery(digest)
        issue = self.issue(digest, period)
        with self.store.reading() as connection:
            account = accounts.account(connection, digest.name, str(issue.period))
            recipients = None
            if account is None:
                refuse_unapproved(connection, digest, issue, hash_of=stationery.content_hash)
                recipients = count_recipients(connection, issue, digest, stationery.signing)
        subjects = {tag: self._edition(issue, digest, tag, digest.themes).subject for tag in digest.languages}
        return ReadyIssue(
            issue=issue,
            subjects=subjects,
            recipients=recipients,
            account=account,
            in_doubt_limit=self.settings.send_options().in_doubt_limit,
        )

    async def send(
        self,
        digest: Digest,
        period: Period,
        *,
        wait: timedelta,
        stop: asyncio.Event,
        only_failed: bool = False,
        on_progress: Callable[[Progress, int], None] = _ignore,
    ) -> SendReport:
        """Freeze an issue, fix its recipients, publish its pages, and process its deliveries.

        Raises:
            FeedError: its pages could not be published, so no mail was sent.
        """
        stationery = self.stationery(digest)
        fixed = await asyncio.to_thread(freeze_recipients, self.store, period, stationery, now=self.clock())
        await publish_issue(self.settings, self.store, digest, period, now=self.clock())
        if only_failed:
            await asyncio.to_thread(plan_failed, self.store, digest.name, period, now=self.clock())
        account = await self.store.read(accounts.account, digest.name, str(period))
        total = account.open if account is not None else 0
        job = SendJob(
            store=self.store,
            routes=self._routes(),
            mail=IssueMail(self.store, fixed.issue, stationery, now=self.clock()),
            issue=(digest.name, str(period)),
            sender=SenderName(id=secrets.token_hex(8), host=socket.gethostname(), pid=os.getpid()),
            secret_keys=self.settings.secret_keys(),
            options=self.settings.send_options(),
            clock=self.clock,
            stop=stop,
            on_progress=lambda progress: on_progress(progress, total),
        )
        return await Sender(job, SenderLocks(self._lock_folder())).send(wait)

    def _routes(self) -> tuple[RelayState, ...]:
        delay = self.settings.send_options().reconnect_delay
        return tuple(
            RelayState(SmtpRelay(relay), name=relay.name, limits=relay.limits, delay=delay)
            for relay in self.settings.relays()
        )

    def lives(self, sender: str) -> bool:
        """Return whether a sender of this database is still running."""
        return SenderLocks(self._lock_folder()).lives(sender)

    def _lock_folder(self) -> Path:
        if self.store.path is None:
            raise UsageError("Sending needs a database in a file. Set database.url to sqlite:///PATH.")
        return self.store.path.with_name(self.store.path.name + ".senders")

    async def send_test(
        self, digest: Digest, period: Period | None, address: str, language: str | None
    ) -> Outcome:
        """Submit one copy, marked as a test, to one address."""
        stationery = self.stationery(digest)
        return await send_test(
            SmtpRelay(self.settings.relay_options()),
            self.issue(digest, period),
            stationery,
            address,
            language=language or digest.default_language,
            now=self.clock(),
            nonce=secrets.token_hex(8),
        )

    def dry_run(self, digest: Digest, period: Period | None, outbox: Path) -> DryRun:
        """Write every mail of an issue to a folder instead of submitting it."""
        issue = self.issue(digest, period)
        return dry_run(self.store, issue, self.stationery(digest), outbox, now=self.clock())

    def named_by(self, token: str) -> TokenOwner:
        """Return the list and person of an unsubscribe link; change nothing.

        Raises:
            TokenError: the token is not valid.
        """
        target = read(self.settings.secret_keys(), TokenPurpose.UNSUBSCRIBE, token)
        with self.store.reading() as connection:
            person = subscribers.subscriber_of_link(connection, target.number, target.scope)
        title = self.settings.list_title(target.scope)
        if person is None:
            return TokenOwner(list_title=title, language=None, address=None)
        return TokenOwner(list_title=title, language=person.language, address=masked(person.address))

    def unsubscribe(self, token: str) -> TokenOwner:
        """End the subscription of an unsubscribe link; a second call changes nothing.

        The departure is written to the departures journal first. If the database cannot be written now, it is
        carried out later, so no departure is lost.

        Raises:
            TokenError: the token is not valid.
            StoreError: neither the journal nor the database can be written.
        """
        target = read(self.settings.secret_keys(), TokenPurpose.UNSUBSCRIBE, token)
        is_kept = self._journal(target)
        try:
            if is_kept:
                self.carry_out_departures()
            else:
                with self.store.writing() as connection:
                    subscribers.end_subscription(
                        connection, target.number, target.scope, now=self.clock(), origin="unsubscribe link"
                    )
            return self.named_by(token)
        except StoreError as error:
            if not is_kept:
                raise
            log.warning("departure.waits", problem=str(error))
            return TokenOwner(list_title=self.settings.list_title(target.scope), language=None, address=None)

    def _journal(self, target: TokenTarget) -> bool:
        """Write a departure to the journal; return whether that was possible."""
        if self._departures is None:
            return False
        try:
            self._departures.append(number=target.number, scope=target.scope, at=self.clock())
        except OSError as error:
            log.error("departures.unwritable", problem=error.strerror)  # noqa: TRY400 # no traceback needed
            return False
        return True

    def carry_out_departures(self) -> int:
        """Carry out the departures waiting in the journal; return how many there were.

        Raises:
            StoreError: the database is busy or cannot be written, or the journal cannot be read.
        """
        if self._departures is None:
            return 0
        with self.store.reading() as connection:
            if not self._departures.is_behind(connection):
                return 0
        try:
            with self.store.writing(patience_ms=_PATIENCE_MS) as connection:
                return self._departures.carry_out(connection)
        except OSError as error:
            raise StoreError(f"The departures journal cannot be read: {error.strerror}.") from error


@contextmanager
def open_app(settings: Settings, clock: Clock) -> Iterator[App]:
    """Open the program with its database.

    Raises:
        StoreError: the database cannot be opened.
    """
    with open_store(settings.database_url()) as store:
        app = App(settings, store, clock)
        try:
            app.carry_out_departures()
        except StoreError as error:  # they wait in the journal
            log.warning("departures.wait", problem=str(error))
        yield app
