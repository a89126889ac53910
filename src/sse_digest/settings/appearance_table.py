"""The settings of how mails and pages look."""

from pydantic import Field

from sse_digest.rendering.design import DEFAULT_APPEARANCE, Font
from sse_digest.settings.base_model import SettingsTable
from sse_digest.settings.types import Colour


class AppearanceTable(SettingsTable):
    """How mails and pages look. All other colours are derived from one, so that everything can be read."""

    colour: Colour = Field(
        default=DEFAULT_APPEARANCE.colour, description="The organisation's colour, as #rrggbb."
    )
    colour_dark: Colour | None = Field(
        default=None,
        description="Colour of links and buttons in dark mode. Default: derived from colour.",
        examples=["#8dc2ff"],
    )
    font: Font = Field(
        default=DEFAULT_APPEARANCE.font,
        description="Letters: sans, serif or system, each from the fonts that readers have.",
    )
