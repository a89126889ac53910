"""Listings put together at random of the ways in which sites write titles, days, texts and what stands beside them."""

# ruff: noqa: E501 # markup broken into short lines could not be read

import random
from collections.abc import Mapping
from html import escape

from tests.pages import KnownPage, PageItem, filled
from tests.sources.news import NEWS, News

_MONTHS: Mapping[str, str] = {
    "en": "January February March April May",
    "fr": "janvier février mars avril mai",
    "de": "Januar Februar März April Mai",
    "es": "enero febrero marzo abril mayo",
    "pt": "janeiro fevereiro março abril maio",
    "it": "gennaio febbraio marzo aprile maggio",
    "ru": "января февраля марта апреля мая",
}
_MORE = {"en": "Read more", "fr": "Lire la suite", "de": "Weiterlesen", "es": "Leer más"}
_MORE |= {"pt": "Leia mais", "it": "Leggi tutto", "ru": "Подробнее"}
_LABEL = {"en": "Published:", "fr": "Publié le", "de": "Datum:", "es": "Publicado:"}
_LABEL |= {"pt": "Data:", "it": "Data:", "ru": "Дата:"}
_ORDERS = ("tdks", "ktds", "dts", "tsd", "ktsd", "dkts", "tds")  # title, day, kicker, summary
_TITLES = {
    "heading": "<h2{c}><a href='{h}'>{t}</a></h2>",
    "linked heading": "<a href='{h}'><h3{c}>{t}</h3></a>",
    "dressed": "<h4><a{c} href='{h}'><span>{t}</span></a></h4>",
    "link": "<a{c} href='{h}'>{t}</a>",
    "box": "<div{c}><a href='{h}'>{t}</a></div>",
    "bold": "<p><strong><a href='{h}'>{t}</a></strong></p>",
    "all linked": "<div class='{p}title'>{t}</div>",
}
_DAYS = (
    "<div{m}><time{c}>{d}</time>{a}</div>",
    "<div{m}><time datetime='{i}T09:00:00+00:00'{c}>{d}</time>{a}</div>",
    "<div{m}><span{c}>{d}</span>{a}</div>",
    "<p{c}>{d}</p>",
    "<div{c}>{d}</div>",
    "<div{m}><span>{l}</span> <span{c}>{d}</span></div>",
    "<div{c}>{n}</div>",
)
_TEXTS = (
    "<p{c}>{s}</p>",
    "<div{c}>{s}</div>",
    "<div><span{c}>{s}</span></div>",
    "<br>{s}<br>",
    "<div{c}><p>{s}</p></div>",
)
_BOXES = ("<li{c}>{b}</li>", "<div{c}>{b}</div>", "<article{c}>{b}</article>", "<tr{c}><td>{b}</td></tr>")
_LISTS: tuple[str, ...] = (
    "<ul class='{p}list'>{b}</ul>",
    "<div class='{p}list'>{b}</div>",
    "<section>{b}</section>",
)
_LISTS += ("<table class='{p}list'><tbody>{b}</tbody></table>",)


def combined(seed: int) -> tuple[str, KnownPage]:
    """Return what was drawn, in words, and the page."""
    draw = random.Random(seed)
    language, prefix = draw.choice(list(_MONTHS)), draw.choice(("", "c-", "news-", "x1_", f"css-{seed:x}-"))
    parts = ("item", "title", "date", "sum", "kick", "img", "meta", "more", "body", "tags")
    named = {part: f" class='{prefix}{part}'" if draw.random() < 0.7 else "" for part in parts}
    order, title, at = draw.choice(_ORDERS), draw.choice(list(_TITLES)), draw.randrange(4)
    day, text = draw.choice(_DAYS), draw.choice(_TEXTS)
    beside = {part for part in ("img", "more", "author", "tags", "credit") if draw.random() < 0.4}
    entries = ""
    for number, news in enumerate(NEWS[language]):
        href = f"/n/{number}-{language}.html"
        words = {"h": href, "t": escape(news.title), "s": escape(news.summary), "p": prefix}
        words |= {"d": _spoken(language, news), "i": f"{news.day}", "n": f"{news.day:%d.%m.%Y}"}
        words |= {
            "l": _LABEL[language],
            "m": named["meta"],
            "a": " <span>Redaktion</span>" if "author" in beside else "",
        }
        pieces = {
            "t": _TITLES[title].format(c=named["title"], **words),
            "d": day.format(c=named["date"], **words),
            "k": f"<div{named['kick']}>{('News', 'Report', 'Event')[number % 3]}</div>",
            "s": text.format(c=named["sum"], **words),
        }
        body = "".join(pieces[letter] for letter in order)
        entries += _BOXES[at].format(
            c=named["item"], b=_dressed(body, title, beside, named, number, href, language, prefix)
        )
    made = f"<div class='main'><h1>News</h1>{_LISTS[at if at != 2 else draw.randrange(1, 3)].format(p=prefix, b=entries)}</div>"
    links = [f"https://www.example.org/n/{number}-{language}.html" for number in range(len(NEWS[language]))]
    told = f"{language}, {order}, {title}, {day}, {text}, {_BOXES[at]}, {sorted(beside)}, {named}"
    items = (
        PageItem(title=news.title, summary=news.summary, published=news.day, link=link)
        for news, link in zip(NEWS[language], links, strict=True)
    )
    return told, KnownPage(_around(made, language, draw), tuple(items))


def _spoken(language: str, news: News) -> str:
    month = _MONTHS[language].split()[news.day.month - 1]
    between = {"de": ". {} ", "es": " de {} de ", "pt": " de {} de "}.get(language, " {} ")
    return f"{news.day.day}{between.format(month)}{news.day.year}"


def _dressed(
    body: str,
    title: str,
    beside: set[str],
    named: Mapping[str, str],
    number: int,
    href: str,
    language: str,
    prefix: str,
) -> str:
    """Put beside an item what stands there: a picture, its credit, a link to more, topics."""
    is_linked = title == "all linked"
    if "img" in beside:
        image = f"<img src='/i/{number}.jpg' alt=''>"
        image = image if is_linked else f"<a href='{href}'>{image}</a>"
        credit = "<small>© Ann / Org 2022</small>" if "credit" in beside else ""
        body = f"<div{named['img']}>{image}{credit}</div><div{named['body']}>{body}</div>"
    if is_linked:
        return f"<a href='{href}' class='{prefix}link'>{body}</a>"
    if "more" in beside:
        body += f"<a{named['more']} href='{href}'>{_MORE[language]}</a>"
    if "tags" in beside:
        body += f"<ul{named['tags']}><li><a href='/t/{number % 3}'>Topic {number % 3}</a></li></ul>"
    return body


def _around(body: str, language: str, draw: random.Random) -> str:
    dated = draw.random() < 0.5
    old = "".join(
        f"<li><a href='/old/{n}'>An older story that many people read, number {n}</a>{f' <span>0{n + 1}.01.2020</span>' if dated else ''}</li>"
        for n in range(5)
    )
    entries = "".join(f"<li><a href='/m/{n}'>Menu entry {n}</a></li>" for n in range(8))
    menu = draw.choice(("<nav><ul>{}</ul></nav>", "<div class='menu'><ul>{}</ul></div>")).format(entries)
    return filled("shells/combined.html", language=language, menu=menu, body=body, old=old)
