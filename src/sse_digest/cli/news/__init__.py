"""Verbs that read news and publish feeds.

`sources` (with `fetch`), `items`, `themes`, `publish` (with `serve`), `feeds`.
"""
