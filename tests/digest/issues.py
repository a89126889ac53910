"""Issues for tests of the mail: real titles in four languages, and texts that try to break it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from sse_digest.digest.edition import Edition, render_edition
from sse_digest.digest.options import Letterhead
from sse_digest.model.issues import Digest, Issue, IssueItem, Period, Section
from sse_digest.model.items import Item, Precision
from sse_digest.rendering.resources import folder
from tests.builders import make_item

APRIL = Period(2023, 4)
TEMPLATES = folder("templates") / "email"
THEMES = ("cooperatives", "youth", "un-coordination", "other")
LABELS = {
    "cooperatives": {"en": "Cooperatives", "fr": "Coopératives", "es": "Cooperativas", "ar": "التعاونيات"},
    "youth": {"en": "Youth", "fr": "Jeunesse", "es": "Juventud", "ar": "الشباب"},
    "un-coordination": {
        "en": "UN coordination",
        "fr": "Coordination des Nations Unies",
        "es": "Coordinación de las Naciones Unidas",
        "ar": "تنسيق الأمم المتحدة",
    },
    "other": {"en": "Other news", "fr": "Autres actualités", "es": "Otras noticias", "ar": "أخبار أخرى"},
}
DIGEST = Digest(
    name="monthly",
    title={
        "en": "News on Social and Solidarity Economy",
        "fr": "Actualités de l’économie sociale et solidaire",
        "es": "Noticias de la economía social y solidaria",
        "ar": "أخبار الاقتصاد الاجتماعي والتضامني",
    },
    themes=THEMES,
    late_days=92,
    lists=("news",),
    zone=ZoneInfo("Europe/Zurich"),
    default_language="en",
    languages=("en", "fr", "es", "ar"),
)
LETTERHEAD = Letterhead(
    from_name="SSE Digest",
    from_address="digest@news.example.org",
    reply_to="editors@news.example.org",
    list_name="news",
    list_title="News on Social and Solidarity Economy",
    list_id="sse.news.example.org",
    organisation="Example Observatory of the Social Economy",
    postal_address="12 rue des Exemples, 1201 Geneva, Switzerland",
    public_url="https://news.example.org",
)


def issue_of(items: Iterable[Item], *, lead: str | None = None) -> Issue:
    """Place each item under its primary theme, in the digest's order."""
    placed: dict[str, list[IssueItem]] = {theme: [] for theme in THEMES}
    for item in items:
        others = tuple(
            theme for theme in THEMES if theme in item.decision.themes and theme != item.decision.primary
        )
        placed[item.decision.primary].append(IssueItem(item=item, also_in=others))
    sections = tuple(Section(theme=theme, items=tuple(found)) for theme, found in placed.items() if found)
    return Issue(digest="monthly", period=APRIL, sections=sections, lead=lead)


def edition_of(
    issue: Issue, *, language: str = "en", themes: tuple[str, ...] = (), **changes: object
) -> Edition:
    """Render with the values above; `changes` replace fields of the letterhead."""
    letterhead = replace(LETTERHEAD, **changes)  # type: ignore[arg-type] # the test's own values
    return render_edition(
        issue,
        DIGEST,
        language=language,
        themes=themes,
        theme_labels=LABELS,
        letterhead=letterhead,
        templates=TEMPLATES,
        secret_key=b"a key of the tests",
    )


def small() -> Issue:
    """Six items of one month, two of them in two themes."""
    items = (
        make_item(
            1,
            title="Interview with Mr. Hyun-Gon Jung, President of KoSEA (Korea Social Enterprise"
            " Promotion Agency)",
            summary="“Spotlight Interviews with Co-operators” brings together conversations that the ILO"
            " holds with cooperators from many countries, whom its officials have met while working on"
            " cooperatives and on the social and solidarity economy (SSE) more widely.",
            kicker="Spotlight Interviews with Co-operators",
            published=date(2023, 4, 11),
        ),
        make_item(
            2,
            title="Think.Coop adaptation for Refugees and Host Communities in Sudan",
            summary="Khartoum is the venue, on 21-23 April, of the three day workshop, for which Hope and"
            " Friendship for Development Organization (HOPE) is the partner.",
            place="Khartoum, Sudan",
            published=date(2023, 4, 6),
        ),
        make_item(
            3,
            title="Equipping Asia-Pacific youth with entrepreneurial skills for sustainable growth",
            summary="The ILO’s tools for activity-based learning are helping youth in the Philippines,"
            " Cambodia and Bangladesh to pick up soft skills and entrepreneurship.",
            themes=("youth", "cooperatives"),
            published=date(2023, 4, 10),
        ),
        make_item(
            4,
            title="UN adopts a resolution on the social and solidarity economy",
            summary="The General Assembly asks its members to make room for the social and solidarity economy"
            " in their plans for sustainable development.",
            kicker="News",
            place="New York",
            themes=("un-coordination",),
            published=date(2023, 4, 19),
        ),
        make_item(
            5,
            title="Le COPAC met l’accent sur le rôle des coopératives dans une reprise juste",
            summary="Un webinaire de haut niveau s’est tenu à l’initiative du Comité pour la promotion et le"
            " progrès des coopératives (COPAC).",
            language="fr",
            themes=("un-coordination", "cooperatives"),
            published=date(2023, 4, 1),
        ),
        make_item(
            6,
            title="A guide to social enterprise law",
            summary=None,
            themes=("other",),
            published=date(2023, 4, 1),
            precision=Precision.MONTH,
        ),
    )
    return issue_of(items, lead=items[3].id)


def rtl() -> Issue:
    """Arabic beside English and Spanish, with a place and a date in each."""
    return issue_of(
        (
            make_item(
                1,
                title="اليوم الدولي للتعاونيات: مجتمعات مستدامة من خلال التعاون",
                summary="في أول سبت من يوليو سنوياً يحيي أعضاء التعاونيات عبر العالم"
                ' "اليوم الدولي للتعاونيات".',
                kicker="خبر",
                place="القاهرة، مصر",
                language="ar",
            ),
            make_item(2, title="COPAC meets in Geneva (hybrid), 28 March", place="Geneva (Switzerland)"),
            make_item(
                3,
                title="Jóvenes, 80 años",
                language="es",
                themes=("youth", "cooperatives"),
                place="Buenos Aires",
            ),
            make_item(
                4, title="أكاديمية التنمية الريفية: ILO-SSE 2023 (الشباب)", language=None, themes=("youth",)
            ),
            make_item(5, title="2023 :التعاونيات", language="ar", link=None, themes=("other",)),
        ),
        lead=make_item(2).id,
    )


def long_words() -> Issue:
    """Words and addresses that are wider than a telephone."""
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    return issue_of(
        make_item(
            number,
            title=f"{word * number} {word}",
            summary=f"https://news.example.org/{'deep/' * 60}",
            kicker=word,
            place=word,
            language="de",
            link=f"https://news.example.org/{'x' * 900}?a=1&b={number}",
        )
        for number in (1, 2, 3)
    )


def gaps() -> Issue:
    """Items that lack what an item may lack."""
    return issue_of(
        (
            make_item(1, summary=None),
            make_item(2, link=None),
            make_item(3, title=None),
            make_item(4, title=None, summary=None, kicker="Call for papers"),
            make_item(5, title=None, summary=None, link=None, language=None),
            make_item(
                6,
                published=None,
                precision=Precision.NONE,
                date_text="Spring 2023, Montréal",
                place="Montréal",
            ),
            make_item(7, published=None, precision=Precision.NONE),
        )
    )


def hostile() -> Issue:
    """Markup, templates, controls, reordering and links that are no web addresses."""
    script = "<script>alert(1)</script>"
    return issue_of(
        (
            make_item(
                1,
                title=f"{script}</title></style>&amp;",
                summary=f"{script}{{{{ 7*7 }}}}{{% raw %}} %(title)s %s",
                kicker=script,
            ),
            make_item(2, title="A title\r\nBcc: everybody@example.org\0\x1b[31m", place="Geneva\r\n.\r\n"),
            make_item(
                3, title="\u202egnp.exe\u2066 \u2067left open \ud800", summary="\ufeff\uffff\u2028new line"
            ),
            make_item(4, link="javascript:alert(1)", themes=("youth",)),
            make_item(5, link='https://news.example.org/"><script>?q=a b&c=é', themes=("youth",)),
            make_item(
                6, link="https://user:secret@evil.example/", language='en" onload="x', themes=("other",)
            ),
            make_item(7, link="http://[::1", language="../../etc/passwd", themes=("other",)),
        ),
        lead=make_item(1).id,
    )


FIXTURES = {"small": small, "rtl": rtl, "long_words": long_words, "gaps": gaps, "hostile": hostile}
