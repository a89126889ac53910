"""Verbs that make an issue and look at it."""
