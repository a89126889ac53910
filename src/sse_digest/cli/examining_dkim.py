"""Whether mails are signed so that everybody can check it: the key, the sender's domain, the DNS record."""

from collections.abc import Callable, Iterator, Sequence

import dns.exception
import dns.resolver

from sse_digest.cli.findings import Health, HealthFinding
from sse_digest.digest.mail.dkim import public_key_in, record_of
from sse_digest.errors import SettingsError
from sse_digest.settings import Settings

_PATIENCE_S = 3.0
Resolve = Callable[[str], Sequence[str] | None]


def check_dkim(settings: Settings, resolve: Resolve | None = None) -> tuple[HealthFinding, ...]:
    """Find what keeps signatures from counting; nothing is said where no key is configured.

    Args:
        resolve: gives the TXT records of a name, none where it has none, None where the DNS gives no answer.
    """
    try:
        signer = settings.signer()
    except SettingsError as error:
        return (_finding(Health.ERROR, str(error), "Correct [dkim], or take the block out."),)
    if signer is None:
        return ()
    name = f"{signer.selector}._domainkey.{signer.domain}"
    records = (resolve or text_records)(name)
    found = list(_alignment(settings, signer.domain))
    if records is None:
        found.append(_finding(Health.WARNING, f"the DNS gives no answer for {name}", "Try again later."))
    elif public_key_in(record_of(signer.key)) not in {public_key_in(record) for record in records}:
        what = "holds another key" if records else "does not exist"
        cure = "Publish what `sse-digest dkim record` prints."
        found.append(_finding(Health.ERROR, f"the record {name} {what}: no signature counts", cure))
    return tuple(found) or (_finding(Health.OK, f"{name} holds our key"),)


def _alignment(settings: Settings, domain: str) -> Iterator[HealthFinding]:
    for one in settings.config.lists:
        sender = one.from_address.rpartition("@")[2].lower()
        if sender != domain and not sender.endswith("." + domain):
            text = f"the list {one.name} sends from {sender}, which {domain} does not sign for (DMARC)"
            yield _finding(Health.WARNING, text, "Let dkim.domain be the domain of from_address.")


def _finding(level: Health, text: str, cure: str | None = None) -> HealthFinding:
    return HealthFinding(part="dkim", level=level, text=text, cure=cure)


def text_records(name: str) -> Sequence[str] | None:
    """Ask the DNS of this machine."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=_PATIENCE_S)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except (dns.exception.DNSException, OSError):
        return None
    return [b"".join(record.strings).decode("ascii", "replace") for record in answer]
