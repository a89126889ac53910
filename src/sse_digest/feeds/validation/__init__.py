"""Validate every document before it is swapped in, and any other feed by the same rules. Pure.

`validate` is the entry point; `parse` reads a document; `atom_rules`, `rss_rules`, `json_feed_rules` and
`html_rules` check it, and `value_rules` checks single values; `findings` describes what is wrong, where, and
how to fix it.
"""
