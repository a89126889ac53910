"""Five layouts more, made after everything that proposes sources was changed for the others, and run on it once."""

# ruff: noqa: E501 # markup broken into short lines could not be read

from collections.abc import Callable, Mapping
from html import escape

from tests.sources.unseen import Unseen, menu, page_of
from tests.sources.unseen_news import NEWS

_RU = ("января", "февраля", "марта", "апреля", "мая")
_FR = ("janv.", "févr.", "mars", "avr.", "mai")
_IT = ("gennaio", "febbraio", "marzo", "aprile", "maggio")


def press_room() -> Unseen:
    """A release in each row: the kind and the day share one element, a second link leads to the PDF."""
    rows = "".join(
        f'<div class="release-row" data-id="{n}"><div class="release-row__meta"><span>Press release</span> <span>{news.day:%d %B %Y}</span></div><div class="release-row__main"><a class="release-row__link" href="https://press.example.org/r/{n}">{escape(news.title)}</a><p class="release-row__teaser">{escape(news.summary)}</p><p class="release-row__files"><a href="/f/{n}.pdf">Download (PDF, {n + 2} MB)</a></p></div></div>'
        for n, news in enumerate(NEWS["en"])
    )
    contacts = "".join(
        f'<div class="contact-row"><a href="mailto:p{n}@example.org">Press officer {n}</a></div>'
        for n in range(4)
    )
    body = f'<header>{menu("mainnav", 6)}</header><main><h1>Press room</h1><div class="releases">{rows}</div></main><aside>{contacts}</aside>'
    links = [f"https://press.example.org/r/{n}" for n in range(len(NEWS["en"]))]
    return page_of("en", "<title>Press room</title>", body, links)


def feature_and_grid() -> Unseen:
    """The newest piece stands large before the others, with its own markup inside; all are list entries of one list."""
    entries = "".join(
        f'<li class="c-news__item{" c-news__item--lead" if n == 0 else ""}"><article class="c-card"><div class="c-card__img" style="background-image:url(/i/{n}.jpg)"></div><div class="c-card__txt"><p class="c-card__date"><time datetime="{news.day}">{news.day.day} {_FR[news.day.month - 1]} {news.day.year}</time></p><h{2 if n == 0 else 3} class="c-card__ttl"><a href="/fr/infos/{n}-a-lire">{escape(news.title)}</a></h{2 if n == 0 else 3}><div class="c-card__chapo">{escape(news.summary)}</div><ul class="c-tags"><li><a href="/fr/tag/{n}">Thème {n}</a></li></ul></div></article></li>'
        for n, news in enumerate(NEWS["fr"])
    )
    body = f'{menu("burger", 7)}<section class="c-news"><ul class="c-news__list">{entries}</ul><p><a class="btn" href="/fr/infos?page=2">Plus d’infos</a></p></section><section class="c-agenda"><ul>{"".join(f"<li><a href=/fr/agenda/{n}>Rendez-vous numéro {n} à ne pas manquer</a></li>" for n in range(5))}</ul></section>'
    links = [f"https://www.example.org/fr/infos/{n}-a-lire" for n in range(len(NEWS["fr"]))]
    return page_of("fr", "<title>Infos</title>", body, links)


def day_and_month_boxes() -> Unseen:
    """Rows of a framework's grid: the day stands in a column of its own, word by word in three elements."""
    rows = "".join(
        f'<div class="row mb-4"><div class="col-2 text-center"><div class="h2 mb-0">{news.day.day}</div><div>{_RU[news.day.month - 1]}</div><div class="small">{news.day.year}</div></div><div class="col-10"><a href="/novosti/{n}/" class="h5 d-block">{escape(news.title)}</a><p class="text-muted">{escape(news.summary)}</p></div></div>'
        for n, news in enumerate(NEWS["ru"])
    )
    body = f'{menu("nav", 5)}<div class="container"><div class="row"><div class="col-md-8" id="news">{rows}</div><div class="col-md-4"><div class="card"><div class="card-body"><a href="/vstuplenie/">Как вступить в союз</a></div></div></div></div></div>'
    links = [f"https://www.example.org/novosti/{n}/" for n in range(len(NEWS["ru"]))]
    return page_of("ru", "<title>Новости</title>", body, links)


def accordion() -> Unseen:
    """Details that open: the summary element holds title and day, the text and the link stand in what opens."""
    items = "".join(
        f'<details class="acc"><summary><span class="acc-date">{news.day.day} {_IT[news.day.month - 1]} {news.day.year}</span> <span class="acc-title">{escape(news.title)}</span></summary><div class="acc-body"><p>{escape(news.summary)}</p><a href="comunicato.php?id={n}">Leggi tutto</a></div></details>'
        for n, news in enumerate(NEWS["it"])
    )
    body = f'<div class="top">{menu("voci", 5)}</div><div class="comunicati"><h2>Comunicati</h2>{items}</div>'
    links = [f"https://www.example.org/section/news/comunicato.php?id={n}" for n in range(len(NEWS["it"]))]
    return page_of("it", "<title>Comunicati</title>", body, links)


def said_to_machines() -> Unseen:
    """A page whose list a script makes: the items stand in JSON-LD as a list of articles, and nowhere else."""
    things = ", ".join(
        '{"@type":"ListItem","position":%d,"item":{"@type":"NewsArticle","headline":"%s","url":"/es/nota/%d","datePublished":"%s","description":"%s"}}'  # noqa: UP031 # JSON has braces
        % (n + 1, news.title, n, news.day, news.summary)
        for n, news in enumerate(NEWS["es"])
    )
    script = f'<script type="application/ld+json">{{"@context":"https://schema.org","@type":"CollectionPage","mainEntity":{{"@type":"ItemList","itemListElement":[{things}]}}}}</script>'
    body = f'<div id="root">{menu("m", 6)}</div><noscript>Active JavaScript</noscript>'
    links = [f"https://www.example.org/es/nota/{n}" for n in range(len(NEWS["es"]))]
    return page_of("es", f"<title>Notas</title>{script}", body, links)


UNSEEN: Mapping[str, Callable[[], Unseen]] = {
    layout.__name__: layout
    for layout in (press_room, feature_and_grid, day_and_month_boxes, accordion, said_to_machines)
}
