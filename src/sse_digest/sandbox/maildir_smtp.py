"""The demo's relay: an SMTP server on loopback that stores mails in a Maildir.

It forwards nothing and stores bytes unchanged, which the library's own mailbox handler does not.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"


@dataclass  # no slots: aiosmtpd inspects every member, which fails with slots in Python 3.11.2
class MaildirHandler:
    """Stores each message in a Maildir: written to `tmp`, then moved to `new`."""

    maildir: Path
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 # aiosmtpd's name
        """Store one message and return the reply."""
        del server, session
        name = f"{next(self._numbers):08d}.eml"
        fresh = self.maildir / "tmp" / name
        fresh.write_bytes(envelope.original_content or b"")
        fresh.rename(self.maildir / "new" / name)
        return "250 2.0.0 kept"


@asynccontextmanager
async def mail_server(maildir: Path, *, port: int = 0) -> AsyncIterator[int]:
    """Run the server during the block; yield its port. With `port` 0, any free port is used."""
    for name in ("tmp", "new", "cur"):
        (maildir / name).mkdir(parents=True, exist_ok=True)
    handler = MaildirHandler(maildir)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, hostname="demo.example", ident="sse-digest demo"), LOOPBACK, port
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
