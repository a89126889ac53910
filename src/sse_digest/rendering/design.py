"""The design of mails and pages: the tokens of `templates/design/tokens.toml`, in the organisation's colour.

Templates see the result as `light` and `dark` (colours), `size`, `space` and `shape` (px) and `font`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from sse_digest.rendering.resources import folder

if TYPE_CHECKING:  # its library is loaded only if something is rendered
    from sse_digest.rendering.palette import Palette


class Font(StrEnum):
    """The family of letters. Nothing is loaded: each is what readers have."""

    SANS = "sans"
    SERIF = "serif"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """What an organisation chooses; everything else is derived from it."""

    colour: str  # one accent, #rgb or #rrggbb
    colour_dark: str | None  # the accent in dark mode, used as it is; None to derive it
    font: Font


DEFAULT_APPEARANCE = Appearance(colour="#17497f", colour_dark=None, font=Font.SANS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """The values of the tokens, as templates see them."""

    light: "Palette"
    dark: "Palette"
    size: Mapping[str, int]  # px of letters
    space: Mapping[str, int]  # px
    shape: Mapping[str, int]  # px, and characters of a line
    font: str  # a CSS list of families


@cache
def design_of(appearance: Appearance) -> Design:
    """Return the design for an appearance.

    Raises:
        ColourError: `colour_dark` cannot be read in dark mode.
        SseDigestError: the tokens are missing.
    """
    from sse_digest.rendering.palette import derive  # noqa: PLC0415 # as above

    tokens = _tokens()
    return Design(
        light=derive(appearance.colour, tokens["light"]),
        dark=derive(appearance.colour, tokens["dark"], accent=appearance.colour_dark),
        size=tokens["size"],
        space=tokens["space"],
        shape=tokens["shape"],
        font=tokens["font"][appearance.font],
    )


@cache
def _tokens() -> dict[str, Any]:
    return tomllib.loads((folder("templates") / "design" / "tokens.toml").read_text(encoding="utf-8"))
