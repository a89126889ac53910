"""The kinds of sources: `html`, `feed`, `text`, `folder` and `table` each have a function `read_page`.

`sandbox` runs a reader in a separate process. `feed` uses `feed_entries`, `json_feed` and `xml_limits`;
`text` uses `text_blocks` and `text_fields`; `folder` and `table` use `records`.
"""
