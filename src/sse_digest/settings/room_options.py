"""Make the options of each room from the configuration, in its own terms and units.

Secret files are read only when a secret is needed, so that reading news needs none. The environment is not
read here.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast
from zoneinfo import ZoneInfo

from sse_digest import __version__
from sse_digest.audience.options import AudienceOptions
from sse_digest.delivery.options import Limits, Pipelining, RelayOptions, SendOptions, Timeouts
from sse_digest.digest.options import Letterhead
from sse_digest.errors import DigestError, SettingsError, UsageError
from sse_digest.feeds.options import FeedOptions
from sse_digest.model.issues import Digest, Period
from sse_digest.model.signed_tokens import scope_of
from sse_digest.model.theme_rules import ThemeRules, parse_rules
from sse_digest.rendering.design import Appearance
from sse_digest.settings.base_model import SettingsTable
from sse_digest.settings.checks import weakness
from sse_digest.settings.configuration import Configuration
from sse_digest.settings.digest_tables import DigestTable, ListTable
from sse_digest.settings.smtp_tables import RelayTable, SmtpTable, port_of
from sse_digest.settings.source_tables import FetchTable
from sse_digest.sources.options import FetchOptions, SourceOptions

if TYPE_CHECKING:  # the library is loaded only if mails are signed
    from sse_digest.digest.mail.dkim import DkimSigner

_OWN_RULES = Path(__file__).resolve().parents[1] / "themes.toml"
_SQLITE = "sqlite:///"
_PROGRAM = f"sse-digest/{__version__}"

T = TypeVar("T")


class Settings:
    """The configuration, ready for use.

    Args:
        config: as read.
        folder: the folder to which its paths are relative.
    """

    def __init__(self, config: Configuration, folder: Path) -> None:
        self.config = config
        self.folder = folder.resolve()

    @property
    def public_url(self) -> str | None:
        """The https address of this installation, without a trailing slash, or None if it has none."""
        return self.config.public_url

    def path(self, path: Path) -> Path:
        """Return the absolute path for a path in the configuration."""
        return self.folder / path

    def database_url(self) -> str:
        """Return the address of the database; a relative path is relative to the configuration's folder."""
        url = self.config.database.url
        name = url.removeprefix(_SQLITE)
        if not url.startswith(_SQLITE) or not name or name == ":memory:":
            return url
        return f"{_SQLITE}{self.path(Path(name))}"

    def secret_keys(self) -> tuple[bytes, ...]:
        """Return the secrets that sign links, at least one, the newest first.

        Raises:
            SettingsError: there is no secret, the file cannot be read, or a secret is too weak.
        """
        config = self.config
        if config.secret_keys_file is None:
            keys = [key.get_secret_value() for key in config.secret_keys]
        else:
            lines = (line.strip() for line in self._read_secrets("secret_keys_file", config.secret_keys_file))
            keys = [line for line in lines if line and not line.startswith("#")]
        if not keys:
            raise SettingsError(
                "There are no secret_keys, so links and tokens cannot be signed. Set secret_keys_file, or run"
                " `sse-digest init` in a new folder and use the file it writes."
            )
        weak = [f"secret {place} {why}" for place, key in enumerate(keys, 1) if (why := weakness(key))]
        if weak:
            raise SettingsError("secret_keys: some secrets are too weak. Replace them.", tuple(weak))
        return tuple(key.encode() for key in keys)

    def source_options(self) -> tuple[SourceOptions, ...]:
        """Return the options of all sources, in the order of the configuration."""
        return tuple(
            options_from(
                SourceOptions,
                source,
                path=source.path and self.path(source.path),
                selectors=source.selectors or {},
            )
            for source in self.config.sources
        )

    def fetch_options(self) -> FetchOptions:
        """Return the options of fetching; the user agent has the program and a contact."""
        contact = self.config.fetch.contact or self.config.public_url
        agent = f"{_PROGRAM} (+{contact})" if contact else _PROGRAM
        return options_from(FetchOptions, self.config.fetch, user_agent=agent)

    def feed_options(self) -> FeedOptions:
        """Return the options of publishing.

        Raises:
            SettingsError: public_url is not set.
        """
        feeds, organisation = self.config.feeds, self.config.organisation
        if self.config.public_url is None:
            raise SettingsError(
                "public_url is not set, so feeds would have no address. Set it to the https address of this"
                " installation, such as https://news.example.org."
            )
        return options_from(
            FeedOptions,
            feeds,
            folder=self.path(feeds.folder),
            public_url=self.config.public_url,
            title=feeds.title or organisation,
            subtitle=feeds.subtitle or organisation,
            author=organisation,
            themes={theme.key: theme.labels for theme in self.theme_rules().themes},
            moved_to=feeds.moved_to or {},
            gone=frozenset(feeds.gone or ()),
            appearance=self.appearance(),
        )

    def appearance(self) -> Appearance:
        """Return the chosen appearance of mails and pages."""
        return options_from(Appearance, self.config.appearance)

    def digests(self) -> tuple[Digest, ...]:
        """Return all digests, in the order of the configuration."""
        return tuple(self._digest(block) for block in self.config.digests)

    def _digest(self, block: DigestTable) -> Digest:
        return options_from(
            Digest,
            block,
            title={language or block.default_language: title for language, title in block.title.items()},
            themes=block.themes or tuple(theme.key for theme in self.theme_rules().themes),
            zone=ZoneInfo(block.zone),
            first_period=None if block.first_period is None else Period.parse(block.first_period),
            section_limits=block.section_limits or {},
        )

    def list_names(self) -> tuple[str, ...]:
        """Return the names of all lists, in the order of the configuration."""
        return tuple(one.name for one in self.config.lists)

    def list_title(self, scope: int) -> str:
        """Return the title of the list whose name has this `scope_of`; without one, the organisation."""
        titles = {scope_of(one.name): one.title for one in self.config.lists}
        return titles.get(scope, self.config.organisation)

    def letterhead(self, list_name: str) -> Letterhead:
        """Return the letterhead of a list.

        Raises:
            UsageError: there is no such list.
        """
        block = self._list(list_name)
        return options_from(
            Letterhead,
            block,
            from_name=block.from_name or self.config.organisation,
            list_name=block.name,
            list_title=block.title,
            organisation=self.config.organisation,
            public_url=self.config.public_url,
            appearance=self.appearance(),
        )

    def audience_options(self, list_name: str) -> AudienceOptions:
        """Return the options of a list: the themes and languages of its digests.

        Raises:
            UsageError: there is no such list, or it receives no digest.
        """
        name = self._list(list_name).name
        digests = [digest for digest in self.digests() if name in digest.lists]
        if not digests:
            raise UsageError(f"The list {name!r} receives no digest. Add it to lists in a [[digests]] block.")
        return AudienceOptions(
            list_name=name,
            themes=tuple(dict.fromkeys(theme for digest in digests for theme in digest.themes)),
            languages=tuple(dict.fromkeys(tag for digest in digests for tag in digest.languages)),
            default_language=digests[0].default_language,
        )

    def _list(self, name: str) -> ListTable:
        for block in self.config.lists:
            if block.name == name:
                return block
        known = ", ".join(self.list_names()) or "none; add a [[lists]] block to the configuration"
        raise UsageError(f"There is no list {name!r}. Known: {known}.")

    def relay_options(self) -> RelayOptions:
        """Return the options of the first relay.

        Raises:
            SettingsError: there is no [smtp] block, or its password_file cannot be read.
        """
        return self._relay(self._smtp(), "smtp")

    def relays(self) -> tuple[RelayOptions, ...]:
        """Return the options of all relays, in order of preference.

        Raises:
            SettingsError: there is no [smtp] block, or a password_file cannot be read.
        """
        fallbacks = enumerate(self._smtp().fallbacks, 1)
        more = (self._relay(block, f"smtp.fallbacks[{place}]") for place, block in fallbacks)
        return (self.relay_options(), *more)

    def _relay(self, block: RelayTable, path: str) -> RelayOptions:
        return options_from(
            RelayOptions,
            block,
            port=port_of(block),
            password=self._password(block, path),
            ca_file=block.ca_file and self.path(block.ca_file),
            timeouts=options_from(Timeouts, self._smtp().timeouts),
            limits=options_from(Limits, block),
        )

    def relay_limits(self) -> Mapping[str, Limits]:
        """Return the limits of all relays by host and port, in their order, without reading secrets.

        Raises:
            SettingsError: there is no [smtp] block.
        """
        smtp = self._smtp()
        return {
            f"{block.host}:{port_of(block)}": options_from(Limits, block) for block in (smtp, *smtp.fallbacks)
        }

    def send_options(self) -> SendOptions:
        """Return the options of sending.

        Raises:
            SettingsError: there is no [smtp] block.
        """
        smtp, send = self._smtp(), self.config.send
        relays = (smtp, *smtp.fallbacks)
        return options_from(
            SendOptions,
            send,
            envelope_from=smtp.envelope_from,
            connections=max(relay.connections for relay in relays),
            depth=max(relay.depth if relay.pipelining is Pipelining.FULL else 1 for relay in relays),
            retry_delays=tuple(timedelta(minutes=minutes) for minutes in send.retry_delays_minutes),
            give_up_after=timedelta(hours=send.give_up_after_hours),
            drain_timeout=timedelta(seconds=send.drain_timeout_s),
            reconnect_delay=timedelta(seconds=send.reconnect_delay_s),
        )

    def signer(self) -> "DkimSigner | None":
        """Return the signer of mails, or None if no key is configured.

        Raises:
            SettingsError: the key cannot be read or is too weak.
        """
        return self._signer

    @cached_property
    def _signer(self) -> "DkimSigner | None":
        dkim = self.config.dkim
        if dkim is None:
            return None
        from sse_digest.digest.mail.dkim import DkimSigner, read_key  # noqa: PLC0415 # as above

        text = "\n".join(self._read_secrets("dkim.key_file", dkim.key_file))
        try:
            return DkimSigner(dkim.domain, dkim.selector, read_key(text.encode()))
        except DigestError as error:
            raise SettingsError(f"dkim.key_file: {self.path(dkim.key_file)}: {error}.") from error

    def _smtp(self) -> SmtpTable:
        if self.config.smtp is None:
            raise SettingsError(
                "smtp.host and smtp.envelope_from are not set, so nothing can be sent."
                " Add a block [smtp] with both."
            )
        return self.config.smtp

    def _password(self, relay: RelayTable, path: str) -> str | None:
        if relay.password_file is None:
            return None if relay.password is None else relay.password.get_secret_value()
        lines = self._read_secrets(f"{path}.password_file", relay.password_file)
        if not lines or not lines[0]:
            raise SettingsError(f"{path}.password_file: the first line of {relay.password_file} is empty.")
        return lines[0]

    def _read_secrets(self, setting: str, path: Path) -> list[str]:
        try:
            return self.path(path).read_text(encoding="utf-8").splitlines()
        except OSError as error:
            self._unreadable(setting, path, error.strerror or "it cannot be read", error)
        except UnicodeDecodeError as error:
            self._unreadable(setting, path, "it is not text in UTF-8", error)

    def _unreadable(self, setting: str, path: Path, why: str, error: Exception) -> NoReturn:
        raise SettingsError(f"{setting}: {self.path(path)}: {why}.") from error

    def email_templates(self) -> Path | None:
        """Return the folder of the configured mail templates, or None for those of the program."""
        email = self.config.templates.email
        return None if email is None else self.path(email)

    def theme_rules(self) -> ThemeRules:
        """Return the theme rules: those of the program and the configured extensions.

        Raises:
            SettingsError: a file cannot be read, or its rules are wrong; `problems` has all findings.
        """
        return self._rules

    def theme_labels(self) -> Mapping[str, Mapping[str, str]]:
        """Return the labels of all themes by key, then by language; see `theme_rules`."""
        return {theme.key: theme.labels for theme in self._rules.themes}

    @cached_property
    def _rules(self) -> ThemeRules:
        files = (_OWN_RULES, *(self.path(path) for path in self.config.themes.files))
        documents = [_read_toml(path) for path in files]
        here = {"themes": self.config.themes.model_extra or {}}
        return parse_rules([*documents, here], where=[*(path.name for path in files), "the configuration"])


def options_from(kind: type[T], table: SettingsTable, **others: object) -> T:
    """Return the options of a room; fields not in `others` are copied from settings of the same name.

    Args:
        kind: the dataclass of the options.
        table: the settings.
        others: fields that have no setting or a converted value.
    """
    names = {field.name for field in fields(cast("Any", kind))} & type(table).model_fields.keys()
    return kind(**{name: getattr(table, name) for name in names} | others)


def default_fetch_options() -> FetchOptions:
    """Return the options of fetching without a configuration."""
    return options_from(FetchOptions, FetchTable(), user_agent=_PROGRAM)


def shipped_rules() -> ThemeRules:
    """Return the theme rules that come with the program."""
    return parse_rules([_read_toml(_OWN_RULES)], where=[_OWN_RULES.name])


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"themes.files: {path}: {error.strerror}.") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise SettingsError(f"themes.files: {path} is not a TOML file in UTF-8: {error}.") from error
