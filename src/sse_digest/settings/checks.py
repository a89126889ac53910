"""Check settings against each other: names that must exist, and values that exclude each other.

Pure. Each problem has its path; `loading` adds the line.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from sse_digest.delivery.options import Security
from sse_digest.settings.configuration import Configuration
from sse_digest.settings.digest_tables import DigestTable
from sse_digest.settings.smtp_tables import RelayTable, SmtpTable, port_of
from sse_digest.settings.source_tables import SourceTable
from sse_digest.sources.options import PLACEHOLDERS

Place = tuple[str | int, ...]

SECRET_LENGTH = 32  # characters
_SECRET_VARIETY = 8  # different characters, so that a repeated word is refused


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem in the configuration."""

    path: Place  # such as ("smtp", "port"); () for the whole configuration
    text: str  # continues the path: "must be a whole number"

    @property
    def place(self) -> str:
        """The path for people, such as `sources[0].url`."""
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return "".join(parts).removeprefix(".")


def cross_check(
    config: Configuration, *, themes: Collection[str], kinds: Collection[str], presets: Collection[str]
) -> tuple[Problem, ...]:
    """Return the problems with settings that do not fit together.

    Args:
        config: to check.
        themes: keys of all themes in the rules.
        kinds: kinds of sources.
        presets: presets for sources of kind html.
    """
    return (
        *_twice("sources", [source.name for source in config.sources]),
        *_twice("digests", [digest.name for digest in config.digests]),
        *_twice("lists", [one.name for one in config.lists]),
        *_twice("lists", [one.list_id for one in config.lists], key="list_id"),
        *_secrets(config),
        *_smtp(config.smtp),
        *(
            Problem(("sources", place, *problem.path), problem.text)
            for place, source in enumerate(config.sources)
            for problem in _source(source, kinds, presets)
        ),
        *(
            Problem(("digests", place, *problem.path), problem.text)
            for place, digest in enumerate(config.digests)
            for problem in _digest(digest, themes, {one.name for one in config.lists})
        ),
        *(
            Problem(("themes", theme), "must have another name, because all means every theme")
            for theme in themes
            if theme == "all"
        ),
    )


def weakness(secret: str) -> str | None:
    """Return why a secret is too weak, or None."""
    if len(secret) < SECRET_LENGTH:
        return f"has {len(secret)} characters; a secret needs at least {SECRET_LENGTH} random ones"
    if len(set(secret)) < _SECRET_VARIETY:
        return "is not random; `sse-digest init` generates good ones"
    return None


def _twice(block: str, names: Sequence[str], *, key: str = "name") -> Iterator[Problem]:
    for place, name in enumerate(names):
        if name in names[:place]:
            yield Problem(
                (block, place, key), f"is {name!r}, which another block has already; each must be different"
            )


def _secrets(config: Configuration) -> Iterator[Problem]:
    if config.secret_keys and config.secret_keys_file is not None:
        yield Problem(("secret_keys",), "and secret_keys_file are both set; keep one")
    yield from _weak(config.secret_keys)


def _weak(secrets: Sequence[SecretStr]) -> Iterator[Problem]:
    for place, secret in enumerate(secrets):
        why = weakness(secret.get_secret_value())
        if why is not None:
            yield Problem(("secret_keys", place), why)


def _smtp(smtp: SmtpTable | None) -> Iterator[Problem]:
    if smtp is None:
        return
    blocks = [(("smtp",), smtp), *((("smtp", "fallbacks", n), one) for n, one in enumerate(smtp.fallbacks))]
    known: set[tuple[str, int]] = set()
    for path, block in blocks:
        yield from (Problem((*path, key), text) for key, text in (*_login(block), *_certificates(block)))
        here = (block.host, port_of(block))
        if here in known:
            yield Problem((*path, "host"), "and port are those of an earlier relay")
        known.add(here)


def _login(smtp: RelayTable) -> Iterator[tuple[str, str]]:
    has_password = smtp.password is not None or smtp.password_file is not None
    if smtp.password is not None and smtp.password_file is not None:
        yield "password", "and password_file are both set; keep one"
    if smtp.username is not None and not has_password:
        yield "username", "is set without a password; set password_file"
    if smtp.username is None and has_password:
        yield "username", "is missing, but a password is set"


def _certificates(smtp: RelayTable) -> Iterator[tuple[str, str]]:
    if smtp.ca_file is not None and smtp.security is Security.NONE:
        yield "ca_file", 'is set, but security is "none", so there is no certificate to check'
    elif smtp.ca_file is not None and not smtp.verify_certificate:
        yield "ca_file", "is set, but verify_certificate is false; remove one of them"


def _source(source: SourceTable, kinds: Collection[str], presets: Collection[str]) -> Iterator[Problem]:
    if (source.url is None) == (source.path is None):
        yield Problem(("url",), "or path must be set, but not both")
    if source.base_url is not None and source.path is None:
        yield Problem(("base_url",), "is only for a file (path); links of a page are relative to its url")
    if source.kind not in kinds:
        yield Problem(("kind",), f"must be one of {', '.join(kinds)}")
    elif source.kind == "html":
        yield from _layout(source, presets)
    else:
        for name in ("preset", "selectors", "next_url"):
            if getattr(source, name):
                yield Problem((name,), "is only for kind html")


def _layout(source: SourceTable, presets: Collection[str]) -> Iterator[Problem]:
    """Yield problems with the settings of a source of kind html."""
    if source.preset is not None and source.preset not in presets:
        yield Problem(("preset",), f"must be one of {', '.join(presets)} for kind html")
    elif source.preset is None and source.selectors and "item" not in source.selectors:
        yield Problem(("selectors",), "must have item, the selector of one piece of news")
    if source.next_url is not None and not any(name in source.next_url for name in PLACEHOLDERS):
        yield Problem(
            ("next_url",), f"must contain {' or '.join(PLACEHOLDERS)}; otherwise all pages would be the same"
        )
    if not source.selectors:
        return
    from sse_digest.sources.html.selectors import selector_problem  # noqa: PLC0415 # loads an HTML parser

    for field, selector in source.selectors.items():
        if (problem := selector_problem(field, selector)) is not None:
            yield Problem(("selectors",), problem)


def _digest(digest: DigestTable, themes: Collection[str], lists: Collection[str]) -> Iterator[Problem]:
    for name in digest.lists:
        if name not in lists:
            known = ", ".join(sorted(lists)) or "none; add a [[lists]] block"
            yield Problem(("lists",), f"has {name!r}, which is not a list; known: {known}")
    for theme in digest.themes or ():
        if theme not in themes:
            yield Problem(("themes",), f"has {theme!r}, which is not a theme; known: {', '.join(themes)}")
    for theme in digest.section_limits or ():
        if theme not in themes:
            known = ", ".join(themes)
            yield Problem(("section_limits",), f"has {theme!r}, which is not a theme; known: {known}")
    if digest.default_language not in digest.languages:
        yield Problem(("default_language",), f"must be one of its languages: {', '.join(digest.languages)}")
    titled = set(digest.title) - {""}
    if titled and digest.default_language not in titled:
        yield Problem(("title",), f"needs a title in the default language {digest.default_language!r}")
    for language in sorted(titled - set(digest.languages)):
        yield Problem(("title",), f"has {language!r}, which is not among the digest's languages")
