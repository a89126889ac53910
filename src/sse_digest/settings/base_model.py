"""The base class of all tables of the configuration."""

from typing import Any, get_args

from pydantic import BaseModel, ConfigDict


class SettingsTable(BaseModel):
    """A table of the configuration: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def block_of(annotation: Any) -> type[SettingsTable] | None:  # noqa: ANN401 # any annotation of a field
    """Return the table class of a field (a table, an optional one, or several), or None for plain values."""
    if isinstance(annotation, type) and issubclass(annotation, SettingsTable):
        return annotation
    return next((found for part in get_args(annotation) if (found := block_of(part)) is not None), None)
