"""Documents have permanent names; links become URIs or are left out."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.errors import FeedError
from sse_digest.feeds.names import (
    MEDIA_TYPES,
    FeedKey,
    authority_of,
    feeds_of,
    is_of_issues,
    issue_page,
    issues_of,
    name_of,
    themes_of,
    uri,
    url_of,
)
from sse_digest.model.issues import Period
from tests.feeds.feeds import OPTIONS
from tests.feeds.rules import URI


def test_each_format_has_a_media_type_with_its_charset() -> None:
    assert MEDIA_TYPES["atom"] == "application/atom+xml; charset=utf-8"
    assert MEDIA_TYPES["rss"] == "application/rss+xml; charset=utf-8"
    assert MEDIA_TYPES["html"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("theme", ["Youth", "a b", "../up", "", "-a", "a--b", "jóvenes"])
def test_a_theme_that_cannot_stand_in_an_address_is_refused(theme: str) -> None:
    with pytest.raises(FeedError, match="lower-case letters"):
        name_of(theme, "atom")


def test_a_feed_of_one_language_names_it_behind_the_theme() -> None:
    assert name_of(FeedKey().name, "atom") == "all.atom"
    assert name_of(FeedKey(theme="youth", language="zh-hant").name, "json") == "youth.zh-hant.json"


def test_a_theme_with_the_name_of_the_feed_of_all_items_is_refused() -> None:
    with pytest.raises(FeedError, match="another key"):
        themes_of(replace(OPTIONS, themes={"all": {"en": "All"}}))


def test_pages_and_feeds_of_issues_have_names_that_no_theme_can_have() -> None:
    page, feed = issue_page("monthly", Period(2023, 4), "zh-Hant"), issues_of("monthly", "fr")

    assert page == "issues_monthly.2023-04.zh-hant.html"
    assert name_of(feed.name, "atom") == "issues_monthly.fr.atom"
    assert is_of_issues(page)
    assert is_of_issues(feed.name)
    assert feeds_of([page, "issues_monthly.fr.atom"]) == frozenset()


def test_feeds_are_read_back_from_names_and_foreign_names_passed_over() -> None:
    names = [
        "all.atom",
        "youth.fr.rss",
        "youth.html",
        "notes.txt",
        ".new",
        "Up.atom",
        "a.b.rss",
        "feeds.opml",
    ]

    assert feeds_of(names) == {FeedKey(), FeedKey(theme="youth", language="fr"), FeedKey(theme="youth")}


def test_a_document_stands_under_the_public_address() -> None:
    assert (
        url_of("https://news.example.org/digest/", "all.rss")
        == "https://news.example.org/digest/feeds/all.rss"
    )
    assert url_of("https://müller.example", "all.rss") == "https://xn--mller-kva.example/feeds/all.rss"


@pytest.mark.parametrize("address", ["", "news.example.org", "ftp://example.org", "https://"])
def test_a_public_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(FeedError, match="public_url"):
        url_of(address, "all.rss")


def test_the_authority_is_the_host_without_port_and_in_lower_case() -> None:
    assert authority_of("https://News.Example.org:8443/x") == "news.example.org"
    assert authority_of("https://müller.example") == "xn--mller-kva.example"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.example/b?c=d#e", "https://a.example/b?c=d#e"),
        (" HTTPS://A.Example:443/B ", "https://a.example/B"),
        ("http://a.example:8080", "http://a.example:8080"),
        ("https://a.example/two words", "https://a.example/two%20words"),
        ("https://a.example/économie?q=naïf", "https://a.example/%C3%A9conomie?q=na%C3%AFf"),
        ("https://münchen.example/أخبار", "https://xn--mnchen-3ya.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1"),
        ("https://a.example/100%", "https://a.example/100%25"),
        ("https://a.example/%7Ea%2f", "https://a.example/%7Ea%2f"),
        ("https://a.example/<script>|^`{}[]", "https://a.example/%3Cscript%3E%7C%5E%60%7B%7D%5B%5D"),
        ("https://user:secret@a.example/", "https://a.example/"),
        ("https://a.example/a#b#c", "https://a.example/a#b%23c"),
        ("https://a.example/\ud800", "https://a.example/"),
        (None, None),
        ("", None),
        ("/relative", None),
        ("javascript:alert(1)", None),
        ("https:///nohost", None),
        ("https://[::1]/", None),
        ("https://[bad/", None),
        ("https://a.example:99999/", None),
        ("https://a b.example/", None),
        (f"https://{'é' * 70}.example/", None),
    ],
)
def test_an_address_becomes_a_uri_or_nothing(text: str | None, expected: str | None) -> None:
    assert uri(text) == expected


@given(
    st.text(st.characters(exclude_categories=())),
    st.sampled_from(["", "https://", "http://a.example/", "https://a.example/?"]),
)
def test_whatever_is_given_the_answer_is_a_uri_or_nothing(text: str, beginning: str) -> None:
    address = uri(beginning + text)

    assert address is None or (URI.fullmatch(address) and uri(address) == address)
