"""Write an issue's mails to a folder instead of submitting them. Uses no relay and changes no delivery."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sse_digest.atomic_write import replace_file
from sse_digest.delivery.issue_mail import MailSetup
from sse_digest.delivery.job import Recipient
from sse_digest.delivery.recipients import plan_deliveries
from sse_digest.delivery.smtp.envelope import is_sendable
from sse_digest.digest.mail.message import MessageTemplate, prepare
from sse_digest.errors import DeliveryError
from sse_digest.model.issues import Issue
from sse_digest.store import Store, subscribers
from sse_digest.store.sending.deliveries import ClaimedDelivery

MODE = 0o600  # mails name people and carry their live links


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What a dry run wrote."""

    folder: Path
    written: int  # .eml files
    skipped: int


def dry_run(store: Store, issue: Issue, setup: MailSetup, folder: Path, *, now: datetime) -> DryRun:
    """Write every mail of an issue as it would be submitted now, each to FOLDER/ID.eml.

    Raises:
        DeliveryError: the folder is not writable.
    """
    written = skipped = 0
    templates: dict[tuple[str, str, str], MessageTemplate] = {}
    with store.reading() as connection:
        for batch in plan_deliveries(connection, issue, setup.digest, setup.signing):
            for planned in batch:
                row = planned.as_claimed()
                person = subscribers.subscriber_at_submission(connection, row.subscriber_id, row.list)
                if planned.skip is not None or person is None or not is_sendable(person.address):
                    skipped += 1
                    continue
                template = _template(templates, issue, setup, row)
                recipient = Recipient(address=person.address, name=person.name, number=person.number)
                _write(
                    folder / f"{row.subscriber_id}.eml",
                    b"".join(setup.fill(template, row, recipient, now)),
                )
                written += 1
    return DryRun(folder=folder, written=written, skipped=skipped)


def _template(
    made: dict[tuple[str, str, str], MessageTemplate],
    issue: Issue,
    setup: MailSetup,
    row: ClaimedDelivery,
) -> MessageTemplate:
    key = (row.list, row.language, row.themes)
    if key not in made:
        edition = setup.render(issue, list_name=row.list, language=row.language, themes=row.themes)
        made[key] = prepare(edition, setup.letterhead(row.list), signer=setup.signer)
    return made[key]


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content, mode=MODE)
    except OSError as error:
        raise DeliveryError(f"{path}: {error.strerror}. Free some space, or name another folder.") from error
