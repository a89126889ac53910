"""Verbs that send an issue and account for it."""
