"""Five pages further, written after the changes for `unseen_usual.py` (decision 0195)."""

# ruff: noqa: E501 # markup broken into short lines could not be read

from collections.abc import Callable, Mapping
from html import escape

from tests.sources.unseen import Unseen, menu
from tests.sources.unseen_more_news import MORE_NEWS
from tests.sources.unseen_ordinary import whole_page

_FR = ("janvier", "février", "mars", *[""] * 7, "novembre", "décembre")
_ES = ("enero", "febrero", "marzo", *[""] * 7, "noviembre", "diciembre")
_ES_DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")


def release_wire() -> Unseen:
    """A service for releases: day, linked title, subtitle as text, and files to take away."""
    items = MORE_NEWS["en"]
    rows = "\n".join(
        f'<div class="wd_item" id="wd_item_{n}"><div class="wd_item_wrapper"><div class="wd_date">{news.day:%b %d, %Y}</div><div class="wd_title"><a href="https://www.example.org/{news.day:%Y-%m-%d}-release-{n}">{escape(news.title)}</a></div><div class="wd_subtitle">{escape(news.summary)}</div><div class="wd_tools"><a href="/index.php?s=20295&amp;item={n}&amp;printable">Printer friendly version</a></div></div></div>'
        for n, news in enumerate(items)
    )
    years = "".join(f'<option value="{year}">{year}</option>' for year in range(2024, 2014, -1))
    body = (
        f'<header><a href="/"><img src="/logo.png" alt="Home"></a>{menu("mega", 5)}</header><main><h1>Press releases</h1><form class="wd_year" action="/press"><label>Year</label><select name="year">{years}</select></form><div class="wd_newsfeed_releases"><div class="wd_layout-simple wd_item_list">{rows}</div><div class="wd_page_links"><span>1</span><a href="?o=16">2</a><a href="?o=32">3</a></div></div></main>'
        '<aside><h2>Media contact</h2><p>Press office<br>+00 0000 0000</p><p><a href="/email-alerts">Sign up for alerts</a></p></aside><footer><a href="/terms">Terms</a><a href="/privacy">Privacy</a></footer>'
    )
    links = [f"https://www.example.org/{news.day:%Y-%m-%d}-release-{n}" for n, news in enumerate(items)]
    return whole_page("en", "Press releases", body, links, items)


def listing_block() -> Unseen:
    """A block that lists contents: each in one link with picture, heading, day and description."""
    items = MORE_NEWS["fr"]
    entries = "\n".join(
        f'<div class="listing-item"><a href="/fr/actualites/contenu-{n}"><div class="listing-image"><img src="/fr/actualites/contenu-{n}/@@images/preview" alt="" loading="lazy"></div><div class="listing-body"><h3>{escape(news.title)}</h3><div class="listing-date">{"1er" if news.day.day == 1 else news.day.day} {_FR[news.day.month - 1]} {news.day.year}</div><p>{escape(news.summary)}</p></div></a></div>'
        for n, news in enumerate(items)
    )
    body = (
        f'<div class="header-wrapper"><div class="header">{menu("navigation", 5)}<form class="search"><input placeholder="Chercher"></form></div></div><div class="ui breadcrumb"><a href="/fr">Accueil</a><span>Actualités</span></div><div id="page-document"><h1 class="documentFirstHeading">Actualités</h1><p class="documentDescription">Toute la vie de notre réseau, semaine après semaine.</p><div class="block listing summary"><div class="items">{entries}</div><div class="pagination-wrapper"><a href="?page=1">1</a><a href="?page=2">2</a><a href="?page=3">3</a></div></div>'
        f'<div class="block listing default"><h2>Ressources</h2><div class="items">{"".join(f"<div class=listing-item><a href=/fr/ressources/{n}><div class=listing-body><h3>Fiche pratique numéro {n}</h3></div></a></div>" for n in range(5))}</div></div></div><div id="footer"><p>Le réseau, 2024</p><a href="/fr/sitemap">Plan du site</a></div>'
    )
    links = [f"https://www.example.org/fr/actualites/contenu-{n}" for n in range(len(items))]
    return whole_page("fr", "Actualités", body, links, items)


def posts_by_date() -> Unseen:
    """A free weblog: a heading with the day over the posts of that day, and a line at the foot of each post."""
    items = MORE_NEWS["es"]
    days: dict[str, str] = {}
    for n, news in enumerate(items):
        day = news.day
        name = f"{_ES_DAYS[day.weekday()]}, {day.day} de {_ES[day.month - 1]} de {day.year}"
        days[name] = (
            days.get(name, "")
            + f'<div class="post-outer"><div class="post hentry"><h3 class="post-title entry-title"><a href="https://red.example.org/{day:%Y/%m}/entrada-{n}.html">{escape(news.title)}</a></h3><div class="post-header"></div><div class="post-body entry-content" id="post-body-{n}">{escape(news.summary)}<div style="clear: both;"></div></div><div class="post-footer"><div class="post-footer-line"><span class="post-author vcard">Publicado por <span class="fn">Comunicación</span></span> <span class="post-timestamp">en <a class="timestamp-link" href="https://red.example.org/{day:%Y/%m}/entrada-{n}.html"><abbr class="published" title="{day}T10:15:00+01:00">10:15</abbr></a></span> <span class="post-comment-link"><a class="comment-link" href="https://red.example.org/{day:%Y/%m}/entrada-{n}.html#comment-form">No hay comentarios:</a></span></div></div></div></div>\n'
        )
    outer = "\n".join(
        f'<div class="date-outer"><h2 class="date-header"><span>{name}</span></h2><div class="date-posts">{inner}</div></div>'
        for name, inner in days.items()
    )
    archive = "".join(
        f'<li class="archivedate"><a href="https://red.example.org/{year}/">{year}</a> <span class="post-count">({year - 1990})</span></li>'
        for year in range(2024, 2015, -1)
    )
    body = f'<div class="content"><header><h1 class="title">La red de los mercados</h1><p class="description">Noticias de los puestos y de sus gentes</p></header><div class="tabs"><ul><li><a href="/">Inicio</a></li><li><a href="/p/quienes.html">Quiénes somos</a></li></ul></div><div class="main"><div class="blog-posts hfeed">{outer}</div><div class="blog-pager"><a class="blog-pager-older-link" href="/search?updated-max=2023">Entradas antiguas</a></div></div><div class="sidebar"><h2>Archivo del blog</h2><ul class="hierarchy">{archive}</ul></div><footer>Con la tecnología de un blog gratuito.</footer></div>'
    links = [f"https://red.example.org/{news.day:%Y/%m}/entrada-{n}.html" for n, news in enumerate(items)]
    return whole_page("es", "La red", body, links, items)


def ministry_list() -> Unseen:
    """A ministry's list: subject, linked title, and the day with a dash at the beginning of the text."""
    items = MORE_NEWS["pt"]
    entries = "\n".join(
        f'<li><div class="imagem"><a href="https://www.example.org/pt-br/noticias/nota-{n}"><img src="/img/{n}.jpg" title="{escape(news.title)}" alt=""></a></div><div class="conteudo"><div class="categoria-noticia">{("Economia", "Mar", "Campo")[n % 3]}</div><h2 class="titulo"><a href="https://www.example.org/pt-br/noticias/nota-{n}">{escape(news.title)}</a></h2><span class="descricao"><span class="data">{news.day:%d/%m/%Y} -</span> {escape(news.summary)}</span></div></li>'
        for n, news in enumerate(items)
    )
    body = f'<div id="barra"><a href="https://gov.example.net">Portal do governo</a></div><header>{menu("menu-principal", 6)}</header><div id="wrapper"><nav id="migalhas">Você está aqui: <a href="/">Página inicial</a> &gt; Notícias</nav><div id="main-content"><h1>Últimas notícias</h1><article id="content"><div id="busca"><form><input name="q"><button>Buscar</button></form></div><ul class="noticias listagem-noticias-com-foto">{entries}</ul><ul class="paginacao"><li><span>1</span></li><li><a href="?b_start:int=16">2</a></li><li><a href="?b_start:int=32">3</a></li><li><a class="proximo" href="?b_start:int=16">Próximo</a></li></ul></article></div></div><footer><ul><li><a href="/acesso">Acesso à informação</a></li><li><a href="/ouvidoria">Ouvidoria do ministério</a></li><li><a href="/agenda">Agenda de autoridades</a></li></ul></footer>'
    links = [f"https://www.example.org/pt-br/noticias/nota-{n}" for n in range(len(items))]
    return whole_page("pt", "Notícias", body, links, items)


def association_entries() -> Unseen:
    """An association's entries: the linked title in bold, the day in slanted letters, a break, the text."""
    items = MORE_NEWS["it"]
    entries = "\n".join(
        f'<li class="voce"><a href="/leggi.asp?n={820 - n}"><strong>{escape(news.title)}</strong></a> <em>{news.day:%d/%m/%Y}</em><br>{escape(news.summary)}</li>'
        for n, news in enumerate(items)
    )
    body = f'<div id="testata"><h1>Associazione dei mercati</h1></div><div id="colonna-sinistra">{menu("voci", 6)}<form action="/cerca.asp"><input name="t"><input type="submit" value="Cerca"></form></div><div id="corpo"><h2>Notizie</h2><ul class="elenco">{entries}</ul><p class="pagine">Pagina 1 di 9 - <a href="?pag=2">Successiva</a></p></div><div id="colonna-destra"><h3>Iscriviti</h3><p>Per diventare socio <a href="/socio.asp">compila il modulo</a>.</p><h3>Siti amici</h3><ul class="elenco"><li><a href="https://a.example.net">Unione degli ortolani</a></li><li><a href="https://b.example.net">Rete delle botteghe</a></li><li><a href="https://c.example.net">Lega dei pescatori</a></li></ul></div><div id="piede">Via Roma 1 - C.F. 00000000000 - <a href="/cookie.asp">Cookie</a></div>'
    links = [f"https://www.example.org/leggi.asp?n={820 - n}" for n in range(len(items))]
    return whole_page("it", "Notizie", body, links, items)


UNSEEN: Mapping[str, Callable[[], Unseen]] = {
    layout.__name__: layout
    for layout in (release_wire, listing_block, posts_by_date, ministry_list, association_entries)
}
