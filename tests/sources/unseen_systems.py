"""Five layouts more, made after the code had been changed for those of `unseen_sites.py`, and before it was run on them."""

# ruff: noqa: E501 # markup broken into short lines could not be read

from collections.abc import Callable, Mapping
from html import escape

from tests.sources.unseen import Unseen, menu, page_of
from tests.sources.unseen_news import NEWS

_MONTHS = {
    "de": ("Januar", "Februar", "März", "April", "Mai"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo"),
    "pt": ("janeiro", "fevereiro", "março", "abril", "maio"),
}


def blog_posts() -> Unseen:
    """Posts with microdata: details are a list of definitions, the day follows a word, visits are counted."""
    posts = "".join(
        f'<div class="items-row cols-1 row-{n} row-fluid clearfix"><div class="span12"><div class="item column-1" itemprop="blogPost" itemscope itemtype="https://schema.org/BlogPosting"><div class="page-header"><h2 itemprop="name"><a href="/index.php/aktuelles/{40 + n}-meldung" itemprop="url">{escape(news.title)}</a></h2></div>'
        f'<dl class="article-info muted"><dt class="article-info-term">Details</dt><dd class="createdby" itemprop="author" itemscope itemtype="https://schema.org/Person">Geschrieben von <span itemprop="name">Geschäftsstelle</span></dd><dd class="category-name">Kategorie: <a href="/index.php/aktuelles" itemprop="genre">Aktuelles</a></dd><dd class="published"><span class="icon-calendar"></span> <time datetime="{news.day}T08:15:00+02:00" itemprop="datePublished">Veröffentlicht: {news.day.day}. {_MONTHS["de"][news.day.month - 1]} {news.day.year}</time></dd><dd class="hits"><meta itemprop="interactionCount" content="UserPageVisits:{n + 12}">Zugriffe: {n + 12}</dd></dl>'
        f'<p itemprop="description">{escape(news.summary)}</p><p class="readmore"><a class="btn" href="/index.php/aktuelles/{40 + n}-meldung" itemprop="url">Weiterlesen: {escape(news.title)}</a></p></div></div></div>'
        for n, news in enumerate(NEWS["de"])
    )
    latest = "".join(
        f'<li itemscope itemtype="https://schema.org/Article"><a href="/index.php/alt/{n}" itemprop="url"><span itemprop="name">Ältere Meldung mit der Nummer {n}</span></a></li>'
        for n in range(5)
    )
    body = f'<div class="body"><div class="navigation">{menu("nav-child", 5)}</div><div class="row-fluid"><main id="content" role="main" class="span9"><div class="blog" itemscope itemtype="https://schema.org/Blog">{posts}</div><div class="pagination"><p class="counter">Seite 1 von 9</p></div></main><div id="aside" class="span3"><div class="well"><h3 class="page-header">Neueste Beiträge</h3><ul class="latestnews">{latest}</ul></div></div></div></div>'
    links = [f"https://www.example.org/index.php/aktuelles/{40 + n}-meldung" for n in range(len(NEWS["de"]))]
    return page_of("de", "<title>Aktuelles</title>", body, links)


def collection_list() -> Unseen:
    """A collection of linked boxes: a label that is hidden, a day before a div that is the title, an arrow at the end."""
    boxes = "".join(
        f'<div role="listitem" class="collection-item w-dyn-item"><a href="/updates/{n}-post" class="card-link w-inline-block"><div class="image-wrapper"><img src="https://cdn.example.net/{n}.avif" loading="lazy" alt="" sizes="33vw"></div><div class="tag-label w-condition-invisible">Featured</div><div class="card-content"><div class="date-text">{news.day:%b} {news.day.day}, {news.day.year}</div><div class="heading-xs">{escape(news.title)}</div><div class="paragraph-small">{escape(news.summary)}</div><div class="text-link">Read more <span class="arrow">→</span></div></div></a></div>'
        for n, news in enumerate(NEWS["en"])
    )
    team = "".join(
        f'<div role="listitem" class="collection-item w-dyn-item"><a href="/team/{n}" class="card-link w-inline-block"><div class="heading-xs">Person Number {n}</div><div class="paragraph-small">She looks after the members in the region number {n} and their accounts.</div></a></div>'
        for n in range(4)
    )
    body = f'<div class="navbar w-nav"><div class="w-nav-menu">{menu("nav-link", 5)}</div></div><section class="section"><h1 class="heading-xl">Updates</h1><div class="w-dyn-list"><div role="list" class="updates-grid w-dyn-items">{boxes}</div></div></section><section class="section-2"><h2>Our team</h2><div class="w-dyn-list"><div role="list" class="team-grid w-dyn-items">{team}</div></div></section><div class="footer"><a href="/privacy">Privacy</a></div>'
    links = [f"https://www.example.org/updates/{n}-post" for n in range(len(NEWS["en"]))]
    return page_of("en", "<title>Updates</title>", body, links)


def tiles() -> Unseen:
    """Tiles with an author and two days, of which the second is that of the last change."""
    entries = "".join(
        f'<article class="tileItem visualIEFloatFix entry"><header><h2 class="tileHeadline"><a href="https://www.example.org/actu/note-{n}" class="summary url" title="News Item">{escape(news.title)}</a></h2></header><div class="documentByLine"><span class="documentAuthor">par <a href="https://www.example.org/author/sec">Secrétariat</a></span> <span class="documentPublished"><span>publié</span> {news.day:%d/%m/%Y} </span><span class="documentModified"><span>— Dernière modification</span> 30/05/2022 11:0{n} </span></div><div class="tileBody"><span class="description">{escape(news.summary)}</span></div><div class="tileFooter"><a href="https://www.example.org/actu/note-{n}">Lire la suite…</a></div><div class="visualClear"><!-- --></div></article>'
        for n, news in enumerate(NEWS["fr"])
    )
    portlet = "".join(
        f'<li class="portletItem even"><a href="https://www.example.org/agenda/{n}" class="tile">Réunion du comité numéro {n}<span class="portletItemDetails">0{n + 1}/06/2022</span></a></li>'
        for n in range(5)
    )
    body = f'<div id="portal-top">{menu("globalnav", 6)}</div><div id="portal-columns"><div id="portal-column-content"><h1 class="documentFirstHeading">Actualités</h1><div id="content-core"><div>{entries}</div></div></div><div id="portal-column-two"><section class="portlet portletEvents"><ul class="portletContent">{portlet}</ul></section></div></div>'
    links = [f"https://www.example.org/actu/note-{n}" for n in range(len(NEWS["fr"]))]
    return page_of("fr", "<title>Actualités</title>", body, links)


def months_in_a_table() -> Unseen:
    """A table in which rows of months stand between rows of news, of which every one has three cells."""
    rows, month = "", ""
    for n, news in enumerate(NEWS["es"]):
        name = f"{_MONTHS['es'][news.day.month - 1].title()} {news.day.year}"
        if name != month:
            rows += f'<tr class="mes"><th colspan="3"><a name="m{n}"></a>{name}</th></tr>'
            month = name
        rows += f'<tr><td class="fecha">{news.day.day} de {_MONTHS["es"][news.day.month - 1]} de {news.day.year}</td><td class="titular"><a href="nota.asp?id={n}">{escape(news.title)}</a><div>{escape(news.summary)}</div></td><td><a href="nota.asp?id={n}&amp;imprimir=1"><img src="impr.gif" width="16" height="16" alt="Imprimir"></a></td></tr>'
    body = f'<table class="maqueta"><tr><td class="izq">{menu("opciones", 6)}</td><td class="centro"><h2>Sala de prensa</h2><table class="notas">{rows}</table></td></tr></table>'
    links = [f"https://www.example.org/section/news/nota.asp?id={n}" for n in range(len(NEWS["es"]))]
    return page_of("es", "<title>Sala de prensa</title>", body, links)


def headings_alone() -> Unseen:
    """No element holds an item: heading, day and text follow each other, with a line between two items."""
    items = "".join(
        f'<h3><a href="/noticia/{n}.html">{escape(news.title)}</a></h3>\n<p class="data">{news.day.day} de {_MONTHS["pt"][news.day.month - 1]} de {news.day.year}</p>\n<p>{escape(news.summary)}</p>\n<hr>\n'
        for n, news in enumerate(NEWS["pt"])
    )
    body = f'<div class="topo"><a href="/">Início</a></div><div class="menu">{menu("lateral", 6)}</div><div class="conteudo"><h1>Notícias</h1>{items}<p class="paginas">Página 1 de 4 <a href="?p=2">Próxima</a></p></div>'
    links = [f"https://www.example.org/noticia/{n}.html" for n in range(len(NEWS["pt"]))]
    return page_of("pt", "<title>Notícias</title>", body, links)


UNSEEN: Mapping[str, Callable[[], Unseen]] = {
    layout.__name__: layout
    for layout in (blog_posts, collection_list, tiles, months_in_a_table, headings_alone)
}
