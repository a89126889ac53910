"""What was found about an installation: how a part of it is, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How a part of the installation is."""

    OK = "ok"
    WARNING = "warning"  # usable, but not for everything, or not as it should be
    ERROR = "error"  # not usable


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthFinding:
    """What was found about one part."""

    part: str  # configuration, templates, database, feeds, dkim, source NAME, relay
    level: Health
    text: str
    cure: str | None = None  # what to do; None exactly when all is well
