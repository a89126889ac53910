"""Verbs that read news and publish feeds."""
