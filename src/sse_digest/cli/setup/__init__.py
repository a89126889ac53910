"""Verbs that set an installation up and try it."""
