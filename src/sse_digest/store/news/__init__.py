"""Statements on items, and on the sources and pages from which they are read.

`items` is on items (with `item_history`, `item_merge` and `item_json`), `sightings` on items on sources'
pages, `sources` on sources, `own_pages` on items' own pages, and `http_state` on requests for pages.
"""
