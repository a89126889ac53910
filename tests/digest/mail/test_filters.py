"""What receivers' own programs say of our mails: not spam, and from whom it says it is."""

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sse_digest.digest.edition import Edition
from sse_digest.digest.fixtures import SAMPLES, sample_issue
from sse_digest.digest.mail.dkim import DkimSigner, make_key, read_key, record_of
from sse_digest.digest.mail.message import prepare
from sse_digest.digest.options import Letterhead
from tests.digest.filters import ask_rspamd, ask_spamassassin, command, name_server, rspamd, zone
from tests.digest.issues import DIGEST, LETTERHEAD, edition_of, rtl, small
from tests.installation import APRIL, make_installation

pytestmark = pytest.mark.slow

DOMAIN, SELECTOR = "news.example.org", "digest"
NOW = datetime.now(UTC)  # a filter compares Date with its own clock
SIGNER = DkimSigner(DOMAIN, SELECTOR, read_key(make_key()))
LANGUAGES = ("en", "fr", "es", "ar")
DEMO_SIGNER = DkimSigner("organisation.example", SELECTOR, SIGNER.key)
PAGES = {tag: f"https://{DOMAIN}/issues.{tag}.html" for tag in LANGUAGES}
AUTHENTIC = {"R_SPF_ALLOW", "R_DKIM_ALLOW", "DMARC_POLICY_ALLOW"}


def published(signer: DkimSigner) -> Mapping[tuple[str, str], str]:
    return zone(signer.domain, signer.selector, record_of(signer.key))


def mail(language: str) -> bytes:
    edition = edition_of(rtl() if language == "ar" else small(), language=language, issue_pages=PAGES)
    return sent(edition, replace(LETTERHEAD, issue_pages=PAGES), SIGNER)


def sent(edition: Edition, letterhead: Letterhead, signer: DkimSigner) -> bytes:
    return prepare(edition, letterhead, signer=signer).fill(
        address="reader@example.net",
        name="Jörg Müller",
        message_id=f"{edition.language}.x1@{signer.domain}",
        date=NOW,
        unsubscribe_token="token23" * 5 + "abcd",
    )


def sample(name: str, language: str) -> bytes:
    """The mail of an issue made up."""
    edition = edition_of(sample_issue(name, DIGEST), language=language, issue_pages=PAGES)
    return sent(edition, replace(LETTERHEAD, issue_pages=PAGES), SIGNER)


async def demonstrated(root: Path) -> list[bytes]:
    """The mails of the demo's issue in every language, signed."""
    installation = await make_installation(root, port=1, people=0)
    with installation.app() as app:
        digest = app.digest(None)
        press = app.stationery(digest).renderer(app.issue(digest, APRIL), digest.lists[0])
        editions = [press.edition(language=language, themes=()) for language in LANGUAGES]
        return [sent(edition, press.letterhead, DEMO_SIGNER) for edition in editions]


@pytest.fixture(scope="module")
def filter_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    command("rspamd", "rspamd")
    folder = tmp_path_factory.mktemp("rspamd")
    with (
        name_server(
            {key: text for one in (SIGNER, DEMO_SIGNER) for key, text in published(one).items()}
        ) as port,
        rspamd(folder, port) as listening,
    ):
        yield listening


@pytest.mark.parametrize("language", LANGUAGES)
def test_rspamd_takes_the_mail_for_authentic_and_for_no_spam(
    filter_port: int, tmp_path: Path, language: str
) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(mail(language))

    score, symbols = ask_rspamd(filter_port, path, f"b+token@{DOMAIN}")

    assert symbols >= AUTHENTIC
    assert score <= 0, symbols


@pytest.mark.parametrize("name", SAMPLES)
def test_rspamd_takes_every_fixture_in_every_language(
    filter_port: int, tmp_path: Path, name: str, proof: Callable[[str, str], None]
) -> None:
    path = tmp_path / "mail.eml"
    scores = []
    for language in LANGUAGES:
        path.write_bytes(sample(name, language))
        score, symbols = ask_rspamd(filter_port, path, f"b+token@{DOMAIN}")

        assert symbols >= AUTHENTIC
        assert score <= 0, symbols
        scores.append(score)
    proof(f"rspamd, fixture {name}", f"{len(LANGUAGES)} languages, {max(scores)} at worst, authentic")


async def test_every_filter_takes_the_demos_mails(filter_port: int, tmp_path: Path) -> None:
    path = tmp_path / "mail.eml"
    mails = await demonstrated(tmp_path / "demo")
    for one in mails:
        path.write_bytes(one)
        score, symbols = ask_rspamd(filter_port, path, f"b+token@{DEMO_SIGNER.domain}")

        assert symbols >= AUTHENTIC
        assert score <= 0, symbols
    scores, report = ask_spamassassin(*mails)

    assert max(scores) <= -0.5, report


def test_rspamd_sees_that_a_mail_was_changed_on_its_way(filter_port: int, tmp_path: Path) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(b"Subject: another\r\n" + mail("en"))

    _, symbols = ask_rspamd(filter_port, path, f"b+token@{DOMAIN}")

    assert "R_DKIM_REJECT" in symbols


def test_spamassassin_takes_every_fixture_in_every_language(proof: Callable[[str, str], None]) -> None:
    scores, report = ask_spamassassin(*(sample(name, language) for name in SAMPLES for language in LANGUAGES))

    assert max(scores) <= -0.5, report
    proof("SpamAssassin, every fixture in every language", f"{len(scores)} mails, {max(scores)} at worst")


def test_spamassassin_takes_the_mail_for_no_spam() -> None:
    scores, report = ask_spamassassin(*map(mail, LANGUAGES))

    assert max(scores) <= -0.5, report


@pytest.mark.parametrize("language", ["en", "ar"])
def test_opendkim_verifies_the_signature(tmp_path: Path, language: str) -> None:
    program = command("opendkim", "opendkim")
    keys, path = tmp_path / "keys", tmp_path / "mail.eml"
    keys.write_text(f"{SELECTOR}._domainkey.{DOMAIN} {record_of(SIGNER.key)}\n")
    (tmp_path / "opendkim.conf").write_text(f"Mode v\nTestPublicKeys {keys}\n")
    path.write_bytes(mail(language))

    def verified() -> bool:
        arguments = [program, "-x", str(tmp_path / "opendkim.conf"), "-t", str(path), "-vv"]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        return "verification (s=" in done.stdout + done.stderr and "succeeded" in done.stdout + done.stderr

    assert verified()
    path.write_bytes(b"List-Unsubscribe: <https://evil.example/>\r\n" + mail(language))
    assert not verified()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_browser_reads_the_html_in_the_order_of_the_text(language: str, tmp_path: Path) -> None:
    program = shutil.which("w3m")
    if program is None:
        pytest.skip("needs w3m")
    edition = edition_of(small(), language=language)
    path = tmp_path / "mail.html"
    path.write_text(edition.html, encoding="utf-8")

    arguments = [program, "-dump", "-cols", "72", "-I", "utf-8", "-O", "utf-8", "-T", "text/html", str(path)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True, encoding="utf-8")
    read, text = ("".join(one.split()) for one in (done.stdout, edition.text))

    titles = [placed.item.heading for section in small().sections for placed in section.items]
    squeezed = ["".join(title.split()) for title in titles]
    assert all(title in read and title in text for title in squeezed)
    assert sorted(squeezed, key=read.rindex) == sorted(squeezed, key=text.rindex)
