"""An issue as the archive on the web shows it: every item of every theme, no reader's token anywhere.

Rendered and stored when its recipients are fixed; from then on the stored bytes are what is published,
whatever happens to templates, themes or items.
"""

from datetime import datetime
from pathlib import Path

from jinja2 import TemplateError

from sse_digest.digest.edition import edition_environment, words_of
from sse_digest.digest.outline import Labels, OutlineWriter, make_outline, plain
from sse_digest.errors import DigestError
from sse_digest.model.issues import Digest, Issue, IssuePage, Period
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
_NOBODY = ""  # the list of the edition that is for no list


def pages_of(
    connection: Connection, digest: Digest, labels: Labels, templates: Path, *, now: datetime
) -> tuple[IssuePage, ...]:
    """Return the pages of all issues that were sent, oldest first, in each language of the digest.

    Without their HTML, most of which nobody needs: see `page_html`.

    Args:
        connection: may be written to: a page that is not stored yet is stored.
        digest: as configured.
        labels: theme key to its labels per language.
        templates: the folder that holds issue.html.
        now: when a page is stored.

    Raises:
        DigestError: a template is missing or wrong.
    """
    pages: list[IssuePage] = []
    for period, came_out in (read_sent(connection, digest.name)).items():
        for language in digest.languages:
            key = {"list_name": _NOBODY, "language": language, "themes": ""}
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
    """Load what is on a page that `pages_of` gave.

    Raises:
        DigestError: it is not stored any more.
    """
    stored = load_edition(
        connection, page.digest, page.period, list_name=_NOBODY, language=page.language, themes=""
    )
    if stored is None:
        raise DigestError(f"The page of {page.digest}/{page.period} is not stored any more. Publish again.")
    return stored.html.decode()


def render_page(
    issue: Issue, digest: Digest, *, language: str, labels: Labels, templates: Path
) -> EditionBytes:
    """Render what is on an issue's page; `text` is its summary.

    Raises:
        DigestError: a template is missing or wrong.
    """
    catalogue = load(language)
    outline = make_outline(issue, OutlineWriter(digest, labels, catalogue), themes=())
    words = words_of(issue, digest, outline, catalogue)
    try:
        template = edition_environment(templates, catalogue.language).get_template(_TEMPLATE)
        html = template.render({**words, "outline": outline})
    except (TemplateError, OSError) as error:
        raise DigestError(
            f"{templates / _TEMPLATE} cannot be rendered: {error}. Install the program again."
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
