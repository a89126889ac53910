"""The configuration: read from a file, the environment and secret files, and made into the rooms' options.

`model` says what there is, `loading` reads it, `checks` compares its parts, `assembly` hands it out,
`example` writes it down with its descriptions.
"""

from sse_digest.settings.example import example
from sse_digest.settings.loading import load_settings
from sse_digest.settings.room_options import Settings, shipped_rules

__all__ = ["Settings", "example", "load_settings", "shipped_rules"]
