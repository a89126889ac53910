"""Five layouts as content systems of organisations make them, made before the code was run on them."""

# ruff: noqa: E501 # markup broken into short lines could not be read; some news are in Cyrillic

from collections.abc import Callable, Mapping
from html import escape

from tests.sources.unseen import Unseen, menu, page_of
from tests.sources.unseen_news import NEWS

_MAYO = {
    "pt": ("janeiro", "fevereiro", "março", "abril", "maio"),
    "it": ("gennaio", "febbraio", "marzo", "aprile", "maggio"),
}


def bitrix_list() -> Unseen:
    """Paragraphs with a day, a bold link and bare text behind a break, each with an id; a form stands before them."""
    items = "".join(
        f'<p class="news-item" id="bx_3218110189_{9000 - n}">\n<a href="/press/news/{9000 - n}/"><img class="preview_picture" border="0" src="/upload/resize_cache/{n}.jpg" width="150" height="100" alt="" title="" style="float:left" /></a>\n'
        f'<span class="news-date-time">{news.day:%d.%m.%Y}</span>\n<a href="/press/news/{9000 - n}/"><b>{escape(news.title)}</b></a><br />\n{escape(news.summary)}\n<div style="clear:both"></div>\n</p>'
        for n, news in enumerate(NEWS["ru"])
    )
    body = (
        f'<div id="panel"></div><div class="workarea">{menu("left-menu", 6)}<form action="/search/"><input name="q"><input type="submit" value="Найти"></form>'
        f'<h1 id="pagetitle">Новости</h1><div class="news-list">{items}<br /><font class="text">Новости 1 - 8 из 231<br /></font><font class="text">Начало | Пред. | <b>1</b> <a href="?PAGEN_1=2">2</a> <a href="?PAGEN_1=3">3</a> | <a href="?PAGEN_1=2">След.</a></font></div>'
        '<div class="sidebar"><div class="news-line">'
        + "".join(
            f'<small><span class="news-date-time">0{n + 1}.05.2022</span> <a href="/events/{n}/">Семинар для бухгалтеров номер {n}</a></small><br />'
            for n in range(5)
        )
        + "</div></div></div>"
    )
    links = [f"https://www.example.org/press/news/{9000 - n}/" for n in range(len(NEWS["ru"]))]
    return page_of("ru", "<title>Новости</title>", body, links)


def elementor_posts() -> Unseen:
    """A builder's grid: long class names, a badge, an avatar and the number of comments beside the day."""
    posts = "".join(
        f'<article class="elementor-post elementor-grid-item post-{700 + n} post type-post status-publish format-standard has-post-thumbnail hentry category-{"noticias" if n % 2 else "destaque"}"><div class="elementor-post__card"><a class="elementor-post__thumbnail__link" href="https://www.example.org/{n}-noticia/" tabindex="-1"><div class="elementor-post__thumbnail"><img width="300" height="200" src="https://www.example.org/u/{n}-300x200.jpg" class="attachment-medium" alt="" srcset="https://www.example.org/u/{n}-300x200.jpg 300w, https://www.example.org/u/{n}-1024x683.jpg 1024w"></div></a><div class="elementor-post__badge">{"Notícias" if n % 2 else "Destaque"}</div>'
        f'<div class="elementor-post__text"><h3 class="elementor-post__title"><a href="https://www.example.org/{n}-noticia/">\n\t\t\t{escape(news.title)}\t\t\t</a></h3><div class="elementor-post__excerpt"><p>{escape(news.summary)}</p></div><a class="elementor-post__read-more" href="https://www.example.org/{n}-noticia/" aria-label="Leia mais sobre {escape(news.title)}">Leia mais »</a></div>'
        f'<div class="elementor-post__meta-data"><span class="elementor-post-date">{news.day.day} de {_MAYO["pt"][news.day.month - 1]} de {news.day.year}</span><span class="elementor-post-avatar">Nenhum comentário</span></div></div></article>'
        for n, news in enumerate(NEWS["pt"])
    )
    agenda = "".join(
        f'<article class="tribe-mini"><h4><a href="/evento/{n}">Encontro regional número {n} da rede</a></h4><span>{n + 4} de junho</span></article>'
        for n in range(4)
    )
    body = f'<div class="elementor-location-header">{menu("hfe-nav", 6)}</div><div class="elementor-widget-posts"><div class="elementor-posts-container elementor-grid">{posts}</div><nav class="elementor-pagination"><span aria-current="page" class="page-numbers current">1</span><a class="page-numbers" href="/page/2/">2</a></nav></div><div class="elementor-widget-sidebar">{agenda}</div>'
    links = [f"https://www.example.org/{n}-noticia/" for n in range(len(NEWS["pt"]))]
    return page_of("pt", "<title>Notícias</title>", body, links)


def content_items() -> Unseen:
    """Items of a design system: kind and day are entries of a list of their own, the title is a div with a link."""
    articles = "".join(
        f'<div class="views-row"><article class="ecl-content-item"><div class="ecl-content-block ecl-content-item__content-block" data-ecl-content-block><ul class="ecl-content-block__primary-meta-container"><li class="ecl-content-block__primary-meta-item">{("News article", "Press release", "Statement")[n % 3]}</li><li class="ecl-content-block__primary-meta-item"><time datetime="{news.day}T12:00:00Z" class="">{news.day.day} {news.day:%B} {news.day.year}</time></li></ul>'
        f'<div class="ecl-content-block__title" data-ecl-title-link="data-ecl-title-link"><a href="/news/n-{n}_en" class="ecl-link ecl-link--standalone">{escape(news.title)}</a></div><div class="ecl-content-block__description"><p>{escape(news.summary)}</p></div><ul class="ecl-content-block__secondary-meta-container"><li class="ecl-content-block__secondary-meta-item"><svg class="ecl-icon"><use href="#clock"></use></svg><span class="ecl-content-block__secondary-meta-label">{n + 2} min read</span></li></ul></div></article></div>'
        for n, news in enumerate(NEWS["en"])
    )
    facets = "".join(
        f'<li class="facet"><a href="?f[0]=topic:{n}">Topic number {n} <span>({n * 7})</span></a></li>'
        for n in range(12)
    )
    body = f'<header class="ecl-site-header">{menu("ecl-menu", 5)}</header><main class="ecl-u-pb-xl"><div class="ecl-container"><div class="ecl-row"><div class="ecl-col-l-3"><form><h2>Filter by</h2><ul>{facets}</ul></form></div><div class="ecl-col-l-9"><h4 class="ecl-u-type-heading-4">News (8)</h4><p>Showing results 1 to 8</p>{articles}</div></div></div></main>'
    links = [f"https://www.example.org/news/n-{n}_en" for n in range(len(NEWS["en"]))]
    return page_of("en", "<title>News</title>", body, links)


def office_list() -> Unseen:
    """A bare list of an office: a link with the title cut short and whole in an attribute, the day behind it; no texts."""
    entries = "".join(
        f'<li{" class=line" if n == 4 else ""}><a href="./{news.day:%Y%m}/t{news.day:%Y%m%d}_{5200 - n}.html" target="_blank" title="{escape(news.title)}">{escape(news.title)}</a><span>{news.day:%Y-%m-%d}</span></li>'
        for n, news in enumerate(NEWS["zh"])
    )
    quick = "".join(f'<li><a href="/zt/{n}/" target="_blank">专题专栏第{n}号栏目</a></li>' for n in range(6))
    body = f'<div class="header">{menu("nav", 6)}</div><div class="w1200"><div class="fl left"><h2>专题</h2><ul>{quick}</ul></div><div class="fr right"><div class="position">当前位置：<a href="/">首页</a>&gt;<a href="./">新闻</a></div><div class="xxgk_list"><ul>{entries}</ul></div><div class="page"><a>上一页</a><span>1</span><a href="index_1.html">2</a><a href="index_1.html">下一页</a></div></div></div>'
    links = [
        f"https://www.example.org/section/news/{news.day:%Y%m}/t{news.day:%Y%m%d}_{5200 - n}.html"
        for n, news in enumerate(NEWS["zh"])
    ]
    return page_of("zh", "<title>新闻</title>", body, links)


def web_parts() -> Unseen:
    """A web part's list: ids with numbers of a machine, labels before the values, the day spoken out."""
    entries = "".join(
        f'<li class="dfwp-item"><div class="cbs-Item" id="ctl00_PlaceHolderMain_ctl00__csr{n + 1}"><div class="cbs-picture3LinesContainer"><div class="cbs-pictureLine1Link"><a class="cbs-pictureImgLink" href="/it/Pagine/nota-{n}.aspx" title="{escape(news.title)}"><img src="/PublishingImages/{n}.jpg?RenditionID=5" alt="{escape(news.title)}"></a></div><div class="cbs-picture3LinesDataContainer"><a class="cbs-picture3LinesLine1Link" href="/it/Pagine/nota-{n}.aspx"><h2 class="cbs-picture3LinesLine1 ms-noWrap">{escape(news.title)}</h2></a>'
        f'<div class="cbs-picture3LinesLine2 ms-noWrap"><span class="label">Pubblicato:</span> <span class="value">{news.day.day} {_MAYO["it"][news.day.month - 1]} {news.day.year}</span></div><div class="cbs-Line3">{escape(news.summary)}</div></div></div></div></li>'
        for n, news in enumerate(NEWS["it"])
    )
    links_ = "".join(
        f'<li class="dfwp-item"><div class="item link-item"><a href="/it/servizi/{n}.aspx">Servizio per i soci numero {n}</a></div></li>'
        for n in range(6)
    )
    body = f'<form id="aspnetForm"><div id="s4-workspace">{menu("ms-core-listMenu", 6)}<div id="DeltaPlaceHolderMain"><div class="ms-webpart-zone"><ul class="dfwp-column dfwp-list">{entries}</ul></div></div><div id="sideNavBox"><ul class="dfwp-column dfwp-list">{links_}</ul></div></div></form>'
    links = [f"https://www.example.org/it/Pagine/nota-{n}.aspx" for n in range(len(NEWS["it"]))]
    return page_of("it", "<title>Notizie</title>", body, links)


UNSEEN: Mapping[str, Callable[[], Unseen]] = {
    layout.__name__: layout
    for layout in (bitrix_list, elementor_posts, content_items, office_list, web_parts)
}
