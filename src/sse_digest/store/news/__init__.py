"""Statements on news and where it is read.

`items` (with `item_history`, `item_merge` and `item_json`), `sightings` on sources' pages, `sources`,
`own_pages`, and `http_state`: what is remembered between two requests.
"""
