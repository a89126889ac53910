"""Plain functions that make values for tests, with defaults."""

from datetime import UTC, date, datetime

from sse_digest.model.items import Evidence, Item, Precision, ThemeDecision

NOON = datetime(2023, 4, 20, 12, tzinfo=UTC)


def make_item(number: int = 1, **changes: object) -> Item:
    """Make a stored item; `themes=("youth", ...)` sets its decision, the first one primary."""
    themes = changes.pop("themes", ("cooperatives",))
    assert isinstance(themes, tuple)
    values: dict[str, object] = {
        "id": f"{number:026d}".translate(str.maketrans("0189", "abcd")),
        "source": "news",
        "link": f"https://news.example.org/items/{number}",
        "title": f"Item number {number}",
        "summary": f"What item number {number} is about.",
        "kicker": None,
        "credit": None,
        "section": None,
        "place": None,
        "language": "en",
        "published": date(2023, 4, 1 + number % 28),
        "precision": Precision.DAY,
        "date_text": None,
        "first_seen": NOON,
        "updated": NOON,
        "decision": ThemeDecision(
            themes=themes,
            primary=themes[0],
            evidence=(Evidence(theme=themes[0], term="term", field="title", weight=3),),
        ),
    }
    values["group"] = values["id"]
    return Item(**{**values, **changes})  # type: ignore[arg-type] # the defaults above fit, changes are the test's own
