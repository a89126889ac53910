"""A real SMTP server on loopback that keeps what it takes in a Maildir: the demo's relay.

It forwards nothing. Bytes are kept as they came; the library's own mailbox handler would rewrite them.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"


@dataclass  # no slots: aiosmtpd looks at every member, which Python 3.11.2 cannot do with them
class MaildirHandler:
    """Writes each message into a Maildir: whole in `tmp`, then renamed into `new`."""

    maildir: Path
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 # aiosmtpd's name
        """Take one message."""
        del server, session
        name = f"{next(self._numbers):08d}.eml"
        fresh = self.maildir / "tmp" / name
        fresh.write_bytes(envelope.original_content or b"")
        fresh.rename(self.maildir / "new" / name)
        return "250 2.0.0 kept"


@asynccontextmanager
async def mail_server(maildir: Path, *, port: int = 0) -> AsyncIterator[int]:
    """Run the server while the block runs; return its port (0: any free one)."""
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
