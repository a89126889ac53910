"""Derive all colours of mails and pages from one accent, so that every pair of words and ground can be read.

Colours are computed in OKLCH, where equal steps of lightness look equal (CSS Color 4, section 9), and checked
against WCAG 2.2, success criteria 1.4.3 and 1.4.11. Pure: the same accent yields the same colours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coloraide import Color

from sse_digest.errors import SseDigestError

LEAST_CONTRAST = 4.5  # of words (1.4.3); also more than the 3 that focus rings need (1.4.11)
GROUNDS = ("paper", "ground", "tint")
WORDS = ("ink", "quiet", "accent", "hover")
_STEP, _HOVER = 0.005, 0.1  # of lightness
_GREY = 0.005  # chroma

Recipe = Mapping[str, Sequence[float]]
"""Roles to lightness and chroma, as the tables `light` and `dark` of the tokens have them."""


class ColourError(SseDigestError):
    """A colour cannot be used; the message names the nearest that can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one scheme by role, each as #rrggbb. Words are legible on every ground."""

    paper: str
    ground: str
    tint: str
    line: str
    ink: str
    quiet: str
    accent: str
    hover: str
    brand: str  # fill in the organisation's colour
    on_brand: str  # words on that fill


def derive(colour: str, recipe: Recipe, *, accent: str | None = None) -> Palette:
    """Return the colours of a scheme.

    Args:
        colour: the organisation's accent, #rgb or #rrggbb.
        recipe: lightness and chroma of each role.
        accent: use this colour for links and buttons as it is; None to derive it from `colour`.

    Raises:
        ColourError: `accent` cannot be read on one of the grounds.
    """
    own = Color(colour).convert("oklch", norm=False)
    fixed = {role: _shade(own, *recipe[role]) for role in (*GROUNDS, "line")}
    grounds = [fixed[role] for role in GROUNDS]
    words = {role: _legible(own, recipe[role][0], recipe[role][1], grounds) for role in ("ink", "quiet")}
    if accent is None:
        start, chroma = recipe["accent"]
        towards = max if _is_dark(grounds) else min
        accent = _legible(own, towards(start, own["lightness"]), chroma, grounds)
    else:
        _check(accent, grounds)
    least, most, chroma = recipe["brand"]
    brand = _shade(own, min(max(own["lightness"], least), most), chroma)
    return Palette(
        **fixed,
        **words,
        accent=Color(accent).to_string(hex=True),
        hover=_hover(accent, grounds),
        brand=brand,
        on_brand=max(("#ffffff", "#000000"), key=lambda shade: contrast(shade, brand)),
    )


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    return float(Color(one).contrast(other, method="wcag21"))


def _check(accent: str, grounds: Sequence[str]) -> None:
    least = min(contrast(accent, ground) for ground in grounds)
    if least < LEAST_CONTRAST:
        own = Color(accent).convert("oklch", norm=False)
        nearest = _legible(own, own["lightness"], own["chroma"], grounds)
        raise ColourError(
            f"{accent} has a contrast of only {least:.1f} to the ground, and words need {LEAST_CONTRAST}."
            f" The nearest colour that can be read is {nearest}."
        )


def _hover(accent: str, grounds: Sequence[str]) -> str:
    """Return a shade further from the grounds than the accent, or closer if there is no room."""
    own = Color(accent).convert("oklch", norm=False)
    away = _HOVER if _is_dark(grounds) else -_HOVER
    lightness = own["lightness"] + away
    return _legible(
        own, lightness if _HOVER < lightness < 1 else own["lightness"] - away, own["chroma"], grounds
    )


def _legible(own: Color, lightness: float, chroma: float, grounds: Sequence[str]) -> str:
    """Return the first shade of a colour, away from its grounds, that can be read on all of them."""
    step = _STEP if _is_dark(grounds) else -_STEP
    while True:
        shade = _shade(own, min(max(lightness, 0.0), 1.0), chroma)
        if min(contrast(shade, ground) for ground in grounds) >= LEAST_CONTRAST:
            return shade
        lightness += step


def _is_dark(grounds: Sequence[str]) -> bool:
    return Color(grounds[0]).luminance() < 0.5


def _shade(own: Color, lightness: float, chroma: float) -> str:
    """Return a colour's hue at a lightness, with at most that chroma, inside sRGB."""
    hue = own["hue"] if own["chroma"] > _GREY else 0.0  # greys have no hue
    shade = Color("oklch", [lightness, min(own["chroma"], chroma), hue])
    return str(shade.convert("srgb").fit(method="oklch-chroma").to_string(hex=True))
