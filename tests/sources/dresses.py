"""The same items dressed as HTML in many ways: the hooks are the publisher's, everything else is invented.

What a reader of pages must not depend on differs from dress to dress: tags, class names, wrappers, order.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time
from html import escape
from itertools import pairwise

from sse_digest.model.items import ReadItem
from tests.pages import filled

Dress = Callable[[ReadItem, str], str]


def page(body: str, language: str = "en", head: str = "") -> str:
    return filled("shells/dresses.html", body=body, language=language, head=head)


def classic(items: Iterable[ReadItem], dress: Dress, language: str = "en") -> str:
    entries = "\n".join(dress(item, f"/news/WCMS_{1000 + n}/index.htm") for n, item in enumerate(items))
    pager = '<strong>Page 1 of 3</strong><a href="nextRow--10/index.htm">Next</a>'
    body = f'<div class="items-list wide">{entries}</div><aside class="pagination">{pager}</aside>'
    return page(body, language)


def new(items: Iterable[ReadItem], dress: Dress, language: str = "en") -> str:
    cards = "\n".join(dress(item, f"/resource/news/wcms_{1000 + n}") for n, item in enumerate(items))
    return page(f'<main><div class="view">{cards}</div></main>', language)


def tag(name: str, text: str | None, attributes: str = "") -> str:
    return f"<{name} {attributes}>{escape(text)}</{name}>" if text else ""


def stressed(text: str | None) -> str:
    """The text with its words in several inline elements, as editors leave them."""
    words = (text or "").split(" ")
    marks = ("{}", "<em>{}</em>", "{}", "<span style='x'>{}</span>", "<strong><i>{}</i></strong>")
    return " ".join(marks[n % 5].format(escape(word)) for n, word in enumerate(words))


# ------------------------------------------------------------------ the old site


def plain(item: ReadItem, href: str) -> str:
    return (
        f'<li class="entry"><span class="pic"><img src="/i.jpg" alt="">{tag("span", item.credit)}</span>'
        f"{tag('p', item.kicker)}<h5 class='item-title'><a href='{href}'>{escape(item.title or '')}</a></h5>"
        f"{tag('p', item.date_text)}{tag('p', item.summary)}</li>"
    )


def figure(item: ReadItem, href: str) -> str:
    return (
        f"<li data-n=1><figure><a href='{href}'><img src=i></a>{tag('figcaption', item.credit)}</figure>"
        f"<div><div class='top'>{tag('span', item.kicker, 'class=k')}</div>"
        f'<h5 class="x item-title y"><a href="{href}"><span>{escape(item.title or "")}</span></a></h5>'
        f"<div class='meta'><i class='icon'></i>{tag('time', item.date_text)}</div>"
        f'<div class="text"><p>{stressed(item.summary)}</p><a href="{href}">Read more</a></div></div></li>'
    )


def bare(item: ReadItem, href: str) -> str:
    return (
        f"<li>{escape(item.credit or '')}<br>{escape(item.kicker or '')}"
        f"<h5 class=item-title><a href={href}>{stressed(item.title)}</a></h5>"
        f"{escape(item.date_text or '')}<br/>{escape(item.summary or '')}"
    )


def date_first(item: ReadItem, href: str) -> str:
    return (
        f"<li><div>{tag('span', item.date_text)}</div>{tag('div', item.kicker)}"
        f'<a href="{href}"><h5 class="item-title">{escape(item.title or "")}</h5></a>'
        f"{tag('blockquote', item.summary)}{tag('small', item.credit)}<!-- © nobody 2020 --></li>"
    )


def one_line(item: ReadItem, href: str) -> str:
    return (
        f"<ul><li><p>{tag('span', item.kicker)} {tag('span', item.credit)}</p>"
        f'<h5 class="item-title"><a href="{href}">\n  {escape(item.title or "")}\n</a></h5>'
        f"<p>{tag('span', item.date_text)}</p><script>var x = '12 May 2020';</script>"
        f"<section><div><div>{tag('p', item.summary)}</div></div></section></li></ul>"
    )


def labelled(item: ReadItem, href: str) -> str:
    return (
        f"<li><p class='meta'>{tag('span', item.kicker)}</p>"
        f'<h5 class="item-title"><a href="{href}">{escape(item.title or "")}</a></h5>'
        f'<dl><dt class="sr">Date</dt>{tag("dd", item.date_text)}</dl>{tag("p", item.summary)}'
        f"{tag('p', item.credit, 'class=c')}</li>"
    )


def run_on(item: ReadItem, href: str) -> str:
    return (
        f"<li>{tag('small', item.credit)}{tag('span', item.kicker, 'class=k')}"
        f'<h5 class="item-title"><a href="{href}">{escape(item.title or "")}</a></h5>'
        f"{tag('span', item.date_text, 'class=d')}<br>{escape(item.summary or '')}"
        f' <a class="more" href="{href}">Read more</a></li>'
    )


CLASSIC: Mapping[str, Dress] = {
    dress.__name__: dress for dress in (plain, figure, bare, date_first, one_line, labelled, run_on)
}


# ------------------------------------------------------------------ the new site


def machine_time(item: ReadItem) -> str:
    if item.published is None:
        return tag("time", item.date_text, 'class="ilo--card--date"')
    noon = datetime.combine(item.published, time(12), UTC)
    return tag("time", item.date_text, f'class="ilo--card--date" datetime="{int(noon.timestamp())}"')


def card(item: ReadItem, href: str) -> str:
    title = escape(item.title or "")
    return (
        f'<div class="ilo--card ilo--card__type__feature"><a class="ilo--card--link" href="{href}">'
        f'<span class="ilo--card--link-text">{title}</span></a><div class="ilo--card--wrap">'
        f'<div class="ilo--card--image-wrap"><img src="/i.jpg"></div>{tag("span", item.credit)}'
        f'<div class="ilo--card--content">{tag("p", item.kicker, "class=ilo--card--eyebrow")}'
        f'<p class="ilo--card--title">{title}</p>{tag("p", item.summary, "class=ilo--card--intro")}'
        f"{machine_time(item)}</div></div></div>"
    )


def linked_card(item: ReadItem, href: str) -> str:
    intro = f'<div class="ilo--card--intro"><p>{stressed(item.summary)}</p></div>' if item.summary else ""
    return (
        f'<article class="grid"><div class="teaser ilo--card"><a class="btn ilo--card--link" href="{href}">'
        f"<figure><img src='/i.jpg'>{tag('figcaption', item.credit)}</figure>{machine_time(item)}"
        f'<p class="ilo--card--eyebrow"><span>{escape(item.kicker or "")}</span></p>'
        f'<h3 class="ilo--card--title"><span><span>{stressed(item.title)}</span></span></h3></a>{intro}'
        f'<ul class="tags"><li>Tag one</li></ul><a href="{href}">More</a></div></article>'
    )


def hidden_copy(item: ReadItem, href: str) -> str:
    title = escape(item.title or "")
    return (
        f'<div class="ilo--card"><p class="ilo--card--title">{title}</p><span class="hidden">{title}</span>'
        f"{tag('p', item.kicker, 'class=ilo--card--eyebrow')}{machine_time(item)}<div class='late'>"
        f"{tag('p', item.summary, 'class=ilo--card--intro')}{tag('em', item.credit)}</div>"
        f'<a class="ilo--card--link" href="{href}"></a></div>'
    )


NEW: Mapping[str, Dress] = {dress.__name__: dress for dress in (card, linked_card, hidden_copy)}


# ------------------------------------------------------------------ invented, read by selectors


def row(item: ReadItem, href: str) -> str:
    return (
        f'<tr class="nw-row">{tag("td", item.date_text or " ", "class=nw-day")}<td>{tag("em", item.kicker)}'
        f'<a class="nw-head" href="{href}">{escape(item.title or "")}</a>'
        f"{tag('div', item.summary, 'class=nw-text')}</td></tr>"
    )


def tile(item: ReadItem, href: str) -> str:
    picture = escape(item.title or "")[:9].strip()
    return (
        f'<section class="c-tile"><a href="{href}"><img src="/pictures/{picture}.jpg" alt=""></a>'
        f'<div class="c-meta"><span class="c-kind">{escape(item.kicker or "")}</span>'
        f'<span class="c-when">{escape(item.date_text or "")}</span></div>'
        f'<h3 class="c-name"><a href="{href}">{escape(item.title or "")}</a></h3>'
        f"{tag('p', item.summary, 'class=c-lead')}</section>"
    )


INVENTED: Mapping[str, tuple[Dress, str, Mapping[str, str]]] = {
    "row": (
        row,
        '<table class="nw-list"><tbody>{}</tbody></table>',
        {
            "item": ".nw-row",
            "list": ".nw-list",
            "title": ".nw-head",
            "date": ".nw-day",
            "summary": ".nw-text",
            "kicker": "em",
        },
    ),
    "tile": (
        tile,
        '<div class="c-grid">{}</div>',
        {
            "item": ".c-tile",
            "list": ".c-grid",
            "title": ".c-name",
            "date": ".c-when",
            "summary": ".c-lead",
            "kicker": ".c-kind",
        },
    ),
}
"""Each with what is around its items, and the selectors it is read by."""


# ------------------------------------------------------------------ without a page around them


_KICKER = 'domain="urn:news:kicker"'


def rss(items: Iterable[ReadItem], language: str = "en") -> str:
    """A feed whose dates are the publisher's own words, as many are."""
    entries = "\n".join(
        f"<item>{tag('title', item.title)}<link>/items/{n}</link>{tag('pubDate', item.date_text)}"
        f"{tag('category', item.kicker, _KICKER)}{tag('media:credit', item.credit)}"
        f"{tag('description', escape(item.summary or ''))}</item>"
        for n, item in enumerate(items)
    )
    space = 'xmlns:media="http://search.yahoo.com/mrss/"'
    head = f"<title>News</title><language>{language}</language>"
    return f'<rss version="2.0" {space}><channel>{head}{entries}</channel></rss>'


def record(item: ReadItem, number: int) -> dict[str, str]:
    """The item's fields under the names that notes and tables give them."""
    fields = {
        "title": item.title,
        "url": f"https://www.example.org/items/{number}",
        "date": item.date_text,
        "summary": item.summary,
        "label": item.kicker,
        "credit": item.credit,
    }
    return {name: text for name, text in fields.items() if text}


def bundle(items: Iterable[ReadItem]) -> str:
    """Notes, as a folder of them is gathered; the head of YAML is JSON, which YAML also is."""
    notes = []
    for number, item in enumerate(items):
        head = "\n".join(f"{name}: {json.dumps(text)}" for name, text in record(item, number).items())
        notes.append((f"{number:03}.md", f"---\n{head}\n---\n"))
    return json.dumps(notes)


def table(items: Iterable[ReadItem], separator: str = ",") -> str:
    """A table as a spreadsheet saves it."""
    names = ("Title", "URL", "Date", "Summary", "Label", "Credit")
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(names)
    for number, item in enumerate(items):
        fields = record(item, number)
        writer.writerow([fields.get(name.lower(), "") for name in names])
    return out.getvalue()


def mutations(text: str, parts: Iterable[int]) -> str:
    """The text with some of its parts left out: from the first to the second position, and so on."""
    cuts = sorted(part % (len(text) + 1) for part in parts)
    return "".join(text[start:end] for start, end in pairwise([0, *cuts, len(text)]) if (start + end) % 2)
