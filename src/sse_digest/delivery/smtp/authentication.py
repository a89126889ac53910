"""Protect an open connection (STARTTLS) and authenticate (RFC 4954) over it."""

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPAuthenticationError

from sse_digest.delivery.options import RelayOptions
from sse_digest.delivery.smtp.unavailable import RelayUnavailableError
from sse_digest.model.deliveries import Phase

_UNKNOWN_MECHANISM = (500, 501, 502, 504)


async def start_tls(client: SMTP, name: str) -> None:
    """Start TLS and ask for the relay's extensions again.

    Raises:
        RelayUnavailableError: the relay does not offer STARTTLS; nothing was sent unencrypted.
    """
    if not client.supports_extension("starttls"):
        raise RelayUnavailableError(
            f"Relay {name} does not offer STARTTLS. Set smtp.security to what it offers."
            " Nothing was sent unencrypted.",
            phase=Phase.STARTTLS,
            refused=True,
        )
    await client.starttls()
    await client.ehlo()


async def authenticate(client: SMTP, options: RelayOptions) -> None:
    """Authenticate with user name and password.

    Raises:
        RelayUnavailableError: the relay offers no mechanism that we have.
        SMTPAuthenticationError: the relay refuses us.
    """
    offered = set(client.supported_auth_methods)
    username, password = options.username or "", options.password or ""
    if "plain" in offered:
        try:
            await client.auth_plain(username, password)
        except SMTPAuthenticationError as error:  # some relays offer a mechanism that they do not know
            if error.code not in _UNKNOWN_MECHANISM or "login" not in offered:
                raise
            await client.auth_login(username, password)
    elif "login" in offered:
        await client.auth_login(username, password)
    else:
        raise RelayUnavailableError(
            f"Relay {options.host}:{options.port} offers neither PLAIN nor LOGIN authentication"
            f" (offered: {', '.join(sorted(offered)) or 'none'})."
            " Check smtp.security, or remove smtp.username.",
            phase=Phase.AUTH,
            refused=True,
        )
