"""However long a month: the mail stays small enough, every count right, the way out present."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sse_digest.digest.edition import Edition, render_edition, size_bytes
from sse_digest.digest.mail.message import prepare
from sse_digest.digest.outline import Outline, OutlineWriter, make_outline
from sse_digest.digest.truncation import LARGEST_HTML, fitted, levelled, limited
from sse_digest.model.issues import Digest, Issue
from sse_digest.rendering.translations import load
from tests.builders import make_item
from tests.digest.issues import DIGEST, LABELS, LETTERHEAD, TEMPLATES, THEMES, edition_of, issue_of, small
from tests.digest.mail_rules import bodies, message_findings

PAGES = {tag: f"https://news.example.org/feeds/issue.{tag}.html" for tag in DIGEST.languages}
PAGE = PAGES["en"]
TEXTS = {
    "en": ("A cooperative opens its doors to the young", "What a day & what a night it was. "),
    "ar": ("تعاونية تفتح أبوابها للشباب", "كان يوما طويلا وليلة أطول منه في هذه المدينة. "),
}


def month(counts: dict[str, int], *, summary: int = 3, language: str = "en", lead: int = 1) -> Issue:
    """An issue of so many items a theme; the item of number `lead` is shown first."""
    title, sentence = TEXTS[language]
    themes = [theme for theme, count in counts.items() for _ in range(count)]
    items = [
        make_item(
            number,
            themes=(theme,),
            title=f"{title} {number}",
            summary=(sentence * summary).strip() or None,
            language=language,
        )
        for number, theme in enumerate(themes, start=1)
    ]
    return issue_of(items, lead=items[lead - 1].id if items else None)


def outline_of(issue: Issue) -> Outline:
    return make_outline(issue, OutlineWriter(DIGEST, LABELS, load("en")), themes=(), page=PAGE)


def shown(text: str, theme: str) -> int:
    """The number behind a theme in the contents of the text."""
    found = re.search(rf"(?m)^\* {LABELS[theme]['en']} \(([\d,]+)\)$", text)
    assert found is not None
    return int(found[1].replace(",", ""))


COUNTS = st.fixed_dictionaries({theme: st.integers(0, 125) for theme in THEMES})


@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.generate])  # a month takes a second
@given(COUNTS, st.integers(0, 28), st.sampled_from(["en", "ar"]), st.data())
def test_the_html_never_exceeds_its_limit_and_every_item_is_counted(
    counts: dict[str, int], summary: int, language: str, data: st.DataObject
) -> None:
    total = sum(counts.values())
    lead = data.draw(st.integers(1, max(1, total)))
    issue = month(counts, summary=summary, language=language, lead=lead) if total else small()

    edition = edition_of(issue, issue_pages=PAGES)

    assert size_bytes(edition.html) <= LARGEST_HTML
    if total:
        assert edition.text.startswith(DIGEST.title["en"])
        more = sum(int(number.replace(",", "")) for number in re.findall(r"([\d,]+) more item", edition.html))
        anchors = set(re.findall(r' name="([a-z2-7]{26})"', edition.html))
        assert len(anchors) + more == total


def test_500_items_give_a_mail_that_keeps_every_rule() -> None:
    issue = month({"cooperatives": 300, "youth": 150, "un-coordination": 40, "other": 10}, lead=250)

    edition = edition_of(issue, issue_pages=PAGES)
    mail = prepare(edition, LETTERHEAD).fill(
        address="reader@example.org", message_id="1@news.example.org", date=datetime(2023, 5, 1, tzinfo=UTC)
    )
    text, html = bodies(mail)

    assert message_findings(mail) == []
    assert 90_000 < size_bytes(edition.html) <= LARGEST_HTML
    assert [shown(text, theme) for theme in THEMES] == [300, 150, 40, 10]
    assert edition.text.count("more items in this section") == 2  # the longest ones; the short stay whole
    assert f'href="{PAGE}#theme-cooperatives"' in html
    assert f"{PAGE}#theme-other" not in html
    assert html.count("/unsubscribe/") == 1
    assert issue.lead is not None
    assert f'name="{issue.lead}"' in html


def test_a_section_shows_no_more_than_its_limit() -> None:
    digest = replace(DIGEST, section_limits={"youth": 2})
    edition = render(digest, month({"cooperatives": 5, "youth": 5}), pages=PAGES)

    assert (shown(edition.text, "cooperatives"), shown(edition.text, "youth")) == (5, 5)
    assert "3 more items in this section" in edition.html
    assert edition.html.count("more item") == 1
    assert f"Youth on the web\n{PAGE}#theme-youth\n" in edition.text


def test_without_a_page_the_mail_only_says_how_many_more_there_are() -> None:
    edition = render(replace(DIGEST, section_limits={"youth": 4}), month({"youth": 5}), pages={})

    assert "1 more item in this section" in edition.html
    assert "on the web" not in edition.html + edition.text


def render(digest: Digest, issue: Issue, *, pages: dict[str, str]) -> Edition:
    return render_edition(
        issue,
        digest,
        language="en",
        themes=(),
        theme_labels=LABELS,
        letterhead=replace(LETTERHEAD, issue_pages=pages),
        templates=TEMPLATES,
        secret_key=b"a key of the tests",
    )


def test_the_lead_is_never_among_the_missing() -> None:
    outline = limited(outline_of(month({"youth": 9}, lead=9)), {"youth": 3})

    part = outline.parts[0]
    assert [entry.title[-1] for entry in part.entries] == ["1", "2", "9"]
    assert (part.more, part.count) == (6, 9)
    assert outline.lead in part.entries


def test_where_not_even_headings_fit_no_item_is_shown() -> None:
    outline = outline_of(month({"youth": 3, "other": 3}))

    empty = fitted(outline, lambda tried: 10 + sum(len(part.entries) for part in tried.parts), largest=9)

    assert [part.more for part in empty.parts] == [2, 3]  # the lead stays where it stands


@pytest.mark.parametrize(
    ("counts", "total", "kept"),
    [
        ([300, 10, 5], 30, [15, 10, 5]),
        ([300, 10, 5], 18, [7, 6, 5]),
        ([4, 4], 3, [2, 1]),
        ([3, 0, 2], 9, [3, 0, 2]),
        ([], 5, []),
    ],
)
def test_the_longest_give_first(counts: list[int], total: int, kept: list[int]) -> None:
    assert levelled(counts, total) == kept


@given(st.lists(st.integers(0, 400), max_size=12), st.integers(0, 3000))
def test_levelling_keeps_as_many_as_asked_and_never_more_than_there_are(
    counts: list[int], total: int
) -> None:
    kept = levelled(counts, total)

    assert sum(kept) == min(total, sum(counts))
    assert all(0 <= one <= count for one, count in zip(kept, counts, strict=True))
    shortened = [one for one, count in zip(kept, counts, strict=True) if one < count]
    assert max(kept, default=0) <= min(shortened, default=400) + 1


@given(st.integers(1, 60), st.integers(40, 2000))
def test_fitting_shows_nearly_as_much_as_fits(size: int, largest: int) -> None:
    outline = outline_of(month({"youth": 30, "other": 5}, summary=0))

    found = fitted(outline, lambda tried: size * sum(len(part.entries) for part in tried.parts), largest)

    used = size * sum(len(part.entries) for part in found.parts)
    assert used <= max(largest, size)
    assert found == outline or used > min(largest * 0.97, largest - size)
