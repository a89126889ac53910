"""The value types of settings, with their error messages.

A message continues the setting's path: `smtp.host must be the name of a host`. Nothing here reads a file, the
environment or a name server.
"""

import ipaddress
import re
import unicodedata
from typing import Annotated
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from sse_digest.audience.email_address import normalise
from sse_digest.errors import AudienceError, UsageError
from sse_digest.model.issues import Period
from sse_digest.model.signed_tokens import TOKEN_LENGTH
from sse_digest.rendering.translations import LANGUAGES

TOKEN = "{token}"  # noqa: S105 # a placeholder, not a secret
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_FEED = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9-]+)?")
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_COLOUR = re.compile(r"#(?:[0-9A-Fa-f]{3}){1,2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def _colour(text: str) -> str:
    if not _COLOUR.fullmatch(text):
        raise ValueError("must be a colour such as #17497f")
    return text.lower()


def _one_line(text: str) -> str:
    text = text.strip()
    if not text:
        raise ValueError("must not be empty")
    if any(unicodedata.category(mark) == "Cc" for mark in text):
        raise ValueError("must be one line without control characters")
    return text


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("must have lower-case letters a-z, digits and hyphens only, at most 64")
    return text


def _feed_name(text: str) -> str:
    if not _FEED.fullmatch(text):
        raise ValueError("must be the name of a feed, such as youth or youth.fr")
    return text


def _feed_to_discontinue(text: str) -> str:
    if text == "all":
        raise ValueError("cannot be all: the feed of all items must stay")
    return _feed_name(text)


def _host_name(text: str) -> str:
    if not _HOST.fullmatch(text.lower()) and not _is_ip(text):
        raise ValueError("must be the name of a host, such as smtp.example.org")
    return text.lower()


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _list_id(text: str) -> str:
    if not _HOST.fullmatch(text) or "." not in text:
        raise ValueError("must look like a host name in lower case with a dot, such as monthly.example.org")
    return text


def _public_url(text: str) -> str:
    parts = _split(text)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError(
            "must be an https address without user, query or fragment, such as https://news.example.org"
        )
    return text.rstrip("/")


def _web_url(text: str) -> str:
    parts = _split(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an http or https address")
    return text


def _split(text: str) -> SplitResult:
    if any(mark.isspace() or not mark.isprintable() for mark in text):
        raise ValueError("must be an address without spaces")
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 # raises if the port is not a number
    except ValueError as error:
        raise ValueError("must be a web address") from error
    return parts


def _mail_address(text: str) -> str:
    try:
        return normalise(text).address
    except AudienceError as error:
        raise ValueError(f"is {error}") from error


def _sender_address(text: str) -> str:
    address = _mail_address(text)
    if not address.isascii():  # relays without SMTPUTF8 would refuse every mail
        raise ValueError("must have only a to z, digits and . _ + - before the @")
    return address


def _envelope_from(text: str) -> str:
    if text.count(TOKEN) > 1 or TOKEN in text.rpartition("@")[2]:
        raise ValueError("may contain {token} only once, before the @")
    _sender_address(text.replace(TOKEN, "x" * TOKEN_LENGTH))
    return text


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise ValueError("must be a tag of two or three lower-case letters, such as en")
    return text


def _frame_language(text: str) -> str:
    if text not in LANGUAGES:
        raise ValueError(f"must be one of {', '.join(LANGUAGES)}, which have a catalogue")
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, LookupError) as error:
        raise ValueError("is not a time zone; use a name such as Europe/Zurich or UTC") from error
    return text


def _period(text: str) -> str:
    try:
        return str(Period.parse(text))
    except UsageError as error:
        raise ValueError("must be a month such as 2023-04") from error


def _not_repeated(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise ValueError("must not contain anything twice")
    return values


def _titles(value: object) -> object:
    return {"": value} if isinstance(value, str) else value


Colour = Annotated[str, AfterValidator(_colour)]
Line = Annotated[str, AfterValidator(_one_line)]
Name = Annotated[str, AfterValidator(_name)]
HostName = Annotated[str, AfterValidator(_host_name)]
ListId = Annotated[str, AfterValidator(_list_id)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
WebUrl = Annotated[str, AfterValidator(_web_url)]
MailAddress = Annotated[str, AfterValidator(_sender_address)]
EnvelopeFrom = Annotated[str, AfterValidator(_envelope_from)]
Language = Annotated[str, AfterValidator(_language)]
FrameLanguage = Annotated[str, AfterValidator(_frame_language)]
Zone = Annotated[str, AfterValidator(_zone)]
Month = Annotated[str, AfterValidator(_period)]
FeedToGiveUp = Annotated[str, AfterValidator(_feed_to_discontinue)]
FeedName = Annotated[str, AfterValidator(_feed_name)]
Names = Annotated[tuple[Name, ...], AfterValidator(_not_repeated)]
Titles = Annotated[dict[str, Line], BeforeValidator(_titles)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Minutes = Annotated[float, Field(gt=0, le=43_200)]
Hours = Annotated[float, Field(gt=0, le=8_760)]
