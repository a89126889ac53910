"""What the mails of a digest are written on, gathered from the settings. Renders and sends nothing."""

from dataclasses import replace
from functools import partial

from sse_digest.app.publishing import issue_pages, theme_labels, theme_pages
from sse_digest.delivery.letters import Stationery
from sse_digest.delivery.planning import Signing
from sse_digest.errors import SettingsError
from sse_digest.feeds.addresses import authority_of
from sse_digest.model.issues import Digest
from sse_digest.rendering.places import folder
from sse_digest.settings import Settings


def stationery_of(settings: Settings, digest: Digest) -> Stationery:
    """Give what the letters of a digest are written on.

    Raises:
        SettingsError: no unsubscribe address, or no secret keys.
    """
    public_url = settings.public_url
    if public_url is None or not public_url.startswith("https://"):
        raise SettingsError(
            "public_url is not set to an https address, so a mail could not say how to leave the list"
            " (RFC 8058). Set public_url to the address at which `sse-digest serve` can be reached."
        )
    return Stationery(
        digest=digest,
        letterheads={
            name: replace(settings.letterhead(name), theme_pages=theme_pages(settings, digest))
            for name in digest.lists
        },
        theme_labels=theme_labels(settings),
        templates=settings.email_templates() or folder("templates") / "email",
        signing=Signing(secret_keys=settings.secret_keys(), domain=authority_of(public_url)),
        envelope_from=settings.send_options().envelope_from,
        signer=settings.signer(),
        issue_pages=partial(issue_pages, settings, digest),
    )
