"""Verbs that read news and publish feeds.

These are `sources` (with `fetch`), `items`, `themes`, `publish` (with `serve`) and `feeds`.
"""
