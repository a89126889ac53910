"""HTML and CSS that mail programs do not support, from caniemail.com as of 2026-05-13.

Only what Gmail's web page or Outlook on Windows drops or rewrites so that a mail would look or read wrong is
listed. Features that degrade gracefully (rounded corners, overflow-wrap) are not.
"""

import re

AS_OF = "2026-05-13"

UNKNOWN_ELEMENTS = frozenset(
    {
        *("article", "aside", "bdi", "details", "dialog", "figcaption", "figure", "footer", "header"),
        *(
            "main",
            "mark",
            "marquee",
            "meter",
            "nav",
            "picture",
            "progress",
            "ruby",
            "section",
            "summary",
            "time",
        ),
    }
)
"""Elements that Gmail or Outlook drops or replaces (html-semantics and others)."""

ACTIVE_ELEMENTS = frozenset(
    {
        *("applet", "audio", "base", "button", "embed", "form", "frame", "iframe", "input", "link", "object"),
        *("script", "select", "svg", "template", "textarea", "video"),
    }
)
"""Elements that run code, take input or load something; filters treat them as attacks."""

UNKNOWN_STYLES = re.compile(
    r"var\(|light-dark\(|(?:min|max|clamp|calc)\("  # css-variables, css-function-*, css-unit-calc
    r"|-(?:inline|block)(?:-(?:start|end))?\s*:|\binset\s*:"  # css-margin-inline-start-end and similar
    r"|\bposition\s*:|\bdisplay\s*:\s*(?:inline-)?(?:flex|grid)"  # css-position, css-display-flex, -grid
    r"|\btext-align\s*:\s*(?:start|end)\b|\btransform\s*:|\bobject-fit\s*:"
    r"|\b\d+(?:\.\d+)?(?:rem|vw|vh|vmin|vmax|ch)\b"  # css-unit-rem and similar
)
"""Declarations that change the layout and that Gmail or Outlook does not support."""

UNKNOWN_IMAGES = frozenset({"webp", "svg", "avif", "heif", "heic", "tif", "tiff", "jxl", "bmp", "ico"})
"""Formats that Gmail or Outlook on Windows does not show."""

SHORTENERS = frozenset(
    {
        *("bit.ly", "buff.ly", "cutt.ly", "goo.gl", "is.gd", "lnkd.in", "ow.ly", "rb.gy", "rebrand.ly"),
        *("shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "urlz.fr"),
    }
)
"""Hosts of link shorteners, which hide where a link leads."""
