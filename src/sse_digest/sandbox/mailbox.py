"""The mailbox of the demo: shows the mails that a local SMTP server took as pages.

One pure function renders all pages. They are written as files or served from memory, with the same relative
links. A mail's HTML is never part of our page; it is shown in a sandboxed frame.
"""

import email
import email.policy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sse_digest.rendering.design import DEFAULT_APPEARANCE
from sse_digest.rendering.environment import make_environment
from sse_digest.rendering.resources import folder
from sse_digest.rendering.translations import load

BODY_POLICY = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMail:
    """One mail in the mailbox."""

    number: int  # its place in the mailbox, from 1
    subject: str
    sender: str
    recipient: str
    date: str
    html: str | None
    text: str | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxView:
    """What the pages link to. In mails, `public_url` is replaced by `here` unless that is None."""

    title: str
    feeds: Sequence[str]  # file names of the published feeds
    feeds_at: str  # address of their folder, relative to the first page
    public_url: str
    here: str | None  # address of this server; None if pages are files


def read_mailbox(maildir: Path) -> tuple[ReceivedMail, ...]:
    """Return the mails in a Maildir in the order in which they arrived; empty if there is no Maildir."""
    new = maildir / "new"
    paths = sorted(new.iterdir(), key=lambda path: path.name) if new.is_dir() else []
    return tuple(_read(number, path.read_bytes()) for number, path in enumerate(paths, start=1))


def _read(number: int, raw: bytes) -> ReceivedMail:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    return ReceivedMail(
        number=number,
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        recipient=str(message["To"] or ""),
        date=str(message["Date"] or ""),
        html=_part(message, "html"),
        text=_part(message, "plain"),
        source=raw.decode("utf-8", "replace").replace("\r\n", "\n"),
    )


def _part(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body(preferencelist=(kind,))
    return None if part is None else str(part.get_content())


def mailbox_pages(mails: Sequence[ReceivedMail], view: MailboxView) -> Mapping[str, bytes]:
    """Return pages by file name: the first page, and for each mail its view and its HTML part."""
    environment = make_environment(folder("templates") / "web", load("en"), DEFAULT_APPEARANCE)
    overview = environment.get_template("mailbox.html").render(mails=mails, view=view)
    pages = {"index.html": overview.encode()}
    for mail in mails:
        page = environment.get_template("mail.html").render(mail=mail, view=view)
        pages[f"mail-{mail.number}.html"] = page.encode()
        if mail.html is not None:
            pages[f"mail-{mail.number}-body.html"] = _own_links(mail.html, view).encode()
    return pages


def _own_links(html: str, view: MailboxView) -> str:
    """Return HTML in which links to the installation point to the server that shows the mail."""
    return html if view.here is None else html.replace(f'"{view.public_url}/', f'"{view.here}/')


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Serves the pages; the mails are read again for each request."""

    maildir: Path
    view: MailboxView

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of its pages; the first page replaces "/"."""
        return Route("/", self.answer, methods=["GET"]), Route("/{name}", self.answer, methods=["GET"])

    async def answer(self, request: Request) -> Response:
        """Serve one page of the mailbox."""
        name = request.path_params.get("name") or "index.html"
        page = mailbox_pages(read_mailbox(self.maildir), self.view).get(name)
        if page is None:
            return PlainTextResponse("This page does not exist.\n", status_code=404)
        headers = {"cache-control": "no-store"}
        if name.endswith("-body.html"):
            headers |= {"content-security-policy": BODY_POLICY}
        return Response(page, media_type="text/html", headers=headers)
