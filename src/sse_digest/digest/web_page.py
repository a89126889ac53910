"""Render an issue for the archive on the web: all items of all themes, without tokens.

The page is rendered and stored when the issue's recipients are fixed. From then on the stored bytes are
published, even if templates, themes or items change.
"""

from datetime import datetime
from pathlib import Path

from jinja2 import TemplateError

from sse_digest.digest.edition import edition_environment, words_of
from sse_digest.digest.outline import Labels, OutlineWriter, make_outline, plain
from sse_digest.errors import DigestError
from sse_digest.model.issues import Digest, Issue, IssuePage, Period
from sse_digest.rendering.design import DEFAULT_APPEARANCE
from sse_digest.rendering.translations import load
from sse_digest.store import Connection
from sse_digest.store.issues.issues import (
    EditionBytes,
    EditionHead,
    load_edition,
    load_edition_head,
    load_issue,
    read_sent,
    store_edition,
)

_TEMPLATE = "issue.html"
_NO_LIST = ""  # list of the edition on the web


def pages_of(
    connection: Connection, digest: Digest, labels: Labels, templates: Path, *, now: datetime
) -> tuple[IssuePage, ...]:
    """Return the pages of all sent issues in each language of the digest, oldest first.

    Their HTML is not loaded; see `page_html`. A page that is not stored yet is rendered and stored.

    Args:
        connection: must allow writing.
        digest: as configured.
        labels: theme key to its labels by language.
        templates: the folder with issue.html.
        now: time at which new pages are stored.

    Raises:
        DigestError: a template is missing or wrong.
    """
    pages: list[IssuePage] = []
    for period, came_out in (read_sent(connection, digest.name)).items():
        for language in digest.languages:
            key = {"list_name": _NO_LIST, "language": language, "themes": ""}
            head = load_edition_head(connection, digest.name, period, **key)
            if head is None:
                issue = load_issue(connection, digest.name, period)
                assert issue is not None  # noqa: S101 # it was found in this transaction
                fresh = render_page(issue, digest, language=language, labels=labels, templates=templates)
                store_edition(connection, digest.name, period, **key, edition=fresh, now=now)
                head = load_edition_head(connection, digest.name, period, **key)
            assert head is not None  # noqa: S101 # it was stored in this transaction
            pages.append(_page(digest, period, language, head, came_out))
    return tuple(pages)


def page_html(connection: Connection, page: IssuePage) -> str:
    """Return the HTML of a page that `pages_of` returned.

    Raises:
        DigestError: the page is no longer stored.
    """
    stored = load_edition(
        connection, page.digest, page.period, list_name=_NO_LIST, language=page.language, themes=""
    )
    if stored is None:
        raise DigestError(f"The page of {page.digest}/{page.period} is no longer stored. Publish again.")
    return stored.html.decode()


def render_page(
    issue: Issue, digest: Digest, *, language: str, labels: Labels, templates: Path
) -> EditionBytes:
    """Return the content of an issue's page; `text` is its summary.

    Raises:
        DigestError: a template is missing or wrong.
    """
    catalogue = load(language)
    outline = make_outline(issue, OutlineWriter(digest, labels, catalogue), themes=())
    words = words_of(issue, digest, outline, catalogue)
    try:
        template = edition_environment(templates, catalogue.language, DEFAULT_APPEARANCE).get_template(
            _TEMPLATE
        )
        html = template.render({**words, "outline": outline})
    except (TemplateError, OSError) as error:
        raise DigestError(
            f"{templates / _TEMPLATE} cannot be rendered: {error}. Install sse-digest again."
        ) from error
    return EditionBytes(
        subject=str(words["subject"]), html=html.encode(errors="replace"), text=str(words["intro"]).encode()
    )


def _page(
    digest: Digest, period: Period, language: str, stored: EditionHead, came_out: datetime
) -> IssuePage:
    return IssuePage(
        digest=digest.name,
        digest_title=plain(digest.title.get(language) or digest.title[digest.default_language]),
        period=period,
        language=language,
        title=stored.subject,
        summary=stored.text.decode(),
        html=None,
        came_out=came_out,
        mark=stored.mark,
    )
