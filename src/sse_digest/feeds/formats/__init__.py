"""Writers, one for each document format. Pure.

`feedgen_writer` makes Atom and RSS with feedgen; `atom` and `rss` correct its output. `json_feed`, `opml`
and `html` write the other formats; `links` computes the links that all feed formats share.
"""
