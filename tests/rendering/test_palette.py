"""Colours: whatever the accent, every word can be read on every ground."""

import random
import tomllib
from itertools import product

import pytest

from sse_digest.rendering.design import DEFAULT_APPEARANCE, Appearance, Font, design_of
from sse_digest.rendering.palette import (
    GROUNDS,
    LEAST_CONTRAST,
    WORDS,
    ColourError,
    Palette,
    contrast,
    derive,
)
from sse_digest.rendering.resources import folder

TOKENS = tomllib.loads((folder("templates") / "design" / "tokens.toml").read_text(encoding="utf-8"))
ODD = (
    "#ffee00",
    "#39ff14",
    "#fefefe",
    "#ffffff",
    "#050505",
    "#000000",
    "#808080",
    "#ff00ff",
    "#00ffff",
    "#f80",
)
RANDOM = random.Random(17)
ACCENTS = (*ODD, *(f"#{RANDOM.randrange(1 << 24):06x}" for _ in range(1000)))


def least_contrast(palette: Palette) -> float:
    """The lowest contrast of all pairs of words and ground in a palette."""
    pairs = [(getattr(palette, word), getattr(palette, ground)) for word, ground in product(WORDS, GROUNDS)]
    return min(contrast(*pair) for pair in (*pairs, (palette.on_brand, palette.brand)))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_pair_of_words_and_ground_can_be_read_with_any_accent(scheme: str) -> None:
    faults = {
        accent: found
        for accent in ACCENTS
        if (found := least_contrast(derive(accent, TOKENS[scheme]))) < LEAST_CONTRAST
    }

    assert faults == {}


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_an_accent_that_can_be_read_stays_as_it_is() -> None:
    assert derive("#17497f", TOKENS["light"]).accent == "#17497f"
    assert derive("#ffee00", TOKENS["light"]).accent != "#ffee00"
    assert derive("#ffee00", TOKENS["light"]).brand == "#ffee00"


@pytest.mark.parametrize("accent", ODD)
def test_a_link_changes_under_the_pointer(accent: str) -> None:
    for scheme in ("light", "dark"):
        palette = derive(accent, TOKENS[scheme])

        assert palette.hover != palette.accent


def test_a_given_dark_accent_is_used_or_refused_with_the_nearest_that_can_be_read() -> None:
    assert derive("#17497f", TOKENS["dark"], accent="#8dc2ff").accent == "#8dc2ff"

    with pytest.raises(
        ColourError, match=r"#17497f has a contrast of only 1\.\d .* nearest .* is #\w{6}"
    ) as refused:
        derive("#17497f", TOKENS["dark"], accent="#17497f")
    nearest = str(refused.value).removesuffix(".")[-7:]
    assert least_contrast(derive("#17497f", TOKENS["dark"], accent=nearest)) >= LEAST_CONTRAST


def test_the_design_has_at_most_six_sizes_and_a_rhythm_of_eight() -> None:
    design = design_of(DEFAULT_APPEARANCE)

    assert len(design.size) <= 6
    assert [space for name, space in design.space.items() if space % 8 and name != "half"] == []
    assert 60 <= design.shape["measure"] <= 70


def test_letters_are_chosen_by_name() -> None:
    fonts = {design_of(Appearance(colour="#123", colour_dark=None, font=font)).font for font in Font}

    assert len(fonts) == len(Font)
