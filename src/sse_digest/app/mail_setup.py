"""Gather everything that the mails of a digest are made with from the settings."""

from dataclasses import replace
from functools import partial

from sse_digest.app.issue_pages import archive_pages, issue_pages
from sse_digest.delivery.issue_mail import MailSetup, edition_from
from sse_digest.delivery.recipients import TokenKeys
from sse_digest.digest.edition import Edition
from sse_digest.digest.outline import edition_themes, sections_for
from sse_digest.errors import SettingsError
from sse_digest.feeds.names import authority_of
from sse_digest.model.issues import Digest, Issue
from sse_digest.rendering.resources import folder
from sse_digest.settings import Settings
from sse_digest.settings.example import EXAMPLE
from sse_digest.settings.smtp_tables import SmtpTable
from sse_digest.store import Connection
from sse_digest.store.issues.issues import load_edition


def stationery_of(settings: Settings, digest: Digest) -> MailSetup:
    """Return everything that the mails of a digest are made with.

    Raises:
        SettingsError: public_url is not an https address, or there are no secret keys.
    """
    public_url = settings.public_url
    if public_url is None or not public_url.startswith("https://"):
        raise SettingsError(
            "public_url is not set to an https address, so mails could have no unsubscribe link"
            " (RFC 8058). Set public_url to the address at which `sse-digest serve` can be reached."
        )
    return MailSetup(
        digest=digest,
        letterheads={
            name: replace(settings.letterhead(name), archive_pages=archive_pages(settings, digest))
            for name in digest.lists
        },
        theme_labels=settings.theme_labels(),
        templates=settings.email_templates() or folder("templates") / "email",
        signing=TokenKeys(secret_keys=settings.secret_keys(), domain=authority_of(public_url)),
        envelope_from=settings.send_options().envelope_from,
        signer=settings.signer(),
        issue_pages=partial(issue_pages, settings, digest),
    )


def with_stand_ins(settings: Settings) -> Settings:
    """Return settings for a preview, with stand-ins for a missing public_url or relay.

    A preview shows what the mail looks like; its links are not real ones, and it is never submitted.
    """
    config = settings.config
    missing: dict[str, object] = {}
    if config.public_url is None:
        missing["public_url"] = EXAMPLE["public_url"]
    if config.smtp is None:
        missing["smtp"] = SmtpTable(host="localhost", envelope_from="bounces@example.org")
    return Settings(config.model_copy(update=missing), settings.folder) if missing else settings


def edition_of(
    connection: Connection,
    stationery: MailSetup,
    issue: Issue,
    *,
    language: str,
    themes: tuple[str, ...],
) -> Edition:
    """Return an edition for the first list: as it was sent, or as it would be now if it was not sent.

    Raises:
        DigestError: a template is missing or wrong.
    """
    digest = stationery.digest
    list_name, chosen = digest.lists[0], edition_themes(digest, themes)
    filled = " ".join(section.theme for section in sections_for(issue, digest, chosen))
    stored = None
    if issue.frozen:
        key = {"list_name": list_name, "language": language, "themes": filled}
        stored = load_edition(connection, digest.name, issue.period, **key)
    if stored is None:
        return stationery.render(issue, list_name=list_name, language=language, themes=" ".join(chosen))
    return edition_from(stored, issue, language=language, themes=chosen)
