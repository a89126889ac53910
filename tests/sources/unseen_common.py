"""Five pages as common systems make them, written after the changes for `unseen_everyday.py` (decision 0195)."""

# ruff: noqa: E501 # markup broken into short lines could not be read

from collections.abc import Callable, Mapping
from html import escape

from tests.sources.unseen import Unseen, menu
from tests.sources.unseen_more_news import MORE_NEWS
from tests.sources.unseen_ordinary import whole_page

_FR = ("janvier", "février", "mars", *[""] * 7, "novembre", "décembre")
_ES = ("Ene", "Feb", "Mar", *[""] * 7, "Nov", "Dic")
_RU = ("января", "февраля", "марта", *[""] * 7, "ноября", "декабря")


def government_documents() -> Unseen:
    """A government's list of documents: linked title, description, and a small list of kind, body and day."""
    items = MORE_NEWS["en"]
    entries = "\n".join(
        f'<li class="gem-c-document-list__item"><div class="gem-c-document-list__item-title"><a data-ga4-link="{{}}" class="govuk-link" href="/government/news/item-{n}">{escape(news.title)}</a></div><p class="gem-c-document-list__item-description">{escape(news.summary)}</p><ul class="gem-c-document-list__item-metadata"><li class="gem-c-document-list__attribute">Document type: {("News story", "Press release", "Speech")[n % 3]}</li><li class="gem-c-document-list__attribute">Organisation: Office for Cooperatives</li><li class="gem-c-document-list__attribute">Updated: <time datetime="{news.day}">{news.day.day} {news.day:%B %Y}</time></li></ul></li>'
        for n, news in enumerate(items)
    )
    boxes = "".join(
        f'<div class="checkbox"><input type="checkbox" id="t{n}"><label for="t{n}">Topic number {n}</label></div>'
        for n in range(8)
    )
    body = (
        f'<div class="cookie-banner"><h2>Cookies on this site</h2><p>We use some essential cookies.</p><button>Accept</button> <a href="/help/cookies">View cookies</a></div><a class="skip-link" href="#content">Skip to main content</a><header role="banner"><a href="/">GOV.EXAMPLE</a>{menu("navigation", 5)}</header>'
        f'<div class="width-container"><main id="content"><h1>News and communications</h1><p class="lead">News stories, speeches, letters and notices.</p><form method="get" id="filters"><div class="facets">{boxes}</div></form>'
        f'<div class="results"><h2 aria-live="polite">1,842 results</h2><div class="subscription-links"><a href="/email-signup">Get emails</a> <a href="/news.atom">Subscribe to feed</a></div><ul class="gem-c-document-list">{entries}</ul><nav class="pagination"><ul><li class="next"><a rel="next" href="?page=2">Next page <span>2 of 93</span></a></li></ul></nav></div></main></div>'
        '<footer><ul class="footer-list"><li><a href="/help">Help</a></li><li><a href="/privacy">Privacy</a></li><li><a href="/contact">Contact</a></li></ul><p>All content is available under an open licence.</p></footer>'
    )
    links = [f"https://www.example.org/government/news/item-{n}" for n in range(len(items))]
    return whole_page("en", "News and communications", body, links, items)


def short_news_blocks() -> Unseen:
    """Blocks of a content system: a line with time and author, linked heading, text, a link with a hidden title."""
    items = MORE_NEWS["de"]
    blocks = "\n".join(
        f'<div class="layout_short arc_3 block {"first even" if n == 0 else "odd" if n % 2 else "even"}" itemscope itemtype="http://schema.org/Article"><p class="info"><time datetime="{news.day}T11:20:00+01:00">{news.day:%d.%m.%Y} 11:20</time> von Dörte Hansen <span class="comments">({n % 3} Kommentare)</span></p><h2 itemprop="name"><a href="aktuelles-detail/meldung-{n}.html" title="Den Artikel lesen: {escape(news.title)}" itemprop="url">{escape(news.title)}</a></h2><div class="ce_text block" itemprop="description"><p>{escape(news.summary)}</p></div><p class="more"><a href="aktuelles-detail/meldung-{n}.html" title="Den Artikel lesen: {escape(news.title)}" itemprop="url">Weiterlesen … <span class="invisible">{escape(news.title)}</span></a></p></div>'
        for n, news in enumerate(items)
    )
    body = (
        f'<div id="wrapper"><header id="header"><div class="inside"><div class="ce_image block"><a href="./"><img src="files/logo.svg" alt="Verband"></a></div><nav class="mod_navigation block">{menu("level_1", 6)}</nav></div></header>'
        f'<div id="container"><main id="main"><div class="inside"><div class="mod_article block" id="aktuelles"><div class="mod_newslist block"><h1>Aktuelles aus dem Verband</h1>{blocks}<nav class="pagination block"><p>Seite 1 von 14</p><ul><li><strong class="active">1</strong></li><li><a href="aktuelles.html?page_n8=2" class="link">2</a></li><li class="next"><a href="aktuelles.html?page_n8=2" class="next">Vorwärts</a></li></ul></nav></div></div></div></main>'
        '<aside id="right"><div class="inside"><div class="mod_eventlist block"><h3>Termine</h3>'
        + "".join(
            f'<div class="event layout_upcoming upcoming"><time datetime="2024-04-0{n + 1}">0{n + 1}.04.2024</time> <a href="termin/{n}.html">Sprechstunde des Vorstands, Teil {n}</a></div>'
            for n in range(4)
        )
        + '</div></div></aside></div><footer id="footer"><div class="inside"><p>© Verband 2024 | <a href="impressum.html">Impressum</a> | <a href="datenschutz.html">Datenschutz</a></p></div></footer></div>'
    )
    links = [
        f"https://www.example.org/section/news/aktuelles-detail/meldung-{n}.html" for n in range(len(items))
    ]
    return whole_page("de", "Aktuelles", body, links, items)


def visual_theme_posts() -> Unseen:
    """A weblog theme's posts: a picture, linked heading, one line with author, day and category, the text without a paragraph."""
    items = MORE_NEWS["es"]
    posts = "\n".join(
        f'<article id="post-{4000 - n}" class="et_pb_post clearfix et_pb_blog_item_0_{n} post-{4000 - n} post type-post status-publish format-standard has-post-thumbnail hentry category-noticias"><a href="https://www.example.org/{news.day:%Y}/noticia-{n}/" class="entry-featured-image-url"><img decoding="async" src="https://www.example.org/wp-content/uploads/{n}-400x250.jpg" alt="{escape(news.title)}" width="400" height="250"></a><h2 class="entry-title"><a href="https://www.example.org/{news.day:%Y}/noticia-{n}/">{escape(news.title)}</a></h2><p class="post-meta">por <span class="author vcard"><a href="https://www.example.org/author/comunicacion/" title="Mensajes de comunicacion" rel="author">comunicacion</a></span> | <span class="published">{_ES[news.day.month - 1]} {news.day.day}, {news.day.year}</span> | <a href="https://www.example.org/category/noticias/" rel="category tag">Noticias</a></p><div class="post-content"><div class="post-content-inner"><p>{escape(news.summary)}</p></div><a href="https://www.example.org/{news.day:%Y}/noticia-{n}/" class="more-link">leer más</a></div></article>'
        for n, news in enumerate(items)
    )
    body = (
        f'<div id="page-container"><div id="top-header"><span id="et-info-phone">000 000 000</span></div><header id="main-header">{menu("et-menu", 6)}</header><div id="et-main-area"><div id="main-content"><div class="et_pb_section"><div class="et_pb_row"><div class="et_pb_column et_pb_column_3_4"><div class="et_pb_text"><h1>Noticias</h1></div><div class="et_pb_module et_pb_blog_0 et_pb_posts"><div class="et_pb_ajax_pagination_container">{posts}<div class="pagination clearfix"><div class="alignleft"><a href="https://www.example.org/noticias/page/2/">« Entradas más antiguas</a></div></div></div></div></div>'
        '<div class="et_pb_column et_pb_column_1_4"><div class="et_pb_widget widget_recent_entries"><h4 class="widgettitle">Entradas recientes</h4><ul>'
        + "".join(
            f'<li><a href="https://www.example.org/antigua-{n}/">Una entrada antigua de la red, parte {n}</a></li>'
            for n in range(5)
        )
        + '</ul></div><div class="et_pb_widget widget_archive"><h4 class="widgettitle">Archivos</h4><ul><li><a href="/2024/03/">marzo 2024</a></li><li><a href="/2024/02/">febrero 2024</a></li><li><a href="/2024/01/">enero 2024</a></li><li><a href="/2023/12/">diciembre 2023</a></li></ul></div></div></div></div></div><footer id="main-footer"><div id="footer-info">Diseñado por la red | Con ayuda de voluntarios</div></footer></div></div>'
    )
    links = [f"https://www.example.org/{news.day:%Y}/noticia-{n}/" for n, news in enumerate(items)]
    return whole_page("es", "Noticias", body, links, items)


def section_of_articles() -> Unseen:
    """A section's articles: linked heading, a small line with day and author, an introduction with a link to more."""
    items = MORE_NEWS["fr"]
    articles = "\n".join(
        f'<li class="item hentry"><h3 class="entry-title"><a href="spip.php?article{300 - n}" rel="bookmark"><img class="spip_logo spip_logos" alt="" src="local/cache-vignettes/L150xH100/arton{300 - n}.jpg" width="150" height="100">{escape(news.title)}</a></h3><p class="info-publi"><abbr class="published" title="{news.day}T08:00:00Z">{news.day.day if news.day.day > 1 else "1er"} {_FR[news.day.month - 1]} {news.day.year}</abbr>, par <span class="auteurs"><span class="vcard author"><a class="url fn spip_in" href="spip.php?auteur{n % 3}">Jeanne Moreau</a></span></span></p><div class="introduction entry-content"><p>{escape(news.summary)}</p></div></li>'
        for n, news in enumerate(items)
    )
    body = (
        f'<div id="page"><div id="entete"><strong id="nom_site_spip"><a href="./">Le réseau</a></strong></div>{menu("rubriques", 7)}<div id="conteneur"><div id="contenu"><p id="hierarchie"><a href="./">Accueil</a> &gt; <strong class="on">Actualités</strong></p><div class="cartouche"><h1 class="titre">Actualités</h1></div><div class="menu articles"><h2>Articles</h2><a id="pagination_articles"></a><ul>{articles}</ul><p class="pagination"><strong class="on">0</strong> | <a href="?debut_articles=16" class="lien_pagination">16</a> | <a href="?debut_articles=32" class="lien_pagination">32</a></p></div></div>'
        f'<div id="navigation"><div class="menu"><h2>Dans la même rubrique</h2><ul>{"".join(f"<li><a href=spip.php?rubrique{n}>Sous-rubrique numéro {n}</a></li>" for n in range(6))}</ul></div><div class="menu breves"><h2>Brèves</h2><ul>{"".join(f"<li><a href=spip.php?breve{n}>Une brève déjà ancienne, numéro {n}</a></li>" for n in range(4))}</ul></div></div></div><div id="pied"><p>2008-2024 © Le réseau – <a href="spip.php?page=plan">Plan du site</a></p></div></div>'
    )
    links = [f"https://www.example.org/section/news/spip.php?article{300 - n}" for n in range(len(items))]
    return whole_page("fr", "Actualités", body, links, items)


def media_objects() -> Unseen:
    """A portal's media objects: a picture at the left, day with the hour, views, linked title, text, a button."""
    items = MORE_NEWS["ru"]
    objects = "\n".join(
        f'<div class="media news-media"><a class="media-left" href="/press/news/{n}-novost"><img class="media-object" src="/upload/resize/{n}.jpg" alt="{escape(news.title)}"></a><div class="media-body"><div class="news-media-info"><span class="news-media-date"><i class="fa fa-calendar"></i> {news.day.day} {_RU[news.day.month - 1]} {news.day.year} г., 10:{15 + n}</span><span class="news-media-views"><i class="fa fa-eye"></i> {120 + n}</span></div><h4 class="media-heading"><a href="/press/news/{n}-novost">{escape(news.title)}</a></h4><p>{escape(news.summary)}</p><a class="btn btn-default btn-sm" href="/press/news/{n}-novost">Подробнее</a></div></div>'
        for n, news in enumerate(items)
    )
    banners = "".join(
        f'<div class="media"><a class="media-left" href="https://b{n}.example.net/"><img src="/upload/b{n}.png" alt=""></a><div class="media-body"><h4 class="media-heading"><a href="https://b{n}.example.net/">Портал услуг для жителей, раздел {n}</a></h4></div></div>'
        for n in range(4)
    )
    body = (
        f'<div class="top-line"><a href="/special">Версия для слабовидящих</a></div><header class="header">{menu("navbar-nav", 7)}</header><div class="container"><ol class="breadcrumb"><li><a href="/">Главная</a></li><li><a href="/press">Пресс-центр</a></li><li class="active">Новости</li></ol><div class="row"><div class="col-md-9"><h1>Новости</h1><form class="form-inline"><input name="from" placeholder="с"><input name="to" placeholder="по"><button>Показать</button></form><div class="news-media-list">{objects}</div><ul class="pagination"><li class="active"><span>1</span></li><li><a href="?PAGEN_1=2">2</a></li><li><a href="?PAGEN_1=3">3</a></li><li><a href="?PAGEN_1=2">Вперёд</a></li></ul></div>'
        f'<div class="col-md-3"><h3>Полезные ссылки</h3>{banners}</div></div></div><footer><p>© Администрация, 2024</p><p>Адрес: ул. Центральная, 1. Тел.: 0-00-00</p></footer>'
    )
    links = [f"https://www.example.org/press/news/{n}-novost" for n in range(len(items))]
    return whole_page("ru", "Новости", body, links, items)


UNSEEN: Mapping[str, Callable[[], Unseen]] = {
    layout.__name__: layout
    for layout in (
        government_documents,
        short_news_blocks,
        visual_theme_posts,
        section_of_articles,
        media_objects,
    )
}
