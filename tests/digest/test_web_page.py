"""The page of an issue: everything of it, nothing of any reader, and stored as it was first published."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html

from sse_digest.digest.compose import compose, freeze_issue
from sse_digest.digest.token_gaps import GAP
from sse_digest.digest.web_page import page_html, pages_of, render_page
from sse_digest.errors import DigestError
from sse_digest.model.issues import Issue
from sse_digest.rendering.resources import folder
from sse_digest.store import Store
from tests.composing import APRIL, dated, make_digest, put_items
from tests.digest.issues import DIGEST, FIXTURES, LABELS, hostile, small

WEB = folder("templates") / "web"
NOW = datetime(2023, 5, 2, tzinfo=UTC)


def page_of(issue: Issue, language: str = "en") -> html.HtmlElement:
    rendered = render_page(issue, DIGEST, language=language, labels=LABELS, templates=WEB)
    return html.document_fromstring(f"<!doctype html><main>{rendered.html.decode()}</main>")


@pytest.mark.parametrize("language", DIGEST.languages)
@pytest.mark.parametrize("name", FIXTURES)
def test_a_page_holds_every_item_once_and_no_token(name: str, language: str) -> None:
    issue = FIXTURES[name]()
    page = page_of(issue, language)

    items = {placed.item.id for section in issue.sections for placed in section.items}
    ids = [element.get("id") for element in page.iter("article")]
    assert sorted(ids) == sorted(items)
    assert "unsubscribe" not in html.tostring(page).decode().lower()
    assert GAP not in html.tostring(page).decode()
    levels = [int(element.tag[1]) for element in page.iter("h1", "h2", "h3")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_hostile_texts_stay_text_on_a_page() -> None:
    page = page_of(hostile())

    assert list(page.iter("script", "style", "iframe", "img")) == []
    assert all(link.get("href").startswith(("#", "https://", "http://")) for link in page.iter("a"))
    assert "{{ 7*7 }}" in page.text_content()


def test_items_the_mail_has_no_room_for_stand_on_the_page() -> None:
    rendered = render_page(
        small(),
        replace(DIGEST, section_limits={"cooperatives": 1}),
        language="en",
        labels=LABELS,
        templates=WEB,
    )

    assert rendered.html.count(b"<article") == 6
    assert rendered.subject == "News on Social and Solidarity Economy – April 2023"
    assert rendered.text.decode().startswith("6 news items from April 2023: Cooperatives")


def test_a_page_is_there_once_recipients_are_fixed_and_stays_as_it_was(store: Store) -> None:
    digest = make_digest(languages=("en", "fr"), title={"en": "News", "fr": "Nouvelles"})
    with store.writing() as connection:
        put_items(connection, dated(1, datetime(2023, 4, 3, tzinfo=UTC).date()))
    compose(store, digest, APRIL, now=NOW)
    with store.writing() as connection:
        freeze_issue(connection, digest, APRIL, now=NOW)

        assert pages_of(connection, digest, LABELS, WEB, now=NOW) == ()

        connection.execute("UPDATE issues SET total = 1")
        first = pages_of(connection, digest, LABELS, WEB, now=NOW)
        shown = [page_html(connection, page) for page in first]
        changed = replace(digest, themes=("other",))
        again = pages_of(connection, changed, {}, Path("nowhere"), now=NOW + timedelta(days=1))

    assert [(one.language, one.digest_title, one.title) for one in first] == [
        ("en", "News", "News – April 2023"),
        ("fr", "Nouvelles", "Nouvelles – avril 2023"),
    ]
    assert all(one.html is None and one.mark for one in first), "most of them are never looked into"
    assert [html.count("<article") for html in shown] == [1, 1]
    assert all(one.came_out == NOW and one.period == APRIL for one in first)
    assert again == first


def test_templates_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(DigestError, match="Install sse-digest again"):
        render_page(small(), DIGEST, language="en", labels=LABELS, templates=tmp_path)
