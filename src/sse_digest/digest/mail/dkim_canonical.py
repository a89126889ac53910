"""Bring mails into the relaxed form in which they are signed (RFC 6376 sections 3.4.2 and 3.4.4)."""

import re
from collections.abc import Mapping

_BLANKS = re.compile(rb"[ \t]{2,}|\t")  # replaced by one blank
_BLANKS_AT_END = re.compile(rb"[ \t]+(?=\r\n)")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\r\n]|\r\n[ \t])*)\r\n")


def canonical_fields(header: bytes) -> Mapping[str, bytes]:
    r"""Return the fields of a header in relaxed form, by lower-case name (RFC 6376 section 3.4.2).

    `header` consists of whole lines that end with \r\n; each field occurs once.
    """
    fields = {}
    for match in _FIELD.finditer(header):
        name = match[1].lower()
        value = match[2].replace(b"\r\n", b"").strip(b" \t")
        if b"  " in value or b"\t" in value:  # checking is cheaper than replacing
            value = _BLANKS.sub(b" ", value)
        fields[name.decode("ascii")] = name + b":" + value + b"\r\n"
    return fields


def canonical_piece(body: bytes) -> bytes:
    """Return a piece of a body in relaxed form (RFC 6376 section 3.4.4).

    A body must be cut into pieces where there is no blank, and must not end with an empty line.
    """
    if b" \r\n" in body or b"\t\r\n" in body:
        body = _BLANKS_AT_END.sub(b"", body)
    return _BLANKS.sub(b" ", body)
