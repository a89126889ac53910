"""The pages for people, judged by axe in a browser, and every link within them followed."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html
from playwright.sync_api import Browser, sync_playwright

from sse_digest.digest.web_page import render_page
from sse_digest.model.issues import IssuePage, Period
from sse_digest.model.items import Precision
from sse_digest.rendering.resources import folder
from tests.builders import NOON, make_item
from tests.digest.issues import DIGEST, LABELS, rtl, small
from tests.feeds.documents import documents_for
from tests.feeds.feeds import OPTIONS, TAG

ITEMS = [
    make_item(1, title="Farmers & fishers <meet>", kicker="Interview", place="Nairobi", themes=("youth",)),
    make_item(2, title="Un atelier à Genève", language="fr", link=None, themes=("cooperatives", "youth")),
    make_item(
        3,
        title="أخبار التعاونيات",
        summary="ملخص قصير مع ILO داخله",
        language="ar",
        place="Geneva",
        kicker="مقابلة",
    ),
    make_item(4, published=date(1919, 5, 3), date_text="3 May 1919", title="A very old page", language=None),
    make_item(
        5, published=None, precision=Precision.NONE, title="合作社新闻", language="zh", themes=("other",)
    ),
    make_item(6, published=date(2023, 2, 1), precision=Precision.MONTH, title="x" * 120),
]


def issue(month: int, language: str) -> IssuePage:
    rendered = render_page(
        rtl() if month == 4 else small(),
        DIGEST,
        language=language,
        labels=LABELS,
        templates=folder("templates") / "web",
    )
    return IssuePage(
        digest="monthly",
        digest_title=DIGEST.title[language],
        period=Period(2023, month),
        language=language,
        title=rendered.subject,
        summary=rendered.text.decode(),
        html=rendered.html.decode(),
        came_out=datetime(2023, month + 1, 2, tzinfo=UTC),
    )


@pytest.fixture(scope="module")
def documents() -> Mapping[str, bytes]:
    issues = [issue(month, language) for month in (3, 4) for language in DIGEST.languages]
    items = [*ITEMS, *(make_item(n, first_seen=NOON + timedelta(days=n)) for n in range(10, 20))]
    return documents_for(items, OPTIONS, TAG, issues=issues)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


PAGES = (
    "all.html",
    "all.ar.html",
    "youth.fr.html",
    "all.2023-04.html",
    "issues_monthly.en.html",
    "issues_monthly.ar.html",
    "issues_monthly.2023-03.en.html",
    "issues_monthly.2023-04.ar.html",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_on_any_kind_of_page(
    browser: Browser,
    documents: Mapping[str, bytes],
    tmp_path: Path,
    width: int,
    scheme: str,
    proof: Callable[[str, str], None],
) -> None:
    view = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type] # one of two words
    for name in PAGES:
        (tmp_path / name).write_bytes(documents[name])
        view.goto((tmp_path / name).as_uri())

        found = Axe().run(view)

        assert found.response["violations"] == [], f"{name}: {found.generate_report()}"
        assert view.evaluate("document.documentElement.scrollWidth") <= width, name
    view.close()
    proof(f"Pages judged by axe, {scheme}, {width} px", f"{len(PAGES)} pages, no violation")


def test_every_link_within_the_pages_leads_to_a_document_and_a_place(documents: Mapping[str, bytes]) -> None:
    pages = {
        name: html.document_fromstring(body.decode())
        for name, body in documents.items()
        if name.endswith(".html")
    }
    followed = 0
    for name, page in pages.items():
        for link in page.iter("a", "link"):
            href = link.get("href")
            parts = urlsplit(href.removeprefix(f"{OPTIONS.public_url}/feeds/"))
            if parts.scheme or href == "../search":  # which the server answers, in no file
                continue
            followed += 1
            target = parts.path or name
            assert target in documents, f"{name} leads to {href}"
            if parts.fragment:
                assert pages[target].find(f".//*[@id='{parts.fragment}']") is not None, f"{name}: {href}"
    assert followed > 100
