"""Writers, one for each format of document. Pure.

`feedgen_writer` makes Atom and RSS with feedgen, which `atom` and `rss` put right; `json_feed`, `opml`
and `html` write the others; `links` has the relations that every format says in its own way.
"""
