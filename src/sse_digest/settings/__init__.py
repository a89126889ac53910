"""The configuration: read from a file, the environment and secret files, and made into the rooms' options.

`configuration` defines all settings, with the tables in `source_tables`, `appearance_table`, `feed_tables`,
`digest_tables` and `smtp_tables` and the value types in `types` and `base_model`. `loading` reads the
configuration, `checks` compares its parts, `room_options` makes the rooms' options, and `example` writes it
with its descriptions.
"""

from sse_digest.settings.example import example
from sse_digest.settings.loading import load_settings
from sse_digest.settings.room_options import Settings, default_fetch_options, options_from, shipped_rules

__all__ = ["Settings", "default_fetch_options", "example", "load_settings", "options_from", "shipped_rules"]
