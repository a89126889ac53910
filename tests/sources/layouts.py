"""Five invented layouts of a news list, made after the code that proposes sources was written."""

# ruff: noqa: E501 # markup broken into short lines could not be read

from collections.abc import Callable, Mapping, Sequence
from html import escape

from sse_digest.model.items import ReadItem
from tests.pages import filled
from tests.sources.dresses import tag

Layout = Callable[[Sequence[ReadItem]], str]


def around(body: str) -> str:
    """A page with what stands beside its news: menus, most read, topics, partners."""
    return filled("shells/layouts.html", news=body)


def rows(items: Sequence[ReadItem]) -> str:
    body = "".join(
        f'<tr><td class="d">{escape(item.date_text or "")}</td><td><a href="/n/{n}.html">{escape(item.title or "")}'
        f"</a><br><small>{escape(item.summary or '')}</small></td></tr>"
        for n, item in enumerate(items)
    )
    return around(f'<table class="list"><tbody>{body}</tbody></table>')


def atomic(items: Sequence[ReadItem]) -> str:
    body = "".join(
        f'<div class="w-full md:w-1/2 p-4"><div class="flex flex-col"><a href="/stories/{n}" class="no-underline">'
        f'<h3 class="text-xl font-bold">{escape(item.title or "")}</h3></a>'
        f"{tag('p', item.summary, 'class=mt-2')}<p class='text-sm mt-1'>{escape(item.date_text or '')}</p></div></div>"
        for n, item in enumerate(items)
    )
    return around(f'<div class="flex flex-wrap">{body}</div>')


def unclassed(items: Sequence[ReadItem]) -> str:
    body = "".join(
        f'<li><span>{escape(item.date_text or "")}</span> <a href="item.php?id={n}">{escape(item.title or "")}</a>'
        f"{tag('p', item.summary)}</li>"
        for n, item in enumerate(items)
    )
    return around(f"<div><ul>{body}</ul></div>")


def blog(items: Sequence[ReadItem]) -> str:
    body = "".join(
        f'<article id="post-{n}" class="post-{n} post type-post hentry"><header class="entry-header">'
        f'<h2 class="entry-title"><a href="/2021/{n}/" rel="bookmark">{escape(item.title or "")}</a></h2>'
        f'<div class="entry-meta"><span class="posted-on"><time class="entry-date" datetime="{item.published}">'
        f'{escape(item.date_text or "")}</time></span></div></header><div class="entry-summary">'
        f'{tag("p", item.summary)}<a class="more-link" href="/2021/{n}/">Read more</a></div></article>'
        for n, item in enumerate(items)
    )
    return around(f'<main id="main">{body}</main>')


def linked_cards(items: Sequence[ReadItem]) -> str:
    body = "".join(
        f'<a class="card card--{"wide" if n == 0 else "small"}" href="/en/news/{n}-story"><div class="card__media">'
        f'<img src="/{n}.jpg" alt=""></div><div class="card__body"><div class="card__meta"><span class="card__type">'
        f'Story</span><span class="card__day">{escape(item.date_text or "")}</span></div>'
        f'<div class="card__title">{escape(item.title or "")}</div>{tag("div", item.summary, "class=card__text")}'
        "</div></a>"
        for n, item in enumerate(items)
    )
    return around(f'<section class="cards">{body}</section>')


LAYOUTS: Mapping[str, Layout] = {
    layout.__name__: layout for layout in (rows, atomic, unclassed, blog, linked_cards)
}
