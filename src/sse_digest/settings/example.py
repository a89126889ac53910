"""Write the example configuration: all settings with their descriptions, as TOML that can be loaded.

Required settings have an example; settings with a default are commented out with that default. `init` writes
the same text with a person's own values.
"""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import get_origin

from pydantic.fields import FieldInfo

from sse_digest.settings.base_model import SettingsTable, block_of
from sse_digest.settings.configuration import Configuration

_WIDTH = 100
_HEAD = """\
# The configuration of sse-digest: every setting, with its description.
#
# A line that begins with "# key =" shows the default or an example; remove the "# " to change it. Paths
# are relative to this file's folder. Any setting can also come from the environment, which takes precedence:
# SSE_DIGEST__SMTP__PORT=2525 sets smtp.port. Check the file with: sse-digest doctor
"""


EXAMPLE: Mapping[str, object] = MappingProxyType(
    {
        "public_url": "https://news.example.org",
        "secret_keys_file": "secret_keys",
        "sources.url": "https://www.ilo.org/topics/cooperatives",
        "sources.preset": "ilo",
        "smtp.fallbacks.host": "smtp2.example.org",
    }
)
"""The values in config.example.toml for settings that are not required."""


def example(
    values: Mapping[str, object] = EXAMPLE,
    *,
    left_out: Sequence[str] = ("dkim",),
    notes: Mapping[str, str] | None = None,
) -> str:
    """Return a configuration as text.

    Args:
        values: values by path ("smtp.host") that replace examples and defaults.
        left_out: blocks that are commented out completely, such as "dkim", whose file must exist.
        notes: an additional sentence for a setting or block, by path.
    """
    writer = _Writer(values, tuple(left_out), notes or {})
    return _HEAD + "\n".join(writer.block(Configuration, ())) + "\n"


class _Writer:
    def __init__(
        self, values: Mapping[str, object], left_out: tuple[str, ...], notes: Mapping[str, str]
    ) -> None:
        self.values, self.left_out, self.notes = values, left_out, notes

    def block(self, block: type[SettingsTable], path: tuple[str, ...]) -> Iterator[str]:
        """Yield the lines of a block: first its plain settings, then the blocks inside it."""
        inner = {
            name: found for name, field in block.model_fields.items() if (found := block_of(field.annotation))
        }
        for name, field in block.model_fields.items():
            if name not in inner:
                yield from self._setting(field, (*path, name))
        for name, found in inner.items():
            place = (*path, name)
            header = ".".join(place)
            several = get_origin(block.model_fields[name].annotation) is tuple
            yield from ("", *self._comment((found.__doc__ or "").strip(), place))
            lines = [
                self._live(f"[[{header}]]" if several else f"[{header}]", place),
                *self.block(found, place),
            ]
            optional = several and len(place) > 1  # a list inside a table
            yield from (f"# {line}" if optional and line and line[0] != "#" else line for line in lines)

    def _setting(self, field: FieldInfo, path: tuple[str, ...]) -> Iterator[str]:
        name, key = path[-1], ".".join(path)
        has_default = not field.is_required() and field.default not in (None, ())
        default = f" Default: {toml(field.default)}." if has_default else ""
        yield from ("", *self._comment(f"{field.description}{default}", path))
        if key in self.values:
            yield self._live(f"{name} = {toml(self.values[key])}", path)
        elif field.is_required():
            yield self._live(f"{name} = {toml((field.examples or [''])[0])}", path)
        else:
            yield f"# {name} = {toml(field.default if has_default else (field.examples or [''])[0])}"

    def _live(self, line: str, path: tuple[str, ...]) -> str:
        return f"# {line}" if path[0] in self.left_out else line

    def _comment(self, text: str, path: tuple[str, ...]) -> Iterator[str]:
        note = self.notes.get(".".join(path), "")
        for paragraph in (text, note):
            yield from textwrap.wrap(
                paragraph, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
            )


def toml(value: object) -> str:
    """Return a value as TOML."""
    if isinstance(value, Enum):
        return toml(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{toml(str(key))} = {toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(toml(one) for one in value) + "]"
    if isinstance(value, str | Path):
        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    raise TypeError(f"{type(value).__name__} cannot be written as TOML")
