"""The gate that every generation passes before it is swapped in, and the same rules for any feed.

`check` looks at one document, `judge` at documents that change: each by itself, all formats of a feed
together, and all of it against the generation that stands. It never changes a document.
"""

from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sse_digest.errors import FeedError
from sse_digest.feeds.names import FEED_FORMATS
from sse_digest.feeds.validation.atom_rules import atom_problems, our_atom_problems
from sse_digest.feeds.validation.findings import FeedFinding, Problems, Severity, found
from sse_digest.feeds.validation.json_feed_rules import json_problems, our_json_problems
from sse_digest.feeds.validation.parse import FeedFacts, ReadFeed, facts_of, read_feed
from sse_digest.feeds.validation.rss_rules import our_rss_problems, rss_problems
from sse_digest.feeds.validation.value_rules import moment_of

_TOLD = 10  # findings in one message


def check(name: str, body: bytes, *, now: datetime, ours: bool = False) -> tuple[FeedFinding, ...]:
    """Find every rule a document breaks, of ours or of anyone.

    Args:
        name: what the findings call it.
        body: as served.
        now: dates much later than this are implausible.
        ours: look also for what we promise beyond the standards.
    """
    feed = read_feed(body)
    if isinstance(feed, str):
        return found(name, [("well-formed", None, feed)])
    return found(name, _problems(feed, now, ours=ours))


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationContext:
    """What documents are judged by, besides themselves and the published ones."""

    known: Container[str]  # ids of all items there are, hidden ones too
    now: datetime  # as in `check`
    accept_changed_ids: bool = False  # readers may be told old news again


def approve(
    documents: Mapping[str, bytes], previous: Callable[[str], bytes | None], gate: ValidationContext
) -> None:
    """Let a whole generation pass, or say what is wrong with it; arguments as for `judge`.

    Raises:
        FeedError: a rule is broken; names document, entry, rule and fix.
    """
    refuse(judge(documents, previous, documents.__contains__, gate))


def refuse(findings: Sequence[FeedFinding]) -> None:
    """Return what is wrong with a generation, unless nothing is.

    Raises:
        FeedError: there are findings.
    """
    if findings:
        told = "\n".join(f"  {finding}" for finding in findings[:_TOLD])
        more = f"\n  and {len(findings) - _TOLD} more" if len(findings) > _TOLD else ""
        raise FeedError(
            f"{len(findings)} findings in the feeds, so nothing was published; the last generation stands.\n"
            f"{told}{more}"
        )


def judge(
    documents: Mapping[str, bytes],
    previous: Callable[[str], bytes | None],
    is_published: Callable[[str], bool],
    gate: ValidationContext,
) -> tuple[FeedFinding, ...]:
    """Find every rule that documents break: each by itself, together, and against those that stand.

    Args:
        documents: bytes by file name, each feed in all its formats; those that stand already with the same
            bytes have passed before.
        previous: gives the bytes that are under a name, or None.
        is_published: tells whether there is a document of that name next to them.
        gate: what else they are judged by.
    """
    return tuple(_findings(documents, previous, is_published, gate))


def _findings(
    documents: Mapping[str, bytes],
    previous: Callable[[str], bytes | None],
    is_published: Callable[[str], bool],
    gate: ValidationContext,
) -> Iterator[FeedFinding]:
    facts: dict[str, FeedFacts] = {}
    for name in sorted(documents):
        if name.rpartition(".")[2] not in FEED_FORMATS:
            continue
        feed = read_feed(documents[name])
        if isinstance(feed, str):
            yield from found(name, [("well-formed", None, feed)])
            continue
        facts[name] = facts_of(feed)
        before = previous(name)
        if before != documents[name]:
            yield from found(name, _problems(feed, gate.now, ours=True))
            yield from found(name, _since(before, facts[name], gate))
    yield from _together(facts)
    for name, said in facts.items():
        yield from found(name, _chain(name, said, is_published))


def _problems(feed: ReadFeed, now: datetime, *, ours: bool) -> Problems:
    if feed.members is not None:
        yield from json_problems(feed.members, now)
        if ours:
            yield from our_json_problems(feed.members)
    elif feed.xml is not None:
        atom = feed.format == "atom"
        yield from (atom_problems if atom else rss_problems)(feed.xml, now, numbers=feed.numbers)
        if ours:
            yield from (our_atom_problems if atom else our_rss_problems)(feed.xml, numbers=feed.numbers)


def _since(before: bytes | None, facts: FeedFacts, gate: ValidationContext) -> Problems:
    """What may not change from one generation to the next."""
    old = read_feed(before) if before is not None else "there was none"
    if isinstance(old, str):
        return
    then = facts_of(old)
    if not gate.accept_changed_ids:
        if then.id != facts.id:
            yield "id-of-feed", None, f"its id was {then.id} and would be {facts.id}"
        for entry in then.updated:
            if entry not in gate.known:
                yield "id-lost", entry, "it was published, and the database does not know it"
    for entry in then.updated.keys() & facts.updated.keys():
        was, is_now = moment_of(then.updated[entry]), moment_of(facts.updated[entry])
        if was is not None and is_now is not None and is_now < was:
            yield "updated-back", entry, f"updated was {was.isoformat()} and would be {is_now.isoformat()}"


def _together(facts: Mapping[str, FeedFacts]) -> Iterator[FeedFinding]:
    """Every format of a feed holds the same entries in the same order."""
    for name in facts:
        feed, _, format_ = name.rpartition(".")
        other = f"{feed}.atom"
        if format_ != "atom" and other in facts and list(facts[name].updated) != list(facts[other].updated):
            yield from found(name, [("same-ids", None, f"it does not hold what {other} holds")])


def _chain(name: str, facts: FeedFacts, is_published: Callable[[str], bool]) -> Problems:
    """Whatever a document names as archive or current document is published (RFC 5005 section 4)."""
    own = facts.links.get("self", "")
    folder = own[: -len(name)] if own.endswith(f"/{name}") else None
    if folder is None:
        yield "self", None, f"it says that it stands at {own or 'no address'}"
        return
    for rel in ("prev-archive", "next-archive", "current"):
        there = facts.links.get(rel)
        if there is not None and not is_published(there.removeprefix(folder)):
            yield "chain", None, f"{rel} is {there}, which is not published"


def worst(findings: Collection[FeedFinding]) -> Severity | None:
    """Return the gravest level there is, or None if nothing was found."""
    levels = {finding.level for finding in findings}
    return next((level for level in Severity if level in levels), None)
