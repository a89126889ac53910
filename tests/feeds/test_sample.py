"""What stands in feeds/sample is what the code writes; SSE_UPDATE_GOLDEN=1 writes it again."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sse_digest.feeds.validation.validate import check
from sse_digest.model.items import Item, Precision
from tests.builders import make_item
from tests.feeds.documents import documents_for
from tests.feeds.feeds import OPTIONS, TAG

SAMPLE = Path(__file__).resolve().parents[2] / "feeds" / "sample"
SEEN = datetime(2023, 4, 28, 6, 30, tzinfo=UTC)
THEMES = {
    "cooperatives": {"en": "Cooperatives"},
    "youth": {"en": "Youth"},
    "un-coordination": {"en": "UN coordination"},
    "other": {"en": "Other news"},
}


def sample_items() -> tuple[Item, ...]:
    """Items of every shape there is: languages, dates, with and without link, title, kicker."""
    return (
        make_item(
            1,
            kicker="Interview",
            title="“We share the harvest and the risk”",
            summary="The chair of a dairy cooperative on prices, droughts & what members decide together.",
            place="Nakuru, Kenya",
            published=date(2023, 4, 26),
            link="https://www.example.org/news/2023/harvest-and-risk",
            image_url="https://www.example.org/pictures/dairy.jpg",
            image_alt="Three women lift a milk can onto a scale",
            credit="© Example Dairy",
            body="<p>Members decide together what a litre costs.</p><p>In a dry year all share the loss.</p>",
            themes=("cooperatives",),
        ),
        make_item(
            2,
            title="Cinquante jeunes créent leur entreprise sociale",
            summary="Un semestre de cours, un comptable pour deux et un local partagé : le bilan.",
            published=date(2023, 4, 24),
            link="https://www.example.org/actualités/jeunes entreprises",
            language="fr",
            themes=("youth", "cooperatives"),
        ),
        make_item(
            3,
            title="تعاونيات الشباب في برنامج ILO الجديد",
            summary="برنامج تدريبي يبدأ في شهر مايو ويستمر سنة كاملة.",
            published=date(2023, 4, 1),
            precision=Precision.MONTH,
            date_text="نيسان/أبريل 2023",
            link=None,
            language="ar",
            themes=("youth",),
        ),
        make_item(
            4,
            title="La ONU acuerda un plan común para la economía social",
            summary=None,
            published=date(2023, 4, 18),
            link=None,
            language="es",
            themes=("un-coordination",),
        ),
        make_item(
            5,
            kicker="From the archive",
            title="A page from 1919 <restored>",
            summary="The first minutes of the cooperative branch, read again.",
            published=date(1919, 5, 3),
            date_text="3 May 1919, Geneva",
            themes=("other",),
        ),
        make_item(
            6,
            title=None,
            summary="A short note that came without a headline and without a date.",
            published=None,
            precision=Precision.NONE,
            language=None,
            link=None,
            themes=("other",),
        ),
    )


def test_the_sample_is_what_the_code_writes() -> None:
    items = [replace(item, first_seen=SEEN, updated=SEEN) for item in sample_items()]
    options = replace(OPTIONS, public_url="https://digest.example.org", themes=THEMES)
    documents = documents_for(items, options, TAG)

    if os.environ.get("SSE_UPDATE_GOLDEN"):
        for path in SAMPLE.iterdir():
            path.unlink()
        for name, body in documents.items():
            (SAMPLE / name).write_bytes(body)

    assert {path.name: path.read_bytes() for path in SAMPLE.iterdir()} == documents
    for name, body in documents.items():
        if name.endswith((".atom", ".json", ".rss")):
            assert check(name, body, now=SEEN + timedelta(hours=1), ours=True) == ()
