"""Pages in five more layouts, made after the code that proposes sources, and without a look at it.

Each page carries what such pages carry: menus, side columns that repeat the same markup, labels, share links.
"""

# ruff: noqa: E501 # markup broken into short lines could not be read

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

from tests.sources.unseen_news import NEWS, News

HOME = "https://www.example.org/section/news/index.html"
_MONTHS = {
    "fr": ("janvier", "février", "mars", "avril", "mai"),
    "de": ("Januar", "Februar", "März", "April", "Mai"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo"),
    "ar": ("يناير", "فبراير", "مارس", "أبريل", "مايو"),
}


@dataclass(frozen=True, slots=True)
class Unseen:
    """A page, and the items it has with their addresses."""

    text: str
    items: tuple[tuple[News, str], ...]


def page_of(language: str, head: str, body: str, links: list[str]) -> Unseen:
    direction = ' dir="rtl"' if language == "ar" else ""
    text = f'<!DOCTYPE html><html lang="{language}"{direction}><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'
    return Unseen(text, tuple(zip(NEWS[language], links, strict=True)))


def menu(name: str, entries: int) -> str:
    inner = "".join(
        f'<li class="{name}__item"><a href="/{name}/{n}">{name.title()} entry {n}</a>'
        f'<ul class="{name}__sub">{"".join(f"<li><a href=/{name}/{n}/{m}>Sub {n}.{m}</a></li>" for m in range(3))}</ul></li>'
        for n in range(entries)
    )
    return f'<nav class="{name}"><ul class="{name}__list">{inner}</ul></nav>'


def drupal_views() -> Unseen:
    """Views rows of teasers with lazy images; the side column repeats rows of the same names."""
    rows = "".join(
        f'<div class="views-row"><article class="node node--type-actualite node--view-mode-teaser clearfix">'
        f'<div class="field field--name-field-image"><a href="/fr/actualites/{n}-note" tabindex="-1"><img class="lazy" src="data:image/gif;base64,R0lGOD" data-src="/files/styles/teaser/{n}.jpg?itok=x{n}" alt="Photo {n}"></a></div>'
        f'<div class="field field--name-field-rubrique field__item"><a href="/fr/rubrique/{n % 3}">Rubrique {n % 3}</a></div>'
        f'<h2 class="node__title"><a href="/fr/actualites/{n}-note" rel="bookmark"><span class="field field--name-title">{escape(news.title)}</span></a></h2>'
        f'<div class="field field--name-field-date field__item">{news.day.day} {_MONTHS["fr"][news.day.month - 1]} {news.day.year}</div>'
        f'<div class="node__content"><div class="field field--name-body"><p>{escape(news.summary)}</p></div>'
        f'<ul class="links inline"><li class="node-readmore"><a href="/fr/actualites/{n}-note">Lire la suite<span class="visually-hidden"> de {escape(news.title)}</span></a></li></ul></div></article></div>'
        for n, news in enumerate(NEWS["fr"])
    )
    side = "".join(
        f'<div class="views-row"><div class="views-field views-field-title"><span class="field-content"><a href="/fr/dossier/{n}">Dossier numéro {n} : ce qu’il faut savoir</a></span></div></div>'
        for n in range(6)
    )
    body = (
        f'{menu("menu", 8)}<div class="layout-container"><main role="main"><h1 class="page-title">Actualités</h1><div class="views-element-container"><div class="view view-actualites"><div class="view-content">{rows}</div>'
        '<nav class="pager"><ul class="pager__items"><li class="pager__item is-active"><a href="?page=0">1</a></li><li class="pager__item"><a href="?page=1">2</a></li><li class="pager__item--next"><a href="?page=1" rel="next">Suivant ›</a></li></ul></nav></div></div></main>'
        f'<aside class="layout-sidebar"><h2>À lire aussi</h2><div class="view view-dossiers"><div class="view-content">{side}</div></div></aside></div><footer><p>© La maison 2024</p></footer>'
    )
    links = [f"https://www.example.org/fr/actualites/{n}-note" for n in range(len(NEWS["fr"]))]
    return page_of("fr", "<title>Actualités</title>", body, links)


def typo3_news() -> Unseen:
    """News records under a base address, with a teaser and a link to more; events stand beside them."""
    records = "".join(
        f'<div class="article articletype-0{" topnews" if n == 0 else ""}"><div class="header"><h3><a title="{escape(news.title)}" href="aktuelles/detail/meldung-{n}"><span>{escape(news.title)}</span></a></h3></div>'
        f'<div class="footer"><p><span class="news-list-date"><time>{news.day:%d.%m.%Y}</time></span> <span class="news-list-category">Meldung</span></p></div>'
        f'<div class="teaser-text"><div><p>{escape(news.summary)}</p></div><a class="more" href="aktuelles/detail/meldung-{n}">Mehr lesen</a></div></div>'
        for n, news in enumerate(NEWS["de"])
    )
    events = "".join(
        f'<li><span class="when">{n + 2}.06.2022</span> <a href="termine/{n}">Sprechstunde in Raum {n}</a></li>'
        for n in range(4)
    )
    body = (
        f'<div id="page">{menu("hauptnavi", 7)}<div id="content"><!--TYPO3SEARCH_begin--><div id="c42" class="frame frame-default frame-type-list"><header><h2>Aktuelles</h2></header><div class="news"><div class="news-list-view">{records}</div></div></div><!--TYPO3SEARCH_end--></div>'
        f'<div id="right"><div class="frame"><h4>Termine</h4><ul class="events">{events}</ul></div></div><div id="foot"><a href="impressum">Impressum</a> <a href="datenschutz">Datenschutz</a></div></div>'
    )
    links = [f"https://www.example.org/verein/aktuelles/detail/meldung-{n}" for n in range(len(NEWS["de"]))]
    return page_of("de", '<base href="https://www.example.org/verein/"><title>Aktuelles</title>', body, links)


def definition_list() -> Unseen:
    """Months with a list of terms and definitions each: no element holds one item alone."""
    months: dict[str, str] = {}
    for n, news in enumerate(NEWS["en"]):
        months.setdefault(f"{news.day:%B %Y}", "")
        months[f"{news.day:%B %Y}"] += (
            f"<dt>{news.day.day} {news.day:%B %Y}</dt><dd><a href='../releases/{news.day.year}/r{n}.htm'>{escape(news.title)}</a><br>{escape(news.summary)}</dd>"
        )
    lists = "".join(f"<h3>{month}</h3><dl>{entries}</dl>" for month, entries in months.items())
    years = "".join(f"<li><a href='y{year}.htm'>News of {year}</a></li>" for year in range(2010, 2022))
    body = f"<div id='hd'><a href='/'>Home</a> | <a href='/about'>About us</a> | <a href='/contact'>Contact</a></div><div id='bd'><h2>Press releases</h2>{lists}</div><div id='nav'><h4>Archive</h4><ul>{years}</ul></div>"
    links = [
        f"https://www.example.org/section/releases/{news.day.year}/r{n}.htm"
        for n, news in enumerate(NEWS["en"])
    ]
    return page_of("en", "<title>Press releases</title>", body, links)


def right_to_left() -> Unseen:
    """A list from right to left with the day, month and year in boxes; the most read beside it."""
    entries = "".join(
        f'<li class="news-item"><div class="date-box"><span class="dd">{news.day.day}</span> <span class="mm">{_MONTHS["ar"][news.day.month - 1]}</span> <span class="yy">{news.day.year}</span></div>'
        f'<div class="txt"><h4><a href="https://www.example.org/ar/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/{1200 - n}">{escape(news.title)}</a></h4><div class="brief">{escape(news.summary)}</div></div></li>'
        for n, news in enumerate(NEWS["ar"])
    )
    most = "".join(
        f'<li class="news-item small"><h5><a href="/ar/old/{n}">خبر قديم يقرأه كثيرون رقم {n}</a></h5></li>'
        for n in range(5)
    )
    body = f'<header>{menu("nav", 6)}</header><div class="row"><div class="col-4"><h3>الأكثر قراءة</h3><ul class="list">{most}</ul></div><div class="col-8"><h1>الأخبار</h1><ul class="list">{entries}</ul></div></div>'
    links = [
        f"https://www.example.org/ar/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/{1200 - n}"
        for n in range(len(NEWS["ar"]))
    ]
    return page_of("ar", "<title>الأخبار</title>", body, links)


def hashed_cards() -> Unseen:
    """Cards of a script's making: several links in each, a label first, an image twice, links to share."""
    cards = "".join(
        f'<div class="{"css-9d0x2a" if n == 0 else "css-1kq7f3"}"><a class="css-0" href="/es/n/{n}" aria-hidden="true" tabindex="-1"><img loading="lazy" src="/ph.svg" data-src="/img/{n}@2x.webp" alt=""><noscript><img src="/img/{n}.jpg" alt=""></noscript></a>'
        f'<div class="css-77ab1"><a class="css-tag" href="/es/tema/{n % 4}">Tema {n % 4}</a><div class="css-5h"><a href="/es/n/{n}">{escape(news.title)}</a></div>'
        f'<div class="css-m"><span>Por <a href="/es/autor/{n % 2}">Redacción {n % 2}</a></span><span class="css-d">{news.day.day} de {_MONTHS["es"][news.day.month - 1]} de {news.day.year}</span></div><div class="css-s">{escape(news.summary)}</div>'
        f'<ul class="css-share"><li><a href="https://social.example/s?u={n}">Compartir</a></li><li><a href="mailto:?subject={n}">Correo</a></li></ul></div></div>'
        for n, news in enumerate(NEWS["es"])
    )
    teasers = "".join(
        f'<div class="css-1kq7f4"><a href="/es/guia/{n}"><div>Guía práctica {n}</div></a></div>'
        for n in range(4)
    )
    body = f'<div id="__next"><div class="css-top">{menu("css-nav", 5)}</div><div class="css-grid">{cards}</div><div class="css-rel">{teasers}</div></div><script id="__NEXT_DATA__" type="application/json">{{"props":{{}}}}</script>'
    links = [f"https://www.example.org/es/n/{n}" for n in range(len(NEWS["es"]))]
    return page_of("es", "<title>Noticias</title>", body, links)


UNSEEN: Mapping[str, Callable[[], Unseen]] = {
    layout.__name__: layout
    for layout in (drupal_views, typo3_news, definition_list, right_to_left, hashed_cards)
}
