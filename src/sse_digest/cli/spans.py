"""Spans of time as people type them: 30s, 10m, 2h, 1d, or 0."""

import re
from datetime import timedelta

import click

_SPAN = re.compile(r"(\d+)(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class SpanType(click.ParamType[timedelta]):
    """A number and a unit."""

    name = "span"

    def convert(
        self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read it."""
        if isinstance(value, timedelta):
            return value
        if value.strip() == "0":
            return timedelta(0)
        match = _SPAN.fullmatch(value.strip())
        if match is None:
            self.fail(f"{value!r} is no span of time. Write 30s, 10m, 2h or 1d.", param, ctx)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})
