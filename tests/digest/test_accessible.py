"""The mail judged by axe: light, dark, narrow, without styles, and as the worst mail program leaves it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml.html import document_fromstring, tostring
from playwright.sync_api import Page, sync_playwright

from sse_digest.digest.client_support import UNKNOWN_ELEMENTS, UNKNOWN_STYLES
from sse_digest.digest.edition import render_edition
from sse_digest.digest.fixtures import sample_issue
from tests.digest.issues import DIGEST, LABELS, LETTERHEAD, TEMPLATES

# A mail is shown inside a page that has the landmarks: a <main> of its own is turned into <u> by Gmail.
OPTIONS = {"rules": {"landmark-one-main": {"enabled": False}, "region": {"enabled": False}}}


@pytest.fixture(scope="module")
def page(chromium: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = browser.new_page()
        opened.route("**/*", lambda route: route.abort())  # images blocked, as most programs begin
        yield opened
        browser.close()


def mail(name: str, language: str) -> str:
    pages = {tag: f"https://news.example.org/issues.{tag}.html" for tag in DIGEST.languages}
    return render_edition(
        sample_issue(name, DIGEST),
        DIGEST,
        language=language,
        themes=(),
        theme_labels=LABELS,
        letterhead=replace(LETTERHEAD, issue_pages=pages),
        templates=TEMPLATES,
        secret_key=b"a key of the tests",
    ).html


def without_styles(html: str) -> str:
    """No style block, as where Gmail finds one too long."""
    return re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)


def at_worst(html: str) -> str:
    """What the worst program leaves: no style blocks, ids, ARIA, frame, unknown elements or declarations."""
    root = document_fromstring(without_styles(html))
    title, language = root.findtext("head/title"), root.get("lang")
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for name in [name for name in element.attrib if name in {"id", "class"} or name.startswith("aria-")]:
            del element.attrib[name]
        kept = [
            one for one in (element.get("style") or "").split(";") if not UNKNOWN_STYLES.search(one + ";")
        ]
        element.set("style", ";".join(kept))
        if element.tag in UNKNOWN_ELEMENTS:
            element.tag = "u"
    body = "".join(tostring(child, encoding="unicode") for child in root.find("body"))
    # The program's own page: its language is that of its user, and nothing else of ours is left around it.
    head = f'<!DOCTYPE html><html lang="{language}"><head><title>{title}</title></head>'
    return f"{head}<body>{body}</body></html>"


VARIANTS: dict[str, tuple[Literal["light", "dark"], int, Callable[[str], str]]] = {
    "light": ("light", 640, str),
    "dark": ("dark", 640, str),
    "narrow": ("light", 320, str),
    "without styles": ("light", 640, without_styles),
    "at worst": ("light", 320, at_worst),
}


@pytest.mark.parametrize("language", DIGEST.languages)
@pytest.mark.parametrize("variant", VARIANTS)
def test_axe_finds_nothing_in_any_language_or_variant(
    page: Page,
    language: str,
    variant: str,
    effort: Literal["ci", "full"],
    proof: Callable[[str, str], None],
) -> None:
    scheme, width, change = VARIANTS[variant]
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    names = ("small", "rtl", "no-images", "long-words") if effort == "full" else ("rtl",)
    for name in names:
        page.set_content(change(mail(name, language)))

        found = Axe().run(page, options=OPTIONS)

        assert found.response["violations"] == [], f"{name}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    proof(f"Mails judged by axe, {variant}, {language}", f"{len(names)} mails, no violation")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_worst_program_keeps_the_order_in_which_things_are_read(language: str) -> None:
    html = mail("small", language)

    def read(text: str) -> list[str]:
        root = document_fromstring(without_styles(text))
        return [" ".join(words.split()) for words in root.find("body").itertext() if words.strip()]

    assert read(at_worst(html)) == read(html)
