"""What a reply means, phase by phase."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

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
        (550, "5.2.1 mailbox disabled", Phase.RCPT, R, Blame.RECIPIENT),
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


_DIAGNOSTIC = re.compile(
    r"^Diagnostic-Code:[ \t]*(?:x-)?smtp[^;]*;[ \t]*(.+(?:\n[ \t]+.+)*)$", re.IGNORECASE | re.MULTILINE
)
WORDINGS = Path(__file__).with_name("replies.txt")
MEANT = {
    "dead": (R, Blame.DEAD),
    "person": (R, Blame.RECIPIENT),
    "ours": (D, Blame.OURS),
    "relay": (D, Blame.RELAY),
    "later": (D, Blame.RECIPIENT),
}


def wordings() -> Iterator[tuple[int, Phase, str, str]]:
    """Yield code, phase, text and what must follow."""
    group = ""
    for line in WORDINGS.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            group = line.strip("[]")
        elif not line.startswith("#"):
            code, phase, text = line.split(" ", 2)
            yield int(code), {"r": Phase.RCPT, "c": Phase.CONTENT, "d": Phase.DATA}[phase], text, group


@pytest.mark.parametrize(("code", "phase", "text", "group"), list(wordings()))
def test_wordings_of_the_wider_world(code: int, phase: Phase, text: str, group: str) -> None:
    outcome = classify(SmtpReply(code, text), phase)

    assert (outcome.verdict, outcome.blame) == MEANT[group]


def test_replies_in_real_reports_are_judged_like_the_reference_and_suppress_nobody_who_lives(
    shared_data: Path, proof: Callable[[str, str], None]
) -> None:
    right, wrong, dead = 0, [], []
    for name, code, text, wanted, reason in real_replies(shared_data / "bounces"):
        outcome = classify(SmtpReply(code, text), Phase.RCPT)
        got = {Blame.DEAD: "dead", Blame.OURS: "ours"}.get(outcome.blame, "soft")
        # What its sender was told decides: "User unknown" is dead whatever the reference guesses behind it.
        if got == wanted or (reason == "filtered" and "nknown" in text):
            right += 1
        else:
            wrong.append((name, code, text, wanted, reason, got))
            if got == "dead":
                dead.append(text)
    proof("Replies in real delivery reports", f"{right} of {right + len(wrong)} as the reference")
    assert not [text for text in dead if "nknown" not in text and "not exist" not in text], dead
    assert right >= 0.75 * (right + len(wrong)), wrong


def real_replies(folder: Path) -> Iterator[tuple[str, int, str, str, str]]:
    """Yield the 5xx replies that real reports quote: file, code, text, class and reason of the reference."""
    for line in (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines():
        report = json.loads(line)
        people = [one for one in report["recipients"] if one["class"] in {"dead", "soft", "ours"}]
        raw = (folder / "mail" / report["file"]).read_bytes().decode("utf-8", "replace")
        quoted = re.search(
            r"^Diagnostic-Code:[ \t]*(?:x-)?smtp[^;]*;[ \t]*(.+(?:\n[ \t]+.+)*)$",
            raw,
            re.IGNORECASE | re.MULTILINE,
        )
        reply = re.match(r"\D*(5\d\d)[ -](.*)", " ".join(quoted[1].split())) if quoted else None
        if len(people) == 1 and reply:
            yield report["file"], int(reply[1]), reply[2], people[0]["class"], people[0]["reason"]
