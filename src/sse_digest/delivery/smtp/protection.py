"""TLS: which certificates are trusted, and whether a port speaks TLS from the first byte."""

import asyncio
import contextlib
import ssl

from sse_digest.delivery.options import RelayOptions, Security
from sse_digest.delivery.smtp.dial import dial

_LONGEST_PROBE_S = 5.0


def tls_context(options: RelayOptions) -> ssl.SSLContext | None:
    """Return how certificates are checked, or None if the connection is not encrypted.

    Raises:
        OSError: ca_file cannot be read, or has no certificate.
    """
    if options.security is Security.NONE:
        return None
    context = ssl.create_default_context(cafile=options.ca_file)
    if not options.verify_certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def security_at(options: RelayOptions) -> Security | None:
    """Find out whether a port speaks TLS from the first byte; None if it does neither that nor greet.

    Nothing but a TLS greeting is written.
    """
    patience_s = min(options.timeouts.connect_s, _LONGEST_PROBE_S)
    if options.security is Security.TLS:
        return Security.STARTTLS if await _greets(options, patience_s) else None
    return Security.TLS if await _speaks_tls(options, patience_s) else None


async def _greets(options: RelayOptions, patience_s: float) -> bool:
    with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
        async with asyncio.timeout(patience_s):
            connection = await dial(options.host, options.port)
            reader, writer = await asyncio.open_connection(sock=connection.socket)
            try:
                return await reader.readexactly(3) == b"220"
            finally:
                writer.transport.abort()
    return False


async def _speaks_tls(options: RelayOptions, patience_s: float) -> bool:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is sent on this connection
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(patience_s):
            connection = await dial(options.host, options.port)
            _, writer = await asyncio.open_connection(
                sock=connection.socket, ssl=context, server_hostname=options.host
            )
            writer.transport.abort()
            return True
    return False
