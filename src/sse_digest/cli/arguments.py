"""The types of options and arguments that click does not know."""

import re
from datetime import timedelta
from typing import Any

import click

from sse_digest.errors import SseDigestError
from sse_digest.model.issues import Period


class PeriodType(click.ParamType[Period]):
    """A month as 2023-04."""

    name = "period"

    def convert(
        self, value: str | Period, param: click.Parameter | None, ctx: click.Context | None
    ) -> Period:
        """Convert the value of an option or argument."""
        if isinstance(value, Period):
            return value
        try:
            return Period.parse(value)
        except SseDigestError as error:
            self.fail(str(error), param, ctx)


_SPAN = re.compile(r"([0-9]{1,9})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST_SPAN = timedelta(days=3650)


class SpanType(click.ParamType[timedelta]):
    """A duration: a number and a unit."""

    name = "span"

    def convert(
        self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Convert the value of an option or argument."""
        if isinstance(value, timedelta):
            return value
        if value.strip() == "0":
            return timedelta(0)
        match = _SPAN.fullmatch(value.strip())
        if match is None:
            self.fail(f"{value!r} is not a duration. Write 30s, 10m, 2h or 1d.", param, ctx)
        if int(match[1]) > _LONGEST_SPAN / timedelta(**{_UNITS[match[2]]: 1}):
            self.fail(f"{value!r} is longer than {_LONGEST_SPAN.days} days.", param, ctx)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


class TextType(click.ParamType[str]):
    """Text that can be stored and printed: the bytes that were given are valid in the locale's encoding."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Convert the value of an option or argument."""
        try:
            value.encode()
        except UnicodeEncodeError:
            self.fail(f"{value!r} is not text in UTF-8.", param, ctx)
        return value


class _NumberType(click.ParamType[int]):
    """A whole number that the database can hold."""

    name = "integer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 # as click's
        """Convert the value of an option or argument."""
        number: int = click.INT.convert(value, param, ctx)
        if abs(number) >= 2**63:
            self.fail(f"{number} is too large.", param, ctx)
        return number


_TEXT, _NUMBER = TextType(), _NumberType()


def refuse_odd_text(command: click.Command) -> click.Command:
    """Return a command, with its subcommands, whose texts are valid and whose numbers are not too large."""
    for param in command.params:
        if isinstance(param.type, click.Tuple):
            param.type.types = [_stricter(kind) for kind in param.type.types]
        else:
            param.type = _stricter(param.type)
    if isinstance(command, click.Group):
        for one in command.commands.values():
            refuse_odd_text(one)
    return command


def _stricter(kind: click.ParamType[object]) -> click.ParamType[object]:
    return _TEXT if kind is click.STRING else _NUMBER if kind is click.INT else kind
