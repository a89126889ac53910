"""Check addresses and bring them into the form that is stored.

Only the syntax is checked (RFC 5321 section 4.1.2, RFC 6531, RFC 5891), without any name server. Errors say
what is wrong and never contain the address.
"""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from sse_digest.errors import AudienceError
from sse_digest.model.subscribers import address_key


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address that can be stored."""

    address: str  # local part as typed, domain as lower-case A-label
    key: str  # equal for all spellings of the same address


def normalise(text: str) -> EmailAddress:
    """Check an address and return the form that is stored; surrounding whitespace is ignored.

    Raises:
        AudienceError: it is not an address that mail can be sent to.
    """
    try:
        found = validate_email(text.strip(" \t"), check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise AudienceError(f"not an e-mail address: {error}") from error
    domain = found.ascii_domain.lower()
    return EmailAddress(address=f"{found.local_part}@{domain}", key=address_key(found.local_part, domain))
