"""`doctor`: try every part of an installation, and say what is wrong and how to fix it.

Nothing is sent, published or stored. An existing database is opened, which upgrades it if necessary.
"""

import asyncio
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import click
import dns.exception
import dns.resolver

from sse_digest.cli.context import Context, end, json_option, pass_context
from sse_digest.cli.output import counted, emit
from sse_digest.delivery.options import RelayOptions, Security
from sse_digest.delivery.smtp.connect import SmtpRelay
from sse_digest.digest.edition import render_edition
from sse_digest.digest.fixtures import sample_issue
from sse_digest.digest.mail.dkim import public_key_in, record_of
from sse_digest.digest.mail.message import prepare
from sse_digest.errors import SettingsError, SseDigestError
from sse_digest.model.issues import Digest
from sse_digest.rendering.resources import folder
from sse_digest.settings import Settings, load_settings
from sse_digest.settings.configuration import Configuration
from sse_digest.sources.read import read_source
from sse_digest.store import open_store

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PLACEHOLDERS = ("example.org", "example.com", "example.net", ".example", "Example ")
_LOCAL = ("localhost", "127.0.0.1", "::1")
_SQLITE = "sqlite:///"
_PATIENCE_S = 20.0  # for the relay; a send waits longer


class Health(StrEnum):
    """The state of a part of the installation."""

    OK = "ok"
    ADVICE = "advice"  # not set up yet, which nobody did wrong
    WARNING = "warning"  # usable, but incomplete or not as it should be
    ERROR = "error"  # not usable


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthFinding:
    """A finding about one part."""

    part: str  # configuration, templates, database, feeds, dkim, source NAME, relay
    level: Health
    text: str
    cure: str | None = None  # what to do; None exactly if the part is fine


async def examine(config: Path | None) -> tuple[HealthFinding, ...]:
    """Examine all parts, or only the configuration if it does not load.

    Args:
        config: as in `load_settings`.
    """
    try:
        settings = load_settings(config)
    except SettingsError as error:
        return check_unreadable(error)
    return (
        *check_configuration(settings),
        *check_templates(settings),
        *check_database(settings),
        *check_feeds(settings),
        *await asyncio.to_thread(check_dkim, settings),
        *await check_sources(settings),
        *await check_relay(settings),
    )


def check_unreadable(error: SettingsError) -> tuple[HealthFinding, ...]:
    """Return the findings of a configuration that does not load."""
    cure = "Correct the configuration; config.example.toml describes every setting."
    texts = error.problems or (str(error),)
    return tuple(_wrong("configuration", text, cure, Health.ERROR) for text in texts)


def check_configuration(settings: Settings) -> tuple[HealthFinding, ...]:
    """Find missing settings, values of the example, and weak or readable secrets."""
    found = (*_missing(settings.config), *_placeholders(settings.config), *_secrets(settings))
    if found:
        return found
    config = settings.config
    blocks = (("source", config.sources), ("digest", config.digests), ("list", config.lists))
    counts = ", ".join(counted(len(found), name) for name, found in blocks)
    return (_fine("configuration", f"complete: {counts}"),)


def _missing(config: Configuration) -> Iterator[HealthFinding]:
    needs = (
        (config.public_url, "public_url is not set, so nothing can be published or sent", "Set public_url."),
        (
            config.sources,
            "there is no source, so nothing is read",
            "Add your news page: sse-digest sources suggest ADDRESS --write",
        ),
        (config.digests, "there is no digest, so nothing is composed", "Add a [[digests]] block."),
        (config.lists, "there is no list, so nobody receives anything", "Add a [[lists]] block."),
        (config.smtp, "there is no relay, so nothing can be sent", "Add a block [smtp]."),
    )
    for value, text, cure in needs:
        if not value:
            yield _wrong("configuration", text, cure, Health.ADVICE)
    smtp = config.smtp
    if smtp and smtp.username and smtp.security is Security.NONE and smtp.host not in _LOCAL:
        text = "smtp.security is none, so the password is sent unencrypted"
        yield _wrong("configuration", text, 'Set smtp.security to "starttls" or "tls".')


def _placeholders(config: Configuration) -> Iterator[HealthFinding]:
    values = {
        "organisation": config.organisation,
        "public_url": config.public_url,
        "smtp.host": config.smtp and config.smtp.host,
        "smtp.envelope_from": config.smtp and config.smtp.envelope_from,
    }
    for one in config.lists:
        values[f"list_id of the list {one.name}"] = one.list_id
        values[f"from_address of the list {one.name}"] = one.from_address
        values[f"postal_address of the list {one.name}"] = one.postal_address
    names = [name for name, value in values.items() if value and any(mark in value for mark in _PLACEHOLDERS)]
    if names:
        text = f"unchanged from the example: {', '.join(names)}"
        yield _wrong("configuration", text, "Replace them with your own values.", Health.ADVICE)


def _secrets(settings: Settings) -> Iterator[HealthFinding]:
    try:
        settings.secret_keys()
    except SettingsError as error:
        texts = "; ".join(error.problems) or str(error)
        yield _wrong("configuration", texts, "Run `sse-digest init` in a new folder to get a strong secret.")
    config = settings.config
    for file in (config.secret_keys_file, config.smtp.password_file if config.smtp else None):
        path = settings.path(file) if file else None
        if path and path.is_file() and path.stat().st_mode & _OTHERS:
            yield _wrong("configuration", f"{path} can be read by others", f"chmod 600 {path}")


def check_templates(settings: Settings) -> tuple[HealthFinding, ...]:
    """Render every digest in each of its languages, and the headers for each of its lists."""
    found = []
    digests = settings.digests()
    for digest in digests:
        try:
            _render(settings, digest)
        except SseDigestError as error:
            cure = "Correct the template, or remove templates.email to use the program's templates."
            found.append(_wrong("templates", f"digest {digest.name}: {error}", cure, Health.ERROR))
    if not found and digests:
        found.append(_fine("templates", "all digests can be rendered in all their languages"))
    return tuple(found)


def _render(settings: Settings, digest: Digest) -> None:
    issue = sample_issue("small", digest)
    for list_name in digest.lists:
        letterhead = settings.letterhead(list_name)
        for language in digest.languages:
            edition = render_edition(
                issue,
                digest,
                language=language,
                themes=(),
                theme_labels={theme.key: theme.labels for theme in settings.theme_rules().themes},
                letterhead=letterhead,
                templates=settings.email_templates() or folder("templates") / "email",
                secret_key=secrets.token_bytes(),
            )
            prepare(edition, letterhead)


def check_database(settings: Settings) -> tuple[HealthFinding, ...]:
    """Open the database if it exists, or check whether it can be created."""
    url = settings.database_url()
    path = Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None
    if path is not None and not path.exists():
        if path.parent.is_dir() and os.access(path.parent, os.W_OK):
            return (_fine("database", f"{path} will be created by the first command that needs it"),)
        text = f"{path.parent} is not a folder that this user can write to"
        return (_wrong("database", text, f"mkdir -p {path.parent}", Health.ERROR),)
    try:
        with open_store(url) as store, store.reading() as connection:
            read = connection.value("SELECT count(*) FROM items")
            people = connection.value("SELECT count(*) FROM subscribers")
    except SseDigestError as error:
        cure = "Correct database.url, or restore a backup."
        return (_wrong("database", str(error), cure, Health.ERROR),)
    return (_fine("database", f"can be opened; {counted(read, 'item')}, {counted(people, 'subscriber')}"),)


def check_feeds(settings: Settings) -> tuple[HealthFinding, ...]:
    """Check whether the folder of the feeds can be written."""
    path = settings.path(settings.config.feeds.folder)
    nearest = next(parent for parent in (path, *path.parents) if parent.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return (_fine("feeds", f"{path} can be written"),)
    cure = f"Allow this user to write to {nearest}, or set feeds.folder."
    return (_wrong("feeds", f"{path} cannot be written", cure, Health.ERROR),)


async def check_sources(settings: Settings) -> tuple[HealthFinding, ...]:
    """Read every source, without storing anything."""
    found = []
    for source in settings.source_options():
        part = f"source {source.name}"
        preset = f" --preset {source.preset}" if source.preset else ""
        try_it = f"sse-digest sources try {source.kind} {source.url or source.path}{preset}"
        try:
            reading = await read_source(source, settings.fetch_options())
        except SseDigestError as error:
            found.append(_wrong(part, str(error), f"Correct this, then try: {try_it}", Health.ERROR))
            continue
        warnings = len(reading.warnings) + sum(bool(item.warnings) for item in reading.items)
        if warnings:
            text = f"{counted(len(reading.items), 'item')}, {counted(warnings, 'warning')}"
            found.append(_wrong(part, text, f"Look at them: {try_it}"))
        else:
            found.append(_fine(part, counted(len(reading.items), "item")))
    return tuple(found)


async def check_relay(settings: Settings) -> tuple[HealthFinding, ...]:
    """Connect to every relay, with TLS and login as configured; send no mail."""
    if settings.config.smtp is None:
        return ()  # check_configuration reports it
    try:
        relays = settings.relays()
    except SseDigestError as error:
        return (_wrong("relay", str(error), _RELAY_CURE, Health.ERROR),)
    return tuple(await asyncio.gather(*(_try_relay(relay) for relay in relays)))


_RELAY_CURE = "Check host, port, security, username and password under [smtp]."


async def _try_relay(options: RelayOptions) -> HealthFinding:
    patience = replace(options.timeouts, connect_s=_PATIENCE_S, command_s=_PATIENCE_S)
    try:
        session = await SmtpRelay(replace(options, timeouts=patience)).open()
        await session.close()
    except SseDigestError as error:
        return _wrong("relay", str(error), _RELAY_CURE, Health.ERROR)
    return _fine("relay", f"{options.name} accepts the connection")


def _fine(part: str, text: str) -> HealthFinding:
    return HealthFinding(part=part, level=Health.OK, text=text)


def _wrong(part: str, text: str, cure: str, level: Health = Health.WARNING) -> HealthFinding:
    return HealthFinding(part=part, level=level, text=text, cure=cure)


_DNS_PATIENCE_S = 3.0
Resolve = Callable[[str], Sequence[str] | None]


def check_dkim(settings: Settings, resolve: Resolve | None = None) -> tuple[HealthFinding, ...]:
    """Find reasons why receivers would not accept signatures; no findings if no key is configured.

    Args:
        resolve: returns the TXT records of a name, empty if it has none, None if the DNS does not answer.
    """
    try:
        signer = settings.signer()
    except SettingsError as error:
        return (_finding(Health.ERROR, str(error), "Correct [dkim], or remove the block."),)
    if signer is None:
        return ()
    name = f"{signer.selector}._domainkey.{signer.domain}"
    records = (resolve or text_records)(name)
    found = list(_alignment(settings, signer.domain))
    if records is None:
        found.append(_finding(Health.WARNING, f"the DNS does not answer for {name}", "Try again later."))
    elif public_key_in(record_of(signer.key)) not in {public_key_in(record) for record in records}:
        what = "contains another key" if records else "does not exist"
        cure = "Publish what `sse-digest dkim record` prints."
        found.append(_finding(Health.ERROR, f"the record {name} {what}: no signature will be valid", cure))
    return tuple(found) or (_finding(Health.OK, f"{name} contains this key"),)


def _alignment(settings: Settings, domain: str) -> Iterator[HealthFinding]:
    for one in settings.config.lists:
        sender = one.from_address.rpartition("@")[2].lower()
        if sender != domain and not sender.endswith("." + domain):
            text = f"the list {one.name} sends from {sender}, which {domain} does not sign for (DMARC)"
            yield _finding(Health.WARNING, text, "Set dkim.domain to the domain of from_address.")


def _finding(level: Health, text: str, cure: str | None = None) -> HealthFinding:
    return HealthFinding(part="dkim", level=level, text=text, cure=cure)


def text_records(name: str) -> Sequence[str] | None:
    """Return the TXT records of a name; empty if it has none, None if the DNS does not answer."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=_DNS_PATIENCE_S)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except (dns.exception.DNSException, OSError):
        return None
    return [b"".join(record.strings).decode("ascii", "replace") for record in answer]


_MARKS = {Health.OK: "ok     ", Health.ADVICE: "to do  ", Health.WARNING: "warning", Health.ERROR: "ERROR  "}
_BAD = (Health.WARNING, Health.ERROR)


@click.command()
@json_option
@pass_context
def doctor(context: Context, as_json: bool) -> None:
    """Check whether configuration, templates, database, sources and relay are usable.

    Every problem comes with its fix, and what is not set up yet is listed as still to do. Nothing is sent,
    published or stored. The exit code is 1 only if something is wrong.
    """
    findings = asyncio.run(examine(context.config))
    emit({"findings": [_data(finding) for finding in findings]}, _findings(findings), as_json=as_json)
    end(attention=any(finding.level in _BAD for finding in findings))


def _data(finding: HealthFinding) -> dict[str, str | None]:
    return {"part": finding.part, "level": finding.level, "text": finding.text, "cure": finding.cure}


def _findings(findings: Sequence[HealthFinding]) -> Iterator[str]:
    for finding in findings:
        yield f"{_MARKS[finding.level]} {finding.part}: {finding.text}"
        if finding.cure:
            yield f"        {finding.cure}"
    wrong, to_do = (
        sum(finding.level in levels for finding in findings) for levels in (_BAD, (Health.ADVICE,))
    )
    if wrong:
        yield f"{wrong} of {counted(len(findings), 'finding')} {'needs' if wrong == 1 else 'need'} attention."
    elif to_do:
        yield f"Nothing is wrong; {counted(to_do, 'thing')} still to do before the first issue is sent."
    else:
        yield "Everything is fine."
