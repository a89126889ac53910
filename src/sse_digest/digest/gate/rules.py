"""The names of the gate's rules, and what to do about a mail that breaks one."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

FIXES: Mapping[str, str] = MappingProxyType(
    {
        "headers": "Report this; sse-digest writes these headers.",
        "sender": "Set from_name to the organisation or list, without symbols, addresses or readers' names.",
        "subject": "Set a title with words for the digest or the issue.",
        "list": "Correct list_id or reply_to of the list; otherwise report this.",
        "silence": "Report this; sse-digest writes these headers.",
        "one-click": "Set public_url to an https address; List-Unsubscribe headers are then added.",
        "signature": "Set domain under [dkim] to that of from_address or a parent; otherwise report this.",
        "structure": "Report this; sse-digest writes these parts.",
        "size": "Shorten the introduction or the notes, or set section_limits.",
        "html": "Begin with <!DOCTYPE html> and <meta charset=utf-8>, and use each id only once.",
        "landmarks": 'Wrap the body in one element with role="article", aria-roledescription and aria-label.',
        "language": "Set lang and dir on <html> and <body>'s first element, a title, and dir on items.",
        "headings": "Use one h1, then h2 for themes and h3 for items; do not skip a level.",
        "tables": 'Set role="presentation" on every <table>.',
        "images": "Set alt and width on every <img>; use PNG, JPEG or GIF, after the h1, never 1 x 1.",
        "https": "Hide the item (`sse-digest issue edit PERIOD --hide ID`), or correct the template.",
        "shorteners": "Hide the item, or use the full address in its source; short links look like spam.",
        "link-words": "Use link text that says where it leads, such as the title, never 'here'.",
        "anchors": "Add an element with that name and id for every #link.",
        "hidden": "Remove content that styles hide; mailboxes treat it as spam.",
        "first-words": "Begin with a sentence about the content; mailboxes show it next to the subject.",
        "active": "Remove scripts, forms, frames and everything that loads something.",
        "elements": "Use div, p, h1 to h3, ul, table and span; mailboxes drop or rewrite other elements.",
        "small-print": "Use at least 14 px for all words, and at least 16 px for running text.",
        "contrast": "Choose colours with a contrast of at least 4.5 in digest.css and styles/dark.css.",
        "width": "Set widths in percent or with max-width; small phones are 320 px wide.",
        "dark": "Keep <meta name=color-scheme> and a style block for (prefers-color-scheme: dark).",
        "styles": "Keep style blocks below 16,000 bytes, without nested @ rules or url(), one for print.",
        "css": "Use plain margin, padding and colours; not every mailbox supports the rest.",
        "text": "Put the headings and links of digest.html in digest.txt, one link a line.",
        "privacy": "Remove the recipient's address and token from all links except the unsubscribe link.",
        "why": "Name the list and the sender's address in footer.html and digest.txt.",
        "unsubscribe": "Keep the unsubscribe link in footer.html and digest.txt.",
        "size-near": "Set section_limits; otherwise the longest sections are shortened automatically.",
        "unsigned": "Have the relay sign mails (DKIM), or make a key: sse-digest dkim generate.",
        "dead-links": "Correct or hide the item (`sse-digest issue edit PERIOD --hide ID`).",
    }
)
"""What to do about a mail that breaks a rule, by the rule's name."""

WARNINGS = frozenset({"size-near", "unsigned", "dead-links"})
"""Rules that only warn."""

ALWAYS_KEPT = frozenset({"headers", "structure", "one-click", "unsubscribe", "privacy"})
"""Rules that cannot be overridden, because a mail that breaks them harms its readers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRule:
    """A rule that a mail breaks, and the place where it does."""

    rule: str  # a key of FIXES
    place: str  # what was found, and where

    @property
    def fix(self) -> str:
        """What to do about it."""
        return FIXES[self.rule]

    @property
    def warns(self) -> bool:
        """Whether it only warns and blocks nothing."""
        return self.rule in WARNINGS
