"""Load the configuration from a TOML file and from the environment, which takes precedence.

All problems are reported at once, each with its path and, if known, its line. No other module reads the
environment: SSE_DIGEST_CONFIG names the file, and SSE_DIGEST__SMTP__PORT sets smtp.port.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pydantic_settings
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from sse_digest.errors import SettingsError
from sse_digest.settings.base_model import SettingsTable, block_of
from sse_digest.settings.checks import Place, Problem, cross_check
from sse_digest.settings.configuration import Configuration
from sse_digest.settings.room_options import Settings
from sse_digest.sources import KINDS
from sse_digest.sources.presets import PRESETS

PREFIX = "SSE_DIGEST__"
_DELIMITER = "__"
_TABLE = re.compile(r"\s*\[\s*([\w.-]+)\s*\]")
_ARRAY = re.compile(r"\s*\[\[\s*([\w.-]+)\s*\]\]")
_KEY = re.compile(r"\s*([\w.-]+)\s*=")
_SECRET = ("password", "secret_keys")
_SHOWN = 60  # characters of a wrong value
_MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "missing": "is missing",
        "extra_forbidden": "is not a setting",
        **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "must be a whole number"),
        **dict.fromkeys(("float_type", "float_parsing"), "must be a number"),
        **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false"),
        **dict.fromkeys(("string_type", "path_type"), "must be text in quotation marks"),
        **dict.fromkeys(("tuple_type", "list_type"), "must be a list in square brackets"),
        **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "must be a table"),
        "enum": "must be one of {expected}",
        "greater_than_equal": "must be {ge} or more",
        "greater_than": "must be more than {gt}",
        "less_than_equal": "must be {le} or less",
        "too_short": "must not be empty",
        "value_error": "{error}",
    }
)


class _FromEnvironment(Configuration, BaseSettings):
    """The model by which the environment is parsed; it is never instantiated."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=_DELIMITER, env_ignore_empty=True, extra="forbid"
    )


def load_settings(path: Path | None = None) -> Settings:
    """Load the configuration from its file and the environment, which takes precedence.

    Args:
        path: the file; None for the file in SSE_DIGEST_CONFIG, or else ./config.toml.

    Raises:
        SettingsError: the file cannot be read, or a setting is wrong; `problems` has all findings.
    """
    file = path or Path(os.environ.get("SSE_DIGEST_CONFIG") or "config.toml")
    text = _read(file)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = str(error).replace("end of document", f"the end, line {text.count(chr(10)) + 1}")
        raise SettingsError(f"{file} is not valid TOML: {where}.") from error
    given, misnamed = _environment()
    config, found = validate(_merged(document, given))
    problems = [*misnamed, *found]
    if config is not None and not problems:
        settings = Settings(config, file.parent)
        problems = list(_compare(settings))
        if not problems:
            return settings
    raise _all(problems, file, _lines_of(text))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SettingsError(
            f"There is no configuration {file}. Make one with `sse-digest init`, or choose one with --config."
        ) from error
    except OSError as error:
        raise SettingsError(f"The configuration {file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"The configuration {file} is not in UTF-8. Save it as UTF-8.") from error


# ---------------------------------------------------------------- the environment


def _environment() -> tuple[dict[str, Any], list[Problem]]:
    """Return the settings in the environment as nested tables, and problems with names of variables."""
    problems = [
        problem
        for name in os.environ
        if name.upper().startswith(PREFIX) and (problem := _misnamed(name)) is not None
    ]
    try:
        given = EnvSettingsSource(_FromEnvironment)()
    except pydantic_settings.SettingsError as error:  # it names the field, but its cause is a JSON error
        named = re.search(r'field "(\w+)"', str(error))
        path = (named[1],) if named else ()
        return {}, [*problems, Problem(path, "must be written as JSON in the environment")]
    for problem in problems:
        _drop(given, problem.path)
    return given, problems


def _drop(values: dict[str, Any], path: Place) -> None:
    """Remove a value, and tables that become empty."""
    key, rest = str(path[0]), path[1:]
    inner = values.get(key)
    if isinstance(inner, dict) and rest:
        _drop(inner, rest)
        if inner:
            return
    if isinstance(inner, dict) or not rest:
        values.pop(key, None)


def _misnamed(name: str) -> Problem | None:
    """Return the problem of a variable that would be silently ignored, or None if it names a setting."""
    path = _path_of(name)
    block: type[SettingsTable] | None = Configuration
    for part in path:
        fields = {} if block is None else block.model_fields
        if part not in fields:
            return Problem(path, "is not a setting" + _meant(part, fields))
        annotation = fields[part].annotation
        block = block_of(annotation) if "tuple" not in str(annotation) else None
    return None


def _path_of(name: str) -> tuple[str, ...]:
    return tuple(name.upper().removeprefix(PREFIX).lower().split(_DELIMITER))


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        before = merged.get(key)
        merged[key] = (
            _merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
        )
    return merged


# ---------------------------------------------------------------- problems


def validate(document: Mapping[str, Any]) -> tuple[Configuration | None, list[Problem]]:
    """Validate parsed TOML; return the configuration, or None and at least one problem."""
    try:
        return Configuration.model_validate(document), []
    except ValidationError as error:
        problems = [_problem(details) for details in error.errors(include_url=False)]
        inside = {
            problem.path[:-1] for problem in problems
        }  # a list with a wrong part is also reported as empty
        return None, [problem for problem in problems if problem.path not in inside]


def _problem(details: ErrorDetails) -> Problem:
    path: Place = details["loc"]
    kind = details["type"]
    text = _MESSAGES.get(kind, details["msg"]).format(**details.get("ctx", {}))
    if kind == "missing":
        block = _block_at(path[:-1])
        field = block.model_fields.get(str(path[-1])) if block else None
        return Problem(path, f"{text}: {field.description}" if field and field.description else text)
    if kind == "extra_forbidden":
        block = _block_at(path[:-1])
        return Problem(path, text + _meant(str(path[-1]), block.model_fields if block else ()))
    return Problem(path, text + _but_is(path, details["input"]))


def _block_at(path: Place) -> type[SettingsTable] | None:
    block: type[SettingsTable] | None = Configuration
    for part in path:
        if isinstance(part, str):
            field = block.model_fields.get(part) if block else None
            block = None if field is None else block_of(field.annotation)
    return block


def _meant(key: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(key, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _but_is(path: Place, value: object) -> str:
    """Return a wrong value for a message, or "" if it may be secret or is too long."""
    plain = isinstance(value, str | int | float | bool)
    if not plain or any(str(part) in _SECRET for part in path) or len(repr(value)) > _SHOWN:
        return ""
    return f" (not {value!r})"


def _compare(settings: Settings) -> Iterator[Problem]:
    config = settings.config
    try:
        themes = tuple(theme.key for theme in settings.theme_rules().themes)
    except SettingsError as error:
        themes = tuple(
            theme for digest in config.digests for theme in digest.themes or ()
        )  # do not report them again
        for text in error.problems or (str(error),):
            yield Problem(("themes",), f"cannot be used: {text}")
    yield from cross_check(config, themes=themes, kinds=tuple(KINDS), presets=tuple(PRESETS))


def _all(problems: Iterable[Problem], file: Path, lines: Mapping[Place, int]) -> SettingsError:
    variables = {_path_of(name): name for name in os.environ if name.upper().startswith(PREFIX)}
    found_lines = []
    for problem in problems:
        variable = variables.get(tuple(map(str, problem.path)))
        line = 0 if variable else _line(problem.path, lines)
        where = f" ({variable})" if variable else f" (line {line})" if line else ""
        found_lines.append((line, f"{problem.place}{where} {problem.text}".strip()))
    found = tuple(text for _, text in sorted(found_lines))
    count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
    return SettingsError(f"The configuration {file} has {count}. Correct it and try again.", found)


def _line(path: Place, lines: Mapping[Place, int]) -> int:
    """Return the line of a setting, or else of its table; 0 if neither is in the file."""
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), 0)


def _lines_of(text: str) -> dict[Place, int]:
    """Return the line number of each key and table; multi-line strings may cause wrong numbers."""
    lines: dict[Place, int] = {}
    counts: dict[str, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _ARRAY.match(line):
            counts[found[1]] = counts.get(found[1], -1) + 1
            table = (found[1], counts[found[1]])
            lines[table] = number
        elif found := _TABLE.match(line):
            first, *rest = found[1].split(".")
            table = (first, counts[first], *rest) if first in counts else (first, *rest)
            lines[table] = number
        elif found := _KEY.match(line):
            lines.setdefault((*table, *found[1].split(".")), number)
    return lines
