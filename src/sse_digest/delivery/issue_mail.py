"""The people and mails of one frozen issue, as a sender needs them.

Editions are rendered once, stored on first use, and read from the store from then on, so that a send
that is finished next month still sends what was approved (docs/promises.md, Issues).
"""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sse_digest.delivery.job import MessageRequest, Recipient
from sse_digest.delivery.recipients import TokenKeys, issue_name
from sse_digest.digest.approval import content_hash, sample_mail
from sse_digest.digest.edition import Edition, EditionRenderer
from sse_digest.digest.mail.message import MessageTemplate, prepare
from sse_digest.digest.options import Letterhead
from sse_digest.errors import DeliveryError, SseDigestError, StoreError
from sse_digest.model.deliveries import Skip
from sse_digest.model.issues import Digest, Issue, Period
from sse_digest.model.signed_tokens import TokenPurpose, mint
from sse_digest.model.subscribers import Status
from sse_digest.store import Connection, Store
from sse_digest.store.issues.issues import EditionBytes, load_edition, store_edition
from sse_digest.store.sending.deliveries import ClaimedDelivery
from sse_digest.store.sending.recipient_status import RecipientStatus, standings

if TYPE_CHECKING:  # imported only where mails are signed
    from sse_digest.digest.mail.dkim import DkimSigner

_SIGNERS = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="signer")  # started when there is work
_REMEMBERED = 10_000  # people looked up, most of them not submitted yet; far more than are claimed at once


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSetup:
    """What the mails of a digest are built from."""

    digest: Digest
    letterheads: Mapping[str, Letterhead]  # by list
    theme_labels: Mapping[str, Mapping[str, str]]
    templates: Path
    signing: TokenKeys
    envelope_from: str  # may contain {token}
    signer: "DkimSigner | None" = None  # None: the relay signs
    issue_pages: Callable[[Period], Mapping[str, str]] = lambda _period: {}  # language to the issue's page

    def letterhead(self, list_name: str) -> Letterhead:
        """Return the letterhead of a list.

        Raises:
            DeliveryError: the list is no longer in the configuration.
        """
        try:
            return self.letterheads[list_name]
        except KeyError:
            raise DeliveryError(
                f"The list {list_name!r} is no longer in the configuration, but deliveries to it are open."
                " Put it back, or give them up with `sse-digest resolve`."
            ) from None

    def press(self, issue: Issue, list_name: str) -> EditionRenderer:
        """Return what renders the editions of an issue for a list.

        Raises:
            DeliveryError: the list is no longer in the configuration.
        """
        pages = self.issue_pages(issue.period)
        return EditionRenderer(
            issue,
            self.digest,
            theme_labels=self.theme_labels,
            letterhead=replace(self.letterhead(list_name), issue_pages=pages),
            templates=self.templates,
            secret_key=self.signing.secret_keys[0],
        )

    def render(self, issue: Issue, *, list_name: str, language: str, themes: str) -> Edition:
        """Render one edition; `themes` are keys joined by spaces."""
        return self.press(issue, list_name).edition(language=language, themes=themes.split())

    def samples(self, issue: Issue) -> Iterator[tuple[Edition, Letterhead]]:
        """Render for each list and language every theme at once, and each theme alone."""
        digest = self.digest
        for list_name, letterhead in self.letterheads.items():
            press = self.press(issue, list_name)
            for language in digest.languages:
                for themes in (digest.themes, *((section.theme,) for section in issue.sections)):
                    yield press.edition(language=language, themes=themes), letterhead

    def whole_mails(self, issue: Issue) -> Iterator[tuple[str, bytes]]:
        """Yield a mail of each of `samples`, signed as it would be, named for people."""
        for edition, letterhead in self.samples(issue):
            name = f"{edition.language}: {', '.join(edition.themes)}"
            yield name, sample_mail(edition, letterhead, self.signer)

    def sample_mails(self, issue: Issue, keys: Iterable[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
        """Yield a named mail of each edition (language, themes joined by spaces) for each list."""
        presses = {list_name: self.press(issue, list_name) for list_name in self.letterheads}
        for language, themes in keys:
            for list_name, letterhead in self.letterheads.items():
                edition = presses[list_name].edition(language=language, themes=themes.split())
                yield (
                    f"{language}: {themes.replace(' ', ', ')}",
                    sample_mail(edition, letterhead, self.signer),
                )

    def content_hash(self, issue: Issue) -> str:
        """Return the hash that an approval of the issue keeps."""
        return content_hash(self.samples(issue))

    def fill(
        self, template: MessageTemplate, row: ClaimedDelivery, recipient: Recipient, date: datetime
    ) -> tuple[bytes, ...]:
        """Fill in the recipient's own parts; return the mail in pieces."""
        token = mint(
            self.signing.secret_keys, TokenPurpose.UNSUBSCRIBE, number=recipient.number, name=row.list
        )
        return template.pieces(
            address=recipient.address,
            name=recipient.name,
            message_id=row.message_id,
            date=date,
            unsubscribe_token=token,
        )

    def envelope_sender(self, issue: Issue, number: int) -> str:
        """Return MAIL FROM; with {token} in it, it names the issue and the recipient's number (VERP)."""
        if "{token}" not in self.envelope_from:
            return self.envelope_from
        name = issue_name(issue.digest, issue.period)
        token = mint(self.signing.secret_keys, TokenPurpose.RETURN_PATH, number=number, name=name)
        return self.envelope_from.replace("{token}", token)


class IssueMail:
    """People and mails of one frozen issue."""

    def __init__(self, store: Store, issue: Issue, stationery: MailSetup, *, now: datetime) -> None:
        self._store, self._issue, self._stationery, self._now = store, issue, stationery, now
        self._templates: dict[tuple[str, str, str], MessageTemplate] = {}
        self._presses: dict[str, EditionRenderer] = {}  # by list
        self._preparing = asyncio.Lock()
        self._found: dict[int, Recipient | Skip] = {}  # looked up once, by delivery; of `_version`
        self._version: tuple[int, int] | None = None

    @property
    def is_immediate(self) -> bool:
        """Whether contents are written at once; return False if other threads sign them."""
        return self._stationery.signer is None

    def recipients(
        self, connection: Connection, rows: Sequence[ClaimedDelivery]
    ) -> Mapping[int, Recipient | Skip]:
        """Look people up at the moment of submission, by the ids of their deliveries.

        An earlier result is returned again as long as no data about people has changed since.
        """
        if (version := connection.version()) != self._version or len(self._found) > _REMEMBERED:
            self._version, self._found = version, {}
        found = {row.id: self._found.pop(row.id) for row in rows if row.id in self._found}
        if len(found) < len(rows):
            fresh = self._look_up(connection, [row for row in rows if row.id not in found])
            self._found.update(fresh)
            found.update(fresh)
        return found

    def _look_up(
        self, connection: Connection, rows: Sequence[ClaimedDelivery]
    ) -> Mapping[int, Recipient | Skip]:
        found: dict[int, Recipient | Skip] = {}
        secret_keys = self._stationery.signing.secret_keys
        for list_name in {row.list for row in rows}:
            listed = [row for row in rows if row.list == list_name]
            ids = [row.subscriber_id for row in listed]
            people = standings(connection, list_name, ids, secret_keys)
            found.update((row.id, _may_be_mailed(people.get(row.subscriber_id))) for row in listed)
        return found

    async def contents(self, wanted: Sequence[MessageRequest]) -> Sequence[Sequence[bytes] | SseDigestError]:
        """Write messages in pieces; an error says why one cannot be written."""
        templates = [await self._template(want.row) for want in wanted]
        if self.is_immediate:
            return self._fill_all(templates, wanted)
        # Nine tenths of this is signatures, and those let other threads run.
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_SIGNERS, self._fill_all, templates, wanted)

    def _fill_all(
        self, templates: Sequence[MessageTemplate | SseDigestError], wanted: Sequence[MessageRequest]
    ) -> Sequence[Sequence[bytes] | SseDigestError]:
        return [self._filled(template, *want) for template, want in zip(templates, wanted, strict=True)]

    def _filled(
        self,
        template: MessageTemplate | SseDigestError,
        row: ClaimedDelivery,
        recipient: Recipient,
        date: datetime,
    ) -> tuple[bytes, ...] | SseDigestError:
        if isinstance(template, SseDigestError):
            return template
        try:
            return self._stationery.fill(template, row, recipient, date)
        except SseDigestError as error:
            return error

    def sender(self, row: ClaimedDelivery, recipient: Recipient) -> str:
        """Return the envelope sender of a delivery."""
        del row  # the recipient's number and the issue name it
        return self._stationery.envelope_sender(self._issue, recipient.number)

    async def _template(self, row: ClaimedDelivery) -> MessageTemplate | SseDigestError:
        key = (row.list, row.language, row.themes)
        if key in self._templates:
            return self._templates[key]
        async with self._preparing:  # every line asks for it at once
            if key not in self._templates:
                try:
                    edition = await self._edition(row)
                    letterhead = self._stationery.letterhead(row.list)
                    self._templates[key] = prepare(edition, letterhead, signer=self._stationery.signer)
                except StoreError:
                    raise
                except SseDigestError as error:
                    return error
        return self._templates[key]

    async def _edition(self, row: ClaimedDelivery) -> Edition:
        issue, key = self._issue, {"list_name": row.list, "language": row.language, "themes": row.themes}
        stored = await self._store.read(load_edition, issue.digest, issue.period, **key)
        if stored is None or stored.html_gaps is None:
            fresh = self._press(row.list).edition(language=row.language, themes=row.themes.split())
            stored = await self._store.write(
                store_edition, issue.digest, issue.period, **key, edition=bytes_of(fresh), now=self._now
            )
        return edition_from(stored, issue, language=row.language, themes=tuple(row.themes.split()))

    def _press(self, list_name: str) -> EditionRenderer:
        if list_name not in self._presses:
            self._presses[list_name] = self._stationery.press(self._issue, list_name)
        return self._presses[list_name]


def bytes_of(edition: Edition) -> EditionBytes:
    """Return an edition as it is stored."""
    return EditionBytes(
        subject=edition.subject,
        html=edition.html.encode(),
        text=edition.text.encode(),
        html_gaps=edition.html_gaps,
        text_gaps=edition.text_gaps,
    )


def edition_from(stored: EditionBytes, issue: Issue, *, language: str, themes: tuple[str, ...]) -> Edition:
    """Return a stored edition of an issue; one of an older database has no gaps, so no token is filled in."""
    return Edition(
        digest=issue.digest,
        period=issue.period,
        language=language,
        themes=themes,
        subject=stored.subject,
        html=stored.html.decode(),
        text=stored.text.decode(),
        html_gaps=stored.html_gaps or (),
        text_gaps=stored.text_gaps or (),
    )


def _may_be_mailed(standing: RecipientStatus | None) -> Recipient | Skip:
    if standing is None:
        return Skip.ERASED
    if standing.status is not Status.ACTIVE:
        return Skip.NOT_ACTIVE
    if standing.suppressed:
        return Skip.SUPPRESSED
    return Recipient(address=standing.address, name=standing.name, number=standing.number)
