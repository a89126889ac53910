"""Five usual pages, written after the changes for `unseen_plain.py` (decision 0195)."""

# ruff: noqa: E501 # markup broken into short lines could not be read

from collections.abc import Callable, Mapping
from html import escape

from tests.sources.unseen import Unseen, menu
from tests.sources.unseen_more_news import MORE_NEWS
from tests.sources.unseen_ordinary import whole_page

_FR = ("janvier", "février", "mars", *[""] * 7, "novembre", "décembre")
_DE = ("Januar", "Februar", "März", *[""] * 7, "November", "Dezember")
_RU = ("января", "февраля", "марта", *[""] * 7, "ноября", "декабря")


def static_site_posts() -> Unseen:
    """A static site's posts: the day in small letters before each heading, the text as it came from Markdown."""
    items = MORE_NEWS["en"]
    posts = "\n".join(
        f'<li><span class="post-meta">{news.day:%b} {news.day.day}, {news.day.year}</span><h3><a class="post-link" href="/{news.day:%Y/%m/%d}/post-{n}.html">\n{escape(news.title)}\n</a></h3><p>{escape(news.summary)}</p>\n</li>'
        for n, news in enumerate(items)
    )
    body = (
        f'<header class="site-header"><div class="wrapper"><a class="site-title" rel="author" href="/">Mutual Aid Project</a>{menu("site-nav", 3)}</div></header><main class="page-content"><div class="wrapper"><div class="home"><p>We publish notes on our work about twice a month.</p><h2 class="post-list-heading">Posts</h2><ul class="post-list">{posts}</ul><p class="rss-subscribe">subscribe <a href="/feed.xml">via RSS</a></p></div></div></main>'
        '<footer class="site-footer h-card"><div class="wrapper"><ul class="contact-list"><li>Mutual Aid Project</li><li><a href="mailto:post@example.org">post@example.org</a></li></ul><ul class="social-media-list"><li><a href="https://code.example.net/map">map</a></li><li><a href="https://social.example.net/map">map</a></li></ul></div></footer>'
    )
    links = [f"https://www.example.org/{news.day:%Y/%m/%d}/post-{n}.html" for n, news in enumerate(items)]
    return whole_page("en", "Posts", body, links, items)


def list_group() -> Unseen:
    """A framework's group of linked entries: heading and day side by side, text below, the office in small letters."""
    items = MORE_NEWS["de"]
    entries = "\n".join(
        f'<a href="/news/{n}" class="list-group-item list-group-item-action flex-column align-items-start"><div class="d-flex w-100 justify-content-between"><h5 class="mb-1">{escape(news.title)}</h5><small class="text-muted">{news.day.day}. {_DE[news.day.month - 1]} {news.day.year}</small></div><p class="mb-1">{escape(news.summary)}</p><small>Landesgeschäftsstelle</small></a>'
        for n, news in enumerate(items)
    )
    body = f'<nav class="navbar navbar-expand-lg"><a class="navbar-brand" href="/">Genossenschaftsbund</a>{menu("navbar-nav", 5)}</nav><div class="container"><div class="row"><div class="col-md-3"><div class="list-group"><a href="/news" class="list-group-item list-group-item-action active">Alle Nachrichten</a><a href="/news?r=1" class="list-group-item list-group-item-action">Aus den Verbänden</a><a href="/news?r=2" class="list-group-item list-group-item-action">Aus der Politik</a><a href="/news?r=3" class="list-group-item list-group-item-action">Aus der Bildung</a></div></div><div class="col-md-9"><h1>Nachrichten</h1><div class="list-group mb-4">{entries}</div><nav aria-label="Seiten"><ul class="pagination"><li class="page-item disabled"><span class="page-link">Zurück</span></li><li class="page-item"><a class="page-link" href="?page=2">2</a></li><li class="page-item"><a class="page-link" href="?page=2">Weiter</a></li></ul></nav></div></div></div><footer class="container"><p>© 2024 Genossenschaftsbund · <a href="/impressum">Impressum</a></p></footer>'
    links = [f"https://www.example.org/news/{n}" for n in range(len(items))]
    return whole_page("de", "Nachrichten", body, links, items)


def magazine_cards() -> Unseen:
    """A publishing system's cards: each in one link, with tag, title, excerpt, author, day and minutes to read."""
    items = MORE_NEWS["fr"]
    cards = "\n".join(
        f'<article class="gh-card post tag-{n % 3} {"no-image" if n % 5 == 4 else ""}"><a class="gh-card-link" href="/note-{n}/">'
        + (
            ""
            if n % 5 == 4
            else f'<figure class="gh-card-image"><img srcset="/content/images/size/w160/{n}.jpg 160w" src="/content/images/size/w600/{n}.jpg" alt="{escape(news.title)}" loading="lazy"></figure>'
        )
        + f'<div class="gh-card-wrapper"><p class="gh-card-tag">{("Territoires", "Métiers", "Portraits")[n % 3]}</p><h3 class="gh-card-title is-title">{escape(news.title)}</h3><p class="gh-card-excerpt is-body">{escape(news.summary)}</p><footer class="gh-card-meta"><span class="gh-card-author">Par Jeanne Moreau</span><time class="gh-card-date" datetime="{news.day}">{"1er" if news.day.day == 1 else news.day.day} {_FR[news.day.month - 1]} {news.day.year}</time><span class="gh-card-length">{n % 4 + 2} min de lecture</span></footer></div></a></article>'
        for n, news in enumerate(items)
    )
    body = f'<div class="gh-viewport"><header class="gh-navigation"><a class="gh-navigation-logo" href="/">La Coopérante</a>{menu("nav", 4)}<a class="gh-button" href="#/portal/signup">S’abonner</a></header><section class="gh-header"><h1>Des nouvelles de l’économie sociale</h1><form class="gh-form"><input type="email" placeholder="vous@example.org"><button>S’inscrire</button></form></section><section class="gh-container is-grid"><main class="gh-main"><h2 class="gh-container-title">Derniers articles</h2><div class="gh-feed">{cards}</div><div class="gh-more"><a href="/page/2/">Voir plus</a></div></main><aside class="gh-sidebar"><h3>À propos</h3><p>Une revue faite par des membres de coopératives.</p><h3>Recommandations</h3><ul><li><a href="https://a.example.net"><h4>Le journal des métiers</h4><p>Chaque semaine</p></a></li><li><a href="https://b.example.net"><h4>Terres communes</h4><p>Chaque mois</p></a></li><li><a href="https://c.example.net"><h4>Cahiers de la mer</h4><p>Chaque mois</p></a></li></ul></aside></section><footer class="gh-footer"><p>La Coopérante © 2024</p></footer></div>'
    links = [f"https://www.example.org/note-{n}/" for n in range(len(items))]
    return whole_page("fr", "Derniers articles", body, links, items)


def floated_pictures() -> Unseen:
    """A site of long standing: a floated picture, a title in bold that is linked, the day in brackets, the text, a line."""
    items = MORE_NEWS["es"]
    pieces = "\n".join(
        f'<div class="noticia"><img src="fotos/mini_{n}.jpg" align="left" width="90" height="60" alt=""><div class="titulo"><a href="noticia.php?id={700 - n}"><b>{escape(news.title)}</b></a> <span class="fecha">({news.day:%d-%m-%Y})</span></div><div class="entradilla">{escape(news.summary)}</div><div class="clear"></div></div>'
        for n, news in enumerate(items)
    )
    body = (
        f'<div id="cabecera"><img src="img/cabecera.jpg" alt="Federación"><div id="fecha_hoy">Viernes, 15 de marzo de 2024</div></div><div id="menu">{menu("m", 7)}</div><div id="centro"><h2>Noticias de la federación</h2>{pieces}<div id="paginas">Páginas: <b>1</b> <a href="?pag=2">2</a> <a href="?pag=3">3</a> <a href="?pag=4">4</a> <a href="?pag=2">Siguiente &raquo;</a></div></div>'
        '<div id="derecha"><div class="caja"><h3>Agenda</h3><p><b>4 de abril</b><br><a href="agenda.php?id=1">Jornada de puertas abiertas en la lonja</a></p><p><b>9 de abril</b><br><a href="agenda.php?id=2">Curso de contabilidad para tesoreros</a></p></div><div class="caja"><h3>Enlaces</h3><a href="https://u.example.net">Unión de pueblos</a><br><a href="https://v.example.net">Red de mercados</a></div></div><div id="pie">Federación de cooperativas. C/ Mayor, 1. <a href="legal.php">Aviso legal</a></div>'
    )
    links = [f"https://www.example.org/section/news/noticia.php?id={700 - n}" for n in range(len(items))]
    return whole_page("es", "Noticias", body, links, items)


def union_rows() -> Unseen:
    """A union's rows: time element and section in one line, linked title, announcement, a picture at the right."""
    items = MORE_NEWS["ru"]
    rows = "\n".join(
        f'<div class="b-news__row"><div class="b-news__left"><div class="b-news__meta"><time>{news.day.day} {_RU[news.day.month - 1]} {news.day.year}</time><a class="b-news__section" href="/sections/{n % 3}/">{("Регионы", "Право", "Обучение")[n % 3]}</a></div><a class="b-news__title" href="/news/{n}/">{escape(news.title)}</a><div class="b-news__anons">{escape(news.summary)}</div></div><a class="b-news__right" href="/news/{n}/"><img src="/i/{n}.jpg" alt=""></a></div>'
        for n, news in enumerate(items)
    )
    body = (
        f'<header><a href="/"><img src="/logo.svg" alt="Профсоюз"></a>{menu("top-menu", 6)}<form action="/search/"><input name="q"><button>Найти</button></form></header><main><h1>Новости профсоюза</h1><div class="tabs"><a class="active" href="/news/">Все</a><a href="/news/?s=1">Регионы</a><a href="/news/?s=2">Право</a></div><div class="b-news">{rows}</div><div class="pages"><a href="?page=2">Следующая страница</a></div></main>'
        f'<aside><h3>Фотогалереи</h3><div class="b-photos">{"".join(f"<div class=b-photos__row><a href=/photo/{n}/><img src=/p/{n}.jpg alt=foto></a><a class=b-photos__title href=/photo/{n}/>Снимки с летнего слёта, часть {n + 1}</a><span>{n + 7} фото</span></div>" for n in range(4))}</div></aside><footer><p>Свидетельство о регистрации № 0000 от 1 июня 2010 года</p><a href="/contacts/">Контакты</a></footer>'
    )
    links = [f"https://www.example.org/news/{n}/" for n in range(len(items))]
    return whole_page("ru", "Новости", body, links, items)


UNSEEN: Mapping[str, Callable[[], Unseen]] = {
    layout.__name__: layout
    for layout in (static_site_posts, list_group, magazine_cards, floated_pictures, union_rows)
}
