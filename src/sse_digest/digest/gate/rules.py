"""What a mail may break, and what to do about it: the names of the gate's rules.

Judging is done next to this: `gate_headers`, `gate_html`, `gate_looks`, `gate_text`; `gate` runs them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

FIXES: Mapping[str, str] = MappingProxyType(
    {
        "headers": "Report it: headers are written by the program.",
        "sender": "Let from_name be the organisation or list, without signs, addresses or readers' names.",
        "subject": "Give the digest, or the issue, a title in words.",
        "list": "Correct list_id or reply_to of the list; else report it.",
        "silence": "Report it: these headers are written by the program.",
        "one-click": "Set public_url to an https address; both List-Unsubscribe headers come with it.",
        "signature": "Set the domain under [dkim] to that of from_address, or one above it; else report it.",
        "structure": "Report it: the parts are put together by the program.",
        "size": "Shorten the introduction or the notes, or set section_limits.",
        "html": "Begin with <!DOCTYPE html> and <meta charset=utf-8>, and give each id once.",
        "landmarks": 'Wrap the body in one element with role="article", aria-roledescription and aria-label.',
        "language": "Give <html> and the first element of <body> lang and dir, <head> a title, items dir.",
        "headings": "One h1, then h2 for themes and h3 for items; leave no level out.",
        "tables": 'Give every <table> role="presentation".',
        "images": "Give every <img> alt and width, as PNG, JPEG or GIF, behind the h1; never 1 x 1.",
        "https": "Hide the item (`sse-digest issue edit PERIOD --hide ID`), or correct the template.",
        "shorteners": "Hide the item, or put the whole address in its source; short ones look like spam.",
        "link-words": "Let a link say where it leads: its title, never 'here'.",
        "anchors": "Let every #link lead to an element with that name and id.",
        "hidden": "Take out what is hidden by styles; mailboxes take it for spam.",
        "first-words": "Begin with a sentence on what the mail holds: mailboxes show it beside the subject.",
        "active": "Take out scripts, forms, frames and whatever loads something.",
        "elements": "Use div, p, h1 to h3, ul, table and span: mailboxes drop or rewrite the others.",
        "small-print": "Let no words be smaller than 14 px, and what is to be read at least 16 px.",
        "contrast": "Choose colours with a contrast of 4.5 at least, in digest.css and styles/dark.css.",
        "width": "Give widths in percent, or with max-width: a telephone has 320 px.",
        "dark": "Keep <meta name=color-scheme> and a style block for (prefers-color-scheme: dark).",
        "styles": "Keep style blocks below 16,000 bytes, without nested @ rules or addresses, one for print.",
        "css": "Use margin, padding and colours written out: not every mailbox knows the rest.",
        "text": "Let digest.txt hold the headings and links of digest.html, each link on a line of its own.",
        "privacy": "Take the recipient's address and token out of every link but the one to unsubscribe.",
        "why": "Say in footer.html and digest.txt for which list the mail is and from which address.",
        "unsubscribe": "Keep the link to unsubscribe in footer.html and digest.txt.",
        "size-near": "Set section_limits before the longest sections are shortened by themselves.",
        "unsigned": "Let the relay sign (DKIM), or make a key: sse-digest dkim generate.",
        "dead-links": "Correct or hide the item (`sse-digest issue edit PERIOD --hide ID`).",
    }
)
"""What to do about a mail that breaks a rule, by the rule's name."""

WARNINGS = frozenset({"size-near", "unsigned", "dead-links"})
"""Rules that only warn."""

ALWAYS_KEPT = frozenset({"headers", "structure", "one-click", "unsubscribe", "privacy"})
"""Rules that nobody may override: without them a mail harms those who get it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRule:
    """A rule that a mail breaks."""

    rule: str  # a key of FIXES
    place: str  # what was found, and where

    @property
    def fix(self) -> str:
        """What to do."""
        return FIXES[self.rule]

    @property
    def warns(self) -> bool:
        """Whether it only warns, and blocks nothing."""
        return self.rule in WARNINGS
