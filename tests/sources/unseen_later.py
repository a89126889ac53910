"""Five layouts more, made after the code had been changed for those of `unseen.py`, and before it was run on them."""

# ruff: noqa: E501 # markup broken into short lines could not be read

from collections.abc import Callable, Mapping
from html import escape

from tests.sources.unseen import Unseen, menu, page_of
from tests.sources.unseen_news import NEWS


def latest_posts() -> Unseen:
    """A block of a blog: link, time and excerpt side by side in list entries; pages listed in the same way."""
    posts = "".join(
        f'<li><a class="wp-block-latest-posts__post-title" href="/2022/{n}-entrada/">{escape(news.title)}</a><time datetime="{news.day}T09:30:00+02:00" class="wp-block-latest-posts__post-date">{news.day:%d/%m/%Y}</time>'
        f'<div class="wp-block-latest-posts__post-excerpt">{escape(news.summary)}</div></li>'
        for n, news in enumerate(NEWS["es"])
    )
    pages = "".join(f'<li><a href="/pagina-{n}/">Página de servicio {n}</a></li>' for n in range(7))
    body = f'<div class="wp-site-blocks">{menu("nav", 6)}<main><ul class="wp-block-latest-posts__list has-dates wp-block-latest-posts">{posts}</ul></main><div class="wp-block-group"><ul class="wp-block-page-list">{pages}</ul></div></div>'
    links = [f"https://www.example.org/2022/{n}-entrada/" for n in range(len(NEWS["es"]))]
    return page_of("es", "<title>Noticias</title>", body, links)


def table_of_columns() -> Unseen:
    """A table with a head, a column of numbers first and files to download; a second table holds opening hours."""
    rows = "".join(
        f'<tr class="{"odd" if n % 2 else "even"}"><td>{n + 1}.</td><td nowrap>{news.day.day}. {("Jan.", "Feb.", "März", "April", "Mai")[news.day.month - 1]} {news.day.year}</td><td><b><a href="./meldung.php?nr={n}&amp;l=de">{escape(news.title)}</a></b><br>{escape(news.summary)}</td><td><a href="pdf/{n}.pdf">PDF</a></td></tr>'
        for n, news in enumerate(NEWS["de"])
    )
    hours = "".join(
        f"<tr><td>Tag {n}</td><td><a href='/zeiten/{n}'>8 bis 17 Uhr</a></td></tr>" for n in range(5)
    )
    body = f'<table width="100%"><tr><td valign="top">{menu("links", 5)}</td><td><h1>Meldungen</h1><table border="0" id="liste"><thead><tr><th>Nr.</th><th>Datum</th><th>Meldung</th><th>Datei</th></tr></thead><tbody>{rows}</tbody></table></td><td><table class="hours">{hours}</table></td></tr></table>'
    links = [f"https://www.example.org/section/news/meldung.php?nr={n}&l=de" for n in range(len(NEWS["de"]))]
    return page_of("de", "<title>Meldungen</title>", body, links)


def timeline() -> Unseen:
    """A line of time by months: the day in a box of its own, a picture that loads late, a button instead of text."""
    months: dict[str, str] = {}
    names = ("janvier", "février", "mars", "avril", "mai")
    for n, news in enumerate(NEWS["fr"]):
        month = f"{names[news.day.month - 1]} {news.day.year}"
        months[month] = months.get(month, "") + (
            f'<div class="tl-entry tl-{"left" if n % 2 else "right"}"><div class="tl-badge"><i class="fa fa-news"></i></div><div class="tl-panel"><img data-lazy-src="/p/{n}.png" src="data:," alt=""><span class="tl-date">Le {news.day.day} {month}</span><h3 class="tl-title">{escape(news.title)}</h3><p>{escape(news.summary)}</p><a class="btn btn-primary" href="fiche/{n}" role="button">En savoir plus</a></div></div>'
        )
    inner = "".join(
        f'<section><h2 class="tl-month">{month.title()}</h2>{entries}</section>'
        for month, entries in months.items()
    )
    body = f'{menu("navbar", 7)}<div class="container"><div class="timeline">{inner}</div><div class="partners">{"".join(f"<a href=/p/{n}><img src=/l{n}.png alt=Partenaire></a>" for n in range(8))}</div></div>'
    links = [f"https://www.example.org/section/news/fiche/{n}" for n in range(len(NEWS["fr"]))]
    return page_of("fr", "<title>Fil</title>", body, links)


def linked_blocks() -> Unseen:
    """Blocks that are a link as a whole, from right to left, with Arabic figures; documents are built likewise."""
    figures = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    names = ("يناير", "فبراير", "مارس", "أبريل", "مايو")
    blocks = "".join(
        f'<div class="grid__cell"><a class="block" href="/ar/news/{n}"><figure><img src="/t/{n}.jpg" alt=""></figure><strong class="block__head">{escape(news.title)}</strong><span class="block__lead">{escape(news.summary)}</span><em class="block__when">{(str(news.day.day) + " " + names[news.day.month - 1] + " " + str(news.day.year)).translate(figures)}</em></a></div>'
        for n, news in enumerate(NEWS["ar"])
    )
    files = "".join(
        f'<div class="grid__cell"><a class="block block--file" href="/f/{n}.pdf"><strong class="block__head">وثيقة رقم {n} للتحميل</strong></a></div>'
        for n in range(4)
    )
    body = f'{menu("bar", 6)}<section class="news"><div class="grid">{blocks}</div></section><section class="files"><div class="grid">{files}</div></section>'
    links = [f"https://www.example.org/ar/news/{n}" for n in range(len(NEWS["ar"]))]
    return page_of("ar", "<title>أخبار</title>", body, links)


def bare_paragraphs() -> Unseen:
    """A page written by hand: paragraphs with a bold date, a link and a few words, and nothing around them."""
    news_ = "".join(
        f'<p><b>{news.day:%B} {news.day.day}, {news.day.year}</b> &ndash; <a href="pr{n}.html">{escape(news.title)}</a><br>\n{escape(news.summary)}</p>\n'
        for n, news in enumerate(NEWS["en"])
    )
    body = f'<center><font size=5>What is new</font></center><hr><p><a href="/">Home</a> <a href="/who">Who we are</a> <a href="/join">Join</a></p><div id="text">{news_}</div><hr><p><a href="mailto:office@example.org">Write to us</a></p>'
    links = [f"https://www.example.org/section/news/pr{n}.html" for n in range(len(NEWS["en"]))]
    return page_of("en", "<title>What is new</title>", body, links)


UNSEEN: Mapping[str, Callable[[], Unseen]] = {
    layout.__name__: layout
    for layout in (latest_posts, table_of_columns, timeline, linked_blocks, bare_paragraphs)
}
