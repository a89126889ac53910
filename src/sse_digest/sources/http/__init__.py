"""Fetching pages: one bounded GET, public addresses only, polite."""
