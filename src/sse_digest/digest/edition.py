"""Render an issue for one language and one set of themes: subject, HTML and text.

Pure, except that templates are read: the same input yields the same bytes in every time zone, locale and
hash seed. An edition contains nothing personal; it has gaps for a reader's token (see `token_gaps`).
"""

import re
import textwrap
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

from css_inline import CSSInliner
from jinja2 import Environment
from markupsafe import Markup

from sse_digest.digest.options import Letterhead
from sse_digest.digest.outline import (
    Labels,
    Outline,
    OutlineItem,
    OutlineWriter,
    edition_themes,
    make_outline,
    plain,
    said,
)
from sse_digest.digest.token_gaps import GappedText, TokenLink, marker_for
from sse_digest.digest.truncation import fitted, limited
from sse_digest.errors import DigestError
from sse_digest.model.issues import Digest, Issue, Period
from sse_digest.model.items import Precision
from sse_digest.rendering.design import Appearance
from sse_digest.rendering.environment import is_escaped, make_environment
from sse_digest.rendering.markdown import to_html, to_text
from sse_digest.rendering.sanitize_text import Direction, direction_of_text
from sse_digest.rendering.translations import Catalogue, direction_of, load, nearest, own_name

_COLUMNS = 72
_INLINER = CSSInliner(
    keep_style_tags=False,  # except those marked data-css-inline="keep"
    keep_at_rules=False,
    resolve_css_variables=True,  # mail programs do not support variables
    load_remote_stylesheets=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """An issue as it is mailed to one group of readers."""

    digest: str  # name of the digest
    period: Period
    language: str  # of the words around the items
    themes: tuple[str, ...]  # in the digest's order
    subject: str
    html: str  # with a GAP for each token
    text: str  # with a GAP for each token; lines end with \n
    html_gaps: tuple[int, ...]  # offsets of the gaps, in characters
    text_gaps: tuple[int, ...]  # offsets of the gaps, in characters


@dataclass(frozen=True, slots=True, kw_only=True)
class _IssuePage:
    """The page of the issue on the web in one language."""

    url: str
    name: str  # of the language, in that language
    language: str
    direction: Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sender:
    """The sender as the footer shows it, cleaned."""

    list_title: str
    organisation: str
    from_name: str
    from_address: str
    postal_address: str
    archive_url: str  # in the reader's language; empty if there is no such page
    unsubscribe_url: "TokenLink | str"  # empty if there is no such page
    issue_pages: tuple["_IssuePage", ...]  # the reader's language first


class EditionRenderer:
    """Renders the editions of one issue with one letterhead; what they share is rendered once.

    An issue may have hundreds of editions, but within a language each item looks the same in all of them.
    """

    def __init__(
        self,
        issue: Issue,
        digest: Digest,
        *,
        theme_labels: Labels,
        letterhead: Letterhead,
        templates: Path,
        secret_key: bytes,
    ) -> None:
        """Store what all editions have in common.

        Args:
            issue: to render.
            digest: its title, order of themes and languages.
            theme_labels: theme key to its labels by language.
            letterhead: the sender.
            templates: the folder with digest.html, digest.txt and the templates they include.
            secret_key: for the markers of token gaps; no byte of an edition depends on it.
        """
        self.issue, self.digest, self.letterhead, self._secret_key = issue, digest, letterhead, secret_key
        self._labels, self._templates = theme_labels, templates
        self._writers: dict[str, _Writer] = {}

    def edition(self, *, language: str, themes: Sequence[str]) -> Edition:
        """Render the issue for readers of one language and one set of themes.

        Args:
            language: the reader's; if the digest does not have it, its default is used.
            themes: the reader's theme keys in any order; empty means every theme.

        Raises:
            DigestError: a template is missing or wrong.
        """
        digest = self.digest
        writer = self._writer(edition_language(digest, language))
        catalogue = writer.wording.catalogue
        page = self.letterhead.issue_pages.get(catalogue.language)
        outline = make_outline(self.issue, writer.wording, themes=themes, page=page)
        words = words_of(self.issue, digest, outline, catalogue)
        chosen = edition_themes(digest, themes)
        link = self._link((catalogue.language, *chosen), repr((outline, words, self.letterhead)))
        outline = fitted(
            limited(outline, digest.section_limits),
            lambda tried: size_bytes(writer.html(tried, words, link).text),
        )
        html, text = writer.html(outline, words, link), writer.text(outline, words, link)
        return Edition(
            digest=digest.name,
            period=self.issue.period,
            language=catalogue.language,
            themes=chosen,
            subject=str(words["subject"]),
            html=html.text,
            text=text.text,
            html_gaps=html.gaps,
            text_gaps=text.gaps,
        )

    def _link(self, edition: tuple[str, ...], foreign: str) -> TokenLink:
        names = (self.digest.name, str(self.issue.period), self.letterhead.list_name, *edition)
        before = unsubscribe_address(self.letterhead, "") or ""
        return TokenLink(before, marker_for(self._secret_key, names, foreign) if before else "")

    def _writer(self, language: str) -> "_Writer":
        if language not in self._writers:
            catalogue = load(language)
            sender = _sender(self.letterhead, catalogue)
            wording = OutlineWriter(self.digest, self._labels, catalogue)
            self._writers[language] = _Writer(self._templates, wording, sender, self.letterhead.appearance)
        return self._writers[language]


def render_edition(
    issue: Issue,
    digest: Digest,
    *,
    language: str,
    themes: Sequence[str],
    theme_labels: Labels,
    letterhead: Letterhead,
    templates: Path,
    secret_key: bytes,
) -> Edition:
    """Render a single edition; the arguments are those of `EditionRenderer` and its `edition`.

    Raises:
        DigestError: a template is missing or wrong.
    """
    renderer = EditionRenderer(
        issue,
        digest,
        theme_labels=theme_labels,
        letterhead=letterhead,
        templates=templates,
        secret_key=secret_key,
    )
    return renderer.edition(language=language, themes=themes)


def words_of(issue: Issue, digest: Digest, outline: Outline, catalogue: Catalogue) -> dict[str, object]:
    """Return the words around the items of an edition or page, by their names in templates."""
    masthead, title = (
        plain(titles.get(catalogue.language) or titles[digest.default_language])
        for titles in (digest.title, {**digest.title, **issue.title})
    )
    period = catalogue.date(issue.period.first_day, Precision.MONTH)
    return {
        "subject": catalogue.gettext("%(title)s – %(period)s") % {"title": title, "period": period},
        "masthead": masthead,
        "title": title,
        "period": period,
        "intro": _intro(outline, period, catalogue),
        "introduction": said(issue.introduction, digest, catalogue),
    }


def size_bytes(html: str) -> int:
    """Return the size of HTML in a mail, in bytes; line ends are CR LF there."""
    return len(html.encode()) + html.count("\n")


def edition_language(digest: Digest, language: str) -> str:
    """Return the language of a reader's edition: theirs if the digest has it, else the default."""
    default = nearest(digest.default_language)
    wanted = nearest(language, default=default)
    return wanted if wanted in digest.languages else default


def unsubscribe_address(letterhead: Letterhead, token: str) -> str | None:
    """Return the address of the page that ends a subscription; None if `public_url` is not https."""
    base = (letterhead.public_url or "").rstrip("/")
    return f"{base}/unsubscribe/{token}" if base.startswith("https://") else None


def _intro(outline: Outline, period: str, catalogue: Catalogue) -> str:
    """Return a sentence about the content, which mailboxes show next to the subject."""
    if not outline.parts:
        return catalogue.gettext("%(period)s: no news on your themes.") % {"period": period}
    sentence = catalogue.ngettext(
        "%(number)s news item from %(period)s: %(themes)s.",
        "%(number)s news items from %(period)s: %(themes)s.",
        outline.count,
    )
    themes = catalogue.listing([part.label for part in outline.parts])
    return sentence % {"number": catalogue.number(outline.count), "period": period, "themes": themes}


def _sender(letterhead: Letterhead, catalogue: Catalogue) -> _Sender:
    return _Sender(
        list_title=plain(letterhead.list_title),
        organisation=plain(letterhead.organisation),
        from_name=plain(letterhead.from_name),
        from_address=plain(letterhead.from_address),
        postal_address=_without(plain(letterhead.organisation), plain(letterhead.postal_address)),
        archive_url=plain(letterhead.archive_pages.get(catalogue.language)),
        unsubscribe_url="",
        issue_pages=tuple(
            _IssuePage(url=url, name=own_name(tag), language=tag, direction=direction_of(tag) or "ltr")
            for tag, url in sorted(
                letterhead.issue_pages.items(), key=lambda page: page[0] != catalogue.language
            )
        ),
    )


def _without(name: str, address: str) -> str:
    """Return a postal address without the name at its beginning, which the footer shows above it."""
    rest = address.removeprefix(name)
    return rest.lstrip(" ,;") or address if name and rest.startswith((",", ";")) else address


class _Writer:
    """Renders outlines in one language; keeps every rendered item and the last HTML."""

    def __init__(
        self, templates: Path, wording: OutlineWriter, sender: _Sender, appearance: Appearance
    ) -> None:
        self.wording, self._appearance = wording, appearance
        self._templates, self._sender = templates, sender
        self._items: dict[tuple[str, OutlineItem], str] = {}
        self._last: tuple[Outline, TokenLink, GappedText] | None = None

    def html(self, outline: Outline, words: Mapping[str, object], link: TokenLink) -> GappedText:
        """Return the HTML of an outline.

        Raises:
            DigestError: a template is missing or wrong.
        """
        if self._last is None or self._last[0] is not outline or self._last[1] is not link:
            rendered = self._render("digest.html", outline, words, link) + "\n"
            self._last = outline, link, _gapped(rendered, link)
        return self._last[2]

    def text(self, outline: Outline, words: Mapping[str, object], link: TokenLink) -> GappedText:
        """Return the text of an outline.

        Raises:
            DigestError: a template is missing or wrong.
        """
        rendered = self._render("digest.txt", outline, words, link)
        return _gapped(re.sub(r"\n{4,}", "\n\n\n", rendered).strip("\n") + "\n", link)

    def _render(self, name: str, outline: Outline, words: Mapping[str, object], link: TokenLink) -> str:
        link.written = 0
        try:
            environment = edition_environment(
                self._templates, self.wording.catalogue.language, self._appearance
            )
            item = partial(self._item, environment, "item" + Path(name).suffix)
            sender = replace(self._sender, unsubscribe_url=link if link.marker else "")
            values = {**words, "sender": sender, "outline": outline, "item": item}
            rendered = environment.get_template(name).render(values)
            return _INLINER.inline(rendered) if name.endswith(".html") else rendered
        except Exception as error:  # a template may raise anything
            raise DigestError(
                f"The templates in {self._templates} cannot be rendered: {_where(error, self._templates)}"
            ) from error

    def _item(self, environment: Environment, name: str, entry: OutlineItem) -> str:
        """Render an item once; its template uses nothing but the item and the catalogue."""
        if (name, entry) not in self._items:
            rendered = environment.get_template(name).render({"entry": entry})
            self._items[name, entry] = (
                Markup(rendered)  # noqa: S704 # the template escapes its values
                if is_escaped(name)
                else rendered
            )
        return self._items[name, entry]


def _gapped(rendered: str, link: TokenLink) -> GappedText:
    return link.gapped(rendered) if link.marker else GappedText(rendered, ())


def _where(error: Exception, templates: Path) -> str:
    """Return an error with its template and line, as far as they are known."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if Path(frame.filename).is_relative_to(templates)]
    if inside:
        return f"{Path(inside[-1].filename).name}:{inside[-1].lineno}: {error}"
    place = f"{getattr(error, 'name', None) or ''}:{getattr(error, 'lineno', None) or ''}".strip(":")
    return f"{place}: {error}" if place else str(error)


@lru_cache(maxsize=16)
def edition_environment(templates: Path, language: str, appearance: Appearance) -> Environment:
    """Return the Jinja environment of editions and pages of issues."""
    # Cached, because compiling templates takes longer than rendering them. Jinja notices changed files.
    catalogue = load(language)
    environment = make_environment(templates, catalogue, appearance)
    environment.filters["wrap"] = _wrap
    environment.filters["markdown"] = lambda text: Markup(to_html(text))  # noqa: S704 # allow-listed
    environment.filters["plain_markdown"] = lambda text: to_text(text, _COLUMNS)
    environment.filters["isolated"] = lambda text: _isolate(text, catalogue)
    return environment


def _wrap(text: str) -> str:
    """Wrap text at spaces only, so that no address is cut."""
    lines = textwrap.wrap(text, _COLUMNS, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


def _isolate(text: str, catalogue: Catalogue) -> Markup:
    """Enclose a name of the opposite direction, so that it stays together within a sentence."""
    direction = direction_of_text(text)
    if direction in {None, catalogue.direction}:
        return Markup.escape(text)
    return Markup('<span dir="{}">{}</span>').format(direction, text)
