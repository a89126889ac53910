"""Verbs that set up and try an installation: `init`, `doctor`, `dkim`, `templates` and `demo`."""
