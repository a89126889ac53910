"""`feeds`: check any feed by the rules for our own feeds; print links to the published feeds."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from sse_digest.cli.context import Context, end, json_option, pass_context, utc_now
from sse_digest.cli.output import emit
from sse_digest.errors import FeedError, UsageError
from sse_digest.feeds.formats.opml import autodiscovery
from sse_digest.feeds.names import OUTLINE
from sse_digest.feeds.output.generations import published_body
from sse_digest.feeds.validation.findings import FeedFinding, Severity
from sse_digest.feeds.validation.validate import check as check_document
from sse_digest.feeds.validation.validate import worst
from sse_digest.settings import default_fetch_options
from sse_digest.sources.http.client import fetch

_LARGEST = 20_000_000  # bytes of a document
_OURS = (b">sse-digest</generator>", b'"_sse"')


@click.group()
def feeds() -> None:
    """Check any feed; print links to your own feeds."""


@feeds.command()
@click.argument("place", metavar="FILE|URL")
@click.option("--allow-private-hosts", is_flag=True, help="Allow addresses that are not public.")
@json_option
@pass_context
def check(context: Context, place: str, allow_private_hosts: bool, as_json: bool) -> None:
    """Check any Atom, RSS or JSON feed. Exit code 1 means that it breaks a rule.

    Feeds made by sse-digest must also keep its own rules beyond the standards.
    """
    body = _body(context, place, allow_private_hosts=allow_private_hosts)
    ours = any(mark in body for mark in _OURS)
    findings = check_document(place, body, now=utc_now(), ours=ours)
    data = {
        "document": place,
        "ours": ours,
        "worst": worst(findings),
        "findings": [_as_json(finding) for finding in findings],
    }
    emit(data, _lines(place, findings), as_json=as_json)
    end(attention=bool(findings))


@feeds.command()
@json_option
@pass_context
def links(context: Context, as_json: bool) -> None:
    """Print the HTML lines that announce your feeds to browsers and feed readers on your own pages."""
    document = published_body(context.settings().feed_options().folder, OUTLINE)
    if document is None:
        raise FeedError("Nothing is published yet. Run `sse-digest publish` first.")
    lines = autodiscovery(document)
    emit({"links": list(lines)}, lines, as_json=as_json)


def _body(context: Context, place: str, *, allow_private_hosts: bool) -> bytes:
    if not place.startswith(("http://", "https://")):
        return _file(Path(place))
    settings = context.settings_if_any()
    options = settings.fetch_options() if settings else default_fetch_options()
    bounded = replace(options, max_bytes=_LARGEST)
    return asyncio.run(fetch(place, bounded, allow_private_hosts=allow_private_hosts)).data


def _file(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path} is longer than {_LARGEST // 1_000_000} MB. Is it a feed?")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Give a file or an address.") from error


def _as_json(finding: FeedFinding) -> dict[str, object]:
    return {
        "document": finding.document,
        "entry": finding.entry,
        "level": finding.level,
        "rule": finding.rule,
        "problem": finding.problem,
        "fix": finding.fix,
    }


def _lines(place: str, findings: tuple[FeedFinding, ...]) -> Iterator[str]:
    if not findings:
        yield f"{place}: no findings."
        return
    counts = {level: sum(finding.level == level for finding in findings) for level in Severity}
    yield f"{place}: " + ", ".join(f"{count} of level {level}" for level, count in counts.items() if count)
    for finding in findings:
        yield f"  {finding.level}  {finding.rule}  {finding.entry or 'the feed'}: {finding.problem}"
        yield f"    {finding.fix}"
