"""Prepare an edition's mail once, then fill it in for each recipient.

Two recipients' mails differ only in To, Date, Message-ID, the unsubscribe token and the signature. The
standard library's message classes are not used, because they fold and encode values that must stay intact.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING
from urllib.parse import quote

from sse_digest.digest.edition import Edition, unsubscribe_address
from sse_digest.digest.mail import headers
from sse_digest.digest.mail.dkim_canonical import canonical_fields, canonical_piece
from sse_digest.digest.mail.encoding import EncodedBody, Gap, encode
from sse_digest.digest.options import Letterhead
from sse_digest.digest.token_gaps import GAP, parts_of
from sse_digest.errors import DigestError
from sse_digest.model.signed_tokens import TOKEN_LENGTH
from sse_digest.rendering.translations import load

if TYPE_CHECKING:  # the library is loaded only if mails are signed
    from sse_digest.digest.mail.dkim import DkimSigner

TEST_TOKEN = "thisisatestmail".ljust(TOKEN_LENGTH, "2")  # not signed, so it ends no subscription
_TOKEN = re.compile(rf"[a-z2-7]{{{TOKEN_LENGTH}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTemplate:
    """An edition's mail with gaps for its recipient."""

    subject: str  # as people read it
    test: bool  # whether TEST_TOKEN replaces every token
    one_click: bool  # whether it has the headers of RFC 8058
    opening: bytes  # header lines before the recipient's own
    unsubscribe: tuple[
        bytes, ...
    ]  # the header line before and after the token; empty if there is no such page
    closing: bytes  # header lines after the recipient's own
    body: "MessageBody"
    signing: "DkimTemplate | None"  # None if mails are not signed here

    def fill(
        self,
        *,
        address: str,
        name: str | None = None,
        message_id: str,
        date: datetime,
        unsubscribe_token: str = TEST_TOKEN,
    ) -> bytes:
        """Return the finished mail for one recipient; see `pieces`."""
        return b"".join(
            self.pieces(
                address=address,
                name=name,
                message_id=message_id,
                date=date,
                unsubscribe_token=unsubscribe_token,
            )
        )

    def pieces(
        self,
        *,
        address: str,
        name: str | None = None,
        message_id: str,
        date: datetime,
        unsubscribe_token: str = TEST_TOKEN,
    ) -> tuple[bytes, ...]:
        r"""Return the finished mail for one recipient, in pieces to be joined; lines end with \r\n.

        Pieces that are equal for all recipients are shared objects. All bytes are ASCII, except in a To with
        a non-ASCII address.

        Args:
            address: with A-labels in its domain; non-ASCII letters before the @ require SMTPUTF8.
            name: display name; None or empty for the address alone.
            message_id: `left@right`, with or without angle brackets.
            date: with a time zone; the same in later attempts, once a relay may have the mail.
            unsubscribe_token: from `model.signed_tokens.mint`.

        Raises:
            DigestError: the address cannot be written in SMTP, or another value is malformed.
        """
        token = TEST_TOKEN if self.test else unsubscribe_token
        if not _TOKEN.fullmatch(token):
            raise DigestError(f"A token must have {TOKEN_LENGTH} letters a to z and digits 2 to 7.")
        mark = token.encode("ascii")
        own = b"".join(
            (
                headers.recipient(name, address),
                headers.instant(date),
                headers.message_identifier(message_id),
                mark.join(self.unsubscribe),
            )
        )
        signature = b"" if self.signing is None else self.signing.sign(own, mark, date)
        return b"".join((signature, self.opening, own, self.closing, b"\r\n")), *self.body.fill(mark)


@dataclass(frozen=True, slots=True)
class MessageBody:
    """The body of a mail: as few finished pieces as possible, and a function for the gap between each two."""

    finished: tuple[bytes, ...]
    gaps: tuple[Gap, ...]

    @classmethod
    def of(
        cls, beginning: bytes, text: EncodedBody, seam: bytes, html: EncodedBody, end: bytes
    ) -> "MessageBody":
        """Put a body together: `beginning` comes before the text, `seam` between text and HTML."""
        first, *behind = text.finished
        opening, *last = html.finished
        pieces = [beginning + first, *behind]
        pieces[-1] += seam + opening
        pieces += last
        pieces[-1] += end
        return cls(tuple(pieces), (*text.fillers(), *html.fillers()))

    def fill(self, token: bytes) -> tuple[bytes, ...]:
        """Return the pieces of the body for one recipient; finished ones are shared objects."""
        pieces = [self.finished[0]]
        for gap, finished in zip(self.gaps, self.finished[1:], strict=True):
            pieces += (gap(token), finished)
        return tuple(pieces)

    def canonical(self) -> "MessageBody":
        """Return the body in the form that is hashed for a signature, to be filled in the same way."""
        return MessageBody(tuple(map(canonical_piece, self.finished)), self.gaps)


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimTemplate:
    """The part of signatures that is equal for all recipients, prepared once."""

    signer: "DkimSigner"
    fields: Mapping[str, bytes]  # canonical header fields that all mails share
    body: MessageBody  # canonical

    def sign(self, own: bytes, token: bytes, date: datetime) -> bytes:
        """Return the signature line for a recipient's header lines and token."""
        fields = {**self.fields, **canonical_fields(own)}
        return self.signer.sign(fields, self.body.fill(token), date)


def prepare(
    edition: Edition, letterhead: Letterhead, *, test: bool = False, signer: "DkimSigner | None" = None
) -> MessageTemplate:
    """Prepare the parts of an edition's mail that are equal for all recipients.

    With `test` the subject is marked and no real token is ever filled in. Without `signer` mails are not
    signed.

    Raises:
        DigestError: a value of the letterhead cannot be used in a header.
    """
    subject = edition.subject
    if test:
        subject = load(edition.language).gettext("[Test] %(subject)s") % {"subject": subject}
    unsubscribe_url = unsubscribe_address(letterhead, GAP)
    text = encode(parts_of(edition.text, edition.text_gaps))
    html = encode(parts_of(edition.html, edition.html_gaps))
    content = f"{subject}\0{edition.text}\0{edition.html}".encode(errors="replace")
    # "=_" occurs in neither encoding, so no line of a part can look like the boundary.
    boundary = "=_" + hashlib.sha256(content).hexdigest()[:32]
    body = MessageBody.of(
        _part(boundary, "text/plain", text.encoding, edition.language),
        text,
        b"\r\n" + _part(boundary, "text/html", html.encoding, edition.language),
        html,
        f"\r\n--{boundary}--\r\n".encode("ascii"),
    )
    opening = _opening(subject, letterhead)
    closing = _closing(edition, letterhead, boundary, one_click=unsubscribe_url is not None)
    return MessageTemplate(
        subject=subject,
        test=test,
        one_click=unsubscribe_url is not None,
        opening=opening,
        unsubscribe=_unsubscribe(unsubscribe_url),
        closing=closing,
        body=body,
        signing=None
        if signer is None
        else DkimTemplate(signer=signer, fields=canonical_fields(opening + closing), body=body.canonical()),
    )


def preview(
    editions: Sequence[Edition], letterhead: Letterhead, signer: "DkimSigner | None" = None
) -> Mapping[str, bytes]:
    """Return preview files by name: HTML, text and a whole mail of each edition, without a real token.

    Raises:
        DigestError: a value of the letterhead cannot be used in a header.
    """
    shared = Counter(edition.language for edition in editions)
    files: dict[str, bytes] = {}
    for edition in editions:
        themes = f".{'+'.join(edition.themes)}" if shared[edition.language] > 1 else ""
        stem = re.sub(
            r"[^A-Za-z0-9.+-]", "_", f"{edition.digest}-{edition.period}.{edition.language}{themes}"
        )
        mail = prepare(edition, letterhead, signer=signer).fill(
            address=letterhead.from_address,
            message_id=f"preview.{hashlib.sha256(stem.encode()).hexdigest()[:16]}@{letterhead.list_id}",
            date=datetime.combine(edition.period.next.first_day, time(), UTC),
        )
        files[f"{stem}.html"] = TEST_TOKEN.join(parts_of(edition.html, edition.html_gaps)).encode()
        files[f"{stem}.txt"] = TEST_TOKEN.join(parts_of(edition.text, edition.text_gaps)).encode()
        files[f"{stem}.eml"] = mail
    return files


def _unsubscribe(url: str | None) -> tuple[bytes, ...]:
    """Return the List-Unsubscribe line before and after the token; empty without an address."""
    if url is None:
        return ()
    before, _, after = headers.uri("List-Unsubscribe", url).rpartition(GAP.encode("ascii"))
    return before, after


def _opening(subject: str, letterhead: Letterhead) -> bytes:
    lines = [headers.mailbox("From", letterhead.from_name, letterhead.from_address)]
    if letterhead.reply_to:
        lines.append(headers.mailbox("Reply-To", None, letterhead.reply_to))
    return b"".join((*lines, headers.words("Subject", subject)))


def feedback_id(edition: Edition, letterhead: Letterhead) -> str:
    """Return issue, list, language and sender, by which providers count complaints; nothing personal.

    The sender is 12 letters and digits that are equal for all mails from one domain.
    """
    domain = letterhead.from_address.rpartition("@")[2].lower()
    sender = hashlib.sha256(domain.encode()).hexdigest()[:12]
    names = (f"{edition.digest}-{edition.period}", letterhead.list_name, edition.language)
    return ":".join([*(re.sub(r"[^A-Za-z0-9_.-]", "-", name) for name in names), sender])


def _closing(edition: Edition, letterhead: Letterhead, boundary: str, *, one_click: bool) -> bytes:
    lines = []
    if one_click:
        lines.append(headers.token("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    lines.append(headers.list_identifier(letterhead.list_title, letterhead.list_id))
    if archive := letterhead.archive_pages.get(edition.language):
        lines.append(headers.uri("List-Archive", archive))
    if letterhead.reply_to:  # people read this mailbox
        answers = "mailto:" + quote(letterhead.reply_to, safe="@!$*'+")  # RFC 6068 section 2
        lines.append(headers.uri("List-Help", answers))
        lines.append(headers.uri("List-Owner", answers))
    lines += [
        headers.token("List-Post", "NO"),
        headers.token("Feedback-ID", feedback_id(edition, letterhead)),
        headers.token("Auto-Submitted", "auto-generated"),
        headers.token("Precedence", "bulk"),
        headers.token("MIME-Version", "1.0"),
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n'.encode("ascii"),
    ]
    return b"".join(lines)


def _part(boundary: str, content_type: str, encoding: str, language: str) -> bytes:
    lines = (
        headers.token("Content-Type", f"{content_type}; charset=utf-8"),
        headers.token("Content-Transfer-Encoding", encoding),
        headers.token("Content-Language", language),
    )
    return b"".join((f"--{boundary}\r\n".encode("ascii"), *lines, b"\r\n"))
