"""The gate's rules for the header and the parts of a mail, as a mailbox reads them."""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from email import policy
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

from sse_digest.digest.gate.rules import MailRule
from sse_digest.digest.mail.dkim_canonical import canonical_piece

_ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "List-Id")
_PROGRAMS_READ = (
    *("List-Unsubscribe", "List-Unsubscribe-Post", "List-Owner", "List-Archive", "List-Post", "List-Help"),
    *("Message-ID", "Feedback-ID", "Precedence", "Auto-Submitted"),
)
_LONGEST_LINE = 998  # RFC 5322 section 2.1.1
_LONGEST_LOCAL = 64  # RFC 5321 section 4.5.3.1.1
_ONE_CLICK = re.compile(r"<https://[^<>\s]*?[A-Za-z0-9_-]{22,}>")  # ends with an unguessable token
_FIRST_SIGN = "\u2190"  # the first arrow; (c), (r) and TM come before it and are allowed
_COVERED = {
    *("from", "to", "subject", "date", "message-id", "mime-version", "content-type", "list-id"),
    *("list-unsubscribe", "list-unsubscribe-post", "feedback-id"),
}
_SIGNED_AS_ABSENT = ("from", "subject", "list-unsubscribe", "list-unsubscribe-post")


def header_faults(mail: bytes, message: EmailMessage) -> Iterator[MailRule]:
    """Check the header of a mail."""
    raw = {name.lower(): _unfolded(value) for name, value in message.raw_items()}
    yield from _form_faults(mail, message)
    yield from _sender_faults(raw)
    yield from _list_faults(raw)
    yield from _one_click_faults(raw)


def structure_faults(message: EmailMessage) -> Iterator[MailRule]:
    """Check that the parts are text, then HTML, and nothing else."""
    parts = list(message.iter_parts())
    types = [part.get_content_type() for part in parts]
    if message.get_content_type() != "multipart/alternative" or types != ["text/plain", "text/html"]:
        place = f"{message.get_content_type()} of {', '.join(types) or 'nothing'}"
        yield MailRule(rule="structure", place=place)
    for part in parts:
        if part.get_content_charset() != "utf-8" or not part["Content-Language"]:
            yield MailRule(rule="structure", place=f"{part.get_content_type()} lacks charset or language")
        if part.get_content_disposition() is not None:
            yield MailRule(rule="structure", place=f"{part.get_content_type()} is an attachment")


def words_in(value: str) -> str:
    """Return the decoded words of a header."""
    return str(make_header(decode_header(value)))


def addresses_in(value: str) -> tuple[Address, ...]:
    """Return the addresses in a header, with their names decoded.

    `email.utils` is not used, because releases of Python 3.11 parse two addresses differently.
    """
    header: Any = policy.default.header_factory("to", value)
    return tuple(header.addresses)


def mailbox_of(value: str) -> str:
    """Return the first address of a header without its name, or an empty string."""
    addresses = addresses_in(value)
    return addresses[0].addr_spec if addresses else ""


def _name_in(value: str) -> str:
    addresses = addresses_in(value)
    return addresses[0].display_name if addresses else ""


def _unfolded(value: object) -> str:
    return re.sub(r"\r?\n(?=[ \t])", "", str(value)).strip()


def _form_faults(mail: bytes, message: EmailMessage) -> Iterator[MailRule]:
    names = [name.lower() for name in message.keys()]  # noqa: SIM118 # iterating a message yields values
    for name in _ONCE:
        if names.count(name.lower()) != 1:
            yield MailRule(rule="headers", place=f"{name} occurs {names.count(name.lower())} times")
    for name in sorted({name for name in names if names.count(name) > 1} - {one.lower() for one in _ONCE}):
        yield MailRule(rule="headers", place=f"{name} occurs more than once")
    if not mail.isascii() or re.search(rb"\0|(?<!\r)\n|\r(?!\n)", mail):
        yield MailRule(rule="headers", place="a character that is not allowed in mail")
    if max(map(len, mail.split(b"\r\n"))) > _LONGEST_LINE:
        yield MailRule(rule="headers", place=f"a line longer than {_LONGEST_LINE}")
    raw = {name.lower(): str(value) for name, value in message.raw_items()}
    for name in _PROGRAMS_READ:
        if "=?" in raw.get(name.lower(), ""):
            yield MailRule(rule="headers", place=f"{name} is encoded")
    if not re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", _unfolded(raw.get("message-id", "<a@b>"))):
        yield MailRule(rule="headers", place=f"Message-ID is {raw['message-id']}")


def _sender_faults(raw: Mapping[str, str]) -> Iterator[MailRule]:
    for header in ("from", "to"):
        addresses = addresses_in(raw.get(header, "a@b"))
        if len(addresses) != 1 or not addresses[0].domain:
            yield MailRule(
                rule="sender", place=f"the number of addresses in {header.capitalize()} is {len(addresses)}"
            )
    subject = words_in(raw.get("subject", "-"))
    if not re.search(r"\w", subject):
        yield MailRule(rule="subject", place=f"the subject has no words: {subject!r}")
    name, recipient = (_name_in(raw.get(header, "")) for header in ("from", "to"))
    for found, what in (
        (any(unicodedata.category(sign) == "So" and sign >= _FIRST_SIGN for sign in name), "a pictogram"),
        ("@" in name, "an address"),
        (bool(name) and name == subject, "the subject"),
        (bool(recipient) and recipient.casefold() in name.casefold(), "the recipient's name"),
    ):
        if found:
            yield MailRule(rule="sender", place=f"the name in From contains {what}: {name}")


def _list_faults(raw: Mapping[str, str]) -> Iterator[MailRule]:
    if raw.get("auto-submitted") != "auto-generated" or raw.get("precedence") != "bulk":
        place = "Auto-Submitted or Precedence is missing; out-of-office replies would be sent"
        yield MailRule(rule="silence", place=place)
    forms = {
        "list-id": r"(?:[^<>]+ )?<[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+>",
        "list-post": r"NO",
        "feedback-id": r"[^\s:]+(?::[^\s:]+){2}:[^\s:]{5,15}",
    }
    for name, form in forms.items():
        if not re.fullmatch(form, raw.get(name, "")) and name in {*raw, "list-post", "feedback-id"}:
            yield MailRule(rule="list", place=f"{name} is {raw.get(name) or 'missing'}")
    for name in ("list-owner", "list-archive", "list-help"):
        match = re.fullmatch(
            r"<(?:https://[^<>\s]+|mailto:([^<>\s@]+)@[^<>\s]+)>", raw.get(name, "<https://a>")
        )
        if match is None or len(match[1] or "") > _LONGEST_LOCAL:
            yield MailRule(rule="list", place=f"{name} is {raw[name]}")


def _one_click_faults(raw: Mapping[str, str]) -> Iterator[MailRule]:
    given = raw.get("list-unsubscribe", "")
    if not _ONE_CLICK.fullmatch(given):
        yield MailRule(rule="one-click", place=f"List-Unsubscribe is {given or 'missing'}")
    if raw.get("list-unsubscribe-post") != "List-Unsubscribe=One-Click":
        yield MailRule(rule="one-click", place="List-Unsubscribe-Post is missing or wrong")


def signature_faults(mail: bytes, message: EmailMessage) -> Iterator[MailRule]:
    """Check the signature as far as possible without the key in the DNS (RFC 6376, RFC 8058 section 4)."""
    raw = {name.lower(): _unfolded(value) for name, value in message.raw_items()}
    if "dkim-signature" not in raw:
        yield MailRule(rule="unsigned", place="the mail is not signed here")
        return
    pairs = (tag.partition("=") for tag in raw["dkim-signature"].split(";"))
    tags = {name.strip(): re.sub(r"\s", "", value) for name, _, value in pairs}
    covered = tags.get("h", "").lower().split(":")
    missing = sorted(_COVERED - set(covered))
    open_to_copies = [name for name in _SIGNED_AS_ABSENT if covered.count(name) < 2]
    domain = mailbox_of(raw.get("from", "")).rpartition("@")[2].lower()
    signer = tags.get("d", "").lower()
    body = canonical_piece(mail.partition(b"\r\n\r\n")[2])
    for found, what in (
        (
            tags.get("a") != "rsa-sha256" or tags.get("c") != "relaxed/relaxed",
            "the algorithm is not rsa-sha256, relaxed/relaxed",
        ),
        ("l" in tags, "it has a length (l=), after which anybody could add text"),
        (missing, f"it does not cover {', '.join(missing)}"),
        (open_to_copies, f"a second {', '.join(open_to_copies)} could be added"),
        (not f".{domain}".endswith(f".{signer}"), f"{signer} cannot sign for {domain}"),
        (
            tags.get("bh") != base64.b64encode(hashlib.sha256(body).digest()).decode(),
            "it is for a different body",
        ),
    ):
        if found:
            yield MailRule(rule="signature", place=f"the signature: {what}")
