"""Look up the recipients of one frozen issue and write their mails.

An edition is rendered and stored on first use and read from the store afterwards, so that a send
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

if TYPE_CHECKING:  # imported at run time only if mails are signed
    from sse_digest.digest.mail.dkim import DkimSigner

_SIGNERS = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="signer")  # starts threads when used
_REMEMBERED = 10_000  # recipients kept after a look-up; far more than are claimed at once


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSetup:
    """What the mails of a digest are built from."""

    digest: Digest
    letterheads: Mapping[str, Letterhead]  # by list
    theme_labels: Mapping[str, Mapping[str, str]]  # by theme, then by language
    templates: Path
    signing: TokenKeys
    envelope_from: str  # may contain {token}
    signer: "DkimSigner | None" = None  # None: the relay signs
    issue_pages: Callable[[Period], Mapping[str, str]] = lambda _period: {}  # addresses by language

    def letterhead(self, list_name: str) -> Letterhead:
        """Return the letterhead of a list.

        Raises:
            DeliveryError: the list is no longer in the configuration.
        """
        try:
            return self.letterheads[list_name]
        except KeyError:
            raise DeliveryError(
                f"The list {list_name!r} is not in the configuration, but deliveries to it are still open."
                " Restore the list, or give the deliveries up with `sse-digest resolve`."
            ) from None

    def renderer(self, issue: Issue, list_name: str) -> EditionRenderer:
        """Return the edition renderer of an issue for a list.

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
        return self.renderer(issue, list_name).edition(language=language, themes=themes.split())

    def samples(self, issue: Issue) -> Iterator[tuple[Edition, Letterhead]]:
        """Yield sample editions for each list and language: one with all themes, and one for each theme."""
        digest = self.digest
        for list_name, letterhead in self.letterheads.items():
            renderer = self.renderer(issue, list_name)
            for language in digest.languages:
                for themes in (digest.themes, *((section.theme,) for section in issue.sections)):
                    yield renderer.edition(language=language, themes=themes), letterhead

    def whole_mails(self, issue: Issue) -> Iterator[tuple[str, bytes]]:
        """Yield (name, mail) for each of `samples`, signed as when it is sent; the name is for people."""
        for edition, letterhead in self.samples(issue):
            name = f"{edition.language}: {', '.join(edition.themes)}"
            yield name, sample_mail(edition, letterhead, self.signer)

    def sample_mails(self, issue: Issue, keys: Iterable[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
        """Yield (name, mail) of each edition for each list.

        Args:
            issue: the issue.
            keys: the editions: language, and theme keys joined by spaces.
        """
        renderers = {list_name: self.renderer(issue, list_name) for list_name in self.letterheads}
        for language, themes in keys:
            for list_name, letterhead in self.letterheads.items():
                edition = renderers[list_name].edition(language=language, themes=themes.split())
                yield (
                    f"{language}: {themes.replace(' ', ', ')}",
                    sample_mail(edition, letterhead, self.signer),
                )

    def content_hash(self, issue: Issue) -> str:
        """Return the hash that an approval of the issue stores."""
        return content_hash(self.samples(issue))

    def fill(
        self, template: MessageTemplate, row: ClaimedDelivery, recipient: Recipient, date: datetime
    ) -> tuple[bytes, ...]:
        """Fill in the recipient's own parts and return the mail in pieces."""
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
        """Return MAIL FROM. A token in place of {token} names the issue and the recipient's number (VERP)."""
        if "{token}" not in self.envelope_from:
            return self.envelope_from
        name = issue_name(issue.digest, issue.period)
        token = mint(self.signing.secret_keys, TokenPurpose.RETURN_PATH, number=number, name=name)
        return self.envelope_from.replace("{token}", token)


class IssueMail:
    """Looks up the recipients of one frozen issue and writes their mails."""

    def __init__(self, store: Store, issue: Issue, setup: MailSetup, *, now: datetime) -> None:
        self._store, self._issue, self._setup, self._now = store, issue, setup, now
        self._templates: dict[tuple[str, str, str], MessageTemplate] = {}
        self._renderers: dict[str, EditionRenderer] = {}  # by list
        self._preparing = asyncio.Lock()
        self._found: dict[int, Recipient | Skip] = {}  # look-ups by delivery id, valid for `_version`
        self._version: tuple[int, int] | None = None

    @property
    def is_immediate(self) -> bool:
        """Whether contents are written on the event loop; False if other threads sign them."""
        return self._setup.signer is None

    def recipients(
        self, connection: Connection, rows: Sequence[ClaimedDelivery]
    ) -> Mapping[int, Recipient | Skip]:
        """Return who gets each delivery now, or why nobody does, by the id of the delivery.

        An earlier result is returned once more if no data about people has changed since.
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
        secret_keys = self._setup.signing.secret_keys
        for list_name in {row.list for row in rows}:
            listed = [row for row in rows if row.list == list_name]
            ids = [row.subscriber_id for row in listed]
            people = standings(connection, list_name, ids, secret_keys)
            found.update((row.id, _may_be_mailed(people.get(row.subscriber_id))) for row in listed)
        return found

    async def contents(self, wanted: Sequence[MessageRequest]) -> Sequence[Sequence[bytes] | SseDigestError]:
        """Write messages and return the pieces of each, or the error that says why it cannot be written."""
        templates = [await self._template(want.row) for want in wanted]
        if self.is_immediate:
            return self._fill_all(templates, wanted)
        # Signing takes nine tenths of the time and releases the interpreter lock.
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
            return self._setup.fill(template, row, recipient, date)
        except SseDigestError as error:
            return error

    def sender(self, row: ClaimedDelivery, recipient: Recipient) -> str:
        """Return the envelope sender of a delivery."""
        del row  # the issue and the recipient's number are enough
        return self._setup.envelope_sender(self._issue, recipient.number)

    async def _template(self, row: ClaimedDelivery) -> MessageTemplate | SseDigestError:
        key = (row.list, row.language, row.themes)
        if key in self._templates:
            return self._templates[key]
        async with self._preparing:  # at the start all workers need it at the same time
            if key not in self._templates:
                try:
                    edition = await self._edition(row)
                    letterhead = self._setup.letterhead(row.list)
                    self._templates[key] = prepare(edition, letterhead, signer=self._setup.signer)
                except StoreError:
                    raise
                except SseDigestError as error:
                    return error
        return self._templates[key]

    async def _edition(self, row: ClaimedDelivery) -> Edition:
        issue, key = self._issue, {"list_name": row.list, "language": row.language, "themes": row.themes}
        stored = await self._store.read(load_edition, issue.digest, issue.period, **key)
        if stored is None or stored.html_gaps is None:
            fresh = self._renderer(row.list).edition(language=row.language, themes=row.themes.split())
            stored = await self._store.write(
                store_edition, issue.digest, issue.period, **key, edition=bytes_of(fresh), now=self._now
            )
        return edition_from(stored, issue, language=row.language, themes=tuple(row.themes.split()))

    def _renderer(self, list_name: str) -> EditionRenderer:
        if list_name not in self._renderers:
            self._renderers[list_name] = self._setup.renderer(self._issue, list_name)
        return self._renderers[list_name]


def bytes_of(edition: Edition) -> EditionBytes:
    """Return an edition in the form in which it is stored."""
    return EditionBytes(
        subject=edition.subject,
        html=edition.html.encode(),
        text=edition.text.encode(),
        html_gaps=edition.html_gaps,
        text_gaps=edition.text_gaps,
    )


def edition_from(stored: EditionBytes, issue: Issue, *, language: str, themes: tuple[str, ...]) -> Edition:
    """Return a stored edition of an issue. One from an older database has no gaps: no token is filled in."""
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
