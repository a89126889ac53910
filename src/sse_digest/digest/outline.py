"""What an edition shows: which items under which theme, and each of them in words.

Pure selection and wording; how it looks is the templates' business. Every text from outside is
cleaned here, once.
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
_FEWEST_WITH_LEAD = 3  # an edition of one or two items needs no top story

Labels = Mapping[str, Mapping[str, str]]  # theme key to its labels per language


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalizedText:
    """An editor's words in the frame's language, else in the digest's default one; may be empty."""

    words: str
    language: str
    direction: Direction
    in_frame: bool  # its language is the frame's

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineImage:
    """An item's image; there is none without credit and alternative text."""

    url: str  # https
    alt: str
    credit: str
    direction: Direction  # of the credit


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineItem:
    """One item in words. Empty strings stand for what the item does not have."""

    id: str  # of the item; its anchor
    link: str | None  # None: the title is plain text
    title: str
    kicker: str
    date: str  # in the frame's language, or the source's own words where no date could be read
    date_in_frame: bool  # False: `date` is the source's own words
    place: str
    summary: str
    picture: OutlineImage | None
    also_in: str  # labels of its other themes, as a list in words
    note: "LocalizedText"  # the editor's own words below it
    language: str  # tag of its texts; empty where unknown
    direction: Direction  # of its title
    summary_direction: Direction
    language_name: str  # in the frame's language; empty where it is the frame's own
    in_frame: bool  # its language and direction are the frame's


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineSection:
    """One theme with its entries; `count` is never 0."""

    theme: str
    label: str
    entries: tuple[OutlineItem, ...]
    page: str | None = (
        None  # where all of its entries stand, on the issue's page, or None if it is not served
    )
    more: int = 0  # items of this theme for which the mail has no room

    @property
    def count(self) -> int:
        """How many items the theme has, shown or not."""
        return len(self.entries) + self.more

    @property
    def anchor(self) -> str:
        """Where the contents lead to."""
        return _anchor(self.theme)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """An edition before it has a form."""

    parts: tuple[OutlineSection, ...]
    lead: OutlineItem | None  # also keeps its place in its part

    @property
    def count(self) -> int:
        """How many items it has, shown or not."""
        return sum(part.count for part in self.parts)


def _anchor(theme: str) -> str:
    return "theme-" + quote(theme, safe="", errors="replace")


def edition_themes(digest: Digest, themes: Sequence[str]) -> tuple[str, ...]:
    """Return the themes of an edition in the digest's order; part of its key.

    No theme means every theme. Themes the digest no longer has are dropped, and may leave nothing.
    """
    return tuple(theme for theme in digest.themes if theme in themes) if themes else digest.themes


def sections_for(issue: Issue, digest: Digest, themes: Sequence[str]) -> tuple[Section, ...]:
    """Choose the sections a reader of `themes` sees, in the digest's order; none is empty.

    Each item stands once: under its primary theme where that is chosen, else under the first chosen
    theme among its others, behind the items at home there; its own theme is then among `also_in`.
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
    """Keep one of the translations of an item, in the first of `languages` that has one; else the first.

    Where none is in one of them and the lead is among them, it is the lead. Sections that end up empty go.
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


def _standing_for(issue: Issue, sections: Sequence[Section]) -> str | None:
    """Return the id of the item that stands for the lead: itself, or the translation that was kept."""
    everything = (placed.item for section in issue.sections for placed in section.items)
    group = next((item.group for item in everything if item.id == issue.lead), None)
    shown = (placed.item for section in sections for placed in section.items)
    return next((item.id for item in shown if item.group == group), None)


class OutlineWriter:
    """Puts an issue's items into words of one language; each is put into words once."""

    def __init__(self, digest: Digest, labels: Labels, catalogue: Catalogue) -> None:
        self.digest, self.labels, self.catalogue = digest, labels, catalogue
        self._entries: dict[tuple[str, tuple[str, ...]], OutlineItem] = {}

    def entry(self, placed: IssueItem) -> OutlineItem:
        """Return an item of the issue in words; `also_in` is what differs between editions."""
        key = (placed.item.id, placed.also_in)
        if key not in self._entries:
            self._entries[key] = _entry(placed, self.labels, self.digest, self.catalogue)
        return self._entries[key]


def make_outline(
    issue: Issue, wording: OutlineWriter, *, themes: Sequence[str], page: str | None = None
) -> Outline:
    """Put the chosen sections into words; `page` is where all of the issue is served."""
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
    wanted = _standing_for(issue, sections)
    lead = next((entry for entry in entries if entry.id == wanted), None)
    return Outline(parts=parts, lead=lead if len(entries) >= _FEWEST_WITH_LEAD else None)


def label_of(theme: str, labels: Labels, digest: Digest, catalogue: Catalogue) -> str:
    """Name a theme in the frame's language, else the digest's, else by any label, else by its key."""
    known = labels.get(theme, {})
    wanted = (known.get(language) for language in (catalogue.language, digest.default_language, *known))
    return plain(next(filter(None, wanted), theme))


def said(words: Mapping[str, str], digest: Digest, catalogue: Catalogue) -> LocalizedText:
    """Choose an editor's words for a frame."""
    language = catalogue.language if words.get(catalogue.language) else digest.default_language
    return LocalizedText(
        words=words.get(language, ""),
        language=language,
        direction=direction_of(language) or catalogue.direction,
        in_frame=language == catalogue.language,
    )


def plain(text: str | None) -> str:
    """Clean a text from outside."""
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
    """Return the image a mail may show: with credit and alternative text, over https, in a form all know."""
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
