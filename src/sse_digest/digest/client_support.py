"""What mail programs do not know: facts from caniemail.com, as of 2026-05-13, and no more than we need.

Listed is what Gmail's web page or Outlook on Windows drops or rewrites, where a mail would then look or
read wrong. What falls back by itself (rounded corners, overflow-wrap) is not listed.
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
"""Elements that at least one of the two drops, or turns into another (html-semantics and others)."""

ACTIVE_ELEMENTS = frozenset(
    {
        *("applet", "audio", "base", "button", "embed", "form", "frame", "iframe", "input", "link", "object"),
        *("script", "select", "svg", "template", "textarea", "video"),
    }
)
"""Elements that act, or load something; filters take them for an attack."""

UNKNOWN_STYLES = re.compile(
    r"var\(|light-dark\(|(?:min|max|clamp|calc)\("  # css-variables, css-function-*, css-unit-calc
    r"|-(?:inline|block)(?:-(?:start|end))?\s*:|\binset\s*:"  # css-margin-inline-start-end and its like
    r"|\bposition\s*:|\bdisplay\s*:\s*(?:inline-)?(?:flex|grid)"  # css-position, css-display-flex, -grid
    r"|\btext-align\s*:\s*(?:start|end)\b|\btransform\s*:|\bobject-fit\s*:"
    r"|\b\d+(?:\.\d+)?(?:rem|vw|vh|vmin|vmax|ch)\b"  # css-unit-rem and its like
)
"""Declarations that change where things stand, and that one of the two does not know."""

UNKNOWN_IMAGES = frozenset({"webp", "svg", "avif", "heif", "heic", "tif", "tiff", "jxl", "bmp", "ico"})
"""Formats that Gmail or Outlook on Windows does not show."""

SHORTENERS = frozenset(
    {
        *("bit.ly", "buff.ly", "cutt.ly", "goo.gl", "is.gd", "lnkd.in", "ow.ly", "rb.gy", "rebrand.ly"),
        *("shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "urlz.fr"),
    }
)
"""Hosts of short addresses that hide where they lead."""
