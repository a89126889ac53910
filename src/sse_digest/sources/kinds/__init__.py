"""Source kinds: `html`, `feed`, `text`, `folder` and `table` each have a function `read_page`.

`sandbox` runs a reader in a process of its own. `feed_entries`, `json_feed` and `xml_limits` serve
`feed`; `text_blocks` and `text_fields` serve `text`; `records` serves `folder` and `table`.
"""
