"""News made up by the thousand, as alike as real series are, and the edits that publishers make to them.

Every item is another piece of news than all others, though many differ by a number, a place, a language or
the day alone. The same seed gives the same items.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from sse_digest.model.items import Precision, ReadItem

HOSTS = ("https://www.ilo.org", "http://www.ilo.org", "https://www.oit.org", "https://ilo.org")
_PLACES = (
    *("Kenya", "Sudan", "Ghana", "Nepal", "Peru"),
    *("Chile", "Egypt", "Jordan", "Tunisia", "Morocco"),
    *("Rwanda", "Uganda", "Malawi", "Zambia", "Senegal"),
    *("Togo", "Benin", "Vietnam", "Laos", "Fiji"),
    *("Samoa", "Bhutan", "Mongolia", "Serbia", "Albania"),
    *("Georgia", "Armenia", "Ukraine", "Poland", "Norway"),
    *("Malta", "Cyprus", "Mexico", "Panama", "Ecuador"),
    *("Bolivia", "Uruguay", "Paraguay", "Jamaica", "Barbados"),
)
_TOPICS = (
    *("waste pickers", "home-based workers", "rural women", "young members", "care providers"),
    *("platform workers", "coffee growers", "dairy farmers", "fishing communities", "housing groups"),
    *("worker owners", "credit unions", "refugee groups", "street vendors", "health providers"),
    *("school meals", "energy users", "forest users", "textile makers", "craft producers"),
)
_FORMS: Mapping[str, Sequence[str]] = {
    "en": (
        "{n}th regular meeting of the committee on {topic} in {place}",
        "Workshop on statistics of cooperatives for {topic} held in {place}",
        "Training of trainers number {n} on {topic} begins in {place}",
        "{place} adopts a law for cooperatives of {topic}",
        "How {topic} in {place} organize themselves: part {n}",
        "Call for papers: conference {n} on {topic}",
        "Newsletter on {topic}",
    ),
    "fr": (
        "{n}e réunion ordinaire du comité sur {topic} au {place}",
        "Atelier sur les statistiques des coopératives de {topic} tenu au {place}",
        "{place} adopte une loi sur les coopératives de {topic}",
    ),
    "es": (
        "{n}.ª reunión ordinaria del comité sobre {topic} en {place}",
        "Taller sobre estadísticas de cooperativas de {topic} celebrado en {place}",
        "{place} adopta una ley sobre cooperativas de {topic}",
    ),
    "ar": (
        "الاجتماع {n} للجنة المعنية بـ {topic} في {place}",
        "ورشة عمل حول إحصاءات التعاونيات {topic} في {place}",
    ),
}
_SUMMARIES = (
    "Members met to discuss {topic}.",
    "What {topic} in {place} did in year {n}.",
    "A report of {n} pages.",
)


def news(count: int, seed: int = 1) -> list[ReadItem]:
    """Return `count` different pieces of news, about 40 a day, in an order that is no order of days."""
    random = Random(seed)
    found: dict[tuple[object, ...], ReadItem] = {}
    while len(found) < count:
        for item in _family(random, len(found)):
            found.setdefault((item.title, item.published, item.language), item)
    items = list(found.values())[:count]
    random.shuffle(items)
    return items


def _family(random: Random, number: int) -> Iterator[ReadItem]:
    """Yield news that only just differ: another number, another place, another day, a translation."""
    n, place, topic = random.randrange(2, 99), random.choice(_PLACES), random.choice(_TOPICS)
    day = date(2015, 1, 1) + timedelta(days=number // 40 + random.randrange(3))
    language = random.choices(("en", "fr", "es", "ar"), (6, 2, 2, 1))[0]
    form = random.choice(_FORMS[language])
    first = _item(random, form, language, day, n=n, place=place, topic=topic)
    yield first
    if "{n}" in form:
        yield _item(random, form, language, day, n=n + 1, place=place, topic=topic)
    if "{place}" in form:
        yield _item(random, form, language, day, n=n, place=random.choice(_PLACES), topic=topic)
    yield _item(random, form, language, day + timedelta(days=28), n=n, place=place, topic=topic)
    other = random.choice([one for one in _FORMS if one != language])
    sister = _item(random, random.choice(_FORMS[other]), other, day, n=n, place=place, topic=topic)
    if first.link and "WCMS" in first.link:
        sister = replace(sister, link=first.link.replace(f"--{language}", f"--{other}"))
    yield sister


def _item(random: Random, form: str, language: str, day: date, **words: object) -> ReadItem:
    title = form.format(**words)
    slug = re.sub(r"\W+", "-", f"{title} {day}").strip("-").lower()
    number = random.randrange(100_000, 10**11)
    link = random.choice(
        (
            None,
            f"https://www.ilo.org/resource/news/{slug}",
            f"https://www.ilo.org/global/topics/news/WCMS_{number}/lang--{language}/index.htm",
        )
    )
    return ReadItem(
        title=title,
        summary=random.choice(_SUMMARIES).format(**words),
        published=day,
        precision=Precision.DAY,
        date_text=day.isoformat(),
        language=language,
        link=link,
        image_url=f"https://www.ilo.org/i/{number}.jpg",
    )


# ------------------------------------------------------------------ edits


def _path(item: ReadItem, random: Random) -> ReadItem:
    return _linked(item, lambda link: re.sub(r"/(resource/news|global/topics/news)/", "/archive/all/", link))


def _slug(item: ReadItem, random: Random) -> ReadItem:
    return _linked(item, lambda link: re.sub(r"/news/([^/]+)$", rf"/news/\1-{random.randrange(9)}", link))


def _scheme(item: ReadItem, random: Random) -> ReadItem:
    return _linked(item, lambda link: link.replace("https://", "http://"))


def _host(item: ReadItem, random: Random) -> ReadItem:
    return _linked(item, lambda link: link.replace("https://www.ilo.org", random.choice(HOSTS)))


def _tracking(item: ReadItem, random: Random) -> ReadItem:
    return _linked(item, lambda link: f"{link}?utm_source=mail{random.randrange(9)}&fbclid=x#top")


def _typo(item: ReadItem, random: Random) -> ReadItem:
    """Swap two letters inside one word that is no name; publishers' typing errors are put right."""
    words = (item.title or "").split()
    at = random.choice([i for i, word in enumerate(words) if len(word) > 4 and word.islower()] or [0])
    word = words[at]
    cut = random.randrange(1, max(2, len(word) - 2))
    words[at] = word[:cut] + word[cut : cut + 2][::-1] + word[cut + 2 :]
    return replace(item, title=" ".join(words))


def _typo_and_slug(item: ReadItem, random: Random) -> ReadItem:
    return _slug(_typo(item, random), random)


def _summary(item: ReadItem, random: Random) -> ReadItem:
    return replace(item, summary="Other words altogether, written afterwards.")


def _image(item: ReadItem, random: Random) -> ReadItem:
    return replace(item, image_url=f"https://www.ilo.org/i/{random.random()}.jpg", image_alt="Another one")


def _linked(item: ReadItem, change: Callable[[str], str]) -> ReadItem:
    return item if item.link is None else replace(item, link=change(item.link))


EDITS: Mapping[str, Callable[[ReadItem, Random], ReadItem]] = {
    "path": _path,
    "slug": _slug,
    "scheme": _scheme,
    "host": _host,
    "tracking": _tracking,
    "typo": _typo,
    "typo and slug": _typo_and_slug,
    "summary": _summary,
    "image": _image,
}
