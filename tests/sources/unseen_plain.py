"""Five ordinary pages more, written after the changes for `unseen_common.py` (decision 0195)."""

# ruff: noqa: E501 # markup broken into short lines could not be read

from collections.abc import Callable, Mapping
from html import escape

from tests.sources.unseen import Unseen, menu
from tests.sources.unseen_more_news import MORE_NEWS
from tests.sources.unseen_ordinary import whole_page

_FR = ("janvier", "février", "mars", *[""] * 7, "novembre", "décembre")
_FR_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_IT = ("gen", "feb", "mar", *[""] * 7, "nov", "dic")
_PT = ("Janeiro", "Fevereiro", "Março", *[""] * 7, "Novembro", "Dezembro")

WITHOUT_TEXTS = frozenset(("category_table",))


def category_table() -> Unseen:
    """A category of a content system as a table: title, day, author, visits; no texts."""
    items = MORE_NEWS["pt"]
    rows = "\n".join(
        f'<tr class="cat-list-row{n % 2}"><td headers="categorylist_header_title" class="list-title"><a href="/index.php/noticias/{600 - n}-noticia">\n{escape(news.title)}</a></td><td headers="categorylist_header_date" class="list-date small">{news.day.day:02} {_PT[news.day.month - 1]} {news.day.year}</td><td headers="categorylist_header_author" class="list-author">Escrito por Rosa Figueira</td><td headers="categorylist_header_hits" class="list-hits"><span class="badge badge-info">Acessos: {410 + 3 * n}</span></td></tr>'
        for n, news in enumerate(items)
    )
    modules = "".join(
        f'<li><a href="/index.php/documentos/{n}-doc">Documento de apoio aos sócios, volume {n}</a></li>'
        for n in range(5)
    )
    body = (
        f'<div class="body" id="top"><header class="header">{menu("nav-menu", 6)}</header><div class="row-fluid"><div id="aside" class="span3"><h3>Documentos</h3><ul class="category-module">{modules}</ul></div><main id="content" class="span9"><div class="category-list"><h1>Notícias</h1><form action="/index.php/noticias" method="post" name="adminForm" id="adminForm"><fieldset class="filters"><label>Filtro</label><input type="text"><select><option>10</option><option>20</option></select></fieldset>'
        f'<table class="category table table-striped table-bordered"><thead><tr><th id="categorylist_header_title"><a href="#" title="Clique para ordenar">Título</a></th><th id="categorylist_header_date"><a href="#">Data de publicação</a></th><th id="categorylist_header_author"><a href="#">Autor</a></th><th id="categorylist_header_hits"><a href="#">Acessos</a></th></tr></thead><tbody>{rows}</tbody></table><p class="counter">Página 1 de 12</p><ul class="pagination-list"><li><a href="?start=16">2</a></li><li><a href="?start=32">3</a></li></ul></form></div></main></div></div><footer><p>© 2024 Federação das cooperativas</p></footer>'
    )
    links = [f"https://www.example.org/index.php/noticias/{600 - n}-noticia" for n in range(len(items))]
    return whole_page("pt", "Notícias", body, links, items)


def municipal_cards() -> Unseen:
    """Cards of a country's design kit: category and day above, linked heading, text, an arrow with words."""
    items = MORE_NEWS["it"]
    cards = "\n".join(
        f'<div class="col-12 col-md-6 col-lg-4"><div class="card-wrapper card-space"><div class="card card-bg card-img no-after"><div class="img-responsive-wrapper"><div class="img-responsive"><figure class="img-wrapper"><img src="/media/{n}.jpg" title="" alt=""></figure></div></div><div class="card-body"><div class="category-top"><a class="category" href="/novita/comunicati">{("Comunicati", "Avvisi")[n % 2]}</a><span class="data">{news.day.day} {_IT[news.day.month - 1]} {news.day.year}</span></div><h3 class="card-title h5"><a class="text-decoration-none" href="/novita/{n}-dettaglio">{escape(news.title)}</a></h3><p class="card-text">{escape(news.summary)}</p><a class="read-more" href="/novita/{n}-dettaglio" aria-label="Vai alla pagina {escape(news.title)}"><span class="text">Vai alla pagina</span><svg class="icon"><use href="#it-arrow-right"></use></svg></a></div></div></div></div>'
        for n, news in enumerate(items)
    )
    topics = "".join(
        f'<div class="col-12 col-md-6"><div class="card card-bg"><div class="card-body"><h3 class="card-title h5"><a href="/argomenti/{n}">Argomento {n}</a></h3><p class="card-text">Tutti i servizi e i documenti che riguardano questo argomento.</p></div></div></div>'
        for n in range(4)
    )
    body = (
        f'<div class="skiplinks"><a href="#main">Vai ai contenuti</a></div><header class="it-header-wrapper"><div class="it-header-slim"><a href="https://regione.example.net">Regione di Esempio</a></div>{menu("navbar", 4)}</header><main id="main"><div class="container"><nav class="breadcrumb-container"><ol class="breadcrumb"><li class="breadcrumb-item"><a href="/">Home</a></li><li class="breadcrumb-item active">Novità</li></ol></nav><h1>Novità</h1><p class="lead">Le notizie, i comunicati e gli avvisi del Comune.</p></div><div class="container py-5"><h2>Esplora tutte le novità</h2><p>128 risultati</p><div class="row g-4">{cards}</div><button type="button" class="btn btn-outline-primary">Carica altri risultati</button></div><div class="container"><h2>Esplora per argomento</h2><div class="row g-4">{topics}</div></div>'
        '<div class="cmp-rating"><h2>Quanto sono chiare le informazioni su questa pagina?</h2><fieldset><input type="radio" name="s"><label>1 stella su 5</label></fieldset></div></main><footer class="it-footer"><h4>Contatti</h4><p>Comune di Esempio, Piazza Grande 1<br>Codice fiscale 00000000000</p><a href="/privacy">Informativa privacy</a></footer>'
    )
    links = [f"https://www.example.org/novita/{n}-dettaglio" for n in range(len(items))]
    return whole_page("it", "Novità", body, links, items)


def charity_teasers() -> Unseen:
    """A charity's teasers, each one link: a label, title and text in spans and paragraphs, the day at the end."""
    items = MORE_NEWS["en"]
    teasers = "\n".join(
        f'<li class="listing__item"><a class="teaser teaser--news" href="/latest/{n}-story/"><div class="teaser__media"><picture><source srcset="/img/{n}.webp" type="image/webp"><img src="/img/{n}.jpg" alt="" loading="lazy"></picture></div><div class="teaser__body"><p class="teaser__type">{("News", "Blog", "Story")[n % 3]}</p><h2 class="teaser__title">{escape(news.title)}</h2><p class="teaser__text">{escape(news.summary)}</p><p class="teaser__meta"><span class="teaser__date">{news.day.day} {news.day:%b %Y}</span><span class="teaser__time">{n % 5 + 2} min read</span></p></div></a></li>'
        for n, news in enumerate(items)
    )
    body = (
        f'<div class="donate-bar"><a href="/donate/">Donate now</a></div><header class="header"><a href="/" aria-label="Home"></a>{menu("header__nav", 5)}</header><main><div class="hero"><h1>Latest</h1><p>Stories and updates from our work.</p></div><div class="filters"><a class="is-active" href="/latest/">All</a><a href="/latest/news/">News</a><a href="/latest/blog/">Blog</a></div><ul class="listing">{teasers}</ul><div class="pagination"><span>Page 1 of 23</span><a href="/latest/?page=2">Next</a></div><section class="cta"><h2>Join us</h2><p>Over 4,000 people already help.</p><a class="button" href="/join/">Become a member</a></section></main>'
        '<footer class="footer"><ul><li><a href="/jobs/">Work for us</a></li><li><a href="/annual-report/">Annual report 2023</a></li><li><a href="/cookies/">Cookies</a></li></ul><p>Registered charity no. 000000</p></footer>'
    )
    links = [f"https://www.example.org/latest/{n}-story/" for n in range(len(items))]
    return whole_page("en", "Latest", body, links, items)


def institute_rows() -> Unseen:
    """An institute's rows: day and subject in one line over the linked title, a text that ends in a link."""
    items = MORE_NEWS["de"]
    rows = "\n".join(
        f'<div class="meldung row"><div class="small-4 columns"><a href="/presse/meldung/{90 - n}"><img src="/fileadmin/_processed_/{n}.jpg" alt=""></a></div><div class="small-8 columns"><p class="dachzeile"><span class="datum">{news.day:%d.%m.%Y}</span> | <span class="rubrik">{("Forschung", "Lehre", "Campus")[n % 3]}</span></p><h3><a href="/presse/meldung/{90 - n}">{escape(news.title)}</a></h3><p class="anriss">{escape(news.summary)} <a class="mehr" href="/presse/meldung/{90 - n}">mehr</a></p></div></div>'
        for n, news in enumerate(items)
    )
    contacts = "".join(
        f'<div class="kontakt row"><div class="small-12 columns"><h4>Ansprechperson {n}</h4><p>Telefon 000 00{n}<br><a href="mailto:p{n}@example.org">p{n}@example.org</a></p></div></div>'
        for n in range(3)
    )
    body = f'<header><div class="meta"><a href="/en/press">EN</a> <a href="/leichte-sprache">Leichte Sprache</a></div>{menu("top-bar", 6)}</header><div class="row"><div class="large-8 columns"><h1>Pressemitteilungen</h1><p>Ausgewählte Meldungen aus dem Institut. Ältere Meldungen stehen im <a href="/presse/archiv">Archiv</a>.</p><div class="meldungen">{rows}</div><ul class="pagination"><li class="current">1</li><li><a href="?p=2">2</a></li><li><a href="?p=3">3</a></li><li class="arrow"><a href="?p=2">weiter</a></li></ul></div><div class="large-4 columns"><h2>Kontakt</h2>{contacts}<h2>Verteiler</h2><p><a href="/presse/verteiler">In den Verteiler eintragen</a></p></div></div><footer><p>Letzte Änderung: 15.03.2024</p><a href="/impressum">Impressum</a></footer>'
    links = [f"https://www.example.org/presse/meldung/{90 - n}" for n in range(len(items))]
    return whole_page("de", "Pressemitteilungen", body, links, items)


def agency_by_day() -> Unseen:
    """An agency's stream: a heading for each day, under it the hour, the linked title and the text of each piece."""
    items = MORE_NEWS["fr"]
    days: dict[str, str] = {}
    for n, news in enumerate(items):
        day = news.day
        name = f"{_FR_DAYS[day.weekday()].title()} {'1er' if day.day == 1 else day.day} {_FR[day.month - 1]} {day.year}"
        days[name] = (
            days.get(name, "")
            + f'<li class="depeche"><span class="depeche-heure">{17 - n}h{10 + 2 * n}</span><div class="depeche-texte"><a href="/depeches/{9000 - n}">{escape(news.title)}</a><p>{escape(news.summary)}</p></div></li>\n'
        )
    stream = "\n".join(
        f'<h2 class="jour">{name}</h2>\n<ul class="depeches">{inner}</ul>' for name, inner in days.items()
    )
    body = f'<div class="bandeau"><span>Édition du 15 mars 2024</span> <a href="/abonnement">S’abonner</a></div><header>{menu("rubriques", 6)}</header><main><h1>Le fil de l’actualité</h1>{stream}<a class="suite" href="/fil?page=2">Dépêches précédentes</a></main><aside><h2>Les plus lues</h2><ol>{"".join(f"<li><a href=/depeches/{n}>Une dépêche que beaucoup ont lue, numéro {n}</a></li>" for n in range(5))}</ol></aside><footer><a href="/qui-sommes-nous">Qui sommes-nous ?</a> <a href="/cgu">Conditions</a></footer>'
    links = [f"https://www.example.org/depeches/{9000 - n}" for n in range(len(items))]
    return whole_page("fr", "Le fil", body, links, items)


UNSEEN: Mapping[str, Callable[[], Unseen]] = {
    layout.__name__: layout
    for layout in (category_table, municipal_cards, charity_teasers, institute_rows, agency_by_day)
}
