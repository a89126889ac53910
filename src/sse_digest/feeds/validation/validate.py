"""Validate a generation before it is swapped in, or any feed by the same rules.

`check` validates one document. `judge` validates documents that change: each by itself, all formats of a
feed together, and all of them against the current generation. Documents are never modified.
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

_LISTED = 10  # findings in one message


def check(name: str, body: bytes, *, now: datetime, ours: bool = False) -> tuple[FeedFinding, ...]:
    """Return a finding for every rule that a document breaks.

    Args:
        name: name of the document in the findings.
        body: as served.
        now: dates more than a day later are implausible.
        ours: also check the rules we add to the standards.
    """
    feed = read_feed(body)
    if isinstance(feed, str):
        return found(name, [("well-formed", None, feed)])
    return found(name, _problems(feed, now, ours=ours))


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationContext:
    """What documents are validated against, besides each other and the published ones."""

    known: Container[str]  # ids of all entries that may have been published
    now: datetime  # as in `check`
    accept_changed_ids: bool = False  # allow changes after which readers show old news as new


def approve(
    documents: Mapping[str, bytes], previous: Callable[[str], bytes | None], gate: ValidationContext
) -> None:
    """Validate a whole generation; the arguments are as in `judge`.

    Raises:
        FeedError: a rule is broken; the message has document, entry, rule and fix.
    """
    refuse(judge(documents, previous, documents.__contains__, gate))


def refuse(findings: Sequence[FeedFinding]) -> None:
    """Raise the findings in a generation as an error, if there are any.

    Raises:
        FeedError: there are findings.
    """
    if findings:
        listed = "\n".join(f"  {finding}" for finding in findings[:_LISTED])
        more = f"\n  and {len(findings) - _LISTED} more" if len(findings) > _LISTED else ""
        count = f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
        raise FeedError(
            f"The feeds have {count}, so nothing was published; the previous generation stays.\n"
            f"{listed}{more}"
        )


def judge(
    documents: Mapping[str, bytes],
    previous: Callable[[str], bytes | None],
    is_published: Callable[[str], bool],
    gate: ValidationContext,
) -> tuple[FeedFinding, ...]:
    """Return a finding for every rule that documents break: alone, together, and against the published ones.

    Args:
        documents: bytes by file name, each feed in all its formats; documents whose bytes are published
            already are not checked by themselves again.
        previous: returns the published bytes of a document, or None.
        is_published: returns whether the new generation has a document of that name.
        gate: what else they are validated against.
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
    """Yield problems with what must not change from one generation to the next."""
    old = read_feed(before) if before is not None else "there was none"
    if isinstance(old, str):
        return
    then = facts_of(old)
    if not gate.accept_changed_ids:
        if then.id != facts.id:
            yield "id-of-feed", None, f"its id was {then.id} and would be {facts.id}"
        for entry in then.updated:
            if entry not in gate.known:
                yield "id-lost", entry, "it was published, but it is not in the database"
    for entry in then.updated.keys() & facts.updated.keys():
        was, is_now = moment_of(then.updated[entry]), moment_of(facts.updated[entry])
        if was is not None and is_now is not None and is_now < was:
            yield "updated-back", entry, f"updated was {was.isoformat()} and would be {is_now.isoformat()}"


def _together(facts: Mapping[str, FeedFacts]) -> Iterator[FeedFinding]:
    """Yield a finding for each document whose entries differ from those of the feed in Atom."""
    for name in facts:
        feed, _, format_ = name.rpartition(".")
        other = f"{feed}.atom"
        if format_ != "atom" and other in facts and list(facts[name].updated) != list(facts[other].updated):
            yield from found(name, [("same-ids", None, f"its entries are not those of {other}")])


def _chain(name: str, facts: FeedFacts, is_published: Callable[[str], bool]) -> Problems:
    """Yield a problem for each archive or current document it links to that is not published (RFC 5005)."""
    own = facts.links.get("self", "")
    folder = own[: -len(name)] if own.endswith(f"/{name}") else None
    if folder is None:
        yield "self", None, f"its self link is {own or 'missing'}"
        return
    for rel in ("prev-archive", "next-archive", "current"):
        there = facts.links.get(rel)
        if there is not None and not is_published(there.removeprefix(folder)):
            yield "chain", None, f"{rel} is {there}, which is not published"


def worst(findings: Collection[FeedFinding]) -> Severity | None:
    """Return the highest severity among findings, or None if there are none."""
    levels = {finding.level for finding in findings}
    return next((level for level in Severity if level in levels), None)
