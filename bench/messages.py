"""Microseconds a mail, compared with the standard library and dkimpy; seconds for all editions of a month.

`python3 run.py bench messages [--rounds N] [--write]`.

One core. The mails have about 40 kB and differ for each recipient; one is quoted-printable, one base64.
Every round runs all programs in turn; ratios are taken within a round. Prints JSON; `--write` also writes
the table.
"""

import argparse
import itertools
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from importlib.metadata import version
from zoneinfo import ZoneInfo

import dkim

from bench.page import put, spread
from sse_digest.digest.edition import Edition, EditionRenderer
from sse_digest.digest.fixtures import sample_issue
from sse_digest.digest.mail import headers
from sse_digest.digest.mail.dkim import DkimSigner, make_key, read_key
from sse_digest.digest.mail.encoding import encode
from sse_digest.digest.mail.message import MessageTemplate, prepare
from sse_digest.digest.options import Letterhead
from sse_digest.digest.token_gaps import parts_of
from sse_digest.model.issues import Digest, Issue, IssueItem
from sse_digest.model.signed_tokens import TOKEN_LENGTH
from sse_digest.rendering.resources import folder

LANGUAGES = ("en", "fr", "es", "ar")
THEMES = tuple(f"theme-{number}" for number in range(1, 9))
SETS = 252  # of 255 that eight themes give
MONTH = 4  # items under each theme, where all editions are rendered
LATIN, ARABIC = 2, 1  # and where a whole mail is to have about 40 kB
WORDS = "جملة تبين شكل الملخص، مع كلمات ILO وأرقام 2023 فيها. " * 4
LONGER = "A sentence that shows how a summary looks, with about as many words as most of them have. " * 3
DATE = datetime(2023, 5, 2, 8, tzinfo=UTC)
TOKEN = "a" * TOKEN_LENGTH
ADDRESS, NAME, MESSAGE_ID = "ann@example.net", "Ann Reader", "<x.y@news.example.org>"
PEM = make_key()
SIGNER = DkimSigner("news.example.org", "bench", read_key(PEM))
CALLS = {"filling": 300, "header": 300, "whole": 300, "signed": 100, "EmailMessage": 10, "with dkimpy": 4}

DIGEST = Digest(
    name="monthly",
    title=dict.fromkeys(LANGUAGES, "News of the month"),
    themes=THEMES,
    late_days=92,
    lists=("news",),
    zone=ZoneInfo("Europe/Zurich"),
    default_language="en",
    languages=LANGUAGES,
)
LETTERHEAD = Letterhead(
    from_name="News",
    from_address="digest@news.example.org",
    reply_to="editors@news.example.org",
    list_name="news",
    list_title="News of the month",
    list_id="news.example.org",
    organisation="Example Observatory",
    postal_address="12 rue des Exemples, 1201 Geneva, Switzerland",
    public_url="https://news.example.org",
)


def issue(per_theme: int, *, arabic: bool) -> Issue:
    """Make an issue of eight themes with this many items each."""
    whole = sample_issue("large", DIGEST)

    def written(placed: IssueItem) -> IssueItem:
        changes = {"title": WORDS[:80], "summary": WORDS, "language": "ar"} if arabic else {"summary": LONGER}
        return replace(placed, item=replace(placed.item, **changes))  # type: ignore[arg-type] # texts

    sections = tuple(
        replace(section, items=tuple(map(written, section.items[:per_theme]))) for section in whole.sections
    )
    return replace(whole, sections=sections, lead=sections[0].items[0].item.id)


def press(per_theme: int, *, arabic: bool = False) -> EditionRenderer:
    """Return the renderer of its editions."""
    templates = folder("templates") / "email"
    return EditionRenderer(
        issue(per_theme, arabic=arabic),
        DIGEST,
        theme_labels={},
        letterhead=LETTERHEAD,
        templates=templates,
        secret_key=b"a key of the tests",
    )


def all_editions() -> float:
    """Render every set of themes in every language; return the seconds it took."""
    sets = [themes for size in range(1, 9) for themes in itertools.combinations(THEMES, size)][:SETS]
    begun = time.perf_counter()
    fresh = press(MONTH)
    for language in LANGUAGES:
        for themes in sets:
            fresh.edition(language=language, themes=themes)
    return time.perf_counter() - begun


def filled(template: MessageTemplate) -> bytes:
    """Fill a mail."""
    return template.fill(
        address=ADDRESS, name=NAME, message_id=MESSAGE_ID, date=DATE, unsubscribe_token=TOKEN
    )


def built(edition: Edition, encoding: str) -> bytes:
    """Build the same mail with the standard library, for one recipient."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"{LETTERHEAD.from_name} <{LETTERHEAD.from_address}>"
    mail["To"] = f"{NAME} <{ADDRESS}>"
    mail["Subject"] = edition.subject
    mail["Date"] = DATE
    mail["Message-ID"] = MESSAGE_ID
    mail["List-Unsubscribe"] = f"<{LETTERHEAD.public_url}/unsubscribe/{TOKEN}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(TOKEN.join(parts_of(edition.text, edition.text_gaps)), cte=encoding)
    mail.add_alternative(TOKEN.join(parts_of(edition.html, edition.html_gaps)), subtype="html", cte=encoding)
    return mail.as_bytes()


def own_header() -> bytes:
    """Write the header lines that differ for each recipient."""
    return b"".join(
        (
            headers.mailbox("To", NAME, ADDRESS),
            headers.instant(DATE),
            headers.message_identifier(MESSAGE_ID),
            headers.uri("List-Unsubscribe", f"{LETTERHEAD.public_url}/unsubscribe/{TOKEN}"),
        )
    )


def _encoding_of(edition: Edition) -> str:
    return encode(parts_of(edition.html, edition.html_gaps)).encoding


def ways(edition: Edition) -> Mapping[str, Callable[[], object]]:
    """Return the functions to measure, by name."""
    signed = prepare(edition, LETTERHEAD, signer=SIGNER)
    plain = replace(signed, signing=None)
    encoding, mark = _encoding_of(edition), TOKEN.encode()
    relaxed = (b"relaxed", b"relaxed")
    return {
        "filling": lambda: b"".join(plain.body.fill(mark)),
        "header": own_header,
        "whole": lambda: filled(plain),
        "signed": lambda: filled(signed),
        "EmailMessage": lambda: built(edition, encoding),
        "with dkimpy": lambda: dkim.sign(
            built(edition, encoding), b"bench", b"news.example.org", PEM, canonicalize=relaxed
        ),
    }


def microseconds(call: Callable[[], object], times: int) -> float:
    """Return how long a call takes."""
    begun = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - begun) / times * 1e6


def measure(edition: Edition, rounds: int) -> dict[str, object]:
    """Measure one mail in every way, in turn."""
    calls = ways(edition)
    template = prepare(edition, LETTERHEAD)
    results: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            results[name].append(microseconds(call, CALLS[name]))
    return {
        "bytes": len(filled(template)),
        "encoding": _encoding_of(edition),
        "microseconds": results,
    }


def run(rounds: int) -> dict[str, object]:
    """Measure everything."""
    latin = press(LATIN).edition(language="en", themes=THEMES)
    arabic = press(ARABIC, arabic=True).edition(language="ar", themes=THEMES)
    all_editions()  # compiles templates once
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "dkimpy": version("dkimpy"),
        "rounds": rounds,
        "mails": [measure(edition, rounds) for edition in (latin, arabic)],
        "editions": {
            "count": SETS * len(LANGUAGES),
            "seconds": [all_editions() for _ in range(rounds)],
        },
    }


ROWS = (  # what of ours, and the peer that does the same
    ("tokens into the body", "filling", "EmailMessage"),
    ("header lines of one's own", "header", None),
    ("whole mail, unsigned", "whole", "EmailMessage"),
    ("whole mail, signed with RSA-2048", "signed", "with dkimpy"),
    ("EmailMessage, unsigned", "EmailMessage", None),
    ("EmailMessage, signed by dkimpy", "with dkimpy", None),
)


def table(report: Mapping[str, object]) -> Iterator[str]:
    """Write the table."""
    mails = report["mails"]
    assert isinstance(mails, list)
    yield "| mail | what | microseconds a mail | times the peer's rate |"
    yield "|---|---|---|---|"
    for mail in mails:
        for what, ours, peer in ROWS:
            found: Mapping[str, Sequence[float]] = mail["microseconds"]
            pairs = zip(found[peer], found[ours], strict=True) if peer else ()
            ratios = [theirs / mine for theirs, mine in pairs]
            yield (
                f"| {mail['bytes'] / 1000:.0f} kB, {mail['encoding']} | {what}"
                f" | {spread(found[ours], 1)} | {spread(ratios, 1) if ratios else '–'} |"
            )


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    arguments = parser.parse_args()
    report = run(arguments.rounds)
    print(json.dumps(report, indent=2))
    if not arguments.write:
        return
    editions = report["editions"]
    assert isinstance(editions, dict)
    facts = (
        f"{report['date']}, {report['machine']}, Python {report['python']}, dkimpy {report['dkimpy']},"
        f" {report['rounds']} rounds: median (least to most)."
    )
    rendered = (
        f"All {editions['count']} editions (252 sets of themes, 4 languages):"
        f" {statistics.median(editions['seconds']):.2f} s"
        f" ({min(editions['seconds']):.2f} to {max(editions['seconds']):.2f})."
    )
    put("messages", [facts, "", rendered, "", *table(report)])


if __name__ == "__main__":
    main()
