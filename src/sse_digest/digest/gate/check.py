"""Check mails: one that breaks a rule is not sent, and the error says which rule, where, and what to do.

Only the bytes of a whole sample mail are checked, as a mailbox or screen reader gets them, so the rules
apply to any templates. They need no network.
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

_MOST_PLACES = 5  # shown for each rule


def faults_of(mail: bytes) -> tuple[MailRule, ...]:
    """Return the faults of a whole mail; it may be sent if all of them are warnings."""
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
    """Check mails, each with a name for people; return each fault with the first mail that has it."""
    first: dict[MailRule, str] = {}
    for name, mail in mails:
        for fault in faults_of(mail):
            first.setdefault(fault, name)
    return first


def refuse_faulty(mails: Iterable[tuple[str, bytes]], overridden: Collection[str] = ()) -> None:
    """Refuse an issue if one of its mails breaks a rule that was not overridden.

    Args:
        mails: as in `first_of_each`.
        overridden: names of overridden rules.

    Raises:
        DigestError: a rule is broken; the message has the rule, the places and the fix of every fault.
    """
    found = first_of_each(mails)
    blocking = {
        fault: name for fault, name in found.items() if not fault.warns and fault.rule not in overridden
    }
    if blocking:
        lines = (f"  {line}" for line in told(blocking))
        raise DigestError("\n".join(["The mail breaks rules and is not sent:", *lines]))


def told(found: Mapping[MailRule, str], mark: Callable[[MailRule], str] = lambda _: "") -> Iterator[str]:
    """Yield lines that describe faults: each rule with its fix, and below it the first places and mails.

    Args:
        found: the result of `first_of_each`.
        mark: returns the text before a rule.
    """
    for rule in dict.fromkeys(fault.rule for fault in found):
        faults = [(fault, name) for fault, name in found.items() if fault.rule == rule]
        yield f"{mark(faults[0][0])}{rule}: {faults[0][0].fix}"
        yield from (f"  {fault.place} ({name})" for fault, name in faults[:_MOST_PLACES])
        if len(faults) > _MOST_PLACES:
            yield f"  and {len(faults) - _MOST_PLACES} more"


def addresses_in(mails: Iterable[tuple[str, bytes]]) -> tuple[str, ...]:
    """Return the web addresses that mails link to, each once, without addresses that contain a token."""
    found: dict[str, None] = {}
    for _, mail in mails:
        message = email.message_from_bytes(mail, policy=email.policy.default)
        root = _parsed(_content(message.get_body(("html",))))
        links = () if root is None else root.xpath("//a/@href")
        found |= {link: None for link in links if link.startswith("http") and "/unsubscribe/" not in link}
    return tuple(found)


def refuse_override(rule: str, why: str) -> None:
    """Refuse to override a rule that cannot be overridden, or to do so without a reason.

    Raises:
        UsageError: there is no such rule, it cannot be overridden or only warns, or the reason is blank.
    """
    if rule not in FIXES or rule in WARNINGS:
        known = ", ".join(sorted(FIXES.keys() - WARNINGS - ALWAYS_KEPT))
        raise UsageError(f"There is no rule {rule!r} to override. Known: {known}.")
    if rule in ALWAYS_KEPT:
        raise UsageError(
            f"The rule {rule!r} cannot be overridden: a mail that breaks it harms its readers. {FIXES[rule]}"
        )
    if not why.strip():
        raise UsageError("Give the reason with --why; it is stored with the issue.")


def _parsed(html: str) -> HtmlElement | None:
    try:
        root = document_fromstring(html)
    except (ParserError, ValueError):  # empty, or not allowed in HTML
        return None
    return None if root.find("body") is None else root


def _content(part: object) -> str:
    content = part.get_content() if isinstance(part, EmailMessage) else ""
    return content.replace("\r\n", "\n") if isinstance(content, str) else ""
