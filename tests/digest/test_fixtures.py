"""Issues made up are good mails in every language, whatever the digest's themes."""

from dataclasses import replace

import pytest

from sse_digest.digest.approval import sample_mail
from sse_digest.digest.edition import render_edition
from sse_digest.digest.fixtures import SAMPLES, sample_issue
from sse_digest.digest.gate.check import faults_of
from tests.digest.issues import DIGEST, LETTERHEAD, TEMPLATES


@pytest.mark.parametrize("language", DIGEST.languages)
@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_passes_the_gate(name: str, language: str) -> None:
    digest = replace(DIGEST, themes=(*DIGEST.themes[:2], "unknown-theme"))
    edition = render_edition(
        sample_issue(name, digest),
        digest,
        language=language,
        themes=(),
        theme_labels={},
        letterhead=LETTERHEAD,
        templates=TEMPLATES,
        secret_key=b"a key of the tests",
    )

    assert {fault.rule for fault in faults_of(sample_mail(edition, LETTERHEAD))} <= {"unsigned", "size-near"}
    assert ("<img" in edition.html) == (name != "no-images")
