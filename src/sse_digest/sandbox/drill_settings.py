"""Make the settings of a drill from the operator's, with everything external replaced.

Relays, database, feeds, secrets and sources are the drill's own; templates, themes, lists, the signing key
and the options of sending are the operator's. Nothing is written, and no password is read.
"""

from pathlib import Path
from typing import TypeVar

from sse_digest.delivery.options import Security
from sse_digest.errors import SettingsError
from sse_digest.settings.configuration import Configuration, DatabaseTable, ThemesTable
from sse_digest.settings.example import toml
from sse_digest.settings.room_options import Settings
from sse_digest.settings.smtp_tables import RelayTable, SmtpTable
from sse_digest.settings.source_tables import SourceTable

LOOPBACK = "127.0.0.1"
SECRETS = "secret_keys"
DATABASE = "drill.db"
_Relay = TypeVar("_Relay", bound=RelayTable)


def relay_count(settings: Settings) -> int:
    """Return the number of the operator's relays."""
    return len(settings.relay_limits())


def scratch_of(
    settings: Settings, digest: str, *, folder: Path, ports: tuple[int, ...], news: Path
) -> Settings:
    """Return the settings of a scratch installation.

    Args:
        settings: the operator's.
        digest: the only digest that is kept; it gets all themes, so that there is something to print.
        folder: of the scratch installation; the caller must write its file `secret_keys`.
        ports: on loopback, one for each relay of the operator, in their order.
        news: a text file to read instead of the operator's sources.

    Raises:
        SettingsError: there is no [smtp] block.
    """
    config = settings.config
    if config.smtp is None:
        raise SettingsError("smtp.host and smtp.envelope_from are not set. Add a block [smtp] with both.")
    kept = next(block for block in config.digests if block.name == digest)
    dkim, email = config.dkim, config.templates.email
    changes = {
        "secret_keys": (),
        "secret_keys_file": Path(SECRETS),
        "database": DatabaseTable(url=f"sqlite:///{DATABASE}"),
        "sources": (SourceTable(name="examples", kind="text", path=news),),
        "feeds": config.feeds.model_copy(
            update={"folder": Path("feeds"), "hub": None, "moved_to": None, "gone": None}
        ),
        "digests": (
            kept.model_copy(
                update={"themes": None, "first_period": None, "late_days": 0, "require_approval": False}
            ),
        ),
        "smtp": _smtp(config.smtp, ports),
        "dkim": dkim and dkim.model_copy(update={"key_file": settings.path(dkim.key_file)}),
        "templates": config.templates.model_copy(update={"email": email and settings.path(email)}),
        "themes": _themes(settings),
    }
    return Settings(config.model_copy(update=changes), folder)


def _smtp(smtp: SmtpTable, ports: tuple[int, ...]) -> SmtpTable:
    first, *others = ports
    fallbacks = [_relay(block, port) for block, port in zip(smtp.fallbacks, others, strict=True)]
    return _relay(smtp, first).model_copy(update={"fallbacks": tuple(fallbacks)})


def _relay(block: _Relay, port: int) -> _Relay:
    """Point a relay to loopback, without its limits: a drill would last as long as a real send."""
    nothing = ("username", "password", "password_file", "max_per_second", "max_per_hour", "max_per_day")
    return block.model_copy(
        update={"host": LOOPBACK, "port": port, "security": Security.NONE, **dict.fromkeys(nothing)}
    )


def _themes(settings: Settings) -> ThemesTable:
    themes = settings.config.themes
    return themes.model_copy(update={"files": tuple(settings.path(path) for path in themes.files)})


def written(config: Configuration) -> str:
    """Return a configuration as TOML, without comments; secrets in it are masked."""
    document = config.model_dump(mode="json", exclude_none=True)
    return "".join(f"{key} = {toml(value)}\n" for key, value in document.items())
