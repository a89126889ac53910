"""Five pages of a seventh round, written after the changes for `unseen_further.py` (decision 0195)."""

# ruff: noqa: E501 # markup broken into short lines could not be read

from collections.abc import Callable, Mapping
from html import escape

from tests.sources.unseen import Unseen, menu
from tests.sources.unseen_more_news import MORE_NEWS
from tests.sources.unseen_ordinary import whole_page

_FR = ("janvier", "février", "mars", *[""] * 7, "novembre", "décembre")
_PT = ("janeiro", "fevereiro", "março", *[""] * 7, "novembro", "dezembro")


def network_entries() -> Unseen:
    """A network's entries with class names of utilities: the day and topic in one row, linked title, text."""
    items = MORE_NEWS["en"]
    entries = "\n".join(
        f'<article class="flex flex-col items-start justify-between border-b py-8"><div class="flex items-center gap-x-4 text-xs"><time datetime="{news.day}" class="text-gray-500">{news.day:%b} {news.day.day}, {news.day.year}</time><a href="/topics/{n % 3}" class="rounded-full bg-gray-50 px-3">{("Policy", "Members", "Research")[n % 3]}</a></div><div class="group relative"><h3 class="mt-3 text-lg font-semibold"><a href="/news/{n}-entry"><span class="absolute inset-0"></span>{escape(news.title)}</a></h3><p class="mt-5 line-clamp-3 text-sm">{escape(news.summary)}</p></div><div class="relative mt-8 flex items-center gap-x-4"><img src="/people/{n % 4}.jpg" alt="" class="size-10 rounded-full"><div class="text-sm"><p class="font-semibold"><a href="/people/{n % 4}">Amina Odhiambo</a></p><p class="text-gray-600">Coordinator</p></div></div></article>'
        for n, news in enumerate(items)
    )
    body = f'<header class="bg-white"><nav class="mx-auto flex">{menu("flex", 4)}</nav></header><main class="mx-auto max-w-7xl px-6"><h1 class="text-4xl font-semibold">From the network</h1><p class="mt-2 text-lg">What our members do and learn.</p><div class="mx-auto grid grid-cols-1 gap-x-8 lg:grid-cols-3">{entries}</div><nav class="flex items-center justify-between"><a href="#">Previous</a><a href="/news?page=2">Next</a></nav></main><footer class="bg-gray-900"><p>© 2024 The network. All rights reserved.</p></footer>'
    return whole_page(
        "en",
        "From the network",
        body,
        [f"https://www.example.org/news/{n}-entry" for n in range(len(items))],
        items,
    )


def parish_table() -> Unseen:
    """A table without a head: the day in one cell, in the other the linked title in bold, a break and the text."""
    items = MORE_NEWS["fr"]
    rows = "\n".join(
        f'<tr valign="top"><td width="110">{news.day:%d/%m/%Y}</td><td><a href="info.php?num={60 - n}"><b>{escape(news.title)}</b></a><br>{escape(news.summary)}<br></td></tr>'
        for n, news in enumerate(items)
    )
    body = f'<div id="haut"><h1>Commune d’Exemple</h1></div><div id="gauche">{menu("gauche", 6)}</div><div id="milieu"><h2>Informations municipales</h2><table border="0" cellspacing="4">{rows}</table><p>Pages : 1 <a href="?page=2">2</a> <a href="?page=3">3</a></p></div><div id="droite"><h3>Mairie</h3><table><tr><td>Lundi</td><td>9h - 12h</td></tr><tr><td>Mardi</td><td>14h - 17h</td></tr><tr><td>Jeudi</td><td>9h - 12h</td></tr></table><p><a href="plan.php">Plan d’accès</a></p></div><div id="bas">Commune d’Exemple – <a href="mentions.php">Mentions légales</a></div>'
    return whole_page(
        "fr",
        "Informations",
        body,
        [f"https://www.example.org/section/news/info.php?num={60 - n}" for n in range(len(items))],
        items,
    )


def chamber_tiles() -> Unseen:
    """A chamber's tiles: date in figures of its own, a headline with a kicker inside the article, teaser and arrow."""
    items = MORE_NEWS["de"]
    tiles = "\n".join(
        f'<div class="o-grid__item"><article class="m-tile"><a class="m-tile__imagelink" href="/nachricht/{n}.html" tabindex="-1"><img class="m-tile__image" src="/images/{n}.jpg" alt="Symbolbild"></a><header class="m-tile__header"><p class="m-tile__kicker">{("Bildung", "Recht", "Handwerk")[n % 3]}</p><h3 class="m-tile__headline"><a href="/nachricht/{n}.html">{escape(news.title)}</a></h3></header><p class="m-tile__teaser">{escape(news.summary)}</p><footer class="m-tile__footer"><span class="m-tile__date">{news.day:%d.%m.%Y}</span><a class="m-tile__link" href="/nachricht/{n}.html">Weiterlesen</a></footer></article></div>'
        for n, news in enumerate(items)
    )
    events = "".join(
        f'<div class="o-grid__item"><article class="m-date"><p class="m-date__day">0{n + 3}.04.2024</p><h3 class="m-date__headline"><a href="/termin/{n}.html">Beratungstag für Gründer, Teil {n}</a></h3></article></div>'
        for n in range(4)
    )
    body = f'<div class="o-cookie"><p>Wir verwenden Cookies.</p><button>Alle zulassen</button></div><header class="o-header">{menu("o-nav", 6)}</header><main><h1>Nachrichten der Kammer</h1><div class="o-grid">{tiles}</div><div class="o-more"><a href="/nachrichten?seite=2">Weitere Nachrichten</a></div><h2>Termine</h2><div class="o-grid">{events}</div></main><footer class="o-footer"><a href="/impressum.html">Impressum</a><a href="/datenschutz.html">Datenschutz</a></footer>'
    return whole_page(
        "de",
        "Nachrichten",
        body,
        [f"https://www.example.org/nachricht/{n}.html" for n in range(len(items))],
        items,
    )


def forum_entries() -> Unseen:
    """A forum's list: heading linked, "Publicado em" with the day and the hour below, text, tags."""
    items = MORE_NEWS["pt"]
    entries = "\n".join(
        f'<div class="entrada"><h2><a href="/forum/{news.day.year}/entrada-{n}">{escape(news.title)}</a></h2><p class="meta">Publicado em {news.day.day} de {_PT[news.day.month - 1]} de {news.day.year}</p><p>{escape(news.summary)}</p><p class="etiquetas">Etiquetas: <a href="/e/mar">mar</a>, <a href="/e/campo">campo</a></p></div>'
        for n, news in enumerate(items)
    )
    body = f'<header><h1><a href="/">Fórum das cooperativas</a></h1>{menu("topo", 5)}</header><div class="conteudo">{entries}<div class="navegacao"><a href="/forum/pagina/2">Mais antigas</a></div></div><aside><h3>Etiquetas</h3><p><a href="/e/mar">mar</a> <a href="/e/campo">campo</a> <a href="/e/escola">escola</a></p><h3>Arquivo</h3><ul><li><a href="/2024/03">março de 2024</a></li><li><a href="/2024/02">fevereiro de 2024</a></li><li><a href="/2024/01">janeiro de 2024</a></li></ul></aside><footer><p>Fórum das cooperativas, desde 2009</p></footer>'
    return whole_page(
        "pt",
        "Fórum",
        body,
        [f"https://www.example.org/forum/{news.day.year}/entrada-{n}" for n, news in enumerate(items)],
        items,
    )


def region_news() -> Unseen:
    """A region's list: each entry a section with an anchor, day in a paragraph in slanted letters at the end."""
    items = MORE_NEWS["it"]
    sections = "\n".join(
        f'<section class="notizia" id="n{n}"><div class="notizia-foto"><a href="/it/notizie/dettaglio/{n}/"><img src="/foto/{n}.jpg" alt="{escape(news.title)}"></a></div><div class="notizia-testo"><h2 class="notizia-titolo"><a href="/it/notizie/dettaglio/{n}/">{escape(news.title)}</a></h2><p class="notizia-sommario">{escape(news.summary)}</p><p class="notizia-info"><i>Pubblicato il {news.day:%d/%m/%Y}</i></p></div></section>'
        for n, news in enumerate(items)
    )
    body = f'<header><a href="/it/">Regione di Esempio</a>{menu("menu-regione", 6)}</header><main><div class="briciole"><a href="/it/">Home</a> » Notizie</div><h1>Notizie dalla Regione</h1>{sections}<div class="paginazione"><a class="attiva" href="?p=1">1</a><a href="?p=2">2</a><a href="?p=3">3</a><a href="?p=4">4</a></div></main><aside><section class="box"><h2>In evidenza</h2><ul><li><a href="/it/bandi/">Bandi aperti per le imprese</a></li><li><a href="/it/concorsi/">Concorsi e selezioni</a></li><li><a href="/it/allerta/">Allerta meteo della protezione civile</a></li></ul></section></aside><footer><p>Aggiornato al 15/03/2024</p></footer>'
    return whole_page(
        "it",
        "Notizie",
        body,
        [f"https://www.example.org/it/notizie/dettaglio/{n}/" for n in range(len(items))],
        items,
    )


UNSEEN: Mapping[str, Callable[[], Unseen]] = {
    layout.__name__: layout
    for layout in (network_entries, parish_table, chamber_tiles, forum_entries, region_news)
}
