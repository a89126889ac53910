"""The rules that every document keeps before it is swapped in, and the same rules for anybody's feed. Pure.

`validate` is the entry; `parse` reads a document back; `atom_rules`, `rss_rules`, `json_feed_rules` and
`html_rules` judge it, `value_rules` single values; `findings` says what is wrong, where, and how to put
it right.
"""
