"""Decide what an edition shows: which items under which theme, and the words for each.

Pure selection and wording; templates decide how it looks. All untrusted text is cleaned here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from sse_digest.digest.client_support import UNKNOWN_IMAGES
from sse_digest.model.issues import Digest, Issue, IssueItem, Section
from sse_digest.model.items import Item, Precision, shorten
from sse_digest.rendering.sanitize_text import Direction, clean, direction_of_text, web_link
from sse_digest.rendering.translations import Catalogue, direction_of

_LONGEST_TITLE, _LONGEST_LABEL, _LONGEST_SUMMARY = 300, 120, 1000  # characters
_FEWEST_WITH_LEAD = 3  # editions with fewer items have no lead

Labels = Mapping[str, Mapping[str, str]]  # theme key to its labels by language


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalizedText:
    """An editor's words in the edition's language or the digest's default; may be empty."""

    words: str
    language: str
    direction: Direction
    in_frame: bool  # whether its language is the edition's

    def __bool__(self) -> bool:
        """Return whether there are any words."""
        return bool(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineImage:
    """An item's image, which always has credit and alternative text."""

    url: str  # https
    alt: str
    credit: str
    direction: Direction  # of the credit


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineItem:
    """One item in words. Strings are empty for what the item does not have."""

    id: str  # of the item; its anchor
    link: str | None  # None if the title is not a link
    title: str
    kicker: str
    date: str  # in the edition's language, or in the source's words if it could not be parsed
    date_in_frame: bool  # False if `date` is the source's words
    place: str
    summary: str
    picture: OutlineImage | None
    also_in: str  # labels of its other themes, as a list in words
    note: "LocalizedText"  # the editor's words below it
    language: str  # tag of its texts; empty if unknown
    direction: Direction  # of its title
    summary_direction: Direction
    language_name: str  # in the edition's language; empty if it is that language
    in_frame: bool  # whether its language and direction are the edition's


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineSection:
    """One theme with its entries; `count` is never 0."""

    theme: str
    label: str
    entries: tuple[OutlineItem, ...]
    page: str | None = None  # address of the whole section on the web, or None if there is no page
    more: int = 0  # items of this theme that the mail has no room for

    @property
    def count(self) -> int:
        """The number of items the theme has, shown or not."""
        return len(self.entries) + self.more

    def is_only(self, entry: OutlineItem | None) -> bool:
        """Return whether the theme has this entry and nothing else."""
        return not self.more and self.entries == (entry,)

    @property
    def anchor(self) -> str:
        """The anchor that the table of contents links to."""
        return _anchor(self.theme)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """An edition before it is rendered."""

    parts: tuple[OutlineSection, ...]
    lead: OutlineItem | None  # is also in its section

    @property
    def count(self) -> int:
        """The number of items it has, shown or not."""
        return sum(part.count for part in self.parts)


def _anchor(theme: str) -> str:
    return "theme-" + quote(theme, safe="", errors="replace")


def edition_themes(digest: Digest, themes: Sequence[str]) -> tuple[str, ...]:
    """Return the themes of an edition in the digest's order; they are part of its key.

    No themes mean all themes. Themes that the digest no longer has are dropped, which may leave none.
    """
    return tuple(theme for theme in digest.themes if theme in themes) if themes else digest.themes


def sections_for(issue: Issue, digest: Digest, themes: Sequence[str]) -> tuple[Section, ...]:
    """Return the sections for readers of `themes`, in the digest's order; none is empty.

    Each item is in one section: that of its primary theme if the reader chose it, else that of its first
    other chosen theme, after the items whose primary theme it is. `also_in` has all its other themes.
    """
    chosen = edition_themes(digest, themes)
    at_home: dict[str, list[IssueItem]] = {theme: [] for theme in chosen}
    guests: dict[str, list[IssueItem]] = {theme: [] for theme in chosen}
    for section in issue.sections:
        for placed in section.items:
            everywhere = (section.theme, *placed.also_in)
            home = section.theme if section.theme in chosen else _first(chosen, placed.also_in)
            if home is not None:
                others = tuple(sorted(set(everywhere) - {home}, key=lambda theme: _rank(theme, digest)))
                target = at_home if home == section.theme else guests
                target[home].append(replace(placed, also_in=others))
    found = [(theme, at_home[theme] + guests[theme]) for theme in chosen]
    return tuple(Section(theme=theme, items=tuple(items)) for theme, items in found if items)


def told_once(
    sections: Sequence[Section], languages: Sequence[str], lead: str | None = None
) -> tuple[Section, ...]:
    """Keep one translation of each item: that in the earliest of `languages`.

    If several are equally good, keep the lead, else the first one. Sections without items are left out.
    """

    def rank(item: Item) -> tuple[int, bool]:
        tag = (item.language or "").replace("_", "-").split("-")[0].lower()
        return languages.index(tag) if tag in languages else len(languages), item.id != lead

    kept: dict[str, Item] = {}
    for section in sections:
        for placed in section.items:
            kept[placed.item.group] = min(kept.get(placed.item.group, placed.item), placed.item, key=rank)
    chosen = {item.id for item in kept.values()}
    found = (
        replace(section, items=tuple(placed for placed in section.items if placed.item.id in chosen))
        for section in sections
    )
    return tuple(section for section in found if section.items)


def _shown_lead(issue: Issue, sections: Sequence[Section]) -> str | None:
    """Return the id of the lead as shown: the item itself or the translation that was kept; else None."""
    everything = (placed.item for section in issue.sections for placed in section.items)
    group = next((item.group for item in everything if item.id == issue.lead), None)
    shown = (placed.item for section in sections for placed in section.items)
    return next((item.id for item in shown if item.group == group), None)


class OutlineWriter:
    """Puts an issue's items into words in one language, each only once."""

    def __init__(self, digest: Digest, labels: Labels, catalogue: Catalogue) -> None:
        self.digest, self.labels, self.catalogue = digest, labels, catalogue
        self._entries: dict[tuple[str, tuple[str, ...]], OutlineItem] = {}

    def entry(self, placed: IssueItem) -> OutlineItem:
        """Return an item of the issue in words; editions differ only in its `also_in`."""
        key = (placed.item.id, placed.also_in)
        if key not in self._entries:
            self._entries[key] = _entry(placed, self.labels, self.digest, self.catalogue)
        return self._entries[key]


def make_outline(
    issue: Issue, wording: OutlineWriter, *, themes: Sequence[str], page: str | None = None
) -> Outline:
    """Return the chosen sections in words; `page` is the address of the issue's page on the web, or None."""
    digest, catalogue = wording.digest, wording.catalogue
    sections = told_once(
        sections_for(issue, digest, themes), (catalogue.language, digest.default_language), issue.lead
    )
    parts = tuple(
        OutlineSection(
            theme=section.theme,
            label=label_of(section.theme, wording.labels, digest, catalogue),
            page=f"{page}#{_anchor(section.theme)}" if page else None,
            entries=tuple(map(wording.entry, section.items)),
        )
        for section in sections
    )
    entries = [entry for part in parts for entry in part.entries]
    wanted = _shown_lead(issue, sections)
    lead = next((entry for entry in entries if entry.id == wanted), None)
    return Outline(parts=parts, lead=lead if len(entries) >= _FEWEST_WITH_LEAD else None)


def label_of(theme: str, labels: Labels, digest: Digest, catalogue: Catalogue) -> str:
    """Return a theme's label in the edition's language or the digest's default, or any label, or its key."""
    known = labels.get(theme, {})
    wanted = (known.get(language) for language in (catalogue.language, digest.default_language, *known))
    return plain(next(filter(None, wanted), theme))


def said(words: Mapping[str, str], digest: Digest, catalogue: Catalogue) -> LocalizedText:
    """Return an editor's words in the edition's language or the digest's default."""
    language = catalogue.language if words.get(catalogue.language) else digest.default_language
    return LocalizedText(
        words=words.get(language, ""),
        language=language,
        direction=direction_of(language) or catalogue.direction,
        in_frame=language == catalogue.language,
    )


def plain(text: str | None) -> str:
    """Return untrusted text cleaned; "" for None."""
    return clean(text or "")


def _first(chosen: Sequence[str], themes: Sequence[str]) -> str | None:
    return next((theme for theme in chosen if theme in themes), None)


def _rank(theme: str, digest: Digest) -> tuple[int, str]:
    return digest.themes.index(theme) if theme in digest.themes else len(digest.themes), theme


def _entry(placed: IssueItem, labels: Labels, digest: Digest, catalogue: Catalogue) -> OutlineItem:
    item = placed.item
    title, summary = _title_and_summary(item, catalogue)
    date, place = catalogue.date(item.published, item.precision), shorten(plain(item.place), _LONGEST_LABEL)
    source_words = shorten(plain(item.date_text), _LONGEST_LABEL) if item.precision is Precision.NONE else ""
    known = direction_of(item.language)
    direction = direction_of_text(title, known) or catalogue.direction
    language = plain(item.language).replace("_", "-") if known else ""
    also_in = [label_of(theme, labels, digest, catalogue) for theme in placed.also_in]
    same_language = language.split("-")[0].lower() in {catalogue.language, ""}
    return OutlineItem(
        id=quote(item.id, safe="", errors="replace"),
        link=web_link(plain(item.link)),
        title=title,
        kicker=shorten(plain(item.kicker), _LONGEST_LABEL),
        date=date or source_words,
        date_in_frame=bool(date),
        place="" if place and place in source_words else place,
        summary=summary,
        picture=picture_of(item),
        summary_direction=direction_of_text(summary, direction) or direction,
        also_in=catalogue.listing(also_in),
        note=said(placed.note, digest, catalogue),
        language=language,
        direction=direction,
        language_name="" if same_language else catalogue.language_name(language),
        in_frame=same_language and direction == catalogue.direction,
    )


def picture_of(item: Item) -> OutlineImage | None:
    """Return an item's image if it has credit and alternative text, uses https and all mailboxes show it."""
    if item.image is None:
        return None
    url = web_link(plain(item.image.url)) or ""
    alt, credit = (shorten(plain(text), _LONGEST_LABEL) for text in (item.image.alt, item.image.credit))
    ending = urlsplit(url).path.lower().rpartition(".")[2]
    if not (alt and credit and url.startswith("https://")) or ending in UNKNOWN_IMAGES:
        return None
    return OutlineImage(url=url, alt=alt, credit=credit, direction=direction_of_text(credit) or "ltr")


def _title_and_summary(item: Item, catalogue: Catalogue) -> tuple[str, str]:
    title, summary = plain(item.title), shorten(plain(item.summary), _LONGEST_SUMMARY)
    if title:
        return shorten(title, _LONGEST_TITLE), summary
    heading = shorten(summary, 80)
    if heading:
        return heading, "" if heading == summary else summary
    return catalogue.gettext("News item without a title"), ""
