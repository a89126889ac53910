"""Fetching pages: one bounded GET, public addresses only, as a polite guest.

`client` is the entry; `ssrf` is the guard against private addresses, `decompress` unpacks answers,
`robots` and `schedule` say whether and when a page may be asked; `dead_links` asks whether addresses
still lead somewhere. Effects: HTTP.
"""
