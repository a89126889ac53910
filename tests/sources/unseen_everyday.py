"""Five ordinary pages more, of other makers, written after those of `unseen_ordinary.py` were measured (decision 0195)."""

# ruff: noqa: E501 # markup broken into short lines could not be read

from collections.abc import Callable, Mapping
from html import escape

from tests.sources.unseen import Unseen, menu
from tests.sources.unseen_more_news import MORE_NEWS
from tests.sources.unseen_ordinary import whole_page

_FR = ("janvier", "février", "mars", *[""] * 7, "novembre", "décembre")
_PT = ("jan", "fev", "mar", *[""] * 7, "nov", "dez")
_RU = ("января", "февраля", "марта", *[""] * 7, "ноября", "декабря")


def site_builder_blog() -> Unseen:
    """A builder's blog: a picture, categories and day in one line, title, excerpt, comments counted, a link to more."""
    items = MORE_NEWS["en"]
    posts = "\n".join(
        f'<article class="blog-basic-grid--container entry blog-item is-loaded"><div class="blog-image-wrapper"><a href="/blog/{news.day:%Y/%-m}/post-{n}" class="image-wrapper preFade"><img data-src="https://images.example.net/{n}.jpg" data-image-dimensions="2500x1667" alt="{escape(news.title)}" class="image"></a></div>'
        f'<div class="blog-basic-grid--text"><div class="blog-meta-section"><span class="blog-meta-primary"><span class="blog-categories-list"><a class="blog-categories" href="/blog/category/Members">Members</a>, <a class="blog-categories" href="/blog/category/Region+{n % 3}">Region {n % 3}</a></span><span class="blog-author">Priya Nair</span><time class="blog-date" pubdate data-animation-role="date">{news.day:%b} {news.day.day}, {news.day.year}</time></span><span class="blog-meta-delimiter blog-meta-delimiter--primary"></span><span class="blog-meta-secondary"><span class="blog-author">Priya Nair</span><time class="blog-date" pubdate>{news.day:%b} {news.day.day}, {news.day.year}</time></span></div>'
        f'<h1 class="blog-title"><a href="/blog/{news.day:%Y/%-m}/post-{n}" data-no-animation>{escape(news.title)}</a></h1><div class="blog-excerpt"><div class="blog-excerpt-wrapper"><p>{escape(news.summary)}</p></div></div><a class="blog-more-link" href="/blog/{news.day:%Y/%-m}/post-{n}">Read More</a></div></article>'
        for n, news in enumerate(items)
    )
    body = (
        f'<div id="siteWrapper" class="site-wrapper"><header id="header"><div class="header-title-logo"><a href="/">Example Network</a></div>{menu("header-nav", 5)}<a class="btn" href="/donate">Donate</a></header>'
        f'<main id="page"><article class="sections"><section class="page-section"><div class="content"><div class="blog-basic-grid collection-content-wrapper">{posts}</div><nav class="blog-list-pagination"><div class="older"><a href="/blog?offset=1700000000000" rel="next"><span class="blog-list-pagination-link-label">Older Posts</span></a></div></nav></div></section></article></main>'
        '<footer><section><p>123 Main Street</p><p><a href="mailto:hello@example.org">hello@example.org</a></p><form><label>Sign up with your email address</label><input type="email"><button>Sign Up</button></form></section></footer></div>'
    )
    links = [f"https://www.example.org/blog/{news.day:%Y/%-m}/post-{n}" for n, news in enumerate(items)]
    return whole_page("en", "Blog", body, links, items)


def portal_assets() -> Unseen:
    """A portal's published assets: title, text, a link to more that names the title again, then a line of facts and tags."""
    items = MORE_NEWS["es"]
    assets = "\n".join(
        f'<div class="asset-abstract default-asset-publisher show-asset-title {"first" if n == 0 else ""}"><div class="pull-right"></div><h4 class="asset-title"><a href="https://www.example.org/web/guest/noticias/-/asset_publisher/a1B2/content/id/{7000 + n}?inheritRedirect=false"><span class="asset-anchor lfr-asset-anchor" id="a{n}"></span>{escape(news.title)}</a></h4><div class="asset-content"><div class="asset-summary">{escape(news.summary)}</div><div class="asset-more"><a href="https://www.example.org/web/guest/noticias/-/asset_publisher/a1B2/content/id/{7000 + n}?inheritRedirect=false">Leer más <span class="hide-accessible">Sobre {escape(news.title)}</span> &raquo;</a></div></div>'
        f'<div class="asset-metadata"><span class="metadata-entry metadata-publish-date"><i class="icon-calendar"></i> {news.day:%d/%m/%Y}</span><span class="metadata-entry metadata-view-count">{n * 7 + 3} visualizaciones</span><span class="taglib-asset-tags-summary"><a class="tag" href="/noticias/-/tag/empleo">empleo</a> <a class="tag" href="/noticias/-/tag/pesca">pesca</a></span></div><div class="separator"></div></div>'
        for n, news in enumerate(items)
    )
    body = (
        f'<div class="container-fluid" id="wrapper"><header id="banner"><div id="heading"><h1 class="site-title"><a class="logo" href="/web/guest">Gobierno de Ejemplo</a></h1></div>{menu("navigation", 6)}</header>'
        f'<section id="content"><div class="columns-2" id="main-content"><div class="portlet-layout row-fluid"><div class="portlet-column span8" id="column-1"><section class="portlet"><header class="portlet-topper"><h2 class="portlet-title-text">Noticias</h2></header><div class="portlet-body">{assets}<div class="taglib-page-iterator"><small class="search-results">Mostrando el intervalo 1 - 16 de 732 resultados.</small><ul class="pager"><li class="disabled"><a href="javascript:;">← Primero</a></li><li><a href="?cur=2">Siguiente</a></li><li><a href="?cur=46">Último →</a></li></ul></div></div></section></div>'
        '<div class="portlet-column span4" id="column-2"><section class="portlet"><h2>Trámites destacados</h2><ul class="tramites">'
        + "".join(
            f'<li><a href="/tramites/{n}">Solicitud del certificado número {n} para cooperativas</a></li>'
            for n in range(7)
        )
        + "</ul></section></div></div></div></section><footer><p>Última actualización: 15/03/2024</p></footer></div>"
    )
    links = [
        f"https://www.example.org/web/guest/noticias/-/asset_publisher/a1B2/content/id/{7000 + n}?inheritRedirect=false"
        for n in range(len(items))
    ]
    return whole_page("es", "Noticias", body, links, items)


def intranet_query() -> Unseen:
    """An office system's query of pages: thumbnails, linked titles with a title attribute, the day below in short letters."""
    items = MORE_NEWS["pt"]
    entries = "\n".join(
        f'<li class="dfwp-item"><div class="item clearer"><div class="image-area-left"><a href="/pt-pt/noticias/Paginas/noticia-{n}.aspx" title=""><img class="image-fixed-width" src="/PublishingImages/{n}.JPG?RenditionID=5" alt=""></a></div><div class="link-item"><a href="/pt-pt/noticias/Paginas/noticia-{n}.aspx" title="{escape(news.title)}" onclick="return true;">{escape(news.title)}</a><div class="created">{news.day.day} {_PT[news.day.month - 1]} {news.day.year}</div><div class="description">{escape(news.summary)}</div></div></div></li>'
        for n, news in enumerate(items)
    )
    quick = "".join(
        f'<li class="static"><a class="static menu-item ms-core-listMenu-item" href="/pt-pt/area/{n}"><span class="menu-item-text">Área de trabalho {n}</span></a></li>'
        for n in range(8)
    )
    body = (
        f'<form method="post" action="default.aspx" id="aspnetForm"><input type="hidden" name="__VIEWSTATE" value="{"x" * 300}"><div id="s4-workspace"><div id="s4-titlerow">{menu("topnav", 5)}<div id="SearchBox"><input type="text" title="Pesquisar"><a href="javascript:{{}}">Pesquisar</a></div></div>'
        f'<div id="sideNavBox"><ul class="static">{quick}</ul></div><div id="contentBox"><h1 id="pageTitle">Notícias</h1><div class="ms-webpart-zone"><div class="ms-webpart-chrome"><div class="cbq-layout-main"><ul class="dfwp-column dfwp-list">{entries}</ul></div></div></div><div class="ms-webpart-chrome"><h2>Ligações úteis</h2><ul class="dfwp-column dfwp-list"><li class="dfwp-item"><div class="item"><a href="/l/1" title="Estatutos">Estatutos da organização</a></div></li><li class="dfwp-item"><div class="item"><a href="/l/2">Relatório de contas anual</a></div></li><li class="dfwp-item"><div class="item"><a href="/l/3">Lista de membros efetivos</a></div></li></ul></div></div></div></form>'
    )
    links = [f"https://www.example.org/pt-pt/noticias/Paginas/noticia-{n}.aspx" for n in range(len(items))]
    return whole_page("pt", "Notícias", body, links, items)


def hand_made_paragraphs() -> Unseen:
    """A page somebody types: a paragraph for each item, the day in bold, a dash, the linked title, a break, the text."""
    items = MORE_NEWS["fr"]
    paragraphs = "\n".join(
        f'<p><b>{"1<sup>er</sup>" if news.day.day == 1 else news.day.day} {_FR[news.day.month - 1]} {news.day.year}</b> - <a href="docs/{news.day:%y%m%d}_{n}.html">{escape(news.title)}</a><br>\n{escape(news.summary)}</p>'
        for n, news in enumerate(items)
    )
    body = (
        '<table width="100%" border="0" cellpadding="8"><tr><td width="180" valign="top" bgcolor="#eeeeee"><p><a href="index.html"><img src="logo.gif" width="160" height="60" border="0" alt="Union"></a></p><p><a href="union.html">L’Union</a><br><a href="membres.html">Les membres</a><br><a href="statuts.html">Les statuts</a><br><b>Nouvelles</b><br><a href="liens.html">Liens</a><br><a href="contact.html">Nous écrire</a></p></td>'
        f'<td valign="top"><h1>Nouvelles</h1><p>Vous trouverez ici les nouvelles de l’Union et de ses membres. Pour les années précédentes, voir les <a href="archives.html">archives</a>.</p>\n<hr>\n{paragraphs}\n<hr><p align="center"><a href="#top">Haut de page</a></p><p><i>Page mise à jour le 15 mars 2024 par le secrétariat.</i></p></td></tr></table>'
    )
    links = [
        f"https://www.example.org/section/news/docs/{news.day:%y%m%d}_{n}.html"
        for n, news in enumerate(items)
    ]
    return whole_page("fr", "Nouvelles", body, links, items)


def timeline_of_years() -> Unseen:
    """A line of time: a heading with the year, and under it entries that give their day without it."""
    items = MORE_NEWS["ru"]
    years: dict[int, str] = {}
    for n, news in enumerate(items):
        years[news.day.year] = (
            years.get(news.day.year, "")
            + f'<div class="timeline__item"><div class="timeline__date">{news.day.day} {_RU[news.day.month - 1]}</div><div class="timeline__card"><a class="timeline__title" href="/news/{2000 - n}/">{escape(news.title)}</a><div class="timeline__text">{escape(news.summary)}</div></div></div>\n'
        )
    groups = "\n".join(
        f'<section class="timeline__group"><h2 class="timeline__year">{year}</h2>{inner}</section>'
        for year, inner in years.items()
    )
    body = (
        f'<header class="header"><a class="header__logo" href="/">Союз</a>{menu("header__menu", 6)}<a href="tel:+70000000000">+7 000 000-00-00</a></header><ul class="crumbs"><li><a href="/">Главная</a></li><li>Новости</li></ul>'
        f'<main class="content"><h1>Новости</h1><div class="timeline">{groups}</div><button class="more" data-url="/news/?page=2">Показать ещё</button></main>'
        f'<section class="docs"><h2>Документы</h2><ul>{"".join(f"<li><a href=/docs/{n}.pdf>Положение о членстве, часть {n + 1}</a> <span>PDF, {n + 1} МБ</span></li>" for n in range(4))}</ul></section><footer class="footer"><p>© 2011–2024 Союз кооперативов</p><a href="/policy/">Политика обработки данных</a></footer>'
    )
    links = [f"https://www.example.org/news/{2000 - n}/" for n in range(len(items))]
    return whole_page("ru", "Новости", body, links, items)


UNSEEN: Mapping[str, Callable[[], Unseen]] = {
    layout.__name__: layout
    for layout in (site_builder_blog, portal_assets, intranet_query, hand_made_paragraphs, timeline_of_years)
}
