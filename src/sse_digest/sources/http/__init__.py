"""Fetch pages politely, from public addresses only, with limits on time and size.

Entry point: `client`. `ssrf` is the guard against private addresses; `decompress` decompresses answers;
`robots` and `schedule` decide whether and when a page may be requested; `dead_links` checks whether links
still work. Effects: HTTP.
"""
