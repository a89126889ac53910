"""Verbs that set an installation up and try it: `init`, `doctor`, `dkim`, `templates` and `demo`."""
