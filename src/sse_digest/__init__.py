"""Read a news page, publish feeds, compose a monthly digest and send it.

The rooms from top to bottom; each imports only rooms below it: `cli` (commands), `sandbox` (what only
the demo and the drill need), `web` (pages), `app` (use cases), `settings` (configuration), `delivery`
(sending), then side by side `sources` (reading), `feeds` (publishing), `digest` (composing) and
`audience` (people), then `rendering` and `store` (database), `model` (values and pure rules), `errors`
and `atomic_write` (files). `__main__` runs `cli`. To read an item's path through the rooms, see
docs/architecture.md.
"""

__version__ = "0.1.0"
