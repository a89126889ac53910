"""Addresses: what a person typed, checked and brought into the one form that is stored.

Syntax only (RFC 5321 section 4.1.2, RFC 6531, RFC 5891): whether an address exists is never asked of a
name server. An error names the fault, never the address.
"""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from sse_digest.errors import AudienceError
from sse_digest.model.subscribers import address_key


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address that can be stored."""

    address: str  # local part as typed, domain as lower-case A-label
    key: str  # equal for everything that is the same person's address


def normalise(text: str) -> EmailAddress:
    """Check an address and give the form that is stored; whitespace around it does not count.

    Raises:
        AudienceError: it is not an address that mail can be sent to.
    """
    try:
        found = validate_email(text.strip(" \t"), check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise AudienceError(f"not an e-mail address: {error}") from error
    domain = found.ascii_domain.lower()
    return EmailAddress(address=f"{found.local_part}@{domain}", key=address_key(found.local_part, domain))
