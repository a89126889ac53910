"""What a reply means, phase by phase."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.delivery.smtp.replies import SmtpReply, classify, lost
from sse_digest.model.deliveries import SESSION_PHASES, Blame, Phase, Verdict

A, D, R, U = Verdict.ACCEPTED, Verdict.DEFERRED, Verdict.REJECTED, Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("code", "text", "phase", "verdict", "blame"),
    [
        (250, "2.0.0 queued", Phase.CONTENT, A, Blame.NONE),
        (421, "4.3.2 shutting down", Phase.RCPT, D, Blame.RELAY),
        (450, "4.2.0 greylisted", Phase.RCPT, D, Blame.RECIPIENT),
        (451, "try later", Phase.CONTENT, D, Blame.RECIPIENT),
        (451, "try later", Phase.MAIL, D, Blame.RELAY),
        (550, "5.1.1 no such user", Phase.RCPT, R, Blame.DEAD),
        (550, "5.2.1 mailbox disabled", Phase.RCPT, R, Blame.DEAD),
        (552, "5.2.2 mailbox full", Phase.RCPT, R, Blame.RECIPIENT),
        (550, "No such user here", Phase.RCPT, R, Blame.DEAD),
        (550, "<a@b.c>: Recipient address rejected: User unknown in local table", Phase.RCPT, R, Blame.DEAD),
        (551, "user has moved", Phase.RCPT, R, Blame.DEAD),
        (550, "5.5.0 Requested action not taken: mailbox unavailable", Phase.RCPT, R, Blame.DEAD),
        (550, "not today", Phase.RCPT, R, Blame.RECIPIENT),
        (554, "Relay access denied", Phase.RCPT, D, Blame.OURS),
        (554, "5.7.1 Relay access denied", Phase.RCPT, D, Blame.OURS),
        (550, "blocked, see our policy", Phase.RCPT, D, Blame.OURS),
        (550, "5.7.26 unauthenticated mail is not accepted", Phase.CONTENT, D, Blame.OURS),
        (552, "5.3.4 message too big", Phase.MAIL, D, Blame.OURS),
        (552, "5.3.4 message too big", Phase.CONTENT, D, Blame.OURS),
        (554, "rejected", Phase.CONTENT, D, Blame.OURS),
        (550, "5.1.8 sender's domain does not exist", Phase.RCPT, D, Blame.OURS),
        (503, "nested MAIL command", Phase.RCPT, D, Blame.OURS),
        (530, "5.7.0 must issue STARTTLS", Phase.MAIL, D, Blame.OURS),
        (550, "5.1.1 unknown, said only after the content", Phase.CONTENT, R, Blame.DEAD),
        (354, "go on", Phase.CONTENT, U, Blame.RELAY),
        (250, "ok", Phase.DATA, D, Blame.RELAY),
    ],
)
def test_the_table(code: int, text: str, phase: Phase, verdict: Verdict, blame: Blame) -> None:
    outcome = classify(SmtpReply(code, text), phase)

    assert (outcome.verdict, outcome.blame) == (verdict, blame)


@given(
    code=st.integers(500, 599),
    text=st.text(max_size=80),
    phase=st.sampled_from([*SESSION_PHASES, Phase.MAIL]),
)
def test_a_refusal_before_the_recipient_is_named_never_rejects(code: int, text: str, phase: Phase) -> None:
    outcome = classify(SmtpReply(code, text), phase)

    assert (outcome.verdict, outcome.blame) == (D, Blame.OURS)


@given(code=st.integers(200, 599), text=st.text(max_size=80), phase=st.sampled_from(Phase))
def test_only_a_2xx_to_the_content_is_acceptance(code: int, text: str, phase: Phase) -> None:
    outcome = classify(SmtpReply(code, text), phase)

    assert (outcome.verdict is A) == (phase is Phase.CONTENT and 200 <= code < 300)


@given(text=st.text(max_size=40))
def test_policy_refusals_are_never_held_against_a_subscriber(text: str) -> None:
    for code in (550, 554):
        outcome = classify(SmtpReply(code, f"5.7.1 {text}"), Phase.RCPT)
        assert outcome.blame is Blame.OURS
        assert outcome.verdict is D


def test_an_enhanced_code_of_another_class_is_ignored() -> None:
    assert SmtpReply(450, "5.1.1 odd").enhanced is None
    assert SmtpReply(550, "5.1.1 fine").enhanced == "5.1.1"
    assert SmtpReply(550, "5.1.1.1 an address").enhanced is None


@pytest.mark.parametrize("phase", list(Phase))
def test_silence_is_doubt_only_after_the_content(phase: Phase) -> None:
    assert lost(phase, "gone").verdict is (U if phase is Phase.CONTENT else D)
