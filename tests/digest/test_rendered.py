"""The mail as a browser lays it out: nothing overflows, every word can be read, directions are right."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, sync_playwright

from sse_digest.model.issues import Issue
from tests.digest.issues import FIXTURES, edition_of, small

# Every visible text with the contrast it has against what is painted behind it (WCAG 2.2, 1.4.3).
CONTRASTS = """() => {
  const parse = colour => colour.match(/[\\d.]+/g).map(Number);
  const linear = value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) =>
    0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const probe = document.createElement("div");
  probe.style.color = "Canvas";
  document.body.append(probe);
  const canvas = parse(getComputedStyle(probe).color);
  probe.remove();
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return canvas;
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    if (!text) continue;
    const element = walker.currentNode.parentElement;
    const style = getComputedStyle(element);
    const [words, ground] = [luminance(parse(style.color)), luminance(behind(element))];
    const contrast = (Math.max(words, ground) + 0.05) / (Math.min(words, ground) + 0.05);
    found.push([text, contrast, parseFloat(style.fontSize)]);
  }
  return found;
}"""


def noted() -> Issue:
    """The small issue with an introduction and a note."""
    issue = small()
    section, *others = issue.sections
    placed, *rest = section.items
    section = replace(section, items=(replace(placed, note={"en": "Worth a look."}), *rest))
    words = {"en": "See *the* [report](https://news.example.org/report):\n\n- one"}
    return replace(issue, sections=(section, *others), introduction=words)


OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def page(chromium: str) -> Iterator[Page]:
    """One window for all tests; each sets its content, its size and its scheme."""
    with sync_playwright() as playwright:
        # The pages are our own and nothing is fetched; as root there is no sandbox to be had.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def show(page: Page, html: str, *, scheme: str = "light", width: int = 700) -> None:
    """Show a mail."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    page.set_content(html)


def without_styles(html: str) -> str:
    """What some clients leave: no style blocks."""
    return re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)


@pytest.mark.parametrize("width", [320, 640])
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", FIXTURES)
def test_nothing_is_wider_than_the_window(page: Page, name: str, language: str, width: int) -> None:
    html = edition_of(FIXTURES[name](), language=language).html
    for variant in (html, without_styles(html)):
        show(page, variant, width=width)
        assert page.evaluate(OVERFLOW) <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("strip", [False, True])
def test_every_word_can_be_read(page: Page, language: str, scheme: str, strip: bool) -> None:
    html = edition_of(noted(), language=language).html
    show(page, without_styles(html) if strip else html, scheme=scheme)
    seen = page.evaluate(CONTRASTS)

    assert len(seen) > 30
    assert [text for text, contrast, _ in seen if contrast < 4.5] == []
    assert [text for text, _, size in seen if size < 14] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_without_any_style_can_be_read(page: Page, scheme: str) -> None:
    html = re.sub(r' style="[^"]*"', "", without_styles(edition_of(FIXTURES["small"]()).html))
    show(page, html, scheme=scheme)
    seen = page.evaluate(CONTRASTS)

    assert [text for text, contrast, _ in seen if contrast < 4.5] == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_paper_is_white_with_dark_words_even_where_the_screen_is_dark(page: Page, language: str) -> None:
    show(page, edition_of(noted(), language=language).html, scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    seen = page.evaluate(CONTRASTS)
    grounds = page.evaluate(
        """() => [...document.querySelectorAll(".page, .sheet td, .note")].map(
          element => getComputedStyle(element).backgroundColor)"""
    )
    page.emulate_media(media="screen")

    assert len(seen) > 30
    assert set(grounds) == {"rgb(255, 255, 255)"}
    assert [text for text, contrast, _ in seen if contrast < 7] == []


def test_paper_shows_the_address_of_each_item_from_left_to_right(page: Page) -> None:
    show(page, edition_of(FIXTURES["rtl"](), language="ar").html)
    page.emulate_media(media="print")
    written = page.evaluate(
        """() => [...document.querySelectorAll(".title .link")].map(link => {
          const style = getComputedStyle(link, "::after");
          return [style.content.includes(link.getAttribute("href")), style.direction];
        })"""
    )
    page.emulate_media(media="screen")

    assert len(written) == 4
    assert all(one == [True, "ltr"] for one in written)


def test_the_dark_scheme_is_dark(page: Page) -> None:
    show(page, edition_of(FIXTURES["small"]()).html, scheme="dark")
    colour = page.evaluate("() => getComputedStyle(document.querySelector('.body')).backgroundColor")

    assert max(map(int, re.findall(r"\d+", colour))) < 64


def test_directions_are_computed_as_meant(page: Page) -> None:
    show(page, edition_of(FIXTURES["rtl"](), language="ar").html)
    directions = page.evaluate(
        """() => [...document.querySelectorAll("h3")].map(heading =>
          getComputedStyle(heading).direction + " " + getComputedStyle(heading.parentElement).textAlign)"""
    )
    frame = page.evaluate("() => getComputedStyle(document.querySelector('h1')).direction")

    assert frame == "rtl"
    assert directions == ["ltr left", "rtl start", "ltr left", "rtl start", "rtl start"]


def test_a_date_in_arabic_keeps_its_order_in_an_english_item(page: Page) -> None:
    show(page, edition_of(FIXTURES["rtl"](), language="ar").html)
    # Where the day and the year stand: an Arabic date runs leftward, so its day is on the right.
    day, year = page.evaluate(
        """() => {
          const words = document.querySelector(".lead .facts span").firstChild;
          const left = (from, to) => {
            const range = document.createRange();
            range.setStart(words, from);
            range.setEnd(words, to);
            return range.getBoundingClientRect().left;
          };
          return [left(0, 1), left(words.length - 4, words.length)];
        }"""
    )

    assert day > year
