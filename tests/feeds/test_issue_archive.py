"""The archive of issues: pages that lead to each other, and feeds that readers can follow."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from lxml import etree, html

from sse_digest.feeds.issue_archive import issue_ids
from sse_digest.feeds.validation.validate import ValidationContext, approve, check
from sse_digest.model.issues import IssuePage, Period
from tests.builders import make_item
from tests.feeds.documents import documents_for
from tests.feeds.feeds import OPTIONS, TAG
from tests.feeds.rules import ATOM, parse

NOW = datetime(2023, 9, 1, tzinfo=UTC)
TITLES = {"en": "Monthly news", "fr": "Nouvelles du mois", "ar": "أخبار الشهر"}


def issue(month: int, language: str = "en", **changes: object) -> IssuePage:
    values: dict[str, object] = {
        "digest": "monthly",
        "digest_title": TITLES[language],
        "period": Period(2023, month),
        "language": language,
        "title": f"{TITLES[language]} – {month}/2023",
        "summary": "3 news items <of the month>.",
        "html": "<h1>Monthly news</h1><section><h2>Youth</h2></section>",
        "came_out": datetime(2023, month + 1, 2, 8, tzinfo=UTC),
    }
    return IssuePage(**{**values, **changes})  # type: ignore[arg-type] # the test's own changes


ISSUES = [issue(month, language) for month in (4, 3, 5) for language in TITLES]


def documents(*issues: IssuePage) -> dict[str, bytes]:
    return documents_for([make_item(1)], OPTIONS, TAG, issues=issues)


def page(found: dict[str, bytes], name: str) -> html.HtmlElement:
    return html.document_fromstring(found[name].decode())


def test_every_language_has_a_feed_of_issues_newest_first_and_each_leads_to_its_page() -> None:
    found = documents(*ISSUES)

    feed = parse(found["issues_monthly.fr.atom"])
    links = [link.get("href") for link in feed.iterfind(f"{ATOM}entry/{ATOM}link")]
    assert links == [
        f"https://news.example.org/feeds/issues_monthly.2023-{month:02d}.fr.html" for month in (5, 4, 3)
    ]
    assert feed.findtext(f"{ATOM}title") == "Nouvelles du mois : numéros"
    assert all(link.rpartition("/")[2] in found for link in links)
    ids = [item["id"] for item in json.loads(found["issues_monthly.fr.json"])["items"]]
    assert ids == [element.text for element in feed.iterfind(f"{ATOM}entry/{ATOM}id")]


def test_feeds_of_issues_pass_the_gate_and_the_rules_of_any_feed() -> None:
    found = documents(*ISSUES)
    known = {TAG.item(make_item(1).id)} | issue_ids(ISSUES, TAG)

    approve(found, dict[str, bytes]().get, ValidationContext(known=known, now=NOW))
    approve(
        documents(*ISSUES, issue(6)),
        found.get,
        ValidationContext(known=known | issue_ids([issue(6)], TAG), now=NOW),
    )

    assert len([name for name in found if name.startswith("issues_")]) == 3 * 4 + 9
    for name, body in found.items():
        if not name.endswith((".html", ".opml")):
            assert check(name, body, now=NOW, ours=True) == ()


def test_issues_that_came_out_in_one_instant_stay_apart_and_in_order() -> None:
    at = datetime(2023, 8, 1, tzinfo=UTC)
    feed = parse(documents(*(issue(month, came_out=at) for month in (3, 4, 5)))["issues_monthly.en.atom"])

    updated = [element.text for element in feed.iterfind(f"{ATOM}entry/{ATOM}updated")]
    assert updated == sorted(set(updated), reverse=True)
    assert len(updated) == 3


def test_a_page_leads_to_its_neighbours_its_languages_and_its_feed() -> None:
    found = documents(*ISSUES)
    middle = page(found, "issues_monthly.2023-04.ar.html")

    assert (middle.get("lang"), middle.get("dir")) == ("ar", "rtl")
    assert middle.find(".//main/h1") is not None
    beside = {link.get("rel"): link.get("href") for link in middle.xpath("//nav[@class='paging']//a")}
    assert beside == {"prev": "issues_monthly.2023-03.ar.html", "next": "issues_monthly.2023-05.ar.html"}
    languages = {link.get("href"): link.text for link in middle.xpath("//main/nav[1]//a")}
    assert languages == {
        "issues_monthly.2023-04.en.html": "English",
        "issues_monthly.2023-04.fr.html": "français",
        "issues_monthly.2023-04.ar.html": "العربية",
    }
    assert "issues_monthly.ar.html" in middle.xpath("//header//a/@href")
    alternates = [link.get("href") for link in middle.iterfind(".//link[@rel='alternate']")]
    assert set(alternates) <= found.keys()
    assert "issues_monthly.ar.atom" in alternates
    assert middle.find(".//link[@rel='canonical']").get("href").endswith("/issues_monthly.2023-04.ar.html")


def test_the_first_and_only_issue_has_no_neighbours() -> None:
    alone = page(documents(issue(4)), "issues_monthly.2023-04.en.html")

    assert alone.xpath("//main//nav") == []


def test_pages_of_news_and_the_outline_lead_to_the_issues() -> None:
    found = documents(*ISSUES)

    assert b'href="issues_monthly.en.html"' in found["all.html"]
    assert b'href="issues_monthly.fr.html"' not in found["all.en.html"]
    assert b'href="issues_monthly.en.html"' in found["all.en.html"]
    addresses = [line.get("xmlUrl") for line in etree.fromstring(found["feeds.opml"]).iter("outline")]
    assert "https://news.example.org/feeds/issues_monthly.ar.atom" in addresses


def test_two_digests_have_feeds_of_their_own() -> None:
    other = replace(issue(4), digest="weekly", digest_title="Other news")
    found = documents(*ISSUES, other)

    assert len(parse(found["issues_weekly.en.atom"]).findall(f"{ATOM}entry")) == 1
    assert len(parse(found["issues_monthly.en.atom"]).findall(f"{ATOM}entry")) == 3


def test_without_issues_nothing_speaks_of_them() -> None:
    assert not [name for name in documents() if "issues" in name]
    assert b"issues_" not in documents()["all.html"]


def test_a_title_that_is_all_invisible_falls_back_on_names() -> None:
    found = parse(documents(issue(4, digest_title="\u200b", title="\x00"))["issues_monthly.en.atom"])

    assert found.findtext(f"{ATOM}title") == "monthly: issues"
    assert found.findtext(f"{ATOM}entry/{ATOM}title") == "2023-04"
