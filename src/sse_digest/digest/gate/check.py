"""The gate: a mail that breaks a rule is not sent, and whoever sends it is told which, where and what to do.

Judged from the bytes of a whole sample mail alone, as a mailbox or a screen reader would find it, whoever
wrote the templates. The rules need no network, and apply only to what the mail has; `faults` names them.
"""

import email
import email.policy
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from email.message import EmailMessage

from lxml.etree import ParserError
from lxml.html import HtmlElement, document_fromstring

from sse_digest.digest.gate.contrast_rules import look_faults
from sse_digest.digest.gate.header_rules import header_faults, signature_faults, structure_faults
from sse_digest.digest.gate.markup_rules import html_faults
from sse_digest.digest.gate.rules import ALWAYS_KEPT, FIXES, WARNINGS, MailRule
from sse_digest.digest.gate.text_rules import text_faults
from sse_digest.errors import DigestError, UsageError

_MOST_PLACES = 5  # of a rule, said to people


def faults_of(mail: bytes) -> tuple[MailRule, ...]:
    """Judge a whole mail; nothing but warnings: it may be sent."""
    message = email.message_from_bytes(mail, policy=email.policy.default)
    found = [*header_faults(mail, message), *structure_faults(message)]
    if any(fault.rule == "structure" for fault in found):
        return tuple(found)
    text, html = (_content(part) for part in message.iter_parts())
    root = _parsed(html)
    if root is None:
        return (*found, MailRule(rule="structure", place="the HTML is empty"))
    found += signature_faults(mail, message)
    judged = (*html_faults(html, root), *look_faults(html, root), *text_faults(text, root, message))
    return (*found, *judged)


def first_of_each(mails: Iterable[tuple[str, bytes]]) -> dict[MailRule, str]:
    """Judge mails (a name for people, and the bytes); return each fault once, with the first that has it."""
    first: dict[MailRule, str] = {}
    for name, mail in mails:
        for fault in faults_of(mail):
            first.setdefault(fault, name)
    return first


def refuse_faulty(mails: Iterable[tuple[str, bytes]], overridden: Collection[str] = ()) -> None:
    """Refuse an issue one of whose mails breaks a rule that nobody overrode.

    Args:
        mails: as for `first_of_each`.
        overridden: names of rules.

    Raises:
        DigestError: with rule, place and fix of every fault.
    """
    found = first_of_each(mails)
    blocking = {
        fault: name for fault, name in found.items() if not fault.warns and fault.rule not in overridden
    }
    if blocking:
        lines = (f"  {line}" for line in told(blocking))
        raise DigestError("\n".join(["The mail breaks rules and is not sent:", *lines]))


def told(found: Mapping[MailRule, str], mark: Callable[[MailRule], str] = lambda _: "") -> Iterator[str]:
    """Say faults to people: each rule once with what to do, below it the first places and their mails.

    Args:
        found: as `first_of_each` gives it.
        mark: what is before a rule.
    """
    for rule in dict.fromkeys(fault.rule for fault in found):
        faults = [(fault, name) for fault, name in found.items() if fault.rule == rule]
        yield f"{mark(faults[0][0])}{rule}: {faults[0][0].fix}"
        yield from (f"  {fault.place} ({name})" for fault, name in faults[:_MOST_PLACES])
        if len(faults) > _MOST_PLACES:
            yield f"  and {len(faults) - _MOST_PLACES} more"


def addresses_in(mails: Iterable[tuple[str, bytes]]) -> tuple[str, ...]:
    """Return the web addresses that mails lead to, each once; without what carries a token."""
    found: dict[str, None] = {}
    for _, mail in mails:
        message = email.message_from_bytes(mail, policy=email.policy.default)
        root = _parsed(_content(message.get_body(("html",))))
        links = () if root is None else root.xpath("//a/@href")
        found |= {link: None for link in links if link.startswith("http") and "/unsubscribe/" not in link}
    return tuple(found)


def refuse_override(rule: str, why: str) -> None:
    """Refuse to override what cannot be, or without a reason.

    Raises:
        UsageError: there is no such rule, it is always kept or only warns, or nothing is given as the reason.
    """
    if rule not in FIXES or rule in WARNINGS:
        known = ", ".join(sorted(FIXES.keys() - WARNINGS - ALWAYS_KEPT))
        raise UsageError(f"There is no rule {rule!r} that could be overridden. There are: {known}.")
    if rule in ALWAYS_KEPT:
        raise UsageError(
            f"The rule {rule!r} cannot be overridden: a mail that breaks it harms its readers. {FIXES[rule]}"
        )
    if not why.strip():
        raise UsageError("Say why with --why; it is kept beside the issue.")


def _parsed(html: str) -> HtmlElement | None:
    try:
        root = document_fromstring(html)
    except (ParserError, ValueError):  # nothing in it, or something that no HTML may hold
        return None
    return None if root.find("body") is None else root


def _content(part: object) -> str:
    content = part.get_content() if isinstance(part, EmailMessage) else ""
    return content.replace("\r\n", "\n") if isinstance(content, str) else ""
