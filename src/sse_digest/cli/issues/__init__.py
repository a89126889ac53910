"""Verbs for editors: `compose` (with `preview`), `issue`, `gate` and `approve`."""
