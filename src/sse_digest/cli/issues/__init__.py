"""Verbs that make an issue and look at it: `compose` (with `preview`), `issue`, `gate` and `approve`."""
