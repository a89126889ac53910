"""Five ordinary pages with sixteen items each, written before the program was run on any of them (decision 0195).

Around the list stands what stands around lists: notices about cookies, breadcrumbs, side columns, pages, footers.
"""

# ruff: noqa: E501 # markup broken into short lines could not be read

from collections.abc import Callable, Mapping
from html import escape

from tests.sources.unseen import Unseen, menu
from tests.sources.unseen_more_news import MORE_NEWS
from tests.sources.unseen_news import News

_IT = ("gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic")
_FR = ("janvier", "février", "mars", *[""] * 7, "novembre", "décembre")
_ES = ("enero", "febrero", "marzo", *[""] * 7, "noviembre", "diciembre")


def whole_page(language: str, title: str, body: str, links: list[str], items: tuple[News, ...]) -> Unseen:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title} | Example</title><link rel="stylesheet" href="/css/main.css?v=31"><meta property="og:title" content="{title}">'
    text = f'<!DOCTYPE html>\n<html lang="{language}"><head>{head}</head>\n<body>{body}<script src="/js/site.js" defer></script></body></html>'
    return Unseen(text, tuple(zip(items, links, strict=True)))


def council_table() -> Unseen:
    """A town's notices in a table with a head row: day, notice with its text, department; office hours in another table."""
    items = MORE_NEWS["de"]
    rows = "\n".join(
        f'<tr>\n<td class="text-nowrap">{news.day:%d.%m.%Y}</td>\n<td><a href="/rathaus/meldungen/{3100 - n}.php"><strong>{escape(news.title)}</strong></a><br>\n{escape(news.summary)}</td>\n<td>{("Bauamt", "Kämmerei", "Ordnungsamt")[n % 3]}</td>\n</tr>'
        for n, news in enumerate(items)
    )
    hours = "".join(
        f"<tr><th>{day}</th><td>8.00 – 12.00 Uhr</td></tr>"
        for day in ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag")
    )
    pages = "".join(
        f'<li class="page-item"><a class="page-link" href="?seite={n}">{n}</a></li>' for n in range(1, 8)
    )
    body = (
        '<div id="cookie-hinweis" role="dialog"><p>Diese Website verwendet Cookies. <a href="/datenschutz.php">Mehr erfahren</a></p><button>Einverstanden</button></div>'
        f'<header><a href="/"><img src="/img/wappen.svg" alt="Wappen"></a>{menu("hauptmenue", 7)}</header>'
        '<ol class="breadcrumb"><li><a href="/">Startseite</a></li><li><a href="/rathaus/">Rathaus</a></li><li class="active">Meldungen</li></ol>'
        f'<div class="container"><div class="row"><div class="col-lg-9"><h1>Aktuelle Meldungen</h1><p>Hier finden Sie die Meldungen der Stadtverwaltung.</p><div class="table-responsive"><table class="table table-striped"><thead><tr><th>Datum</th><th>Meldung</th><th>Amt</th></tr></thead><tbody>{rows}</tbody></table></div><ul class="pagination">{pages}</ul></div>'
        f'<div class="col-lg-3"><h3>Öffnungszeiten</h3><table class="table">{hours}</table><h3>Service</h3><ul><li><a href="/formulare.php">Formulare von A bis Z</a></li><li><a href="/fundbuero.php">Fundbüro</a></li><li><a href="/stellen.php">Stellenangebote</a></li></ul></div></div></div>'
        '<footer><p>Stadtverwaltung, Marktplatz 1</p><p><a href="/impressum.php">Impressum</a> · <a href="/datenschutz.php">Datenschutz</a> · Stand: 15.03.2024</p></footer>'
    )
    links = [f"https://www.example.org/rathaus/meldungen/{3100 - n}.php" for n in range(len(items))]
    return whole_page("de", "Meldungen", body, links, items)


def faculty_badges() -> Unseen:
    """A university's list of nested divs with badges of day, short month and year; events wear the same badges."""
    items = MORE_NEWS["it"]
    rows = "\n".join(
        f'<div class="news-listing__row"><div class="news-listing__inner"><div class="badge-date" aria-hidden="true"><span class="badge-date__day">{news.day:%d}</span><span class="badge-date__month">{_IT[news.day.month - 1]}</span><span class="badge-date__year">{news.day.year}</span></div><div class="news-listing__content"><div class="news-listing__category">{("Ateneo", "Ricerca", "Studenti", "Terza missione")[n % 4]}</div><h3 class="news-listing__title"><a href="/notizie/{news.day:%Y/%m}/{n}-notizia">{escape(news.title)}</a></h3><div class="news-listing__abstract"><p>{escape(news.summary)}</p></div></div></div></div>'
        for n, news in enumerate(items)
    )
    events = "".join(
        f'<div class="event-mini"><div class="badge-date"><span class="badge-date__day">{n + 4:02}</span><span class="badge-date__month">apr</span><span class="badge-date__year">2024</span></div><div class="event-mini__text"><a href="/eventi/{n}">Seminario numero {n} del dipartimento di economia</a><div class="event-mini__place">Aula {n + 1}, ore 15:00</div></div></div>'
        for n in range(4)
    )
    body = (
        f'<a class="skip" href="#main">Vai al contenuto</a><div class="topbar"><a href="/rubrica">Rubrica</a> <a href="/webmail">Webmail</a> <a href="/en/news">English</a></div>{menu("main-nav", 6)}'
        f'<main id="main"><nav aria-label="breadcrumb"><a href="/">Home</a> / <span>Notizie</span></nav><h1>Notizie</h1><form action="/cerca" class="filters"><input name="q"><select name="cat"><option>Tutte</option><option>Ateneo</option></select><button>Cerca</button></form><div class="news-listing">{rows}</div>'
        '<nav class="pager"><a class="current" href="?p=1">1</a> <a href="?p=2">2</a> <a href="?p=3">3</a> … <a href="?p=48">48</a> <a rel="next" href="?p=2">successiva</a></nav></main>'
        f'<aside><h2>Prossimi eventi</h2>{events}<a href="/eventi">Tutti gli eventi</a></aside>'
        f"<footer>{''.join(f'<div class=col><h4>Colonna {n}</h4><ul><li><a href=/c/{n}/1>Voce uno</a></li><li><a href=/c/{n}/2>Voce due</a></li></ul></div>' for n in range(4))}<p>© 2024 Università di Esempio – P.IVA 00000000000</p></footer>"
    )
    links = [f"https://www.example.org/notizie/{news.day:%Y/%m}/{n}-notizia" for n, news in enumerate(items)]
    return whole_page("it", "Notizie", body, links, items)


def block_theme() -> Unseen:
    """Posts in the blocks of a weblog theme: picture, terms, title, linked day, excerpt with words that lead on."""
    items = MORE_NEWS["en"]
    posts = "\n".join(
        f'<li class="wp-block-post post-{900 - n} post type-post status-publish format-standard has-post-thumbnail hentry category-{("news", "stories")[n % 2]}"><div class="wp-block-group is-layout-flow"><figure style="aspect-ratio:3/2" class="wp-block-post-featured-image"><a href="https://www.example.org/{news.day:%Y/%m/%d}/post-{n}/" target="_self"><img width="1024" height="683" src="https://www.example.org/wp-content/uploads/{n}-1024x683.jpg" class="attachment-post-thumbnail size-post-thumbnail wp-post-image" alt="" loading="lazy" srcset="https://www.example.org/wp-content/uploads/{n}-300x200.jpg 300w"></a></figure>'
        f'<div class="taxonomy-category wp-block-post-terms"><a href="https://www.example.org/category/{("news", "stories")[n % 2]}/" rel="tag">{("News", "Stories")[n % 2]}</a></div><h2 class="wp-block-post-title has-large-font-size"><a href="https://www.example.org/{news.day:%Y/%m/%d}/post-{n}/" target="_self">{escape(news.title)}</a></h2>'
        f'<div class="wp-block-post-date"><time datetime="{news.day}T09:30:00+00:00"><a href="https://www.example.org/{news.day:%Y/%m/%d}/post-{n}/">{news.day:%B} {news.day.day}, {news.day.year}</a></time></div><div class="wp-block-post-excerpt"><p class="wp-block-post-excerpt__excerpt">{escape(news.summary)} </p><p class="wp-block-post-excerpt__more-text"><a class="wp-block-post-excerpt__more-link" href="https://www.example.org/{news.day:%Y/%m/%d}/post-{n}/" target="_self">Continue reading</a></p></div></div></li>'
        for n, news in enumerate(items)
    )
    latest = "".join(
        f'<li><a class="wp-block-latest-posts__post-title" href="https://www.example.org/older-{n}/">An older post that people still read, number {n}</a><time datetime="2021-0{n + 1}-04T10:00:00+00:00" class="wp-block-latest-posts__post-date">{n + 1} April 2021</time></li>'
        for n in range(5)
    )
    body = (
        f'<div class="wp-site-blocks"><header class="wp-block-template-part"><div class="wp-block-group"><p class="wp-block-site-title"><a href="https://www.example.org" rel="home">Example Alliance</a></p>{menu("wp-block-navigation", 5)}</div></header>'
        f'<main class="wp-block-group"><h1 class="wp-block-query-title">News</h1><div class="wp-block-query is-layout-flow"><ul class="is-layout-grid columns-3 wp-block-post-template">{posts}</ul><nav class="wp-block-query-pagination"><div class="wp-block-query-pagination-numbers"><span class="page-numbers current">1</span> <a class="page-numbers" href="/news/page/2/">2</a></div><a href="/news/page/2/" class="wp-block-query-pagination-next">Next Page</a></nav></div></main>'
        f'<footer class="wp-block-template-part"><div class="wp-block-columns"><div class="wp-block-column"><h2>Most read</h2><ul class="wp-block-latest-posts__list has-dates wp-block-latest-posts">{latest}</ul></div><div class="wp-block-column"><p>Proudly run by volunteers.</p></div></div></footer></div>'
    )
    links = [f"https://www.example.org/{news.day:%Y/%m/%d}/post-{n}/" for n, news in enumerate(items)]
    return whole_page("en", "News", body, links, items)


def figure_cards() -> Unseen:
    """A federation's figures with captions: the day after a word, title, text, and a link that leads on."""
    items = MORE_NEWS["fr"]
    cards = "\n".join(
        f'<figure class="actu"><a href="actualites/article{500 - n}.html"><img src="IMG/logo/actu{n}.jpg" width="360" height="240" alt="{escape(news.title)}"></a><figcaption><p class="actu-date">Publié le {news.day.day if news.day.day > 1 else "1er"} {_FR[news.day.month - 1]} {news.day.year}</p><h3><a href="actualites/article{500 - n}.html">{escape(news.title)}</a></h3><p class="actu-chapo">{escape(news.summary)}</p><a class="actu-suite" href="actualites/article{500 - n}.html" title="Lire {escape(news.title)}">En savoir plus</a></figcaption></figure>'
        for n, news in enumerate(items)
    )
    partners = "".join(
        f'<figure class="partenaire"><a href="https://p{n}.example.net/"><img src="IMG/p{n}.png" alt="Partenaire {n}"></a><figcaption>Partenaire {n}</figcaption></figure>'
        for n in range(6)
    )
    body = (
        f'<header><a class="logo" href="./"><img src="IMG/logo.png" alt="Fédération"></a>{menu("menu", 6)}</header><div class="fil"><a href="./">Accueil</a> &gt; Actualités</div>'
        f'<main><h1>Toutes les actualités</h1><div class="filtres"><a href="?theme=1">Emploi</a> <a href="?theme=2">Formation</a> <a href="?theme=3">International</a></div><section class="actus">{cards}</section><p class="pagination"><strong>1</strong> | <a href="?debut=16">2</a> | <a href="?debut=32">3</a> | <a href="?debut=48">…</a></p></main>'
        f'<section class="partenaires"><h2>Nos partenaires</h2>{partners}</section><section class="lettre"><h2>Lettre d’information</h2><form><input type="email"><button>S’abonner</button></form></section>'
        '<footer><a href="plan.html">Plan du site</a> <a href="mentions.html">Mentions légales</a> <a href="contact.html">Contact</a></footer>'
    )
    links = [
        f"https://www.example.org/section/news/actualites/article{500 - n}.html" for n in range(len(items))
    ]
    return whole_page("fr", "Actualités", body, links, items)


def releases_by_month() -> Unseen:
    """An archive of releases: a heading and a list for each month, in every entry the day, a dash, the title and a text."""
    items = MORE_NEWS["es"]
    months: dict[str, str] = {}
    for n, news in enumerate(items):
        name = f"{_ES[news.day.month - 1].title()} de {news.day.year}"
        months[name] = (
            months.get(name, "")
            + f'<li><span class="fecha">{news.day:%d/%m/%Y}</span> – <a href="/prensa/{news.day.year}/comunicado-{80 - n}">{escape(news.title)}</a><p>{escape(news.summary)}</p></li>\n'
        )
    lists = "\n".join(
        f'<h2 id="m{n}">{name}</h2>\n<ul class="comunicados">{inner}</ul>'
        for n, (name, inner) in enumerate(months.items())
    )
    jumps = "".join(f'<li><a href="#m{n}">{name}</a></li>' for n, name in enumerate(months))
    years = "".join(
        f'<li><a href="/prensa/{year}">Comunicados de {year}</a></li>' for year in range(2023, 2011, -1)
    )
    body = (
        f'<div class="aviso-cookies">Usamos cookies propias y de terceros. <a href="/cookies">Más información</a> <button>Aceptar</button></div><header><a href="/">Inicio</a>{menu("principal", 6)}</header>'
        f'<div class="contenido"><h1>Comunicados de prensa</h1><ul class="saltos">{jumps}</ul>{lists}</div>'
        f'<div class="lateral"><h3>Archivo</h3><ul>{years}</ul><h3>Contacto de prensa</h3><p>Lucía Campos<br><a href="tel:+34000000000">000 000 000</a><br><a href="mailto:prensa@example.org">prensa@example.org</a></p></div>'
        '<footer><ul><li><a href="/aviso-legal">Aviso legal</a></li><li><a href="/accesibilidad">Accesibilidad</a></li><li><a href="/mapa">Mapa web</a></li></ul></footer>'
    )
    links = [
        f"https://www.example.org/prensa/{news.day.year}/comunicado-{80 - n}" for n, news in enumerate(items)
    ]
    return whole_page("es", "Comunicados", body, links, items)


UNSEEN: Mapping[str, Callable[[], Unseen]] = {
    layout.__name__: layout
    for layout in (council_table, faculty_badges, block_theme, figure_cards, releases_by_month)
}
