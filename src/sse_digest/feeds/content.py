"""The whole of an item as HTML: its picture with whose it is, and its text; pure.

Everything passes the allow-list, wherever it comes from, and every address in it is absolute.
"""

from html import escape

from sse_digest.feeds.model import EntryImage
from sse_digest.feeds.xml_text import clean_lines, not_doubly_encoded
from sse_digest.rendering.sanitize_html import allowed_html
from sse_digest.rendering.translations import direction_of


def content_of(body: str | None, text: str, picture: EntryImage | None, language: str | None) -> str:
    """Give an entry's content as HTML; empty where there is no more to it than its plain text.

    Args:
        body: the whole text as HTML, of whatever origin; None: there is none, `text` stands for it.
        text: what the feed says beside the title, plain.
        picture: shown first, unless the body shows it.
        language: of the text; None: not known.
    """
    whole = _allowed(body)
    if not whole and picture is None:
        return ""
    shown = picture is not None and f'src="{escape(picture.url)}"' not in whole
    figure = _figure(picture) if picture is not None and shown else ""
    inside = not_doubly_encoded(figure + (whole or f"<p>{escape(text, quote=False)}</p>"))
    direction = direction_of(language)
    if direction is None:
        return inside
    return f'<div lang="{language}" dir="{direction}">{inside}</div>'


def _allowed(body: str | None) -> str:
    """Clean a body; references in it may hide characters that come out only then."""
    return clean_lines(allowed_html(clean_lines(body))) if body else ""


def _figure(picture: EntryImage) -> str:
    image = f'<img src="{escape(picture.url)}" alt="{escape(picture.alt)}">'
    caption = f"<figcaption>{escape(picture.credit, quote=False)}</figcaption>" if picture.credit else ""
    return f"<figure>{image}{caption}</figure>"
